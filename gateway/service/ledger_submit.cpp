// Submissions: counters, epochs, sequence numbers and the chain (laws 2 and 3; S12, S15); acknowledgements and catching up.
#include <algorithm>

#include "crypto/identity/channel.h"
#include "crypto/log/chain.h"
#include "crypto/mls/messages.h"
#include "gateway/service/ledger.h"

namespace steiger::gateway {

Ledger::Turn Ledger::turn_of(Stream& stream, const Device& device, std::uint64_t counter) {
  if (counter == 0) return Turn::gap;
  if (counter <= device.row.accepted_counter) return Turn::duplicate;
  if (counter == device.row.accepted_counter + 1) {
    stream.refused_counter.reset();
    return Turn::next;
  }
  return stream.refused_counter ? Turn::dropped : Turn::gap;
}

template <class Attempt>
Result<bool> Ledger::in_turn(const Command& command, std::uint64_t counter, Attempt&& attempt) {
  Stream* stream = stream_of(command);
  if (stream == nullptr) {
    answer(command, Broken{kReplaced});
    return false;
  }
  STEIGER_TRY(Device * sender, device(stream->device));
  if (sender == nullptr) return kStoreCorrupt;
  Verdict verdict;
  switch (turn_of(*stream, *sender, counter)) {
    case Turn::duplicate:  // a resend: the old acceptance (law 3)
      accept(command, sender->row.accepted_counter);
      return true;
    case Turn::dropped:
      return true;
    case Turn::gap:
      verdict = Verdict::fatal(kCounterGap);
      break;
    case Turn::next: {
      STEIGER_TRY(verdict, attempt(*stream));
      break;
    }
  }
  switch (verdict.kind) {
    case Verdict::Kind::accepted:
      sender->row.accepted_counter = counter;
      if (!sender->dirty) {
        sender->dirty = true;
        counted_.push_back(sender);
      }
      accept(command, counter);
      return true;
    case Verdict::Kind::refused:
      stream->refused_counter = counter;
      answer(command, RejectedAt{counter, verdict.why, verdict.after, verdict.rule});
      return true;
    case Verdict::Kind::fatal:
      live_.erase(stream->device);
      streams_.erase(command.session);
      answer(command, Broken{verdict.why});
      return false;
  }
  return false;
}

Result<void> Ledger::on(const Command& command, SubmitCommand& body) {
  for (SubmittedMessage& item : body.items) {
    STEIGER_TRY(const bool go_on, in_turn(command, item.counter, [&](const Stream& stream) { return submit(stream, item); }));
    if (!go_on) break;
  }
  return {};
}
Result<void> Ledger::on(const Command& command, RegisterCommand& body) {
  STEIGER_TRY([[maybe_unused]] const bool go_on,
              in_turn(command, body.counter, [&](const Stream& stream) { return open_channel(stream, body); }));
  return {};
}
Result<void> Ledger::on(const Command& command, CommitCommand& body) {
  STEIGER_TRY([[maybe_unused]] const bool go_on,
              in_turn(command, body.counter, [&](const Stream& stream) { return commit(stream, body); }));
  return {};
}

// S12. The loser first gets everything up to now, the winner's commit included, and then hears that it lost.
Ledger::Verdict Ledger::stale(const Channel& channel, std::uint64_t claimed_epoch) {
  if (claimed_epoch > channel.row.epoch) return Verdict::refuse(kEpochAhead);
  return {Verdict::Kind::refused, kStaleEpoch, AcknowledgeCommand::Position{channel.row.channel, channel.row.head_seq}};
}

// S11: epochs begin again with each generation, so that the number alone does not tell.
bool Ledger::of_earlier_generation(const Channel& channel, ByteView group_id) {
  return channel.row.generation > 0 && !equal(group_id, channel.row.group_id);
}

Result<Ledger::Verdict> Ledger::not_a_member(Channel& channel, const DeviceId& device) {
  Verdict out = Verdict::refuse(kNotAMember);
  const Member* stay = channel.newest(device);
  if (stay != nullptr) out.after = {channel.row.channel, stay->row.removed_seq};
  // S11: whom nobody removed was in a group that is no more, and comes into the next one by a Welcome.
  STEIGER_TRY(const auto former, store_.former(channel.row.number));
  const bool removed = std::any_of(former.begin(), former.end(), [&](const FormerRow& row) { return row.device == device; });
  if (removed) return out;
  if (stay == nullptr) {
    // Never here, or it had fetched everything when the generation was opened: then its account is awaited.
    STEIGER_TRY(Device * known, this->device(device));
    STEIGER_TRY(const auto awaited, store_.carried_over(channel.row.number));
    if (known == nullptr || std::find(awaited.begin(), awaited.end(), known->row.account) == awaited.end()) return out;
  }
  out.why = kGenerationReplaced;
  return out;
}

Ledger::Verdict Ledger::check_message(const Channel& channel, const SubmittedMessage& message) const {
  if (message.payload.size() > options_.limits.max_payload_bytes) return Verdict::fatal(kPayloadTooLarge);
  const auto decoded = mls::decode_message<mls::PrivateMessage>(message.payload);
  if (!decoded.ok()) return Verdict::fatal(kBadMessage);
  if (of_earlier_generation(channel, decoded->group_id)) return stale(channel, channel.row.epoch);
  if (decoded->content_type != mls::ContentType::application || decoded->group_id != channel.row.group_id ||
      decoded->epoch != channel.row.epoch) {
    return Verdict::fatal(kBadMessage);
  }
  // S16: the tag that enters the chain is the one the members authenticate.
  const auto header = identity::decode_message_header(decoded->authenticated_data);
  if (!header.ok() || header->tag != message.tag) return Verdict::fatal(kBadMessage);
  return Verdict::accept();
}

Result<Ledger::Verdict> Ledger::submit(const Stream& stream, SubmittedMessage& message) {
  STEIGER_TRY(Channel * found, channel(message.channel));
  if (found == nullptr) return Verdict::refuse(kUnknownChannel);
  if (found->find(stream.device) == nullptr) return not_a_member(*found, stream.device);
  if (message.epoch != found->row.epoch) return stale(*found, message.epoch);
  if (found->row.head_seq >= kMaxSeq) return Verdict::refuse(kChannelFull);
  if (const Verdict checked = check_message(*found, message); checked.kind != Verdict::Kind::accepted) return checked;
  MessageRow row;
  row.id = message.id;
  row.kind = MessageKind::application;
  row.counter = message.counter;
  row.tag = message.tag;
  append(*found, stream, std::move(row), std::move(message.payload));
  return Verdict::accept();
}

// Assigns seq and chain value (S15). The payload is hashed here, once.
void Ledger::append(Channel& channel, const Stream& stream, MessageRow row, Bytes payload) {
  touch(channel);
  channel.head_dirty = true;
  row.seq = ++channel.row.head_seq;
  row.epoch = channel.row.epoch;
  row.account = stream.account;
  row.device = stream.device;
  row.accepted = now_;
  row.payload_hash = sha256(payload);
  row.chain = channel.row.head = log::chain_next(
      channel.row.head, {channel.row.channel, row.seq, row.payload_hash, row.account, row.device, row.id, row.tag, row.accepted});
  row.payload = std::move(payload);
  channel.pending.push_back(std::move(row));
}

Result<void> Ledger::on(const Command& command, AcknowledgeCommand& body) {
  const Stream* stream = stream_of(command);
  if (stream == nullptr) return {};  // the connection is on its way out
  STEIGER_TRY(Device * known, device(stream->device));
  if (known == nullptr) return kStoreCorrupt;
  saw(*known);
  for (const auto& position : body.positions) {
    STEIGER_TRY(Channel * found, channel(position.channel));
    if (found == nullptr) continue;
    for (Member& member : found->members) {
      MemberRow& stay = member.row;
      const std::uint64_t seq = std::min(position.seq, stay.in_roster() ? found->row.head_seq : stay.removed_seq);
      if (!member.is(stream->device) || seq <= stay.acknowledged_seq) continue;
      stay.acknowledged_seq = seq;
      member.dirty = true;
      member.gone = !stay.in_roster() && seq == stay.removed_seq;  // S12: it has heard of its removal
      found->positions_dirty = true;
      touch(*found);
    }
  }
  return {};
}

Result<void> Ledger::on(const Command& command, ReadCommand& body) {
  answer(command, PortionRead{body.channel, body.from, {}, {}});
  deferred_.push_back({{command.session, command.request, body}, result_.answers.size() - 1});
  return {};
}

}  // namespace steiger::gateway
