// The values of the local store (keys.h). Each begins with a version byte; a record of a newer version is kStoreFormat, anything
// else that cannot be read is kStoreCorrupt. Encoded records may hold keys and message texts, so they are SecretBytes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client-sdk/src/errors.h"
#include "client-sdk/src/own_records.h"
#include "crypto/base/clock.h"
#include "crypto/base/ids.h"
#include "crypto/primitives/hash.h"
#include "crypto/primitives/secret.h"

namespace steiger::sdk {

using Tag32 = ByteArray<32>;

enum class Role : std::uint8_t { none = 0, coach = 1, jongere = 2, other = 3 };
enum class Membership : std::uint8_t { none = 0, waiting_for_certificate = 1, waiting_for_coach = 2, ready = 3, stopped = 4 };

// self: who this device is.
struct SelfRecord {
  Membership membership = Membership::none;
  Role role = Role::none;
  std::string name;
  std::string gateway_url;
  Bytes organisation;  // identity::OrganisationPublic
  AccountId account;
  DeviceId device;
  SecretBytes account_seed;  // Ed25519 seed of the account key (S2)
  SecretBytes leaf_seed;     // Ed25519 seed of this device's MLS leaf and login key (S6)
  Bytes chain;               // identity::IdentityChain; without certificates until certified
  bool send_read_receipts = false;
  std::optional<Tag32> head_key;  // the gateway's, pinned at first contact (S16)
  std::uint16_t stop_code = 0;    // membership stopped: the error's code

  [[nodiscard]] SecretBytes encode() const;
  static Result<SelfRecord> decode(ByteView bytes);
};

// counter: the submission counter (S21).
struct CounterRecord {
  std::uint64_t assigned = 0;    // last counter given to a submission
  std::uint64_t accepted = 0;    // highest that the gateway reported as on its disk
  std::uint64_t next_order = 1;  // key of the next outbox record

  [[nodiscard]] SecretBytes encode() const;
  static Result<CounterRecord> decode(ByteView bytes);
};

// join: the redeemer's half of an invite (S3, S5).
struct JoinRecord {
  enum class Step : std::uint8_t { fetching = 1, redeeming = 2, accepted = 3 };
  Step step = Step::fetching;
  SecretBytes secret;  // as text, the form that was scanned or typed
  // From redeeming on:
  InviteId invite;
  Bytes terms;                      // as served; the proof's MAC covers them
  Bytes proof;                      // identity::RedeemProof, sent again and again until there is an outcome
  Bytes key_package;                // MLSMessage
  SecretBytes key_package_secrets;  // opens the Welcome

  [[nodiscard]] SecretBytes encode() const;
  static Result<JoinRecord> decode(ByteView bytes);
};

// invite/<id>: the coach's half.
struct InviteRecord {
  enum class State : std::uint8_t { open = 1, to_confirm = 2, accepted = 3, refused = 4, expired = 5, cancelled = 6 };
  enum class Todo : std::uint8_t {
    nothing = 0,
    create = 1,
    accept = 2,
    refuse = 3,
    cancel = 4
  };  // the gateway has yet to confirm
  State state = State::open;
  Todo todo = Todo::create;
  std::uint8_t kind = 1;  // api::InviteKind
  InviteId id;
  std::string label;
  std::string page_url;
  SecretBytes secret;  // text form; empty once the invite is decided and its commit merged
  Timestamp expires;
  Bytes terms;
  Bytes proof;                    // the one valid proof, once there
  std::vector<Hash> proofs_seen;  // hashes of all proofs, valid or not
  bool second_proof = false;
  Bytes chain;            // of the certified account, once accepted
  ChannelId channel;      // once accepted
  PurposeRecord purpose;  // a record of its own

  [[nodiscard]] SecretBytes encode() const;
  static Result<InviteRecord> decode(ByteView bytes);
};

struct MemberRecord {
  AccountId account;
  Role role = Role::none;
  std::string name;  // from the member's own profile message
  bool verified_at_intake = false;
  Bytes chain;                     // identity::IdentityChain
  std::uint64_t stored_up_to = 0;  // receipts of this account
  std::uint64_t read_up_to = 0;
};

struct PskRecord {
  Bytes id;
  SecretBytes psk;
};

// channel/<id>
struct ChannelRecord {
  ChannelId id;
  std::string label;           // the coach's own name for it
  Bytes binding;               // identity::ChannelBinding as in the GroupContext
  InviteId invite;             // that opened it
  std::uint64_t base_seq = 0;  // the chain is known from here on (a joiner starts at the commit that added it, S15)
  Hash base_head{};
  std::uint64_t processed = 0;  // everything up to here is in the store
  Hash head{};                  // chain value after `processed`
  ByteArray<64> head_signature{};
  std::uint64_t read_seq = 0;             // seen by the person
  std::uint64_t receipt_stored_sent = 0;  // queued for sending
  std::uint64_t receipt_read_sent = 0;
  std::uint16_t stop_code = 0;  // an alarm stopped the channel: the error's code
  std::vector<MemberRecord> members;
  std::vector<PskRecord> psks;  // received for the next commit, deleted at its merge (S5)

  [[nodiscard]] SecretBytes encode() const;
  static Result<ChannelRecord> decode(ByteView bytes);
};

// link/<channel>/<seq>: what chain_next hashes, and the value after it.
struct LinkRecord {
  std::uint8_t kind = 1;  // wire::EnvelopeKind
  std::uint64_t epoch = 0;
  AccountId account;
  DeviceId device;
  MessageId message;
  Tag32 tag{};
  Timestamp accepted;
  Hash payload_hash{};
  Hash head{};

  [[nodiscard]] SecretBytes encode() const;
  static Result<LinkRecord> decode(ByteView bytes);
};

// message/<channel>/<seq>
struct MessageRecord {
  MessageId id;
  AccountId sender;
  DeviceId device;
  Timestamp accepted;
  SecretBytes franked;  // the franked plaintext: proves the message (S16)
  SecretBytes content;  // content::Content inside it

  [[nodiscard]] SecretBytes encode() const;
  static Result<MessageRecord> decode(ByteView bytes);
};

// deferred/<channel>/<seq>: state content of an unknown kind.
struct DeferredRecord {
  AccountId sender;
  SecretBytes content;

  [[nodiscard]] SecretBytes encode() const;
  static Result<DeferredRecord> decode(ByteView bytes);
};

// outbox/<order>
struct OutboxRecord {
  enum class Kind : std::uint8_t { application = 1, registration = 2, commit = 3 };
  std::uint64_t order = 0;
  Kind kind = Kind::application;
  ChannelId channel;
  MessageId id;  // chosen once, kept over re-encryption
  Timestamp created;
  bool visible = false;  // shown to the person while it waits
  SecretBytes franked;   // application: plaintext of the MLS message, the same at every encryption
  SecretBytes content;   // application: content::Content, for showing
  Tag32 tag{};
  std::uint64_t counter = 0;  // 0: not assigned yet, nothing was sent
  std::uint64_t epoch = 0;    // of `payload`; of a registration: the group generation (S11)
  Bytes payload;              // ciphertext, or a registration's GroupInfo; a commit's is in pending/<channel>
  bool accepted = false;      // on the gateway's disk; waits for its own echo to learn its place
  std::uint16_t failed = 0;   // refused for good: the error's code

  [[nodiscard]] SecretBytes encode() const;
  static Result<OutboxRecord> decode(ByteView bytes);
};

// standing: the newest that the organisation published (S1), verified.
struct StandingRecord {
  Bytes status_list;       // identity::StatusList; empty: none yet
  Bytes root_successions;  // identity::encode_root_successions; empty: none

  [[nodiscard]] SecretBytes encode() const;
  static Result<StandingRecord> decode(ByteView bytes);
};

// package/<ref>: a KeyPackage of this device that the gateway may hand out (S14).
struct PackageRecord {
  bool last_resort = false;
  Timestamp made;
  Timestamp expires;
  Bytes key_package;    // MLSMessage
  SecretBytes secrets;  // mls::KeyPackageSecrets: open the Welcome

  [[nodiscard]] SecretBytes encode() const;
  static Result<PackageRecord> decode(ByteView bytes);
};

// pending/<channel>: a commit of ours (S7).
struct PendingRecord {
  struct Before {
    MessageId id;
    Tag32 tag{};
    Bytes payload;
  };
  MessageId id;
  InviteId invite;  // whom it adds; to rebuild it when another commit won
  std::uint64_t epoch = 0;
  std::uint64_t links_from = 0;
  std::vector<Before> before;
  SecretBytes commit;  // mls::PendingCommit

  [[nodiscard]] SecretBytes encode() const;
  static Result<PendingRecord> decode(ByteView bytes);
};

}  // namespace steiger::sdk
