// message-protection, messages, welcome, passive-client.
#include "crypto/mls/group.h"
#include "crypto/mls/group_secrets.h"
#include "crypto/mls/message_protection.h"
#include "crypto/primitives/system_rng.h"
#include "tests/vectors/mls_kinds.h"

namespace steiger::vectors {
namespace {

using namespace mls;  // NOLINT(google-build-using-namespace)

constexpr LeafIndex kVectorSender{1};      // message-protection: the sender is leaf 1 ...
constexpr std::uint32_t kVectorWidth = 2;  // ... of a group of two

// One receiver of message-protection vectors.
struct Protection {
  const Json& entry;
  Bytes context;
  Bytes verify_key;
  SigningKey signing_key;
  MembershipKey membership_key;
  SenderDataSecret sender_data;

  explicit Protection(const Json& json)
      : entry(json),
        verify_key(hex(json, "signature_pub")),
        signing_key(secret<SigningKey::Seed>(json, "signature_priv")),
        membership_key(secret<MembershipKey>(json, "membership_key")),
        sender_data(secret<SenderDataSecret>(json, "sender_data_secret")) {
    GroupContext group;
    group.group_id = hex(json, "group_id");
    group.epoch = json.at("epoch").get<std::uint64_t>();
    group.tree_hash = hex(json, "tree_hash");
    group.confirmed_transcript_hash = hex(json, "confirmed_transcript_hash");
    context = encode(group);
  }
  [[nodiscard]] SecretTree secret_tree() const {
    return SecretTree(kVectorWidth, secret<EncryptionSecret>(entry, "encryption_secret"));
  }
  // The key that the message names, by its sender data.
  Result<KeyAndNonce> key_for(const SenderData& sender, RatchetKind kind) const {
    STEIGER_TRY(Ratchet ratchet, secret_tree().ratchet(sender.leaf, kind));
    return ratchet.take(sender.generation);
  }
  [[nodiscard]] AuthenticatedContent content(WireFormat wire_format, std::variant<Bytes, Proposal, Commit> body) const {
    AuthenticatedContent out;
    out.wire_format = wire_format;
    out.content.group_id = hex(entry, "group_id");
    out.content.epoch = entry.at("epoch").get<std::uint64_t>();
    out.content.sender = {SenderType::member, kVectorSender.value};
    out.content.authenticated_data = to_bytes("authenticated");
    out.content.body = std::move(body);
    out.sign(signing_key, context);
    if (out.content.type() == ContentType::commit) out.auth.confirmation_tag = Bytes(kHashSize, 7);
    return out;
  }
};

Bytes body_bytes(const FramedContent& content) {
  if (const auto* proposal = std::get_if<Proposal>(&content.body)) return encode(*proposal);
  if (const auto* commit = std::get_if<Commit>(&content.body)) return encode(*commit);
  return *std::get_if<Bytes>(&content.body);
}

Outcome open_public(const Protection& group, const Bytes& message_bytes, const Bytes& expected) {
  STEIGER_OPEN(const PublicMessage message, "public message", decode_message<PublicMessage>(message_bytes));
  STEIGER_HOLDS("membership tag", verify_membership(message, group.membership_key, group.context));
  STEIGER_HOLDS("signature", message.authenticated().verify_signature(group.verify_key, group.context));
  return expect_equal("public content", expected, body_bytes(message.content));
}

Outcome open_private_handshake(const Protection& group, const Bytes& message_bytes, const Bytes& expected) {
  STEIGER_OPEN(const PrivateMessage message, "private message", decode_message<PrivateMessage>(message_bytes));
  STEIGER_OPEN(const SenderData sender, "sender data", open_sender_data(message, group.sender_data));
  STEIGER_OPEN(const KeyAndNonce key, "key", group.key_for(sender, RatchetKind::handshake));
  STEIGER_OPEN(const AuthenticatedContent content, "content", open_handshake(message, sender, key));
  STEIGER_HOLDS("signature", content.verify_signature(group.verify_key, group.context));
  return expect_equal("private content", expected, body_bytes(content.content));
}

Outcome open_private_application(const Protection& group, const Bytes& message_bytes, const Bytes& expected) {
  STEIGER_OPEN(const PrivateMessage message, "application message", decode_message<PrivateMessage>(message_bytes));
  STEIGER_OPEN(const SenderData sender, "sender data", open_sender_data(message, group.sender_data));
  STEIGER_OPEN(const KeyAndNonce key, "key", group.key_for(sender, RatchetKind::application));
  STEIGER_OPEN(const SecretBytes plain, "application", open_application(message, sender, key, group.verify_key, group.context));
  return expect_equal("application data", expected, plain.bytes());
}

// The vector's two messages of one handshake, and our own sealing of the same content.
Outcome verify_handshake(const Protection& group, const std::string& name, std::variant<Bytes, Proposal, Commit> body) {
  const Bytes expected = hex(group.entry, name.c_str());
  STEIGER_EXPECT(open_public(group, hex(group.entry, (name + "_pub").c_str()), expected));
  STEIGER_EXPECT(open_private_handshake(group, hex(group.entry, (name + "_priv").c_str()), expected));

  const PublicMessage own = protect_public(group.content(WireFormat::public_message, body), group.membership_key, group.context);
  STEIGER_EXPECT(open_public(group, encode_message(own), expected));
  SystemRng rng;
  STEIGER_OPEN(Ratchet ratchet, "ratchet", group.secret_tree().ratchet(kVectorSender, RatchetKind::handshake));
  STEIGER_OPEN(const Ratchet::Next key, "next", ratchet.next());
  const PrivateMessage own_private =
      protect_handshake(rng, group.content(WireFormat::private_message, std::move(body)), key, group.sender_data);
  return open_private_handshake(group, encode_message(own_private), expected);
}

Outcome verify_application(const Protection& group) {
  const Bytes expected = hex(group.entry, "application");
  STEIGER_EXPECT(open_private_application(group, hex(group.entry, "application_priv"), expected));
  SystemRng rng;
  STEIGER_OPEN(Ratchet ratchet, "ratchet", group.secret_tree().ratchet(kVectorSender, RatchetKind::application));
  STEIGER_OPEN(const Ratchet::Next key, "next", ratchet.next());
  const Bytes group_id = hex(group.entry, "group_id");
  const ApplicationFrame frame{group_id, group.entry.at("epoch").get<std::uint64_t>(), kVectorSender, {}, group.context};
  const PrivateMessage own = protect_application(rng, frame, expected, group.signing_key, key, group.sender_data);
  STEIGER_EXPECT(open_private_application(group, encode_message(own), expected));
  // Section 6.2: application data in a PublicMessage must be refused, even with right signature and tag.
  const PublicMessage forbidden =
      protect_public(group.content(WireFormat::public_message, expected), group.membership_key, group.context);
  if (verify_membership(forbidden, group.membership_key, group.context).ok()) {
    return Outcome::fail("application data in a PublicMessage was accepted");
  }
  return Outcome::pass();
}

template <class T>
Outcome round_trip(const Json& entry, const char* key) {
  const Bytes bytes = hex(entry, key);
  STEIGER_OPEN(const T value, key, decode<T>(bytes));
  return expect_equal(key, bytes, encode(value));
}

template <class T>
Outcome round_trip_message(const Json& entry, const char* key) {
  const Bytes bytes = hex(entry, key);
  STEIGER_OPEN(T value, key, decode_message<T>(bytes));
  return expect_equal(key, bytes, encode_message(std::move(value)));
}

Outcome round_trip_group_secrets(const Json& entry) {
  const Bytes bytes = hex(entry, "group_secrets");
  STEIGER_OPEN(const GroupSecrets value, "group_secrets", GroupSecrets::decode(bytes));
  return expect_equal("group_secrets", bytes, value.encode().bytes());
}

Result<JoinResult> join_passively(const Json& entry, const PskLookup& psks) {
  STEIGER_TRY(const KeyPackage key_package, decode_key_package(hex(entry, "key_package")));
  STEIGER_TRY(const Welcome welcome, decode_message<Welcome>(hex(entry, "welcome")));
  const KeyPackageSecrets secrets{secret<DhPrivateKey>(entry, "init_priv"), secret<DhPrivateKey>(entry, "encryption_priv")};
  const SigningKey signing_key(secret<SigningKey::Seed>(entry, "signature_priv"));
  std::optional<RatchetTree> tree;
  if (!entry.at("ratchet_tree").is_null()) {
    STEIGER_TRY(tree, decode<RatchetTree>(hex(entry, "ratchet_tree")));
  }
  return Group::join(welcome, key_package, secrets, signing_key, psks, tree);
}

}  // namespace

Outcome verify_message_protection(const Json& entry) {
  if (!is_suite3(entry)) return Outcome::skip("suite");
  const Protection group(entry);
  STEIGER_OPEN(Proposal proposal, "proposal", decode<Proposal>(hex(entry, "proposal")));
  STEIGER_EXPECT(verify_handshake(group, "proposal", std::move(proposal)));
  STEIGER_OPEN(Commit commit, "commit", decode<Commit>(hex(entry, "commit")));
  STEIGER_EXPECT(verify_handshake(group, "commit", std::move(commit)));
  return verify_application(group);
}

Outcome verify_messages(const Json& entry) {
  STEIGER_EXPECT(round_trip_message<Welcome>(entry, "mls_welcome"));
  STEIGER_EXPECT(round_trip_message<GroupInfo>(entry, "mls_group_info"));
  STEIGER_EXPECT(round_trip_message<KeyPackage>(entry, "mls_key_package"));
  STEIGER_EXPECT(round_trip<RatchetTree>(entry, "ratchet_tree"));
  STEIGER_EXPECT(round_trip_group_secrets(entry));
  STEIGER_EXPECT(round_trip<Add>(entry, "add_proposal"));
  STEIGER_EXPECT(round_trip<Update>(entry, "update_proposal"));
  STEIGER_EXPECT(round_trip<Remove>(entry, "remove_proposal"));
  STEIGER_EXPECT(round_trip<PreSharedKey>(entry, "pre_shared_key_proposal"));
  STEIGER_EXPECT(round_trip<ReInit>(entry, "re_init_proposal"));
  STEIGER_EXPECT(round_trip<ExternalInit>(entry, "external_init_proposal"));
  STEIGER_EXPECT(round_trip<GroupContextExtensions>(entry, "group_context_extensions_proposal"));
  STEIGER_EXPECT(round_trip<Commit>(entry, "commit"));
  STEIGER_EXPECT(round_trip_message<PublicMessage>(entry, "public_message_application"));
  STEIGER_EXPECT(round_trip_message<PublicMessage>(entry, "public_message_proposal"));
  STEIGER_EXPECT(round_trip_message<PublicMessage>(entry, "public_message_commit"));
  return round_trip_message<PrivateMessage>(entry, "private_message");
}

Outcome verify_welcome(const Json& entry) {
  if (!is_suite3(entry)) return Outcome::skip("suite");
  STEIGER_OPEN(const KeyPackage key_package, "key_package", decode_key_package(hex(entry, "key_package")));
  STEIGER_OPEN(const Welcome welcome, "welcome", decode_message<Welcome>(hex(entry, "welcome")));
  STEIGER_OPEN(const GroupSecrets secrets, "group secrets",
               open_group_secrets(welcome, key_package.ref(), key_pair(entry, "init_priv")));
  const MemberSecret member = member_secret(secrets.joiner, psk_secret({}));
  STEIGER_OPEN(const GroupInfo info, "group info", open_group_info(welcome_secret(member), welcome.encrypted_group_info));
  STEIGER_HOLDS("signature", info.verify_signature(hex(entry, "signer_pub")));
  const EpochSecrets epoch = EpochSecrets::derive(epoch_secret(member, encode(info.context)));
  return expect_equal("confirmation tag", info.confirmation_tag,
                      confirmation_tag(epoch.confirmation_key, info.context.confirmed_transcript_hash));
}

Outcome verify_passive_client(const Json& entry) {
  if (!is_suite3(entry)) return Outcome::skip("suite");
  const PskLookup psks = [&](ByteView id) -> std::optional<SecretBytes> {
    for (const Json& psk : entry.at("external_psks")) {
      if (equal(hex(psk, "psk_id"), id)) return SecretBytes::adopt(hex(psk, "psk"));
    }
    return std::nullopt;
  };
  Result<JoinResult> joined = join_passively(entry, psks);
  if (!joined.ok()) return refused("join", joined.error());
  Group group = std::move(joined->group);
  STEIGER_EXPECT(expect_equal("initial authenticator", hex(entry, "initial_epoch_authenticator"), group.epoch_authenticator()));
  for (const Json& epoch : entry.at("epochs")) {
    for (const Json& proposal : epoch.at("proposals")) {
      const Result<ReceivedProposal> received = group.handle_proposal(hex(proposal));
      if (!received.ok()) return refused("proposal", received.error());
    }
    Result<CommitResult> next = group.handle_commit(hex(epoch, "commit"), psks);
    if (!next.ok()) return refused("commit", next.error());
    group = std::move(next->next);
    STEIGER_EXPECT(expect_equal("authenticator", hex(epoch, "epoch_authenticator"), group.epoch_authenticator()));
  }
  return Outcome::pass();
}

}  // namespace steiger::vectors
