// What `steiger-bench mls` repeats, without clocks and output: the same loops run natively and as wasm.
#pragma once

#include <memory>

#include "tests/support/people.h"

namespace steiger::bench {

inline constexpr std::size_t kContentBytes = 256;

// A device that waits to be added; its leaf carries a real identity chain.
struct Newcomer {
  Newcomer(Rng& rng, const test::Organisation& organisation, Timestamp now);
  [[nodiscard]] mls::Group join(const mls::PendingCommit& pending) const;

  test::Person person;
  mls::NewKeyPackage package;
  Bytes message;  // the package as it comes from the gateway
};

class MlsLoops {
 public:
  MlsLoops(Rng& rng, Timestamp now);

  [[nodiscard]] const Newcomer& second() const { return second_; }
  // A group of the founder alone.
  [[nodiscard]] mls::Group create() const;
  // What a device does with a KeyPackage that it was handed, before it may add it.
  [[nodiscard]] mls::VerifiedKeyPackage take_in(const Newcomer& newcomer) const;
  // A commit with a path, and with whoever is added.
  [[nodiscard]] mls::PendingCommit commit(const mls::Group& group, std::vector<mls::VerifiedKeyPackage> adds = {}) const;
  // One message from `sender` to `receiver`.
  void talk(mls::Group& sender, mls::Group& receiver) const;

  // A group of `size` (at least 2), all added by one member in as few commits as it takes, so that the next path is sealed to every
  // single member; or one whose members came one after the other, each having committed once, so that paths are as short as they
  // get.
  struct Room {
    mls::Group committer;
    mls::Group member;
  };
  [[nodiscard]] Room at_once(std::size_t size) const;
  [[nodiscard]] Room one_by_one(std::size_t size) const;

 private:
  [[nodiscard]] Newcomer newcomer() const { return {rng_, organisation_, now_}; }

  Rng& rng_;
  Timestamp now_;
  test::Organisation organisation_;
  VerifyKey head_key_;
  test::Person founder_;
  Newcomer second_;
  Bytes content_;
  Bytes header_;
};

}  // namespace steiger::bench
