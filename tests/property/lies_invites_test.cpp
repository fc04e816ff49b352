// Lie: invites that are mixed up. The gateway carries terms, proofs and outcomes; it forwards one to another invite, serves them twice, swaps
// the terms of two, or what two new devices were sent. The secret that two people share binds all of it (S2, S3, S5).
#include "crypto/identity/invite.h"
#include "tests/property/lies_fixture.h"

namespace steiger::sdk::testing {
namespace {

using ::testing::Each;
using ::testing::IsEmpty;

class MixedInvites : public LyingRooms {
 protected:
  static InviteId id_of(const wire::InviteProofT& proof) { return *gateway::field<InviteId>(proof.id.get()); }
  Bytes proof_frame(const InviteId& invite, const Bytes& proof) {
    wire::InviteProofT out;
    out.id = gateway::wire_pointer(invite);
    out.proof = proof;
    out.received_ms = world.scheduler.now.ms;
    out.ordinal = 1;
    return gateway::encode_frame(0, std::move(out));
  }
  // The proofs that redeemers sent, and the invites by their lookup.
  void listen() {
    liar().up = [this](const DeviceId&, Bytes frame) {
      const auto* wire = wire::GetFrame(frame.data());
      if (const auto* redeem = wire->body_as_RedeemInvite()) proofs_.push_back(to_bytes(gateway::view_of(redeem->proof())));
      if (const auto* create = wire->body_as_CreateInvite()) {
        invites_.push_back(
            {*gateway::field<InviteId>(create->id()), to_bytes(gateway::view_of(create->terms())), create->expires_ms()});
      }
      return frame;
    };
  }
  api::InviteState state_of(const InviteId& id) {
    for (const auto& invite : world.ask_until_answered(noor, api::ListInvitesT()).body.AsInviteList()->invites) {
      if (InviteId::from_bytes(invite->id).value() == id) return invite->state;
    }
    return {};
  }
  std::string url(api::MakeInviteT make) {
    make.page_url = kPage;
    const auto* invite = world.ask_until_stored(noor, make).body.AsInvite();
    return invite == nullptr ? "" : invite->url;
  }
  struct Known {
    InviteId id;
    Bytes terms;
    std::int64_t expires_ms;
  };
  std::vector<Known> invites_;
  std::vector<Bytes> proofs_;
  SimDevice& kim = world.add_device("Kim");
};

// S3: Sam's proof is forwarded to the invite that was meant for Kim.
TEST_F(MixedInvites, AProofOfAnotherInvite) {
  world.set_up_coach(noor);
  listen();
  const std::string for_sam = world.make_invite(noor, api::InviteKind::qr, "Sam");
  const std::string for_kim = world.make_invite(noor, api::InviteKind::qr, "Kim");
  ASSERT_EQ(invites_.size(), 2u);
  liar().down = [&](const DeviceId&, Bytes frame) {
    return tamper<wire::InviteProofT>([&](wire::InviteProofT& proof) { *proof.id = gateway::wire_value(invites_[1].id); })(
        std::move(frame));
  };
  world.start_join(sam, for_sam);
  rest();
  EXPECT_THAT(noor.alarms(), Each(std::string(kProofInvalid.name)));
  EXPECT_FALSE(noor.alarms().empty());
  EXPECT_THAT(noor.channels(), IsEmpty());
  EXPECT_EQ(state_of(invites_[1].id), api::InviteState::open) << "it is still Kim's";
  liar().down = nullptr;
  world.start_join(kim, for_kim);
  EXPECT_TRUE(until([&] { return kim.channels().size() == 1; }));
}

// S3: one proof, one person: served again, before and after a restart of the coach's device, it brings nobody in twice.
TEST_F(MixedInvites, AProofServedAgainAfterItWasAccepted) {
  listen();
  chatting();
  ASSERT_FALSE(proofs_.empty());
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(liar().tell(device_of(noor), proof_frame(invites_.front().id, proofs_.front())));
    rest();
    EXPECT_EQ(noor.channels().size(), 1u);
    EXPECT_EQ(members(noor), 2u);
    noor.crash();
    noor.boot();
    ASSERT_TRUE(until([&] { return noor.status().connection == api::Connection::online; }));
  }
  no_alarms({&noor, &sam});
  expect_talking(noor, sam);
}

// S2, S3: a proof of somebody who comes back, served for a newcomer's invite: it would make two people of one.
TEST_F(MixedInvites, AComebacksProofForANewcomersInvite) {
  chatting();
  listen();
  const std::string for_kim = world.make_invite(noor, api::InviteKind::qr, "Kim");
  api::MakeInviteT comeback;
  comeback.kind = api::InviteKind::qr;
  comeback.purpose = api::InvitePurpose::comeback;
  comeback.channel = noor.channels().front().id;
  comeback.account = sam.status().account;
  const std::string for_sam = url(comeback);
  ASSERT_EQ(invites_.size(), 2u);
  liar().down = [&](const DeviceId&, Bytes frame) {
    return tamper<wire::InviteProofT>([&](wire::InviteProofT& proof) { *proof.id = gateway::wire_value(invites_[0].id); })(
        std::move(frame));
  };
  SimDevice& new_phone = world.add_device("Sam");
  world.start_join(new_phone, for_sam);
  rest();
  EXPECT_THAT(noor.alarms(), Each(std::string(kProofInvalid.name)));
  EXPECT_FALSE(noor.alarms().empty());
  EXPECT_EQ(noor.channels().size(), 1u);
  EXPECT_EQ(members(noor), 2u);
  EXPECT_THAT(new_phone.channels(), IsEmpty());
  EXPECT_EQ(state_of(invites_[0].id), api::InviteState::open);
  expect_talking(noor, sam);
}

// S3: who opens Sam's invite is shown the terms of Kim's. The MAC covers what was shown, under Sam's secret.
TEST_F(MixedInvites, TermsOfAnotherInvite) {
  world.set_up_coach(noor);
  listen();
  const std::string for_sam = world.make_invite(noor, api::InviteKind::qr, "Sam");
  const std::string for_kim = world.make_invite(noor, api::InviteKind::qr, "Kim");
  ASSERT_EQ(invites_.size(), 2u);
  bool towards_kim = false;
  liar().down = [&](const DeviceId&, Bytes frame) {
    frame = tamper<wire::InviteInfoT>([&](wire::InviteInfoT& info) {
      *info.id = gateway::wire_value(invites_[1].id);
      info.terms = invites_[1].terms;
      info.expires_ms = invites_[1].expires_ms;
    })(std::move(frame));
    if (!towards_kim) return frame;
    return tamper<wire::InviteProofT>([&](wire::InviteProofT& proof) { *proof.id = gateway::wire_value(invites_[1].id); })(
        std::move(frame));
  };
  world.start_join(sam, for_sam);
  rest();
  const std::size_t alarms = noor.alarms().size();
  EXPECT_GT(alarms, 0u) << "for Sam's invite";
  towards_kim = true;
  ASSERT_TRUE(liar().tell(device_of(noor), proof_frame(invites_[1].id, proofs_.back())));
  rest();
  EXPECT_GT(noor.alarms().size(), alarms) << "for Kim's";
  EXPECT_THAT(noor.alarms(), Each(std::string(kProofInvalid.name)));
  EXPECT_THAT(noor.channels(), IsEmpty());
  EXPECT_THAT(sam.channels(), IsEmpty());
}

// S2: what two new devices of one's own were sent is swapped on the way: each is sealed to its own key, under its own secret.
TEST_F(MixedInvites, TheLinkPackageOfAnotherDevice) {
  world.set_up_coach(noor);
  SimDevice& tablet = world.add_device("tablet");
  SimDevice& laptop = world.add_device("laptop");
  api::MakeInviteT make;
  make.kind = api::InviteKind::qr;
  make.purpose = api::InvitePurpose::device;
  const std::string for_tablet = url(make), for_laptop = url(make);
  // The first outcome is kept back until the second is there; then each device gets the other's.
  std::vector<std::uint8_t> first;
  bool lying = true;
  const DeviceId coachs = device_of(noor);
  liar().down = [&, coachs](const DeviceId& who, Bytes frame) {
    if (!lying || who == coachs) return frame;
    const auto* outcome = wire::GetFrame(frame.data())->body_as_InviteOutcome();
    if (outcome == nullptr || outcome->sealed() == nullptr || outcome->sealed()->size() == 0) return frame;
    if (first.empty()) {
      const ByteView sealed = gateway::view_of(outcome->sealed());
      first.assign(sealed.begin(), sealed.end());
      return Bytes();
    }
    return tamper<wire::InviteOutcomeT>([&](wire::InviteOutcomeT& other) { other.sealed = first; })(std::move(frame));
  };
  world.start_join(tablet, for_tablet);
  ASSERT_TRUE(until([&] { return !first.empty(); }));
  world.start_join(laptop, for_laptop);
  EXPECT_TRUE(until([&] { return laptop.status().membership == api::Membership::none; })) << "nobody's device";
  const auto failed = std::any_of(laptop.events().begin(), laptop.events().end(), [](const auto& event) {
    return event->body.AsFailed() != nullptr && event->body.AsFailed()->name == std::string(kInviteTerms.name);
  });
  EXPECT_TRUE(failed);
  EXPECT_THAT(laptop.channels(), IsEmpty());
  EXPECT_TRUE(SelfRecord::decode(laptop.disk.at(keys::kSelf).bytes())->account_seed.empty());
  lying = false;
  world.network.cut_all();
  EXPECT_TRUE(until([&] { return tablet.status().membership == api::Membership::ready; })) << "the truth is still taken";
}

}  // namespace
}  // namespace steiger::sdk::testing
