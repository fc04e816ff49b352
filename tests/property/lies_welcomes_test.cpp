// Lie: Welcomes. One that was used is served again, while its receiver is in the room and after it was taken out; a next generation of the
// group is invented, with a ghost in it, by a member who works with the gateway (S8, S11, S12).
#include "tests/property/lies_fixture.h"

namespace steiger::sdk::testing {
namespace {

using identity::Role;
using ::testing::Each;

class Welcomes : public LyingRooms {
 protected:
  // Keeps the Welcome for each device as it was delivered.
  void listen() {
    liar().down = [this](const DeviceId& who, Bytes frame) {
      if (wire::GetFrame(frame.data())->body_as_DeliverWelcome() != nullptr) {
        welcomes_[who] = frame;
        all_welcomes_[who].push_back(frame);
      }
      return frame;
    };
    liar().up = [this](const DeviceId& who, Bytes frame) {
      const auto* put = wire::GetFrame(frame.data())->body_as_PutKeyPackages();
      if (put != nullptr && put->packages() != nullptr && put->packages()->size() > 0) {
        packages_[who] = to_bytes(gateway::view_of(put->packages()->Get(0)->key_package()));
      }
      return frame;
    };
  }
  // A group of the same channel as `by` would make it, with `adds` in it, as generation `number`. `proven`: with the PSK of its present
  // group.
  Bytes invented(Hand& by, const std::vector<Bytes>& adds, std::uint32_t number, bool proven = false) {
    auto group = mls::Group::create(world.rng, {Bytes(32, 9),
                                                by.leaf_key.clone(),
                                                leaf_options(by.self, world.scheduler.now),
                                                {{identity::kChannelExtension, by.record.binding}}})
                     .value();
    mls::CommitOptions options;
    for (const Bytes& package : adds) options.adds.push_back(mls::VerifiedKeyPackage::decode(package).value());
    options.now = world.scheduler.now;
    if (proven) {
      options.resumptions.push_back(by.group.resumption_psk(mls::ResumptionUsage::application, by.group.epoch()).value());
    }
    options.group_info_extensions.push_back(
        {identity::kChainHeadExtension, identity::encode_chain_position({by.record.processed, by.record.head})});
    const auto pending = group.commit(world.rng, options).value();
    wire::DeliverWelcomeT out;
    out.channel = gateway::wire_pointer(by.record.id);
    out.seq = by.record.processed + 1;
    out.epoch = pending.next.epoch();
    out.welcome = *pending.welcome;
    out.first_link_seq = out.seq;
    out.generation = number;
    auto link = std::make_unique<wire::ChainLinkT>();
    const MessageId id = MessageId::random(world.rng);
    link->id = gateway::wire_pointer(id);
    link->account = gateway::wire_pointer(by.self.account);
    link->device = gateway::wire_pointer(by.self.device);
    link->tag = gateway::wire_pointer(ByteArray<32>{});
    link->accepted_ms = world.scheduler.now.ms;
    link->payload_hash = gateway::wire_pointer(sha256(pending.commit));
    out.links.push_back(std::move(link));
    const Hash head = log::chain_next(
        by.record.head,
        {by.record.id, out.seq, sha256(pending.commit), by.self.account, by.self.device, id, {}, world.scheduler.now});
    out.head_signature =
        gateway::wire_pointer(log::sign_head(liar().honest.head_key(), world.organisation.facts.id, by.record.id, out.seq, head));
    return gateway::encode_frame(0, std::move(out));
  }
  // The jongere's device takes it for what it is, and goes on in the group that it was in.
  void expect_refused(const Bytes& welcome) {
    const auto before = to_bytes(Hand(sam).group.group_id());
    ASSERT_TRUE(liar().tell(device_of(sam), welcome));
    rest();
    EXPECT_FALSE(sam.alarms().empty());
    EXPECT_THAT(sam.alarms(), Each(std::string(kWelcomeRefused.name)));
    EXPECT_EQ(to_bytes(Hand(sam).group.group_id()), before) << "still the group of before";
    expect_talking(noor, sam);
    no_alarms({&noor});
  }
  std::map<DeviceId, Bytes> welcomes_;  // the newest
  std::map<DeviceId, std::vector<Bytes>> all_welcomes_;
  std::map<DeviceId, Bytes> packages_;
};

// S5, S12: its keys were used up. Nothing is rolled back, nothing is read twice.
TEST_F(Welcomes, OneServedAgain) {
  listen();
  chatting();
  rest();
  ASSERT_EQ(welcomes_.count(device_of(sam)), 1u);
  const auto before = Hand(sam).group.epoch();
  ASSERT_TRUE(liar().tell(device_of(sam), welcomes_[device_of(sam)]));
  rest();
  EXPECT_EQ(Hand(sam).group.epoch(), before);
  EXPECT_EQ(sam.channels().size(), 1u);
  expect_talking(noor, sam);
  no_alarms({&noor, &sam});
}

// S12: who was taken out does not come back by the Welcome of then.
TEST_F(Welcomes, OneServedAgainAfterTheRemoval) {
  listen();
  let_in();
  rest();
  const DeviceId beas = device_of(bea);
  ASSERT_EQ(welcomes_.count(beas), 1u);
  ASSERT_EQ(remove(noor, bea), "");
  ASSERT_TRUE(until([&] { return ended(bea); }));
  ASSERT_TRUE(liar().tell(beas, welcomes_[beas]));
  rest();
  EXPECT_TRUE(ended(bea));
  send(sam, "onder ons");
  EXPECT_TRUE(until([&] { return has(noor, "onder ons"); }));
  EXPECT_FALSE(has(bea, "onder ons"));
  no_alarms({&noor, &sam});
}

// S11: a number that nobody asked for, on a Welcome of before.
TEST_F(Welcomes, AGenerationThatIsOnlyANumber) {
  listen();
  chatting();
  rest();
  const Bytes changed =
      tamper<wire::DeliverWelcomeT>([](wire::DeliverWelcomeT& welcome) { welcome.generation += 1; })(welcomes_[device_of(sam)]);
  ASSERT_TRUE(liar().tell(device_of(sam), changed));
  rest();
  EXPECT_FALSE(sam.alarms().empty());
  EXPECT_THAT(sam.alarms(), Each(std::string(kWelcomeRefused.name)));
  EXPECT_EQ(Hand(sam).group.group_id().size(), 32u);
  expect_talking(noor, sam);
  no_alarms({&noor});
}

// S11, S14: a last resort's keys are still there, so its Welcome opens again, from an own device at that; its place is one of before.
TEST_F(Welcomes, OneByTheLastResortServedAgainWithANumber) {
  listen();
  chatting();
  SimDevice& laptop = world.add_device("laptop");
  Bytes last_resort;
  const DeviceId coachs = device_of(noor), jongeres = device_of(sam);
  const auto keep_welcomes = liar().down;
  liar().up = [&](const DeviceId& who, Bytes frame) {
    const auto* put = wire::GetFrame(frame.data())->body_as_PutKeyPackages();
    if (put != nullptr && who != coachs && who != jongeres && put->last_resort() != nullptr && put->last_resort()->size() > 0) {
      last_resort = to_bytes(gateway::view_of(put->last_resort()));
    }
    return frame;
  };
  liar().down = [&](const DeviceId& who, Bytes frame) {
    frame = keep_welcomes(who, std::move(frame));
    if (who != coachs) return frame;
    return tamper<wire::KeyPackagesT>([&](wire::KeyPackagesT& answer) {
      for (auto& package : answer.packages) {
        if (!package->key_package.empty() && !last_resort.empty()) package->key_package = last_resort;
      }
    })(std::move(frame));
  };
  api::MakeInviteT make;
  make.kind = api::InviteKind::qr;
  make.purpose = api::InvitePurpose::device;
  make.page_url = kPage;
  world.start_join(laptop, world.ask_until_stored(noor, make).body.AsInvite()->url);
  const ChannelId channel = room_of(noor);
  ASSERT_TRUE(until([&] { return laptop.channels().size() == 1 && laptop.disk.count(keys::group(channel)) != 0; }));
  rest();
  send(sam, "hierna");
  ASSERT_TRUE(until([&] { return has(laptop, "hierna"); }));
  rest();
  std::size_t told = 0;
  for (const auto& frame : all_welcomes_[device_of(laptop)]) {  // of its two groups; the numbers are the liar's
    const Bytes again = tamper<wire::DeliverWelcomeT>([](wire::DeliverWelcomeT& welcome) { welcome.generation += 1; })(frame);
    const auto before = ChannelRecord::decode(laptop.disk.at(keys::channel(channel)).bytes()).value();
    ASSERT_TRUE(liar().tell(device_of(laptop), again));
    rest();
    const auto after = ChannelRecord::decode(laptop.disk.at(keys::channel(channel)).bytes()).value();
    EXPECT_GE(after.processed, before.processed);
    EXPECT_GE(after.base_seq, before.base_seq);
    ++told;
  }
  EXPECT_EQ(told, 2u);
  EXPECT_THAT(laptop.alarms(), ::testing::ElementsAre(kWelcomeRefused.name, kWelcomeRefused.name));
  expect_talking(noor, sam);
  no_alarms({&noor, &sam});
}

// S8, S11: the next generation holds the accounts of this one. The coach's device makes one with a ghost in it, for the KeyPackage that the
// jongere's device left at the gateway.
TEST_F(Welcomes, AnInventedGenerationWithAGhostInIt) {
  listen();
  chatting();
  rest();
  Hand hand(noor);
  const Bytes sams = packages_[device_of(sam)];
  ASSERT_FALSE(sams.empty());
  const Stranger ghost = stranger(Role::coach);
  expect_refused(invented(hand, {sams, ghost.key_package(world.rng, world.scheduler.now)}, 1, true));
  EXPECT_EQ(members(sam), 2u);
}

// S11: only who is in the group knows its PSK; a member's stolen signing key alone makes no next generation.
TEST_F(Welcomes, AnInventedGenerationWithoutThePskOfTheGroup) {
  listen();
  chatting();
  rest();
  Hand hand(noor);
  expect_refused(invented(hand, {packages_[device_of(sam)]}, 1));
}

// S8, S11: who was taken out knows PSKs of before, and does not come back as the one who opens the next generation.
TEST_F(Welcomes, AnInventedGenerationOfSomebodyWhoLeft) {
  listen();
  let_in();
  rest();
  Hand hers(bea);
  ASSERT_EQ(remove(noor, bea), "");
  ASSERT_TRUE(until([&] { return ended(bea) && members(sam) == 2; }));
  rest();
  hers.record = Hand(sam).record;  // where the chain is now, the gateway tells her
  expect_refused(invented(hers, {packages_[device_of(sam)]}, 1, true));
}

// S11: by an epoch that this device was not in. It may be an honest one, so the device looks for itself, and stays where the others are.
TEST_F(Welcomes, AnInventedGenerationByAnEpochThatNeverWas) {
  listen();
  chatting();
  rest();
  Hand other(noor);
  mls::CommitOptions nothing;
  nothing.now = world.scheduler.now;
  other.group = std::move(other.group.commit(world.rng, nothing)->next);
  expect_refused(invented(other, {packages_[device_of(sam)]}, 1, true));
}

// S8: a jongere is taken into a room by an invite only (S5), whoever wants to.
TEST_F(Welcomes, ARoomThatNobodyInvitedTo) {
  listen();
  chatting();
  rest();
  const Hand hand(noor);
  Hand made(noor);
  const ChannelId channel = ChannelId::random(world.rng);
  auto binding = identity::decode_channel_binding(hand.record.binding).value();
  binding.channel = channel;
  made.record.id = channel;
  made.record.binding = identity::encode_channel_binding(binding);
  made.record.processed = 0;
  made.record.head = log::chain_start(channel);
  ASSERT_TRUE(liar().tell(device_of(sam), invented(made, {packages_[device_of(sam)]}, 0)));
  rest();
  EXPECT_THAT(sam.alarms(), Each(std::string(kWelcomeRefused.name)));
  EXPECT_FALSE(sam.alarms().empty());
  EXPECT_EQ(sam.channels().size(), 1u);
  expect_talking(noor, sam);
}

}  // namespace
}  // namespace steiger::sdk::testing
