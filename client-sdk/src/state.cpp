#include "client-sdk/src/state.h"

#include "client-sdk/src/keys.h"
#include "gateway/protocol/frames.h"

namespace steiger::sdk {
namespace {

struct SeqKey {
  ChannelId channel;
  std::uint64_t seq = 0;
};

Result<std::uint64_t> parse_number(std::string_view text) {
  const auto bytes = from_hex(text);
  if (!bytes.ok() || bytes->size() != sizeof(std::uint64_t)) return kStoreCorrupt;
  std::uint64_t value = 0;
  for (const std::uint8_t byte : *bytes) value = (value << 8) | byte;
  return value;
}

template <class IdType>
Result<IdType> parse_id(std::string_view text) {
  const auto id = IdType::from_text(text);
  if (!id.ok()) return kStoreCorrupt;
  return *id;
}

// "<channel>/<seq>"
Result<SeqKey> parse_seq_key(std::string_view text) {
  constexpr std::size_t kIdText = 2 * kIdSize;
  if (text.size() <= kIdText || text[kIdText] != '/') return kStoreCorrupt;
  STEIGER_TRY(const ChannelId channel, parse_id<ChannelId>(text.substr(0, kIdText)));
  STEIGER_TRY(const std::uint64_t seq, parse_number(text.substr(kIdText + 1)));
  return SeqKey{channel, seq};
}

class Loader {
 public:
  Result<State> load(const Snapshot& snapshot) {
    if (const auto found = snapshot.find(keys::kMeta); found != snapshot.end()) STEIGER_CHECK(meta(found->second.bytes()));
    // A channel before all that belongs to it.
    for (const bool channels : {true, false}) {
      for (const auto& [key, value] : snapshot) {
        if (after(key, keys::kChannelPrefix).has_value() == channels) STEIGER_CHECK(one(key, value.bytes()));
      }
    }
    if (!snapshot.empty() && state_.empty) return kStoreCorrupt;  // records without `meta`
    for (auto& [id, channel] : state_.channels) {
      if (channel.record.id != id || channel.group.has_value() == channel.room.ended) return kStoreCorrupt;
      find_damage(channel);
    }
    if (!state_.refresh_identity().ok()) return kStoreCorrupt;
    return std::move(state_);
  }

 private:
  static std::optional<std::string_view> after(std::string_view key, std::string_view prefix) {
    if (key.substr(0, prefix.size()) != prefix) return std::nullopt;
    return key.substr(prefix.size());
  }

  Result<Channel*> channel(const ChannelId& id) {
    const auto found = state_.channels.find(id);
    if (found == state_.channels.end()) return kStoreCorrupt;
    return &found->second;
  }

  Result<void> one(std::string_view key, ByteView value) {
    if (key == keys::kMeta) return {};  // read first
    if (key == keys::kSelf) {
      STEIGER_TRY(state_.self, SelfRecord::decode(value));
      return {};
    }
    if (key == keys::kCounter) {
      STEIGER_TRY(state_.counter, CounterRecord::decode(value));
      return {};
    }
    if (key == keys::kJoin) {
      STEIGER_TRY(state_.join, JoinRecord::decode(value));
      return {};
    }
    if (const auto rest = after(key, keys::kInvitePrefix)) {
      STEIGER_TRY(const InviteId id, parse_id<InviteId>(*rest));
      STEIGER_TRY(InviteRecord record, InviteRecord::decode(value));
      state_.invites.emplace(id, std::move(record));
      return {};
    }
    if (const auto rest = after(key, keys::kOutboxPrefix)) {
      STEIGER_TRY(const std::uint64_t order, parse_number(*rest));
      STEIGER_TRY(OutboxRecord record, OutboxRecord::decode(value));
      if (record.order != order) return kStoreCorrupt;
      state_.outbox.emplace(order, std::move(record));
      return {};
    }
    if (const auto rest = after(key, keys::kQuestionPrefix)) {
      STEIGER_TRY(const QuestionId id, parse_id<QuestionId>(*rest));
      STEIGER_TRY(QuestionRecord record, QuestionRecord::decode(value));
      if (record.id != id) return kStoreCorrupt;
      state_.questions.emplace(id, std::move(record));
      return {};
    }
    if (key == keys::kNewKey) {
      STEIGER_TRY(state_.new_key, NewKeyRecord::decode(value));
      return {};
    }
    if (key == keys::kDevices) {
      STEIGER_TRY(state_.devices, DevicesRecord::decode(value));
      return {};
    }
    if (const auto rest = after(key, keys::kPurposePrefix)) {
      STEIGER_TRY(const InviteId id, parse_id<InviteId>(*rest));
      const auto invite = state_.invites.find(id);  // "invite/" comes first
      if (invite == state_.invites.end()) return kStoreCorrupt;
      STEIGER_TRY(invite->second.purpose, PurposeRecord::decode(value));
      return {};
    }
    if (key == keys::kStanding) {
      STEIGER_TRY(state_.standing, StandingRecord::decode(value));
      return {};
    }
    if (const auto rest = after(key, keys::kPackagePrefix)) {
      const auto bytes = from_hex(*rest);
      if (!bytes.ok() || bytes->size() != kHashSize) return kStoreCorrupt;
      STEIGER_TRY(const mls::KeyPackageRef reference, to_array<kHashSize>(*bytes));
      STEIGER_TRY(PackageRecord record, PackageRecord::decode(value));
      state_.packages.emplace(reference, std::move(record));
      return {};
    }
    return of_channel(key, value);
  }

  Result<void> meta(ByteView value) {
    if (value.empty()) return kStoreCorrupt;
    if (value.front() > kStoreVersion) return kStoreFormat;
    state_.empty = false;
    return {};
  }

  Result<void> of_channel(std::string_view key, ByteView value) {
    if (const auto rest = after(key, keys::kChannelPrefix)) {
      STEIGER_TRY(const ChannelId id, parse_id<ChannelId>(*rest));
      Channel channel;
      STEIGER_TRY(channel.record, ChannelRecord::decode(value));
      auto binding = identity::decode_channel_binding(channel.record.binding);
      if (!binding.ok()) return kStoreCorrupt;
      channel.binding = *binding;
      state_.channels.emplace(id, std::move(channel));
      return {};
    }
    if (const auto rest = after(key, keys::kGroupPrefix)) {
      STEIGER_TRY(const ChannelId id, parse_id<ChannelId>(*rest));
      STEIGER_TRY(Channel * owner, channel(id));
      group_hashes_[id] = sha256(value);
      auto group = mls::Group::deserialize(value);
      if (!group.ok()) return group.error() == mls::kStateVersion ? kStoreFormat : kStoreCorrupt;
      owner->group.emplace(std::move(group).value());
      return {};
    }
    if (const auto rest = after(key, keys::kPendingPrefix)) {
      STEIGER_TRY(const ChannelId id, parse_id<ChannelId>(*rest));
      STEIGER_TRY(Channel * owner, channel(id));
      STEIGER_TRY(PendingRecord record, PendingRecord::decode(value));
      auto commit = mls::PendingCommit::deserialize(record.commit.bytes());
      if (!commit.ok()) return commit.error() == mls::kStateVersion ? kStoreFormat : kStoreCorrupt;
      owner->pending.emplace(PendingBundle{std::move(record), std::move(commit).value()});
      return {};
    }
    if (const auto rest = after(key, keys::kLinkPrefix)) {
      STEIGER_TRY(const SeqKey place, parse_seq_key(*rest));
      STEIGER_TRY(Channel * owner, channel(place.channel));
      STEIGER_TRY(const LinkRecord link, LinkRecord::decode(value));
      owner->add_link(place.seq, link);
      return {};
    }
    if (const auto rest = after(key, keys::kRoomPrefix)) {
      STEIGER_TRY(const ChannelId id, parse_id<ChannelId>(*rest));
      STEIGER_TRY(Channel * owner, channel(id));
      STEIGER_TRY(owner->room, RoomRecord::decode(value));
      return {};
    }
    if (const auto rest = after(key, keys::kStampPrefix)) {
      STEIGER_TRY(const ChannelId id, parse_id<ChannelId>(*rest));
      STEIGER_TRY(const StampRecord stamp, StampRecord::decode(value));
      stamps_[id] = stamp.group;
      return {};
    }
    if (const auto rest = after(key, keys::kStepPrefix)) {
      STEIGER_TRY(const ChannelId id, parse_id<ChannelId>(*rest));
      STEIGER_TRY(Channel * owner, channel(id));
      STEIGER_TRY(owner->out_of_step, OutOfStep::decode(value));
      return {};
    }
    if (const auto rest = after(key, keys::kOpeningPrefix)) {
      STEIGER_TRY(const ChannelId id, parse_id<ChannelId>(*rest));
      STEIGER_TRY(Channel * owner, channel(id));
      STEIGER_TRY(owner->opening, Opening::decode(value));
      return {};
    }
    if (const auto rest = after(key, keys::kCarriedPrefix)) {
      STEIGER_TRY(const ChannelId id, parse_id<ChannelId>(*rest));
      STEIGER_TRY(Channel * owner, channel(id));
      STEIGER_TRY(owner->carried, CarriedRecord::decode(value));
      return {};
    }
    if (const auto rest = after(key, keys::kAnswerPrefix)) {
      STEIGER_TRY(const ChannelId id, parse_id<ChannelId>(*rest));
      STEIGER_TRY(Channel * owner, channel(id));
      STEIGER_TRY(const AnswerRecord record, AnswerRecord::decode(value));
      auto private_key = DhPrivateKey::from_bytes(record.private_key.bytes());
      if (!private_key.ok()) return kStoreCorrupt;
      owner->answer_key = HpkeKeyPair::from_private_key(std::move(private_key).value());
      return {};
    }
    if (const auto rest = after(key, keys::kGapsPrefix)) {
      STEIGER_TRY(const ChannelId id, parse_id<ChannelId>(*rest));
      STEIGER_TRY(Channel * owner, channel(id));
      STEIGER_TRY(owner->gaps, GapsRecord::decode(value));
      return {};
    }
    if (const auto rest = after(key, keys::kStaysPrefix)) {
      STEIGER_TRY(const ChannelId id, parse_id<ChannelId>(*rest));
      STEIGER_TRY(Channel * owner, channel(id));
      STEIGER_TRY(owner->stays, StaysRecord::decode(value));
      return {};
    }
    if (const auto rest = after(key, keys::kEarlierPrefix)) {
      STEIGER_TRY(const ChannelId id, parse_id<ChannelId>(*rest));
      STEIGER_TRY(Channel * owner, channel(id));
      STEIGER_TRY(owner->earlier, EarlierRecord::decode(value));
      return {};
    }
    if (const auto rest = after(key, keys::kWishPrefix)) return into(*rest, value, &Channel::wishes);
    if (const auto rest = after(key, keys::kMessagePrefix)) return into(*rest, value, &Channel::messages);
    if (const auto rest = after(key, keys::kDeferredPrefix)) return into(*rest, value, &Channel::deferred);
    return kStoreCorrupt;
  }

  template <class Record>
  Result<void> into(std::string_view rest, ByteView value, std::map<std::uint64_t, Record> Channel::*map) {
    STEIGER_TRY(const SeqKey place, parse_seq_key(rest));
    STEIGER_TRY(Channel * owner, channel(place.channel));
    STEIGER_TRY(Record record, Record::decode(value));
    (owner->*map).emplace_hint((owner->*map).end(), place.seq, std::move(record));
    return {};
  }

  // S21: a group that is not the one written last may not be used: its keys were used before.
  void find_damage(Channel& channel) {
    const auto stamp = stamps_.find(channel.record.id);
    if (!channel.group || channel.out_of_step || stamp == stamps_.end()) return;
    if (stamp->second == group_hashes_[channel.record.id]) return;
    OutOfStep step;
    step.record.cause = StepRecord::Cause::damaged;
    step.record.epoch = channel.epoch_by_links();
    // Right after a Welcome no link tells the epoch, and the group is not to be asked: it may be of an earlier stay.
    step.record.epoch_known = !channel.links.empty() && channel.links.rbegin()->first > channel.record.base_seq;
    if (step.record.epoch_known && step.record.epoch == channel.group->epoch()) step.followed = channel.group->public_state();
    channel.out_of_step = std::move(step);
  }

  State state_;
  std::map<ChannelId, Hash> group_hashes_;
  std::map<ChannelId, Hash> stamps_;
};

}  // namespace

MemberRecord* Channel::member(const AccountId& account) {
  for (MemberRecord& candidate : record.members) {
    if (candidate.account == account) return &candidate;
  }
  return nullptr;
}

std::uint64_t Channel::epoch_by_links() const {
  constexpr auto kCommitKind = static_cast<std::uint8_t>(gateway::wire::EnvelopeKind::commit);
  if (links.empty() || links.rbegin()->first <= record.base_seq) return group ? group->epoch() : 0;
  const LinkRecord& last = links.rbegin()->second;
  return last.kind == kCommitKind ? last.epoch + 1 : last.epoch;
}

Result<Opening> Opening::decode(ByteView bytes) {
  STEIGER_TRY(OpeningRecord record, OpeningRecord::decode(bytes));
  auto group = mls::Group::deserialize(record.group.bytes());
  if (!group.ok()) return group.error() == mls::kStateVersion ? kStoreFormat : kStoreCorrupt;
  record.group = SecretBytes();
  return Opening{std::move(record), std::move(group).value()};
}

SecretBytes Opening::encode() {
  record.group = group.serialize();
  SecretBytes out = record.encode();
  record.group = SecretBytes();
  return out;
}

Result<OutOfStep> OutOfStep::decode(ByteView bytes) {
  OutOfStep out;
  out.changed = false;
  STEIGER_TRY(out.record, StepRecord::decode(bytes));
  const auto read = [](const Bytes& stored, std::optional<mls::PublicGroup>& into) -> Result<void> {
    if (stored.empty()) return {};
    auto group = mls::PublicGroup::deserialize(stored);
    if (!group.ok()) return group.error() == mls::kStateVersion ? kStoreFormat : kStoreCorrupt;
    into = std::move(group).value();
    return {};
  };
  STEIGER_CHECK(read(out.record.followed, out.followed));
  STEIGER_CHECK(read(out.record.base, out.base));
  return out;
}

SecretBytes OutOfStep::encode() {
  record.followed = followed ? followed->serialize() : Bytes();
  record.base = base ? base->serialize() : Bytes();
  return record.encode();
}

void Channel::add_link(std::uint64_t seq, const LinkRecord& link) {
  links.emplace_hint(links.end(), seq, link);
  ids.insert(link.message);
}

std::optional<Hash> Channel::head_at(std::uint64_t seq) const {
  if (seq == record.processed) return record.head;
  if (seq == record.base_seq) return record.base_head;
  const auto found = links.find(seq);
  if (found == links.end()) return std::nullopt;
  return found->second.head;
}

Result<State> State::load(const Snapshot& snapshot) {
  return Loader().load(snapshot);
}

Result<void> State::refresh_identity() {
  organisation.reset();
  trust = {};
  account_key.reset();
  leaf_key.reset();
  chain.reset();
  if (!self.organisation.empty()) {
    STEIGER_TRY(organisation, identity::decode_organisation(self.organisation));
    trust.organisation = organisation->id;
    std::vector<identity::RootSuccession> steps;
    if (!standing.root_successions.empty()) {
      STEIGER_TRY(steps, identity::decode_root_successions(standing.root_successions));
    }
    STEIGER_TRY(trust.roots, identity::trusted_roots(organisation->root_key, steps, organisation->id));
    if (!standing.status_list.empty()) {
      STEIGER_TRY(trust.status, identity::decode_status_list(standing.status_list));
    }
  }
  if (!self.account_seed.empty()) {
    STEIGER_TRY(auto seed, SigningKey::Seed::from_bytes(self.account_seed.bytes()));
    account_key.emplace(std::move(seed));
  }
  if (!self.leaf_seed.empty()) {
    STEIGER_TRY(auto seed, SigningKey::Seed::from_bytes(self.leaf_seed.bytes()));
    leaf_key.emplace(std::move(seed));
  }
  if (!self.chain.empty()) {
    STEIGER_TRY(chain, identity::decode_chain(self.chain));
  }
  return {};
}

}  // namespace steiger::sdk
