#include "client-sdk/src/disclosure.h"

#include <algorithm>

#include "client-sdk/src/errors.h"
#include "client-sdk/src/limits.h"
#include "crypto/log/chain.h"

namespace steiger::sdk {
namespace {

// The place whose head the stored signature is over. That is the last one processed, unless the channel was stopped within a batch:
// then an earlier one, by at most a frame.
std::optional<std::uint64_t> signed_place(const Channel& channel, std::uint64_t from) {
  const ChannelRecord& record = channel.record;
  std::size_t tries = 0;
  for (std::uint64_t seq = record.processed; seq >= from && tries <= kMaxEnvelopesPerFrame; --seq, ++tries) {
    const auto head = channel.head_at(seq);
    if (!head) return std::nullopt;
    const auto verified =
        log::verify_head(channel.binding.head_key, channel.binding.organisation, record.id, seq, *head, record.head_signature);
    if (verified.ok()) return seq;
  }
  return std::nullopt;
}

// Every chain under which somebody spoke in this room, as far as this device saw it.
std::vector<identity::IdentityChain> known_chains(const Channel& channel) {
  std::vector<identity::IdentityChain> out;
  const auto take = [&](const Bytes& bytes) {
    auto chain = identity::decode_chain(bytes);
    if (chain.ok()) out.push_back(std::move(chain).value());
  };
  for (const MemberRecord& member : channel.record.members) take(member.chain);
  for (const Bytes& chain : channel.room.earlier_chains) take(chain);
  return out;
}

}  // namespace

Result<Bytes> make_disclosure(const State& state, const Channel& channel, std::vector<std::uint64_t> seqs) {
  std::sort(seqs.begin(), seqs.end());
  seqs.erase(std::unique(seqs.begin(), seqs.end()), seqs.end());
  if (seqs.empty() || seqs.size() > disclosure::kMaxMessages || !state.organisation) return kBadRequest;
  disclosure::Disclosure out;
  for (const std::uint64_t seq : seqs) {
    const auto message = channel.messages.find(seq);
    if (message == channel.messages.end()) return kNoSuchMessage;
    if (message->second.franked.empty() || channel.links.count(seq) == 0) return kMessageNotProvable;
    out.messages.push_back({seq, message->second.franked.clone()});
  }
  const auto head_seq = signed_place(channel, seqs.back());
  const auto before = channel.head_at(seqs.front() - 1);
  if (!head_seq || !before) return kMessageNotProvable;
  if (*head_seq - seqs.front() >= disclosure::kMaxLinks) return disclosure::kDisclosureTooLong;
  out.organisation = *state.organisation;
  if (!state.standing.root_successions.empty()) {
    STEIGER_TRY(out.successions, identity::decode_root_successions(state.standing.root_successions));
  }
  out.channel = channel.record.id;
  out.head_key = channel.binding.head_key;
  out.first_seq = seqs.front();
  out.before = *before;
  out.head_seq = *head_seq;
  out.head_signature = channel.record.head_signature;
  for (std::uint64_t seq = seqs.front(); seq <= *head_seq; ++seq) {
    const auto link = channel.links.find(seq);
    if (link == channel.links.end()) return kMessageNotProvable;
    const LinkRecord& known = link->second;
    out.links.push_back({known.payload_hash, known.account, known.device, known.message, known.tag, known.accepted});
  }
  if (!disclosure::choose_senders(out, known_chains(channel)).ok()) return kMessageNotProvable;
  // A disclosure that its reader would refuse is none.
  if (!disclosure::verify_disclosure(out, {*state.organisation, out.head_key}).ok()) return kMessageNotProvable;
  Bytes bytes = disclosure::encode_disclosure(out);
  if (bytes.size() > disclosure::kMaxDisclosureSize) return disclosure::kDisclosureTooLong;
  return bytes;
}

}  // namespace steiger::sdk
