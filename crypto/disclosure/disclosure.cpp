#include "crypto/disclosure/disclosure.h"

#include <algorithm>
#include <set>

#include "crypto/identity/fields.h"

namespace steiger::disclosure {
namespace {

// What the file begins with, so that another file is not taken for one.
constexpr std::string_view kMark = "steiger disclosure v1";

void write_link(Writer& out, const Link& link) {
  out.fixed(link.envelope_hash).fixed(link.account.bytes()).fixed(link.device.bytes()).fixed(link.message.bytes());
  out.fixed(link.tag);
  identity::write_timestamp(out, link.accepted);
}

Result<Link> read_link(Reader& in) {
  Link out;
  STEIGER_TRY(out.envelope_hash, in.array<kHashSize>());
  STEIGER_TRY(out.account, identity::read_id<AccountId>(in));
  STEIGER_TRY(out.device, identity::read_id<DeviceId>(in));
  STEIGER_TRY(out.message, identity::read_id<MessageId>(in));
  STEIGER_TRY(out.tag, in.array<sizeof(franking::Tag)>());
  STEIGER_TRY(out.accepted, identity::read_timestamp(in));
  return out;
}

Result<OpenedMessage> read_message(Reader& in) {
  OpenedMessage out;
  STEIGER_TRY(out.seq, in.u64());
  STEIGER_TRY(const ByteView franked, in.opaque(kMaxFrankedSize));
  out.franked = SecretBytes::copy_of(franked);
  return out;
}

Result<Disclosure> read(ByteView bytes) {
  if (bytes.size() > kMaxDisclosureSize) return kTooLarge;
  Reader in(bytes);
  STEIGER_TRY(const ByteView mark, in.opaque(kMark.size()));
  if (!equal(mark, as_bytes(kMark))) return kBadValue;
  Disclosure out;
  STEIGER_TRY(out.organisation, identity::read_organisation(in));
  STEIGER_TRY(const ByteView successions, in.opaque());
  STEIGER_TRY(out.successions, identity::decode_root_successions(successions));
  STEIGER_TRY(out.channel, identity::read_id<ChannelId>(in));
  STEIGER_TRY(out.head_key, identity::read_verify_key(in));
  STEIGER_TRY(out.first_seq, in.u64());
  STEIGER_TRY(out.before, in.array<kHashSize>());
  STEIGER_TRY(out.links, in.vector<Link>(kMaxLinks, read_link));
  STEIGER_TRY(out.head_seq, in.u64());
  STEIGER_TRY(out.head_signature, in.array<kSignatureSize>());
  STEIGER_TRY(out.messages, in.vector<OpenedMessage>(kMaxMessages, read_message));
  STEIGER_TRY(out.senders, in.vector<identity::IdentityChain>(kMaxSenders, identity::read_chain));
  STEIGER_CHECK(in.done());
  return out;
}

// By account; an account that went on under another chain has more than one.
bool in_order(const identity::IdentityChain& a, const identity::IdentityChain& b) {
  if (a.device_list.account != b.device_list.account) return a.device_list.account < b.device_list.account;
  return identity::encode_chain(a) < identity::encode_chain(b);
}

// Places and order, before anything is computed. Nobody is shown who wrote nothing that is opened.
Result<void> check_shape(const Disclosure& d) {
  const auto not_ascending = [](const OpenedMessage& a, const OpenedMessage& b) { return a.seq >= b.seq; };
  if (d.messages.empty() || d.messages.size() > kMaxMessages || d.links.size() > kMaxLinks) return kNotADisclosure;
  if (std::adjacent_find(d.messages.begin(), d.messages.end(), not_ascending) != d.messages.end()) return kNotADisclosure;
  const auto senders_not_ascending = [](const auto& a, const auto& b) { return !in_order(a, b); };
  if (std::adjacent_find(d.senders.begin(), d.senders.end(), senders_not_ascending) != d.senders.end()) return kNotADisclosure;
  if (d.first_seq == 0 || d.first_seq > d.head_seq || d.head_seq - d.first_seq != d.links.size() - 1) return kLinksMissing;
  if (d.messages.front().seq != d.first_seq || d.messages.back().seq > d.head_seq) return kMessageOutside;
  return {};
}

const Link& link_at(const Disclosure& d, std::uint64_t seq) {
  return d.links[static_cast<std::size_t>(seq - d.first_seq)];
}

Result<void> check_chain(const Disclosure& d, const Trust& trust) {
  Hash head = d.before;
  std::uint64_t seq = d.first_seq;
  for (const Link& link : d.links) {
    head = log::chain_next(
        head, {d.channel, seq++, link.envelope_hash, link.account, link.device, link.message, link.tag, link.accepted});
  }
  const auto signed_head = log::verify_head(trust.head_key, trust.organisation.id, d.channel, d.head_seq, head, d.head_signature);
  return signed_head.ok() ? Result<void>() : kNotSigned;
}

// What this chain says of whoever was at this place.
Result<identity::VerifiedIdentity> judge_sender(const identity::IdentityChain& chain, const Disclosure& d,
                                                const std::vector<identity::TrustedRoot>& roots, const Link& link) {
  auto verified = identity::verify_chain_under(chain, roots, d.organisation.id, link.accepted);
  if (!verified.ok()) {
    const Error& why = verified.error();
    const bool other_time = why == identity::kCertificateExpired || why == identity::kCertificateNotYetValid;
    return other_time ? kSenderNotValidThen : kSenderNotCertified;
  }
  if (!verified->check_channel(d.channel).ok()) return kSenderNotCertified;  // a third party outside its channel
  if (verified->devices.find(link.device) == nullptr) return kSenderDevice;
  return verified;
}

struct Sender {
  std::size_t chain = 0;  // of the disclosure's
  identity::VerifiedIdentity identity;
};

// The first chain in order that names whoever was at this place, at that time.
Result<Sender> find_sender(const Disclosure& d, const std::vector<identity::TrustedRoot>& roots, const Link& link) {
  Error why = kSenderUnknown;
  for (std::size_t i = 0; i < d.senders.size(); ++i) {
    if (d.senders[i].device_list.account != link.account) continue;
    auto verified = judge_sender(d.senders[i], d, roots, link);
    if (verified.ok()) return Sender{i, std::move(verified).value()};
    why = verified.error();
  }
  return why;
}

Result<ProvenMessage> check_text(const Disclosure& d, const OpenedMessage& message) {
  const Link& link = link_at(d, message.seq);
  auto opened = franking::open_content(message.franked.bytes(), link.tag, {d.channel, link.account, link.message});
  if (!opened.ok()) return opened.error() == franking::kFrankedElsewhere ? kFromElsewhere : kTextDiffers;
  ProvenMessage out;
  out.seq = message.seq;
  out.message = link.message;
  out.account = link.account;
  out.device = link.device;
  out.accepted = link.accepted;
  out.content = std::move(opened->content);
  return out;
}

// The roots that the reader may trust, and that the disclosure's own root is one of them.
Result<std::vector<identity::TrustedRoot>> roots_of(const Disclosure& d, const Trust& trust) {
  if (d.organisation.id != trust.organisation.id) return kOtherOrganisation;
  auto roots = identity::trusted_roots(trust.organisation.root_key, d.successions, trust.organisation.id);
  if (!roots.ok()) return kOtherOrganisation;
  const auto is_own = [&](const identity::TrustedRoot& root) { return root.key == d.organisation.root_key; };
  if (std::find_if(roots->begin(), roots->end(), is_own) == roots->end()) return kOtherOrganisation;
  return roots;
}

}  // namespace

Result<std::vector<ProvenMessage>> verify_disclosure(const Disclosure& d, const Trust& trust) {
  STEIGER_CHECK(check_shape(d));
  STEIGER_TRY(const auto roots, roots_of(d, trust));
  if (d.head_key != trust.head_key) return kOtherGateway;
  // The texts before the signature: a changed text or place is then named as what it is.
  std::vector<ProvenMessage> out;
  for (const OpenedMessage& message : d.messages) {
    STEIGER_TRY(ProvenMessage proven, check_text(d, message));
    out.push_back(std::move(proven));
  }
  STEIGER_CHECK(check_chain(d, trust));
  std::set<std::size_t> shown;
  for (ProvenMessage& message : out) {
    STEIGER_TRY(const Sender sender, find_sender(d, roots, link_at(d, message.seq)));
    message.role = sender.identity.role;
    message.certified_by = sender.identity.certified_by;
    shown.insert(sender.chain);
  }
  if (shown.size() != d.senders.size()) return kNotADisclosure;
  return out;
}

Result<void> choose_senders(Disclosure& d, std::vector<identity::IdentityChain> known) {
  std::sort(known.begin(), known.end(), in_order);
  known.erase(std::unique(known.begin(), known.end()), known.end());
  d.senders = std::move(known);
  STEIGER_TRY(const auto roots, roots_of(d, {d.organisation, d.head_key}));
  std::set<std::size_t> needed;
  for (const OpenedMessage& message : d.messages) {
    if (message.seq < d.first_seq || message.seq - d.first_seq >= d.links.size()) return kMessageOutside;
    STEIGER_TRY(const Sender sender, find_sender(d, roots, link_at(d, message.seq)));
    needed.insert(sender.chain);
  }
  std::vector<identity::IdentityChain> chosen;
  for (const std::size_t index : needed) chosen.push_back(std::move(d.senders[index]));
  d.senders = std::move(chosen);
  return {};
}

Bytes encode_disclosure(const Disclosure& d) {
  Writer out;
  out.opaque(kMark);
  identity::write_organisation(out, d.organisation);
  out.opaque(identity::encode_root_successions(d.successions));
  out.fixed(d.channel.bytes()).fixed(d.head_key.bytes()).u64(d.first_seq).fixed(d.before);
  out.vector(d.links, write_link);
  out.u64(d.head_seq).fixed(d.head_signature);
  out.vector(d.messages,
             [](Writer& inner, const OpenedMessage& message) { inner.u64(message.seq).opaque(message.franked.bytes()); });
  out.vector(d.senders, identity::write_chain);
  return std::move(out).take();
}

Result<Disclosure> decode_disclosure(ByteView bytes) {
  auto out = read(bytes);
  if (!out.ok()) return kNotADisclosure;
  return out;
}

}  // namespace steiger::disclosure
