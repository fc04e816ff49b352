// The commands of `steiger`, one function each. They return what the shell sees and print through the Context.
#pragma once

#include <string>
#include <vector>

#include "client-sdk/apps/cli/context.h"
#include "crypto/identity/status_list.h"

namespace steiger::cli {

// ---- organisation_commands.cpp: the beheerder's side; needs no gateway

struct OrganisationCreate {
  std::string dir, name;
};
ExitCode organisation_create(const Context& context, const OrganisationCreate& options);

struct OrganisationCertify {
  std::string dir, request, role = "coach", output;
};
ExitCode organisation_certify(const Context& context, const OrganisationCertify& options);

// ---- backup_commands.cpp: the root key (S1); needs no gateway

struct OrganisationBackup {
  std::string dir, out;
};
ExitCode organisation_backup(const Context& context, const OrganisationBackup& options);

struct OrganisationRestore {
  std::string dir;
  std::vector<std::string> shares;  // files; "-" once
};
ExitCode organisation_restore(const Context& context, const OrganisationRestore& options);

struct OrganisationRotate {
  std::string dir;
};
ExitCode organisation_rotate(const Context& context, const OrganisationRotate& options);

// ---- standing_commands.cpp: the status list (S1); needs no gateway

struct StandingDelegate {
  std::string dir;
  bool new_key = false;
};
ExitCode standing_delegate(const Context& context, const StandingDelegate& options);

struct StandingNote {
  std::string dir, certificate, key, since;  // one of certificate and key
  identity::Standing standing = identity::Standing::ended;
};
ExitCode standing_note(const Context& context, const StandingNote& options);

struct StandingShow {
  std::string dir;
};
ExitCode standing_show(const Context& context, const StandingShow& options);

struct StandingSign {
  std::string dir, out;
};
ExitCode standing_sign(const Context& context, const StandingSign& options);

// ---- staff_commands.cpp

struct StaffPrepare {
  std::string name, gateway, organisation, output;
};
ExitCode staff_prepare(const Context& context, const StaffPrepare& options);

struct StaffInstall {
  std::string certificate;
};
ExitCode staff_install(const Context& context, const StaffInstall& options);

struct CoachCreate {
  std::string name, gateway, organisation_dir;
};
ExitCode coach_create(const Context& context, const CoachCreate& options);

// ---- invite_commands.cpp

struct Invite {
  bool qr = false;
  std::string label, page;
  api::InvitePurpose purpose = api::InvitePurpose::newcomer;
  std::string channel;        // third_party, comeback
  std::string until, reason;  // third_party
  std::string member;         // comeback: beginning of the account
  bool lost = false;          // comeback
  bool wait = true;
  Duration timeout = Duration(-1);
};
ExitCode invite(const Context& context, const Invite& options);
ExitCode list_invites(const Context& context);

enum class InviteDecision { confirm, refuse, cancel };
struct Decide {
  InviteDecision decision = InviteDecision::confirm;
  std::string id;  // or its beginning
  bool wait = true;
  Duration timeout{};
};
ExitCode decide(const Context& context, const Decide& options);

struct Join {
  std::string invite, name, gateway;
  bool wait = true;
  Duration timeout = Duration(-1);
};
ExitCode join(const Context& context, const Join& options);

// ---- member_commands.cpp

struct InRoom {
  std::string channel;
};
ExitCode list_members(const Context& context, const InRoom& options);
ExitCode list_notices(const Context& context, const InRoom& options);

struct MemberRemove {
  std::string account, channel;
};
ExitCode remove_member(const Context& context, const MemberRemove& options);

ExitCode list_questions(const Context& context);
struct Answer {
  std::string question, answer;
};
ExitCode answer_question(const Context& context, const Answer& options);

struct HandoverOffer {
  std::string channel, leaving, successor, key;
};
ExitCode offer_handover(const Context& context, const HandoverOffer& options);

struct StandingPublish {
  std::string file, successions;
};
ExitCode publish_standing(const Context& context, const StandingPublish& options);

ExitCode list_devices(const Context& context);
struct DeviceRemove {
  std::string device, output;
  bool lost = false;
};
ExitCode remove_device(const Context& context, const DeviceRemove& options);

// ---- message_commands.cpp

enum class SendUntil { saved, accepted, stored };
struct Send {
  std::string text, channel;
  SendUntil until = SendUntil::accepted;
  Duration timeout{};
};
ExitCode send(const Context& context, const Send& options);

struct Receive {
  std::string channel;  // empty: all
  bool follow = false;
  std::uint64_t count = 0;  // 0: no limit
  Duration timeout{};
};
ExitCode receive(const Context& context, const Receive& options);

struct History {
  std::string channel;
};
ExitCode history(const Context& context, const History& options);
ExitCode list_channels(const Context& context);

struct ShowStatus {
  Duration timeout{};
};
ExitCode show_status(const Context& context, const ShowStatus& options);

// ---- disclose_commands.cpp: proving messages to others (S16)

struct Disclose {
  std::string channel, out;
  std::vector<std::uint64_t> messages;  // their places in the channel
};
ExitCode disclose(const Context& context, const Disclose& options);

// Needs neither gateway nor data directory.
struct DiscloseVerify {
  std::string file, organisation, head_key;
};
ExitCode disclose_verify(const Context& context, const DiscloseVerify& options);

// ---- chat.cpp

struct Chat {
  std::string channel;
};
ExitCode chat(const Context& context, const Chat& options);

// ---- demo_commands.cpp: short ways into the demo of deploy/quickstart

struct Demo {
  std::string dir;
};
ExitCode demo_link(Context context, const Demo& options);
ExitCode demo_chat(Context context, const Demo& options);

}  // namespace steiger::cli
