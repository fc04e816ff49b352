#include "client-sdk/src/alarms.h"

#include "client-sdk/src/errors.h"
#include "gateway/protocol/errors.h"

namespace steiger::sdk {
namespace {

struct Entry {
  Error error;
  api::AlarmKind kind;
};

constexpr Entry kAlarms[] = {
    {kChainBroken, api::AlarmKind::chain_broken},           {kHeadSignature, api::AlarmKind::head_signature},
    {kHistoryDiffers, api::AlarmKind::history_differs},     {kSenderMismatch, api::AlarmKind::sender_mismatch},
    {kCommitRefused, api::AlarmKind::commit_refused},       {kEchoDiffers, api::AlarmKind::echo_differs},
    {kChannelFailed, api::AlarmKind::channel_failed},       {kUnreadable, api::AlarmKind::unreadable},
    {kFrankingFailed, api::AlarmKind::franking_failed},     {kRepeatedMessage, api::AlarmKind::repeated_message},
    {kWelcomeRefused, api::AlarmKind::welcome_refused},     {kSecondProof, api::AlarmKind::invite_second_proof},
    {kProofInvalid, api::AlarmKind::invite_proof_invalid},  {kInviteNotAccepted, api::AlarmKind::invite_not_accepted},
    {kRollbackDetected, api::AlarmKind::rollback_detected}, {gateway::kRevokedDevice, api::AlarmKind::revoked_device},
    {gateway::kBadLogin, api::AlarmKind::bad_login},        {kGatewayBehind, api::AlarmKind::gateway_behind},
    {kHeadKeyChanged, api::AlarmKind::head_key_changed},    {kWrongOrganisation, api::AlarmKind::wrong_organisation},
    {kLocalStorage, api::AlarmKind::local_storage},         {kChangeRefused, api::AlarmKind::change_refused},
    {kResyncLimit, api::AlarmKind::resync_limit},
};

}  // namespace

const Error* find_alarm(std::uint16_t code) {
  for (const Entry& entry : kAlarms) {
    if (entry.error.code == code) return &entry.error;
  }
  return nullptr;
}

api::AlarmKind alarm_kind(const Error& error) {
  for (const Entry& entry : kAlarms) {
    if (entry.error == error) return entry.kind;
  }
  return api::AlarmKind::none;
}

api::AlarmKind stop_kind(std::uint16_t stop_code) {
  if (stop_code == 0) return api::AlarmKind::none;
  const Error* alarm = find_alarm(stop_code);
  return alarm == nullptr ? api::AlarmKind::channel_failed : alarm_kind(*alarm);
}

}  // namespace steiger::sdk
