// What passes between the service thread and the writer thread: commands in, one result per committed batch out. Plain values that own
// their bytes.
#pragma once

#include <memory>
#include <variant>

#include "gateway/service/limits.h"
#include "gateway/service/service.h"

namespace steiger::gateway {

// ---- commands

struct LoginCommand {
  AccountId account;
  DeviceId device;
  Signature signature{};
  ByteArray<32> nonce{};
  Bytes chain;  // empty: as stored
};
struct SubmittedMessage {
  std::uint64_t counter = 0;  // in a commit's `before`: 0
  MessageId id;
  ChannelId channel;
  std::uint64_t epoch = 0;
  ByteArray<32> tag{};
  Bytes payload;
};
struct SubmitCommand {
  std::vector<SubmittedMessage> items;
};
struct RegisterCommand {
  std::uint64_t counter = 0;
  ChannelId channel;
  Bytes group_info;
  std::uint32_t generation = 0;
};
struct CommitCommand {
  std::uint64_t counter = 0;
  MessageId id;
  ChannelId channel;
  std::uint64_t epoch = 0;
  std::vector<SubmittedMessage> before;
  Bytes commit;
  std::optional<Bytes> welcome;
  Bytes group_info;
  std::uint64_t links_from = 0;
};
struct AcknowledgeCommand {
  struct Position {
    ChannelId channel;
    std::uint64_t seq = 0;
  };
  std::vector<Position> positions;
};
// The next portion of a channel for a device that is behind.
struct ReadCommand {
  ChannelId channel;
  std::uint64_t from = 0;
  std::size_t max_messages = 0;
};
// The next portion of the proofs that a coach's devices have not answered.
struct ReadProofsCommand {
  ProofPlace after;
};
// S9.
struct FetchGroupInfoCommand {
  ChannelId channel;
};
// S11.
struct NackCommand {
  Bytes nack;
};
// What waits for a commit in this session's channels: asked by the service itself when something may be new.
struct AskTasksCommand {};
// What only time brings (S13). Of no session.
struct SweepCommand {};
// What a waiting redeemer is to be told now: its time may be over.
struct AskStandingCommand {
  InviteId invite;
  Hash proof{};
};
struct CreateInviteCommand {
  InviteId invite;
  Hash lookup{};
  std::uint8_t kind = 0;
  Timestamp expires;
  Bytes terms;
  wire::InvitePurpose purpose = wire::InvitePurpose::newcomer;
  AccountId account = {};  // comeback, device: whose
};
struct CancelInviteCommand {
  InviteId invite;
};
struct FetchInviteCommand {
  Hash lookup{};
};
struct RedeemInviteCommand {
  Hash lookup{};
  Bytes proof;
};
struct AcceptInviteCommand {
  InviteId invite;
  Hash proof_hash{};
  Bytes chain;
  Bytes sealed;
  bool lost = false;
};
struct RefuseInviteCommand {
  InviteId invite;
  Hash proof_hash{};
};
struct PublishStandingCommand {
  StandingRow row;
};
struct UpdateChainCommand {
  Bytes chain;
};
struct PutKeyPackagesCommand {
  std::vector<Bytes> packages;
  Bytes last_resort;  // empty: none
};
struct ClaimKeyPackagesCommand {
  AccountId account;
  std::optional<DeviceId> device;
  wire::Relation relation = wire::Relation::room;
  ChannelId channel;
  Bytes evidence;
};
struct OfferHandoverCommand {
  Bytes offer;
  Bytes chain;
};
// From the clock, not from a session: what is over goes.
struct LapseCommand {};
// The connection is gone.
struct CloseCommand {};

using CommandBody =
    std::variant<LoginCommand, SubmitCommand, RegisterCommand, CommitCommand, AcknowledgeCommand, ReadCommand, ReadProofsCommand,
                 AskStandingCommand, CreateInviteCommand, CancelInviteCommand, FetchInviteCommand, RedeemInviteCommand,
                 AcceptInviteCommand, RefuseInviteCommand, PublishStandingCommand, UpdateChainCommand, PutKeyPackagesCommand,
                 ClaimKeyPackagesCommand, OfferHandoverCommand, LapseCommand, FetchGroupInfoCommand, NackCommand, AskTasksCommand,
                 SweepCommand, CloseCommand>;
struct Command {
  SessionId session;
  std::uint64_t request = 0;
  CommandBody body;
  std::size_t bytes = 0;   // of payload, for the bounds on batch and queue
  std::size_t weight = 0;  // submissions (max_outstanding), or 0
};

// ---- results

// A channel's messages of one batch, or a portion read from the store: consecutive, with the signature over the last chain value (S16).
struct ChannelPortion {
  ChannelId channel;
  std::uint64_t first_seq = 0;
  Hash previous{};
  std::vector<MessageRow> messages;
  Signature head_signature{};
  std::size_t payload_bytes = 0;
};
struct WelcomePortion {
  ChannelId channel;
  WelcomeRow welcome;
  std::vector<MessageRow> links;  // first_link_seq .. welcome.seq
  Signature head_signature{};
};

struct ChannelStanding {
  ChannelId channel;
  std::uint64_t epoch = 0;
  std::uint64_t head_seq = 0;
  std::uint64_t acknowledged_seq = 0;
  std::uint32_t generation = 0;
  std::uint64_t limit = kMaxSeq;  // nothing behind it is delivered (S11, S12)
};
struct ReceivedProof {
  InviteId invite;
  Bytes proof;
  Timestamp received;
  std::uint32_t ordinal = 0;
};

struct LoggedIn {
  AccountId account;
  DeviceId device;
  std::uint64_t accepted_counter = 0;
  std::vector<ChannelStanding> channels;
  std::shared_ptr<const StandingRow> standing = nullptr;  // absent: none was published yet
  KeyPackageStock packages = {};
  std::vector<OfferRow> offers = {};
  std::vector<RosterTaskRow> tasks = {};
  std::vector<Bytes> nacks = {};  // of other devices, for commits of the present group
  std::vector<UndeliveredRow> undelivered = {};
};
struct AcceptedUpTo {
  std::uint64_t counter = 0;
};
struct RejectedAt {
  std::uint64_t counter = 0;
  Error why;
  // Hand out this channel up to here first (S12).
  std::optional<AcknowledgeCommand::Position> after;
  Error rule = {};  // of commit_not_allowed: for the log
};
struct Refused {
  Error why;
};
struct Broken {  // fatal
  Error why;
};
struct PortionRead {
  ChannelId channel;
  std::uint64_t from = 0;  // as asked; what comes may begin later, when the device was away from the channel in between
  std::optional<WelcomePortion> welcome;
  std::optional<ChannelPortion> portion;
};
struct GroupInfoFound {
  ChannelId channel;
  std::uint32_t generation = 0;
  std::uint64_t epoch = 0;
  Bytes group_info;
};
struct TasksFound {
  std::vector<RosterTaskRow> tasks;
};
// Empty: there are no more.
struct ProofsRead {
  std::vector<UnansweredProof> proofs;
};
struct InviteFound {
  InviteId invite;
  std::uint8_t kind = 0;
  Timestamp expires;
  Bytes terms;
};
struct InviteStanding {
  InviteId invite;
  wire::InviteState state = wire::InviteState::open;
  Bytes chain = {};
  std::optional<Hash> waiting_proof = std::nullopt;  // pending: tell this session the outcome unasked
  Timestamp waits_until = {};                        // pending: afterwards the outcome is `expired`
  Bytes sealed = {};
  bool unasked = false;  // answers AskStandingCommand: only of use to a session that still waits
};
struct CarriedOut {};  // wire::Done
struct PackagesPut {
  KeyPackageStock stock;
};
struct PackagesClaimed {
  AccountId account;
  Bytes chain;
  struct Package {
    DeviceId device;
    Bytes key_package;  // empty: it has none
    bool last_resort = false;
  };
  std::vector<Package> packages;
};

using AnswerBody = std::variant<LoggedIn, AcceptedUpTo, RejectedAt, Refused, Broken, PortionRead, ProofsRead, InviteFound,
                                InviteStanding, CarriedOut, PackagesPut, PackagesClaimed, GroupInfoFound, TasksFound>;
struct Answer {
  SessionId session;
  std::uint64_t request = 0;
  AnswerBody body;
};

// What changed for one device in one channel, in the order in which it happened.
struct LaneNews {
  enum class Kind {
    opened,    // it is in the roster; its next message is `seq`
    welcomed,  // the same, by the Welcome at `seq`
    limited,   // nothing behind `seq` any more: removed (S12), or it said that it cannot follow (S11)
    freed,     // it came in again: everything up to `seq`, the head (S9)
  } kind = Kind::opened;
  ChannelId channel;
  DeviceId device;
  std::uint64_t seq = 0;
};
// To the other devices in the channel (S11).
struct NackArrived {
  ChannelId channel;
  DeviceId from;
  Bytes nack;
};
// To every device of the coach.
struct ProofArrived {
  AccountId coach;
  ReceivedProof proof;
};
// To redeemers who wait: all proofs of the invite, or only `only_proof`.
struct InviteDecided {
  InviteId invite;
  wire::InviteState state = wire::InviteState::accepted;
  std::optional<Hash> accepted_proof;
  std::optional<Hash> only_proof;
  Bytes chain;
  Bytes sealed = {};
};
// To this device: somebody claimed of its packages, or they were dropped.
struct StockChanged {
  DeviceId device;
  KeyPackageStock stock;
};
// To the devices of the room and of the successor.
struct OfferMade {
  OfferRow offer;
  std::vector<DeviceId> devices;
};
// This device is refused from now on.
struct DeviceEnded {
  DeviceId device;
  Error why;
};

struct BatchResult {
  // Set: nothing of the batch happened; every session in `settled` hears storage_failed.
  std::optional<Error> failure;
  std::vector<ChannelPortion> appended;
  std::vector<LaneNews> lanes;
  std::vector<NackArrived> nacks;
  std::vector<ChannelId> with_tasks;  // their devices may have something to do: ask
  std::vector<UndeliveredRow> undelivered;
  std::vector<ProofArrived> proofs;
  std::vector<InviteDecided> decided;
  std::shared_ptr<const StandingRow> standing;  // to everybody; absent: not changed
  std::vector<StockChanged> stock;
  std::vector<OfferMade> offers;
  std::vector<DeviceEnded> ended;
  std::vector<Answer> answers;  // in the order of the commands
  struct Settled {
    SessionId session;
    std::size_t weight = 0;
    bool read = false;
    bool counted = false;  // against max_open_requests
  };
  std::vector<Settled> settled;
};

}  // namespace steiger::gateway
