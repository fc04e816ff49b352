// A running group against bytes from its gateway: stored state, messages, commits, Welcomes, bundles. The first byte chooses
// the entry; the second asks for a right message to be changed by the rest (offset, xor) instead of wholly free bytes, which
// gets past the decoders.
#include "crypto/mls/test_support.h"

namespace {

using namespace steiger;             // NOLINT(google-build-using-namespace)
using namespace steiger::mls;        // NOLINT(google-build-using-namespace)
using namespace steiger::mls::test;  // NOLINT(google-build-using-namespace)

enum class Entry : std::uint8_t {
  stored_group,
  stored_public_group,
  application,
  commit,
  welcome,
  bundle,
  registration,
  proposal,
  sealed_proposal,
  external_commit,
  group_info,
  stored_pending,
  count
};

// One group of three with something of every kind to disturb.
struct World {
  SeededRng rng{1};
  Room room = Room::of(rng, 3);
  Device newcomer{rng, "new"};
  PendingCommit pending = room.members[0].commit(rng, {.adds = {newcomer.verified()}, .now = kNow}).value();
  Bytes application = room.members[0].encrypt(rng, as_bytes("data"), as_bytes("hoi")).value();
  Bytes registration = Device(rng, "coach").create(rng).group_info({}).value();
  Bytes proposal;
  Bytes sealed_proposal;
  Bytes group_info = room.members[0].group_info({}).value();
  Bytes external_commit = Group::join_externally(rng, group_info, outsider()).value().commit;
  Bytes stored = to_bytes(room.members[1].serialize().bytes());
  Bytes stored_public = room.follower.serialize();
  Bytes stored_pending = to_bytes(pending.serialize().bytes());

  World() {
    Group proposer = room.members[0].clone();
    proposal = proposer.propose_update(rng, std::nullopt, as_bytes("data")).value();
    sealed_proposal = proposer.propose_update(rng, std::nullopt, as_bytes("data"), true).value();
  }
  [[nodiscard]] ExternalJoinOptions outsider() const { return {newcomer.key.clone(), options_for("outsider"), std::nullopt}; }
  [[nodiscard]] const Bytes& right(Entry entry) const {
    switch (entry) {
      case Entry::stored_group:
        return stored;
      case Entry::stored_public_group:
        return stored_public;
      case Entry::stored_pending:
        return stored_pending;
      case Entry::application:
        return application;
      case Entry::welcome:
        return *pending.welcome;
      case Entry::registration:
        return registration;
      case Entry::proposal:
        return proposal;
      case Entry::sealed_proposal:
        return sealed_proposal;
      case Entry::external_commit:
        return external_commit;
      case Entry::group_info:
        return group_info;
      case Entry::commit:
      case Entry::bundle:
      case Entry::count:
        break;
    }
    return pending.commit;
  }
};

Bytes disturbed(Bytes message, ByteView changes) {
  for (std::size_t i = 0; i + 2 < changes.size(); i += 3) {
    const std::size_t at = (static_cast<std::size_t>(changes[i]) << 8 | changes[i + 1]) % message.size();
    message[at] ^= changes[i + 2];
  }
  return message;
}

// A stored commit that is accepted is merged without a crash, and what is written of it is read as the same.
void use_stored_pending(World& world, const Bytes& input) {
  Result<PendingCommit> pending = PendingCommit::deserialize(input);
  if (!pending.ok()) return;
  const SecretBytes again = pending->serialize();
  if (!(PendingCommit::deserialize(again.bytes()).value().serialize() == again)) std::abort();
  static_cast<void>(world.room.follower.check_bundle(pending->commit, pending->welcome, pending->group_info));
  static_cast<void>(std::move(*pending).merge(world.room.members[0]));
}

// A stored group that is accepted must be usable without a crash.
void use_stored(World& world, const Bytes& input) {
  Result<Group> group = Group::deserialize(input);
  if (!group.ok()) return;
  static_cast<void>(group->encrypt(world.rng, {}, as_bytes("hoi")));
  static_cast<void>(group->decrypt(world.application));
  static_cast<void>(group->commit(world.rng, {}));
  static_cast<void>(group->handle_commit(world.pending.commit, no_psks()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  if (size < 2) return 0;
  const auto entry = static_cast<Entry>(data[0] % static_cast<std::uint8_t>(Entry::count));
  const ByteView rest(data + 2, size - 2);
  const Bytes input = data[1] % 2 == 0 ? to_bytes(rest) : disturbed(world.right(entry), rest);
  const bool changed = input != world.right(entry);
  switch (entry) {
    case Entry::stored_group:
      use_stored(world, input);
      break;
    case Entry::stored_pending:
      use_stored_pending(world, input);
      break;
    case Entry::stored_public_group: {
      const Result<PublicGroup> group = PublicGroup::deserialize(input);
      if (group.ok())
        static_cast<void>(group->check_bundle(world.pending.commit, world.pending.welcome, world.pending.group_info));
      break;
    }
    case Entry::application: {
      Group receiver = world.room.members[1].clone();
      const bool accepted = receiver.decrypt(input).ok();
      if (accepted == changed) std::abort();
      if (!accepted && !(receiver.serialize() == world.room.members[1].serialize())) std::abort();
      break;
    }
    case Entry::commit:
      if (world.room.members[1].handle_commit(input, no_psks()).ok() == changed) std::abort();
      break;
    case Entry::external_commit:
      if (world.room.members[1].handle_commit(input, no_psks()).ok() == changed) std::abort();
      break;
    case Entry::proposal:
    case Entry::sealed_proposal: {
      Group receiver = world.room.members[1].clone();
      const bool accepted = receiver.handle_proposal(input).ok();
      if (accepted == changed) std::abort();
      if (!accepted && !(receiver.serialize() == world.room.members[1].serialize())) std::abort();
      static_cast<void>(world.room.follower.check_proposal_message(input));
      break;
    }
    case Entry::group_info:
      if (Group::join_externally(world.rng, input, world.outsider()).ok() == changed) std::abort();
      break;
    case Entry::welcome:
      static_cast<void>(world.newcomer.join(input));
      break;
    case Entry::bundle:
      static_cast<void>(world.room.follower.check_bundle(input, world.pending.welcome, world.pending.group_info));
      break;
    case Entry::registration:
      if (PublicGroup::register_from(input).ok() == changed) std::abort();
      break;
    case Entry::count:
      break;
  }
  return 0;
}
