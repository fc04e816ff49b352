#include "tests/support/people.h"

#include "crypto/franking/franking.h"
#include "crypto/log/chain.h"

namespace steiger::test {
namespace {

constexpr std::int64_t kMillisecondsPerSecond = 1000;
constexpr Duration kAnHour = std::chrono::hours(1);

mls::Group create_group(Rng& rng, const Organisation& organisation, const VerifyKey& head_key, const ChannelId& channel,
                        const Person& first, Timestamp now) {
  Bytes group_id(kIdSize);
  rng.fill(group_id);
  // A group: two coaches, whom no jongere has to let in (S8).
  const identity::ChannelBinding binding{channel, organisation.facts.id, head_key, identity::RoomKind::group};
  return mls::Group::create(rng, {group_id,
                                  first.leaf_key.clone(),
                                  first.leaf_options(now),
                                  {{identity::kChannelExtension, identity::encode_channel_binding(binding)}}})
      .value();
}

}  // namespace

Organisation::Organisation(Rng& rng)
    : root(SigningKey::generate(rng)), facts{OrganisationId::random(rng), root.verify_key(), "Gemeente Voorbeeld"} {}

Person::Person(Rng& rng, const Organisation& organisation, Timestamp now)
    : account(AccountId::random(rng)),
      device(DeviceId::random(rng)),
      account_key(SigningKey::generate(rng)),
      leaf_key(SigningKey::generate(rng)) {
  identity::Certificate fields;
  fields.organisation = organisation.facts.id;
  fields.subject = account;
  fields.subject_key = account_key.verify_key();
  fields.role = identity::Role::coach;
  fields.not_before = now - kAnHour;
  fields.not_after = now + identity::Days(365);
  const identity::Certificate certificate = identity::issue_certificate(organisation.root, fields).value();
  const identity::DeviceList devices =
      identity::sign_device_list(account_key, account, 1, {{device, leaf_key.verify_key(), now}}).value();
  chain = identity::encode_chain({{certificate}, account_key.verify_key(), devices});
}

mls::KeyPackageOptions Person::leaf_options(Timestamp now) const {
  mls::KeyPackageOptions out;
  out.credential_identity = identity::encode_credential({account, device});
  out.leaf_extensions = {{identity::kIdentityExtension, chain}};
  out.capabilities.extensions = {identity::kChannelExtension};
  const auto from = static_cast<std::uint64_t>((now - kAnHour).ms / kMillisecondsPerSecond);
  const auto until = static_cast<std::uint64_t>((now + identity::Days(20)).ms / kMillisecondsPerSecond);
  out.lifetime = {from, until};
  return out;
}

Conversation::Conversation(Rng& rng, const Organisation& organisation, const VerifyKey& head_key, const Person& first,
                           const Person& second, Timestamp now)
    : channel(ChannelId::random(rng)),
      commit_id(MessageId::random(rng)),
      first_group(create_group(rng, organisation, head_key, channel, first, now)),
      second_group(first_group.clone()) {
  registration = first_group.group_info({}).value();
  const mls::NewKeyPackage package = mls::make_key_package(rng, second.leaf_key, second.leaf_options(now));
  const identity::ChainPosition beginning{0, log::chain_start(channel)};
  mls::CommitOptions options;
  options.adds = {mls::VerifiedKeyPackage::verify(package.key_package).value()};
  options.authenticated_data = identity::encode_handshake_header({beginning, {}});
  options.now = now;
  mls::PendingCommit pending = first_group.commit(rng, options).value();
  commit = pending.commit;
  welcome = *pending.welcome;
  group_info = pending.group_info;
  const mls::Welcome decoded = mls::decode_message<mls::Welcome>(welcome).value();
  second_group =
      std::move(mls::Group::join(decoded, package.key_package, package.secrets, second.leaf_key, mls::no_psks()).value().group);
  first_group = std::move(pending).merge(first_group).value();
}

PreparedMessage prepare_message(Rng& rng, mls::Group& group, const ChannelId& channel, const AccountId& sender,
                                std::size_t size) {
  PreparedMessage out;
  out.id = MessageId::random(rng);
  const Bytes content(size, 'x');
  const franking::SealedContent sealed = franking::seal_content(rng, {channel, sender, out.id}, content).value();
  out.tag = sealed.tag;
  const Bytes header = identity::encode_message_header({sealed.tag, {0, log::chain_start(channel)}});
  out.payload = group.encrypt(rng, header, sealed.plaintext.bytes()).value();
  return out;
}

}  // namespace steiger::test
