// What a device keeps about a room that it fell out of step with (S9, S11, S21), until it has come in again. Values as in records.h.
#pragma once

#include <vector>

#include "client-sdk/src/errors.h"
#include "crypto/base/clock.h"
#include "crypto/base/ids.h"
#include "crypto/primitives/hash.h"
#include "crypto/primitives/secret.h"

namespace steiger::sdk {

// step/<channel>: absent while the device is in step.
struct StepRecord {
  enum class Cause : std::uint8_t {
    commit = 1,    // an accepted commit that this device cannot process
    damaged = 2,   // its own state of the group is not the one that it wrote last
    rollback = 3,  // the whole store is older than the device's life (S21)
  };
  Cause cause = Cause::commit;
  std::uint64_t epoch = 0;  // the room's, at the last link that was processed; while it is not known, at least that
  bool epoch_known = true;
  Bytes followed;        // mls::PublicGroup at that link; empty: lost
  Bytes nack;            // identity::Nack, until the gateway has it
  Bytes base;            // mls::PublicGroup that our external commit stands on; empty: none is under way
  Timestamp wait_until;  // no try before (S11: three a day)

  [[nodiscard]] SecretBytes encode() const;
  static Result<StepRecord> decode(ByteView bytes);
};

// opening/<channel>: the next group generation that this device opens (S11, generations.h).
struct OpeningRecord {
  std::uint64_t generation = 0;
  bool registered = false;      // the gateway has it: this device is alone in it, until its first commit
  bool alone = false;           // that commit cannot be with the others in it: they come one by one
  Timestamp since;              // that it waits for the others' KeyPackages
  SecretBytes group;            // mls::Group, epoch 0
  std::uint64_t psk_epoch = 0;  // of the old group: the last that all have in common, as far as this device knows

  [[nodiscard]] SecretBytes encode() const;
  static Result<OpeningRecord> decode(ByteView bytes);
};

// carried/<channel>: the resumption PSK of the generation before, while accounts of it are still to come back with it (S11).
struct CarriedRecord {
  Bytes group_id;
  std::uint64_t epoch = 0;
  SecretBytes psk;

  [[nodiscard]] SecretBytes encode() const;
  static Result<CarriedRecord> decode(ByteView bytes);
};

// stamp/<channel>
struct StampRecord {
  Hash group{};  // SHA-256 of the group's record

  [[nodiscard]] SecretBytes encode() const;
  static Result<StampRecord> decode(ByteView bytes);
};

// answer/<channel>: it outlives the program, which may end between the question and the answer.
struct AnswerRecord {
  SecretBytes private_key;  // HpkeKeyPair

  [[nodiscard]] SecretBytes encode() const;
  static Result<AnswerRecord> decode(ByteView bytes);
};

// gaps/<channel>: what did not arrive, here or at others.
struct GapsRecord {
  struct Range {
    std::uint64_t from = 0;
    std::uint64_t to = 0;  // inclusive
    friend bool operator==(const Range&, const Range&) = default;
  };
  // Links that this device no longer has, between two values of the chain that it knows (S21).
  struct Unlinked {
    Range places;
    Hash before{};  // the chain value ahead of the first
    Hash after{};   // of the last
  };
  std::vector<Range> ranges;               // places whose content is not here: ascending, apart from each other
  std::vector<Unlinked> unlinked;          // their places are among `ranges`
  std::uint64_t doubt_before = 0;          // outbox items of an earlier order may have been accepted, in one of those places
  Timestamp doubt_until;                   // then they have failed
  std::vector<std::uint64_t> undelivered;  // own messages that expired before everybody had them (S13)

  // Adds places behind all others.
  void add(std::uint64_t seq) { add(Range{seq, seq}); }
  void add(const Range& range);
  void remove(std::uint64_t seq);
  [[nodiscard]] bool has(std::uint64_t seq) const;

  [[nodiscard]] SecretBytes encode() const;
  static Result<GapsRecord> decode(ByteView bytes);
};

// stays/<channel>: when accounts came and went, as far as this device has seen it. Without an entry an account has always been there.
struct StaysRecord {
  struct Event {
    AccountId account;
    std::uint64_t seq = 0;
    bool came = false;
  };
  std::vector<Event> events;  // ascending; the newest kMaxStayEvents

  void add(Event event);
  // Is its newest event that it went?
  [[nodiscard]] bool is_out(const AccountId& account) const;
  // Was `account`, which is in the room now, there when the message at `seq` was written?
  [[nodiscard]] bool was_there(const AccountId& account, std::uint64_t seq) const;

  [[nodiscard]] SecretBytes encode() const;
  static Result<StaysRecord> decode(ByteView bytes);
};

// earlier/<channel>: what this device may get, and give, of before it joined (S17).
struct EarlierRecord {
  std::uint64_t joined_at = 0;  // the place of the commit that brought this device in
  Timestamp ask_until;  // a device of an account that was here before: until then it asks; zero: it has all, or asks for nothing

  [[nodiscard]] SecretBytes encode() const;
  static Result<EarlierRecord> decode(ByteView bytes);
};

}  // namespace steiger::sdk
