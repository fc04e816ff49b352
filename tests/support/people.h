// An organisation with staff accounts, real certificates and real MLS groups, valid at the present time: what the behaviour tests
// and benchmarks of the gateway speak with.
#pragma once

#include <optional>

#include "crypto/identity/chain.h"
#include "crypto/identity/channel.h"
#include "crypto/mls/group.h"

namespace steiger::test {

struct Organisation {
  explicit Organisation(Rng& rng);
  SigningKey root;
  identity::OrganisationPublic facts;
};

// One account with one device, certified by the root.
struct Person {
  Person(Rng& rng, const Organisation& organisation, Timestamp now);
  [[nodiscard]] mls::KeyPackageOptions leaf_options(Timestamp now) const;

  AccountId account;
  DeviceId device;
  SigningKey account_key;
  SigningKey leaf_key;
  Bytes chain;  // encoded
};

// A channel of two: `first` opens it, `second` is added. The bytes are what goes to the gateway.
struct Conversation {
  Conversation(Rng& rng, const Organisation& organisation, const VerifyKey& head_key, const Person& first, const Person& second,
               Timestamp now);

  ChannelId channel;
  Bytes registration;  // epoch-0 GroupInfo
  MessageId commit_id;
  Bytes commit, welcome, group_info;
  mls::Group first_group;   // in epoch 1
  mls::Group second_group;  // in epoch 1
};

struct PreparedMessage {
  MessageId id;
  ByteArray<32> tag{};
  Bytes payload;  // MLSMessage(PrivateMessage)
};
// A franked, encrypted message as a client makes it. The chain position in its header is the beginning: the gateway does not look.
PreparedMessage prepare_message(Rng& rng, mls::Group& group, const ChannelId& channel, const AccountId& sender, std::size_t size);

}  // namespace steiger::test
