#include "client-sdk/src/inbox.h"

#include <algorithm>

#include "client-sdk/src/engine.h"
#include "client-sdk/src/keys.h"
#include "crypto/franking/franking.h"
#include "crypto/log/chain.h"

namespace steiger::sdk {
namespace {

constexpr std::uint8_t kCommitKind = static_cast<std::uint8_t>(wire::EnvelopeKind::commit);
constexpr std::uint8_t kApplicationKind = static_cast<std::uint8_t>(wire::EnvelopeKind::application);

Result<LinkRecord> read_link(const wire::Envelope& envelope) {
  LinkRecord link;
  link.kind = static_cast<std::uint8_t>(envelope.kind());
  if (link.kind != kCommitKind && link.kind != kApplicationKind) return kProtocol;
  link.epoch = envelope.epoch();
  STEIGER_TRY(link.message, gateway::field<MessageId>(envelope.id()));
  STEIGER_TRY(link.account, gateway::field<AccountId>(envelope.account()));
  STEIGER_TRY(link.device, gateway::field<DeviceId>(envelope.device()));
  STEIGER_TRY(link.tag, gateway::field(envelope.tag()));
  link.accepted = {envelope.accepted_ms()};
  if (const ByteView payload = gateway::view_of(envelope.payload()); !payload.empty()) {
    link.payload_hash = sha256(payload);
  } else {
    STEIGER_TRY(link.payload_hash, gateway::field(envelope.payload_hash()));
  }
  return link;
}

}  // namespace

Result<void> Inbox::on_deliver(const wire::Deliver& deliver) {
  if (deliver.batches() == nullptr) return kProtocol;
  for (const wire::ChannelBatch* batch : *deliver.batches()) STEIGER_CHECK(on_batch(*batch));
  return {};
}

Result<void> Inbox::on_batch(const wire::ChannelBatch& batch) {
  STEIGER_TRY(const ChannelId id, gateway::field<ChannelId>(batch.channel()));
  Channel* channel = engine_.channel(id);
  if (channel == nullptr) return unknown_room(id, batch);
  if (channel->room.ended) {  // what is sent again after our removal
    acknowledge(id);
    return {};
  }
  if (channel->stopped()) return {};
  engine_.resync.heard(id);
  const bool forgot = channel->superseded != 0 && !channel->out_of_step && batch.first_seq() > channel->record.processed + 1;
  if (forgot) engine_.resync.forgot_generation(*channel);
  auto envelopes = check_batch(*channel, batch);
  if (!envelopes.ok()) {
    if (envelopes.error() == kProtocol || envelopes.error() == gateway::kMalformedFrame) return envelopes.error();
    engine_.stop_channel(*channel, envelopes.error());
    return {};
  }
  if (batch.first_seq() > channel->record.processed + 1) {
    STEIGER_TRY(const Hash previous, gateway::field(batch.previous()));
    jump(*channel, batch.first_seq(), previous);
  }
  for (const Envelope& envelope : *envelopes) {
    if (envelope.seq <= channel->record.processed) continue;  // delivered again after a reconnect
    refused_rule_.reset();
    if (auto done = process(*channel, envelope); !done.ok()) {
      engine_.stop_channel(*channel, done.error(), refused_rule_ ? &*refused_rule_ : nullptr);
      return {};
    }
    engine_.session.progress();
    channel->record.processed = envelope.seq;
    channel->record.head = envelope.link.head;
    engine_.journal.put(keys::link(id, envelope.seq), envelope.link.encode());
    channel->add_link(envelope.seq, envelope.link);
    Engine::record_changed(*channel);
    if (channel->room.ended) break;  // S12: up to and including the removal
  }
  if (!envelopes->empty() && envelopes->back().seq == channel->record.processed) {
    const auto signature = gateway::field(batch.head_signature());
    if (signature.ok()) channel->record.head_signature = *signature;
  }
  acknowledge(id);
  return {};
}

// A room reaches us by a Welcome or is our own. One that did neither is of a life that the store has forgotten (S21), or of a Welcome that
// was refused. Nothing of it can be read, and nobody who may be in it is believed: the person hears it, and the other rooms go on.
Result<void> Inbox::unknown_room(const ChannelId& id, const wire::ChannelBatch& batch) {
  if (batch.envelopes() == nullptr || batch.envelopes()->size() == 0 || batch.first_seq() == 0) return kProtocol;
  if (batch.envelopes()->size() > kMaxEnvelopesPerFrame) return kProtocol;
  if (engine_.state.join) return kProtocol;  // its first room has yet to come by the real Welcome
  const bool known = passed_over_.count(id) != 0;
  if (!known && engine_.joining.refused(id)) return {};  // not acknowledged: the right Welcome may yet come
  if (!known && passed_over_.size() >= kMaxChannels) return kProtocol;
  if (!known) engine_.alarm(kRollbackDetected, id);
  pass_over(id, batch.first_seq() - 1 + batch.envelopes()->size());
  return {};
}

void Inbox::pass_over(const ChannelId& channel, std::uint64_t up_to) {
  std::uint64_t& position = passed_over_[channel];
  position = std::max(position, up_to);
  acknowledge(channel);
}

Result<std::vector<Inbox::Envelope>> Inbox::check_batch(const Channel& channel, const wire::ChannelBatch& batch) const {
  if (batch.envelopes() == nullptr || batch.envelopes()->size() == 0 || batch.first_seq() == 0) return kProtocol;
  if (batch.envelopes()->size() > kMaxEnvelopesPerFrame) return kProtocol;
  const ChannelRecord& record = channel.record;
  STEIGER_TRY(Hash head, gateway::field(batch.previous()));
  if (batch.first_seq() > record.processed + 1 && !may_jump(channel)) return kChainBroken;  // a gap
  if (const auto ours = channel.head_at(batch.first_seq() - 1); ours && *ours != head) return kChainBroken;
  std::vector<Envelope> out;
  std::uint64_t seq = batch.first_seq();
  for (const wire::Envelope* raw : *batch.envelopes()) {
    STEIGER_TRY(LinkRecord link, read_link(*raw));
    const log::ChainLink next{record.id,   seq,          link.payload_hash, link.account,
                              link.device, link.message, link.tag,          link.accepted};
    head = log::chain_next(head, next);
    link.head = head;
    // What was processed already must come back as it was.
    if (seq <= record.processed) {
      if (const auto ours = channel.head_at(seq); ours && *ours != head) return kChainBroken;
    }
    out.push_back({std::move(link), seq, gateway::view_of(raw->payload())});
    ++seq;
  }
  STEIGER_TRY(const Signature signature, gateway::field(batch.head_signature()));
  const auto signed_head =
      log::verify_head(channel.binding.head_key, channel.binding.organisation, record.id, seq - 1, head, signature);
  if (!signed_head.ok()) return kHeadSignature;
  return out;
}

Result<void> Inbox::process(Channel& channel, const Envelope& envelope) {
  const SelfRecord& self = engine_.state.self;
  const bool own = envelope.link.account == self.account && envelope.link.device == self.device;
  if (channel.out_of_step) return follow(channel, envelope, own);
  if (own) return own_echo(channel, envelope);
  if (envelope.link.kind == kCommitKind) return commit(channel, envelope);
  return application(channel, envelope);
}

// Ours came back: the place is known now ("own messages are shown at their seq", S15).
Result<void> Inbox::own_echo(Channel& channel, const Envelope& envelope) {
  const LinkRecord& link = envelope.link;
  if (link.kind == kCommitKind) return own_commit(channel, envelope);
  if (channel.pending) {
    for (const PendingRecord::Before& before : channel.pending->record.before) {
      if (before.id != link.message) continue;
      if (sha256(before.payload) != link.payload_hash || before.tag != link.tag) return kEchoDiffers;
      return {};
    }
  }
  if (channel.out_of_step && channel.out_of_step->record.cause == StepRecord::Cause::rollback)
    return lost_echo(channel, envelope);
  STEIGER_TRY(OutboxRecord item, engine_.outbox.take_echo(channel.record.id, link.message, link.payload_hash, link.tag));
  if (!item.visible) return {};
  if (repeated(channel, envelope)) {  // nobody shows it under this id: the person sees that it failed, and can write it again
    engine_.outbox.keep_failed(std::move(item), kRepeatedMessage);
    return {};
  }
  store(channel, envelope, std::move(item.franked), std::move(item.content));
  return {};
}

bool Inbox::is_too_young_to_expire(Timestamp accepted) const {
  return engine_.session.gateway_now() - accepted < kShortestMessageLife;
}

// Apps know a message by its id; a member who repeats one could replace what another wrote. Every member sees the same links, so
// that all drop the same message, also after a restart.
bool Inbox::repeated(const Channel& channel, const Envelope& envelope) {
  if (channel.ids.count(envelope.link.message) == 0) return false;
  engine_.alarm(kRepeatedMessage, channel.record.id);
  return true;
}

Result<void> Inbox::check_mention(const Channel& channel, const identity::ChainPosition& mention, std::uint64_t seq) const {
  if (mention.seq >= seq) return kHistoryDiffers;  // claims to have seen itself or the future
  // S21: links of the life that the store has forgotten; they come from the others, and must join the chain on both sides.
  for (const GapsRecord::Unlinked& gap : channel.gaps.unlinked) {
    if (mention.seq >= gap.places.from && mention.seq <= gap.places.to) return {};
    if (mention.seq + 1 == gap.places.from && mention.head == gap.before) return {};
  }
  const auto ours = channel.head_at(mention.seq);
  // In the present epoch everybody has processed the commit that began it, and a joiner's base is that commit: no gap to hide in.
  if (!ours || *ours != mention.head) return kHistoryDiffers;
  return {};
}

Result<void> Inbox::application(Channel& channel, const Envelope& envelope) {
  const LinkRecord& link = envelope.link;
  if (envelope.payload.empty()) {  // expired ciphertext (S13): somebody may have it still
    if (is_too_young_to_expire(link.accepted)) engine_.alarm(kUnreadable, channel.record.id, &kExpiredTooSoon);
    return missed(channel, envelope);
  }
  auto received = channel.group->decrypt(envelope.payload);
  if (!received.ok()) {  // the keys of one side are not what they were: somebody may have read it, its writer at least
    if (!channel.out_of_step) engine_.alarm(kUnreadable, channel.record.id);
    return missed(channel, envelope);
  }
  Engine::group_changed(channel);
  // The MLS sender is the envelope's sender (S16).
  const mls::LeafNode* leaf = channel.group->member(received->sender);
  const auto sender = leaf == nullptr ? Result<identity::DeviceIdentity>(identity::kBadCredential)
                                      : identity::decode_credential(leaf->credential.identity);
  if (!sender.ok() || sender->account != link.account || sender->device != link.device) return kSenderMismatch;
  const auto header = identity::decode_message_header(received->authenticated_data);
  if (!header.ok() || header->tag != link.tag) {
    engine_.alarm(kFrankingFailed, channel.record.id);
    return {};
  }
  STEIGER_CHECK(check_mention(channel, header->processed, envelope.seq));
  const franking::MessageContext context{channel.record.id, link.account, link.message};
  auto opened = franking::open_content(received->plaintext.bytes(), link.tag, context);
  if (!opened.ok()) {
    engine_.alarm(kFrankingFailed, channel.record.id);
    return {};
  }
  if (repeated(channel, envelope)) return {};
  auto content = decode_content(opened->content.bytes());
  if (!content.ok()) {
    engine_.alarm(kUnreadable, channel.record.id);
    return {};
  }
  apply(channel, envelope, std::move(content).value(), std::move(received->plaintext), std::move(opened->content));
  return {};
}

void Inbox::apply(Channel& channel, const Envelope& envelope, Content content, SecretBytes franked, SecretBytes content_bytes) {
  const LinkRecord& link = envelope.link;
  if (std::holds_alternative<TextContent>(content.body) || std::holds_alternative<UnknownVisible>(content.body)) {
    store(channel, envelope, std::move(franked), std::move(content_bytes));
    return receipts_due();
  }
  if (const auto* receipt = std::get_if<ReceiptContent>(&content.body)) return on_receipt(channel, link.account, *receipt);
  if (const auto* profile = std::get_if<ProfileContent>(&content.body)) {
    if (MemberRecord* member = channel.member(link.account)) member->name = profile->name;
    channel.announce = true;
    return Engine::record_changed(channel);
  }
  if (auto* psk = std::get_if<CommitPskContent>(&content.body)) {
    channel.record.psks.push_back({std::move(psk->psk_id), std::move(psk->psk)});
    if (channel.record.psks.size() > mls::kMaxPsksPerCommit) channel.record.psks.erase(channel.record.psks.begin());
    return Engine::record_changed(channel);
  }
  if (const auto* request = std::get_if<LetInRequestContent>(&content.body)) {
    return engine_.third_parties.on_request(channel, envelope.seq, link, *request);
  }
  if (const auto* answer = std::get_if<LetInAnswerContent>(&content.body)) {
    return engine_.third_parties.on_answer(channel, envelope.seq, link, *answer);
  }
  if (const auto* request = std::get_if<NewKeyRequestContent>(&content.body)) {
    return engine_.questions.on_new_key_request(channel, link.account, link.message, *request);
  }
  if (const auto* answer = std::get_if<NewKeyAnswerContent>(&content.body)) {
    engine_.questions.on_new_key_answer(channel, link.account);
    return engine_.devices.on_new_key_answer(channel, link.account, *answer);
  }
  if (const auto* key = std::get_if<OwnKeyContent>(&content.body)) {
    const bool own = channel.own_devices_only() && link.account == engine_.state.self.account;
    return own ? engine_.devices.on_own_key(*key) : void();
  }
  if (const auto* label = std::get_if<RoomLabelContent>(&content.body)) {
    const bool own = channel.binding.room == identity::RoomKind::self && link.account == engine_.state.self.account;
    return own ? engine_.devices.on_room_label(*label) : void();
  }
  if (const auto* request = std::get_if<HistoryRequestContent>(&content.body)) {
    return engine_.history.on_request(channel, link, *request);
  }
  if (const auto* request = std::get_if<EarlierRequestContent>(&content.body)) {
    return engine_.earlier_history.on_request(channel, link, *request);
  }
  if (const auto* sealed = std::get_if<ForDeviceContent>(&content.body)) {
    return engine_.history.on_for_device(channel, link, *sealed);
  }
  if (std::holds_alternative<UnknownState>(content.body)) {
    DeferredRecord deferred{link.account, std::move(content_bytes)};
    engine_.journal.put(keys::deferred(channel.record.id, envelope.seq), deferred.encode());
    channel.deferred.emplace(envelope.seq, std::move(deferred));
  }
}

void Inbox::store(Channel& channel, const Envelope& envelope, SecretBytes franked, SecretBytes content) {
  const LinkRecord& link = envelope.link;
  MessageRecord message{link.message, link.account, link.device, link.accepted, std::move(franked), std::move(content)};
  engine_.journal.put(keys::message(channel.record.id, envelope.seq), message.encode());
  const auto [entry, inserted] = channel.messages.emplace(envelope.seq, std::move(message));
  engine_.api.message_changed(channel, envelope.seq, entry->second);
}

void Inbox::on_receipt(Channel& channel, const AccountId& from, const ReceiptContent& receipt) {
  MemberRecord* member = channel.member(from);
  if (member == nullptr || from == engine_.state.self.account) return;
  // Nobody has stored or read what does not exist yet.
  const std::uint64_t up_to = std::min(receipt.up_to_seq, channel.record.processed);
  std::uint64_t& position = receipt.read ? member->read_up_to : member->stored_up_to;
  if (up_to <= position) return;
  const std::uint64_t before = std::exchange(position, up_to);
  if (receipt.read) member->stored_up_to = std::max(member->stored_up_to, up_to);
  Engine::record_changed(channel);
  for (auto at = channel.messages.upper_bound(before); at != channel.messages.end() && at->first <= up_to; ++at) {
    if (at->second.sender == engine_.state.self.account) engine_.api.message_changed(channel, at->first, at->second);
  }
}

// ---------------------------------------------------------------- receipts and acknowledgements

void Inbox::on_login() {
  // Positions that were stored but whose acknowledgement was lost.
  for (auto& [id, channel] : engine_.state.channels) {
    if (!channel.stopped() && channel.record.processed > 0) acknowledge(id);
  }
  receipts_due();
}

void Inbox::receipts_due() {
  if (!receipts_at_) receipts_at_ = engine_.now + kReceiptDelay;
}

void Inbox::queue_receipts() {
  const SelfRecord& self = engine_.state.self;
  for (auto& [id, channel] : engine_.state.channels) {
    if (channel.stopped() || !channel.group) continue;
    const ChannelRecord& record = channel.record;
    const std::uint64_t floor =
        self.send_read_receipts ? std::min(record.receipt_stored_sent, record.receipt_read_sent) : record.receipt_stored_sent;
    std::uint64_t stored = 0;  // newest message of others
    std::uint64_t read = 0;    // newest of those that the person saw
    for (auto at = channel.messages.rbegin(); at != channel.messages.rend() && at->first > floor && read == 0; ++at) {
      if (at->second.sender == self.account) continue;
      stored = std::max(stored, at->first);
      if (at->first <= record.read_seq) read = at->first;
    }
    if (self.send_read_receipts && read > channel.record.receipt_read_sent) {
      if (!engine_.outbox.send_content(channel, encode_receipt({true, read}, engine_.now), false).ok()) continue;
      channel.record.receipt_read_sent = read;
      channel.record.receipt_stored_sent = std::max(channel.record.receipt_stored_sent, read);
      Engine::record_changed(channel);
    }
    if (stored > channel.record.receipt_stored_sent) {
      if (!engine_.outbox.send_content(channel, encode_receipt({false, stored}, engine_.now), false).ok()) continue;
      channel.record.receipt_stored_sent = stored;
      Engine::record_changed(channel);
    }
  }
}

void Inbox::settle() {
  if (receipts_at_ && *receipts_at_ <= engine_.now) {
    receipts_at_.reset();
    queue_receipts();
  }
  if (!engine_.session.online()) {
    acknowledge_.clear();
    return;
  }
  if (acknowledge_.empty()) return;
  wire::AcknowledgeT out;
  for (const ChannelId& id : acknowledge_) {
    const Channel* channel = engine_.channel(id);
    const auto passed_over = passed_over_.find(id);
    std::uint64_t position = passed_over != passed_over_.end() ? passed_over->second : 0;
    if (channel != nullptr) position = channel->record.processed;
    if (position == 0) continue;
    out.positions.emplace_back(gateway::wire_value(id), position);
    if (out.positions.size() == engine_.session.max_items()) engine_.session.send(std::exchange(out, {}));
  }
  acknowledge_.clear();
  if (!out.positions.empty()) engine_.session.send(std::move(out));
}

}  // namespace steiger::sdk
