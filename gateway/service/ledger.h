// The rules of the relay, inside the writer's transaction: who may log in, which counter, epoch and commit come next, the chain, what
// is kept and what is deleted. One batch of commands becomes one transaction with its audit rows, or nothing (laws 2 to 5).
//
// Belongs to the writer thread. Heads, rosters and counters of what is in use are cached here, because nobody else writes them, and go
// to the store once per batch.
#pragma once

#include <map>
#include <set>
#include <unordered_map>

#include "crypto/membership/rules.h"
#include "crypto/mls/public_group.h"
#include "gateway/service/commands.h"
#include "gateway/service/limits.h"

namespace steiger::gateway {

class Ledger {
 public:
  Ledger(const ServiceOptions& options, StoreIdentity identity, Store& store, const Clock& clock);
  ~Ledger();

  // Runs the commands in order in one transaction and commits it. On failure (BatchResult::failure) nothing has changed, in memory
  // neither, and the same commands may be sent again.
  BatchResult run(std::vector<Command> commands);

 private:
  // One stay of a device (rows.h).
  struct Member {
    MemberRow row;
    bool dirty = false;
    bool gone = false;  // over and fetched: leaves at the end of the batch
    [[nodiscard]] bool is(const DeviceId& device) const { return !gone && row.device == device; }
  };
  struct Channel {
    ChannelRow row;
    std::vector<Member> members;  // by device and joined_seq
    // This batch.
    Hash previous{};
    std::vector<MessageRow> pending;
    bool head_dirty = false;
    bool positions_dirty = false;
    bool listed = false;  // in touched_

    // Its leaf in the group; nullptr: it has none.
    Member* find(const DeviceId& device);
    // The stay whose messages are next for a device that asks from this seq on; nullptr: none.
    Member* stay_at(const DeviceId& device, std::uint64_t from);
    Member* newest(const DeviceId& device);
    [[nodiscard]] std::size_t roster_size() const;
    void add(const MemberRow& stay);
  };
  struct Device {
    DeviceRow row;
    RoleNumber role = 0;
    bool dirty = false;
    DayNumber seen = 0;  // the day last written; 0: not known here
  };
  // One logged-in connection.
  struct Stream {
    DeviceId device;
    AccountId account;
    RoleNumber role = 0;
    std::optional<std::uint64_t> refused_counter;  // later ones are dropped until it comes again
  };
  // Why a submission was not accepted: refused (the counter stays free) or fatal.
  struct Verdict {
    enum class Kind { accepted, refused, fatal } kind = Kind::accepted;
    Error why;
    std::optional<AcknowledgeCommand::Position> after;
    Error rule = {};  // of commit_not_allowed: which one, for the log

    static Verdict accept() { return {}; }
    static Verdict refuse(const Error& why) { return {Kind::refused, why, std::nullopt}; }
    static Verdict forbid(const Error& rule) { return {Kind::refused, kCommitNotAllowed, std::nullopt, rule}; }
    static Verdict fatal(const Error& why) { return {Kind::fatal, why, std::nullopt}; }
  };

  // Each returns an Error only when the store failed; everything else is an answer.
  Result<void> execute(Command& command);
  Result<void> on(const Command& command, LoginCommand& body);
  Result<void> on(const Command& command, SubmitCommand& body);
  Result<void> on(const Command& command, RegisterCommand& body);
  Result<void> on(const Command& command, CommitCommand& body);
  Result<void> on(const Command& command, AcknowledgeCommand& body);
  Result<void> on(const Command& command, ReadCommand& body);
  Result<void> on(const Command& command, ReadProofsCommand& body);
  Result<void> on(const Command& command, AskStandingCommand& body);
  Result<void> on(const Command& command, CreateInviteCommand& body);
  Result<void> on(const Command& command, CancelInviteCommand& body);
  Result<void> on(const Command& command, FetchInviteCommand& body);
  Result<void> on(const Command& command, RedeemInviteCommand& body);
  Result<void> on(const Command& command, AcceptInviteCommand& body);
  Result<void> on(const Command& command, RefuseInviteCommand& body);
  Result<void> on(const Command& command, PublishStandingCommand& body);
  Result<void> on(const Command& command, UpdateChainCommand& body);
  Result<void> on(const Command& command, PutKeyPackagesCommand& body);
  Result<void> on(const Command& command, ClaimKeyPackagesCommand& body);
  Result<void> on(const Command& command, OfferHandoverCommand& body);
  Result<void> on(const Command& command, LapseCommand& body);
  Result<void> on(const Command& command, FetchGroupInfoCommand& body);
  Result<void> on(const Command& command, NackCommand& body);
  Result<void> on(const Command& command, AskTasksCommand& body);
  Result<void> on(const Command& command, SweepCommand& body);
  Result<void> on(const Command& command, CloseCommand& body);

  // ---- ledger.cpp: the batch
  Result<void> flush();
  Result<void> deferred_reads();
  Result<void> read_portion(const Stream& stream, const ReadCommand& read, AnswerBody& answer);
  Result<void> read_standings(LoggedIn& login);
  void collect();
  void forget_caches();
  Stream* stream_of(const Command& command);      // nullptr: not logged in, or replaced by a newer login
  Result<Channel*> channel(const ChannelId& id);  // nullptr: unknown
  Result<Device*> device(const DeviceId& id);     // nullptr: unknown
  void touch(Channel& channel);
  void answer(const Command& command, AnswerBody body);
  void accept(const Command& command, std::uint64_t counter);
  [[nodiscard]] Signature sign_head(const ChannelId& channel, std::uint64_t seq, const Hash& head) const;
  [[nodiscard]] AuditEvent event(const char* name, std::vector<std::pair<const char*, std::string>> fields) const;

  // ---- ledger_login.cpp
  // Verifies the login's chain and registers or updates the account. A refusal as kBadLogin, kUnknownDevice, kRevokedDevice or
  // kStatusStale; a store error as itself.
  Result<void> learn_chain(const LoginCommand& login);
  // A chain that an account's own device shows.
  struct ShownChain {
    identity::VerifiedIdentity who;  // lists the device
    bool news = false;               // false: what is stored stays, and `who` means nothing
  };
  // May it replace what is known (S1, S2)? Refusals: `bad`, kUnknownDevice, kRevokedDevice, kStatusStale.
  Result<ShownChain> judge_chain(const std::optional<AccountRow>& known, const AccountId& account, const DeviceId& device,
                                 const Bytes& chain, const Error& bad);
  // Every listed device is new or this account's, under the leaf key it always had, and was never revoked; else `bad`.
  Result<void> check_listed(const identity::VerifiedIdentity& who, const Error& bad);
  // Writes the account, its devices and what follows for those who are not listed any more: devices of the same account key are
  // revoked, those of an earlier one with `revoke_earlier`.
  static bool stretches(const AccountRow& known, ByteView chain);
  Result<void> take_chain(const std::optional<AccountRow>& known, const identity::VerifiedIdentity& who, const Bytes& chain,
                          bool revoke_earlier);
  // After all commands of the batch: what a device hears at once after its login.
  Result<void> complete_login(LoggedIn& login);
  void refresh(const std::vector<DeviceRow>& devices);
  // Is this the account's key, or one it had before? Its leaves carry that until their devices' next commit (S2).
  Result<bool> had_key(const AccountRow& account, const VerifyKey& key);

  // ---- ledger_submit.cpp
  enum class Turn { next, duplicate, dropped, gap };
  // Where this counter stands in its device's row of submissions.
  static Turn turn_of(Stream& stream, const Device& device, std::uint64_t counter);
  // Runs `attempt` (returning Result<Verdict>) when it is this counter's turn, and answers. False: stop with this command.
  template <class Attempt>
  Result<bool> in_turn(const Command& command, std::uint64_t counter, Attempt&& attempt);
  Result<Verdict> submit(const Stream& stream, SubmittedMessage& message);
  Verdict check_message(const Channel& channel, const SubmittedMessage& message) const;
  static Verdict stale(const Channel& channel, std::uint64_t claimed_epoch);
  // After its removal, when the device has that still to hear (S12).
  Result<Verdict> not_a_member(Channel& channel, const DeviceId& device);
  static bool of_earlier_generation(const Channel& channel, ByteView group_id);
  void append(Channel& channel, const Stream& stream, MessageRow row, Bytes payload);

  // ---- ledger_commit.cpp
  Result<Verdict> open_channel(const Stream& stream, const RegisterCommand& body);
  Result<Verdict> commit(const Stream& stream, CommitCommand& body);
  // The group of an epoch-0 GroupInfo, with this device alone in it, bound to this channel. A verdict when it is not.
  struct Opening {
    Verdict verdict;
    std::optional<mls::PublicGroup> group = {};
    MemberRow creator = {};
    Bytes certificates = {};
  };
  Result<Opening> check_opening(const Stream& stream, const RegisterCommand& body);
  // The device behind a leaf: identity extension, credential, registered account with that key and device (S1, S7).
  // kUnknownMember or kBadBundle, or a store error.
  Result<MemberRow> member_of_leaf(const mls::LeafNode& leaf);
  [[nodiscard]] std::optional<identity::ChannelBinding> binding_of(const mls::PublicGroup& group, const ChannelId& channel) const;
  // Fills `change` with the newcomers of a bundle.
  Result<Verdict> let_in(Channel& channel, const mls::CheckedBundle& bundle, std::uint64_t commit_seq, GroupChange& change);
  void apply(Channel& channel, const GroupChange& change);

  // ---- ledger_roster.cpp: who may change a room (crypto/membership), and what becomes of those who leave
  // What the rules say of a bundle, by this gateway's own record of who was silent, removed or carried over.
  struct Ruling {
    Verdict verdict;
    membership::Roster before = {};
    bool resync = false;
    std::vector<identity::DeviceIdentity> silent = {};
    Bytes certificates = {};
  };
  Result<Ruling> rule_on(Channel& channel, const mls::PublicGroup& group, const mls::CheckedBundle& bundle);
  Result<bool> is_silent(const DeviceId& device);
  // Was this account in the channel, and comes back without asking: removed for silence (S13), or of the earlier generation (S11)?
  Result<bool> may_return(const Channel& channel, const AccountId& account);
  // Certificates from here for leaves that carry none: those of the header, of earlier commits, and of the accounts.
  Result<std::vector<identity::Certificate>> known_certificates(const mls::RatchetTree& tree, ByteView stored,
                                                                std::vector<identity::Certificate> given);
  Result<std::vector<membership::Known>> known_of(const std::vector<membership::Former>& former,
                                                  const std::vector<AccountId>& carried_over);
  // Fills `change` with those whom a bundle removes.
  static void let_out(Channel& channel, const mls::CheckedBundle& bundle, const Ruling& ruling, std::uint64_t commit_seq,
                      GroupChange& change);
  // The device was heard of today (S13).
  void saw(Device& device);
  [[nodiscard]] DayNumber today() const;
  Result<std::vector<RosterTaskRow>> tasks_for(const DeviceId& device);
  Result<void> expire_messages();
  Result<void> end_stays();

  // ---- ledger_resync.cpp: falling out of step (S9, S11)
  // The committer came in by itself: its stay goes on, within the daily bound.
  Verdict let_back(Channel& channel, const DeviceId& device, GroupChange& change);
  Result<Verdict> open_generation(const Stream& stream, const RegisterCommand& body, Channel& channel);
  // Whether everybody else who can be reached says that the newest commit cannot be followed.
  Result<bool> nobody_can_follow(Channel& channel, const DeviceId& asker);
  Result<std::vector<Bytes>> nacks_for(Channel& channel, const DeviceId& device);

  // ---- ledger_invites.cpp
  [[nodiscard]] InviteStanding standing(const InviteRow& invite, const ProofRow* proof) const;
  Result<std::optional<InviteRow>> own_invite(const Command& command, const InviteId& id);
  Result<bool> may_invite(const Stream& stream, const CreateInviteCommand& body);
  // What the invite is for, fulfilled by this chain: registers it. Refusals: kBadChain, kBadInvite, kNotAllowed, kStatusStale.
  Result<void> register_invited(const InviteRow& invite, const AcceptInviteCommand& body);

  // ---- ledger_standing.cpp (S1)
  // What chains are judged by: the organisation's roots and its newest status list. Valid until the next batch.
  Result<const membership::Trust*> trust();
  // kStatusStale from the list's next_update on; without a list there is nothing to be stale.
  Result<void> check_fresh();
  // Whether the list says that the key counts no more under which this device was listed.
  Result<bool> is_refused(const DeviceRow& device);
  // Sessions and packages of those who are refused end.
  Result<void> enforce_standing();
  // Whatever this device still asks for in this batch is refused; afterwards it is logged in no more.
  void end_session(const DeviceId& device);

  // ---- ledger_packages.cpp (S14)
  Result<std::optional<KeyPackageRow>> check_key_package(const Stream& stream, const AccountRow& account, const Bytes& bytes,
                                                         bool last_resort);
  Result<bool> is_related(const Stream& stream, const AccountRow& account, const ClaimKeyPackagesCommand& body);
  Result<void> drop_packages(const DeviceId& device);
  static bool in_roster(const Channel& channel, const AccountId& account);

  // ---- ledger_offers.cpp (S10)
  Result<bool> is_carried_out(const OfferRow& offer);
  Result<void> lapse_offers();

  const ServiceOptions& options_;
  const StoreIdentity identity_;
  Store& store_;
  const Clock& clock_;

  std::unordered_map<ChannelId, Channel> channels_;
  std::unordered_map<DeviceId, Device> devices_;
  std::map<SessionId, Stream> streams_;
  std::unordered_map<DeviceId, SessionId> live_;  // the newest login of each device
  std::optional<membership::Trust> trust_;        // as of standing_; absent: to be read
  std::shared_ptr<const StandingRow> standing_;
  struct Claims {
    Timestamp since;
    std::size_t packages = 0;
  };
  std::map<AccountId, Claims> claims_;  // of the last kClaimDay; in memory only, nobody needs to know tomorrow who added whom

  // This batch.
  Timestamp now_;
  BatchResult result_;
  std::vector<Channel*> touched_;
  std::vector<Device*> counted_;
  std::vector<AcknowledgeBatch::Seen> seen_;
  struct Deferred {
    Command command;
    std::size_t answer;  // placeholder in result_.answers
  };
  std::vector<Deferred> deferred_;
  std::set<DeviceId> ended_;                        // refused from here on; their streams go when the batch is on disk
  std::map<SessionId, std::size_t> last_accepted_;  // where a further Accepted of that session can be merged
};

// For GroupChange::certificates.
Bytes encode_certificates(const std::vector<identity::Certificate>& certificates);

// Whether an Error is the store's and not the peer's.
inline bool is_store_error(const Error& error) {
  return error.code / 100 == 12;
}

}  // namespace steiger::gateway
