// Test only: a script of bytes moves a group of parties through commits, proposals, messages, losses, duplicates, storage and
// damage, and after each step says what may not be. For parties_fuzz.cpp, where a fuzzer writes the script, and for
// parties_test.cpp.
//
// The delivery service is honest about handshakes: one order, one commit an epoch, for all the same (S7). Application messages it
// loses, doubles, swaps and damages; handshakes it also hands out early, twice and damaged.
#pragma once

#include <deque>
#include <map>
#include <set>

#include "crypto/mls/test_support.h"

namespace steiger::mls::test {

class Parties {
 public:
  // What the script broke, or nothing. The first byte says whether it goes on at random where the bytes end: faults that need a long
  // story are far from the few bytes with which a fuzzer begins.
  static std::string play(ByteView script);

 private:
  struct Said {  // an application message
    Bytes message;
    std::string text;
    Bytes authenticated_data;
    LeafIndex sender;
    std::uint64_t epoch = 0;
  };
  struct Handshake {
    Bytes message;
    bool is_commit = false;
    std::uint64_t epoch = 0;  // that it belongs to
    std::size_t by = 0;       // name of the party
  };
  struct Party {
    Group group;
    std::size_t name;
    std::uint64_t since;    // first epoch
    std::size_t heard = 0;  // handshakes of the log
    std::deque<std::size_t> inbox = {};
    std::set<std::size_t> opened = {};
    std::optional<PendingCommit> sent = {};  // accepted by the delivery service, not merged yet
  };

  explicit Parties(ByteView script) : script_(script) {}
  // Three parties of one epoch, made once: scripts start from copies.
  struct Start;
  static const Start& start();
  void begin();

  std::uint8_t next();
  Party& someone() { return parties_[next() % parties_.size()]; }
  void expect(bool holds, const char* what) {
    if (!holds && broken_.empty()) broken_ = what;
  }
  template <class T>
  bool expect_ok(const Result<T>& result, const char* what) {
    expect(result.ok(), what);
    if (!result.ok() && broken_ == what) broken_ += std::string(": ") + result.error().name;
    return result.ok();
  }

  void step();
  void say(Party& party);
  void open(Party& party, std::size_t said);
  void open_from_inbox(Party& party, bool keep);
  void lose(Party& party);
  void open_damaged(Party& party);
  void hear(Party& party);
  void hear_out_of_turn(Party& party, bool damaged);
  void propose(Party& party);
  void commit(Party& party);
  void enter_externally(Party& informant);
  void restore(Party& party);
  CommitOptions commit_options(Party& party, std::vector<Device>& newcomers);
  void welcome(const Bytes& message, const Device& newcomer);
  void admit(Group group);
  void check_agreement(const Group& group);
  Bytes damaged(Bytes message);

  ByteView script_;
  std::size_t at_ = 0;
  std::optional<SeededRng> more_;
  SeededRng rng_{8};  // not that of start(): keys are drawn once
  std::vector<Party> parties_;
  std::vector<Group> removed_;  // and what they kept
  PublicGroup service_{{}, {}, {}};
  std::vector<Handshake> log_;
  std::vector<Said> said_;
  std::map<std::uint64_t, Bytes> authenticators_;  // by epoch
  std::size_t names_ = 0;
  std::string broken_;
};

}  // namespace steiger::mls::test
