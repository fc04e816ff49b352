#include <unistd.h>

#include <iostream>
#include <string>

#include "client-sdk/apps/cli/commands.h"
#include "client-sdk/apps/cli/dates.h"
#include "client-sdk/apps/cli/gateway_of_link.h"
#include "client-sdk/apps/cli/invite_output.h"
#include "client-sdk/apps/cli/lookup.h"
#include "client-sdk/apps/cli/member_output.h"

namespace steiger::cli {
namespace {

// What only the gateway can answer: long enough for a reconnect.
constexpr Duration kGatewayWait = std::chrono::seconds(60);

bool is_yes(std::string_view answer) {
  return answer == "ja" || answer == "j" || answer == "yes" || answer == "y";
}

// Only a person at a terminal may be asked; a script decides with `steiger confirm`.
bool can_ask(const Context& context) {
  return !context.json && context.terminal && ::isatty(STDIN_FILENO) == 1;
}

// Asks "is this Sam?" and sends the answer (S3: a link is confirmed after a call). False when nobody can be asked.
bool ask_confirmation(const Context& context, Session& session, const api::InviteT& invite) {
  if (!can_ask(context)) return false;
  context.out << context.texts.text("invite.ask_confirm", {label_of(invite)}) << std::flush;
  std::string answer;
  if (!std::getline(std::cin, answer)) return false;
  Refusal refusal;
  if (is_yes(answer)) {
    api::ConfirmInviteT confirm;
    confirm.invite = invite.id;
    if (!session.ask(std::move(confirm), refusal)) context.fail(refusal);
  } else {
    api::RefuseInviteT refuse;
    refuse.invite = invite.id;
    if (!session.ask(std::move(refuse), refusal)) context.fail(refusal);
  }
  return true;
}

// What an invite to a room that exists says: which, who, until when, why. False after having said what is wrong.
bool name_room(const Context& context, Session& session, const Invite& options, api::MakeInviteT& request, ExitCode& exit) {
  if (options.purpose == api::InvitePurpose::third_party) {
    if (options.label.empty() || options.until.empty() || options.reason.empty()) {
      exit = context.fail("invite.until_needed", {}, ExitCode::usage);
      return false;
    }
    const auto until = parse_date_time(options.until);
    const auto reason = reason_of(options.reason);
    if (!until || !reason) {
      exit = until ? context.fail("invite.reason_unknown", {options.reason}, ExitCode::usage)
                   : context.fail("invite.until_unknown", {options.until}, ExitCode::usage);
      return false;
    }
    constexpr std::size_t kDateLength = 10;  // a day without a time means that whole day
    request.until_ms = until->ms + (options.until.size() == kDateLength ? Duration(std::chrono::hours(24)).count() : 0);
    request.reason = *reason;
  }
  const auto channel = find_channel(context, session, options.channel, exit);
  if (!channel) return false;
  request.channel = channel->id;
  if (options.purpose != api::InvitePurpose::comeback) return true;
  request.lost = options.lost;
  for (const auto& member : channel->members) {
    if (!member->self && to_hex(member->account).starts_with(options.member)) request.account = member->account;
  }
  if (request.account.empty()) exit = context.fail("error.no_such_member", {}, ExitCode::refused);
  return !request.account.empty();
}

// Follows one invite until it is decided, or until a person elsewhere has to decide.
ExitCode follow(const Context& context, Session& session, const Bytes& id, Deadline deadline, bool stop_to_confirm) {
  bool asked = false;
  for (;;) {
    const Event event = session.next(deadline);
    if (!event) return context.fail(session.silence());
    context.hear(*event);
    const auto* invite = event->body.AsInvite();
    if (invite == nullptr || invite->id != id) continue;
    context.emit(*event);
    const auto news = invite_news(context, *invite);
    if (!context.json && !news.empty()) context.out << news << std::endl;
    switch (invite->state) {
      case api::InviteState::open:
        break;
      case api::InviteState::to_confirm: {
        // Reading along: the jongere decides, after this coach has confirmed a link (S8).
        const bool with_jongere =
            invite->purpose == api::InvitePurpose::third_party && (asked || invite->kind == api::InviteKind::qr);
        if (with_jongere) break;
        asked = true;
        if (!ask_confirmation(context, session, *invite) && stop_to_confirm) return ExitCode::ok;
        break;
      }
      case api::InviteState::accepted:
        if (invite->joined) return ExitCode::ok;
        break;  // decided here; the other side hears it with the commit that opens the channel
      case api::InviteState::refused:
      case api::InviteState::expired:
      case api::InviteState::cancelled:
        return ExitCode::refused;
    }
  }
}

// The redeemer's wait: certificate, Welcome, ready. The keys are on disk already; a later `steiger status` goes on where this stops.
ExitCode wait_for_coach(const Context& context, Session& session, Deadline deadline) {
  auto shown = api::Membership::none;
  Refusal refusal;
  Event event = session.ask(api::GetStatusT(), refusal);
  for (; event; event = session.next(deadline)) {
    if (const auto* failed = event->body.AsFailed()) return context.fail(Refusal::of(*failed));
    if (const auto* alarm = event->body.AsAlarm()) return context.fail(Refusal{alarm->name});
    const auto* status = event->body.AsStatus();
    if (status == nullptr) continue;
    if (status->membership <= shown) continue;  // only forward; older news may come late
    shown = status->membership;
    context.emit(*event);
    switch (shown) {
      case api::Membership::waiting_for_certificate:
        context.say("join.waiting_certificate");
        break;
      case api::Membership::waiting_for_coach:
        context.say("join.waiting_coach");
        break;
      case api::Membership::ready:
        context.say("join.ready");
        return ExitCode::ok;
      case api::Membership::none:
      case api::Membership::stopped:
        break;
    }
  }
  refusal = session.silence();
  if (refusal.name == Refusal::timeout().name) context.say("join.later");  // connected, and the coach is not there
  return context.fail(refusal);
}

// Whether this device has begun to join and is not in yet.
bool is_joining(Session& session) {
  Refusal ignored;
  const Event answer = session.ask(api::GetStatusT(), ignored);
  const auto* status = answer ? answer->body.AsStatus() : nullptr;
  return status != nullptr && status->membership == api::Membership::waiting_for_coach;
}

}  // namespace

ExitCode invite(const Context& context, const Invite& options) {
  ExitCode exit = ExitCode::ok;
  const auto session = context.open_or_knock(exit);
  if (!session) return exit;
  Refusal refusal;
  api::MakeInviteT request;
  request.kind = options.qr ? api::InviteKind::qr : api::InviteKind::link;
  request.label = options.label;
  request.page_url = options.page;
  request.purpose = options.purpose;
  const bool of_a_room = options.purpose == api::InvitePurpose::third_party || options.purpose == api::InvitePurpose::comeback;
  if (of_a_room && !name_room(context, *session, options, request, exit)) return exit;
  // Answered when the gateway knows the invite, so that a link that is shown works.
  const auto deadline = Deadline::after_or_never(options.timeout);
  const Event answer = session->ask(std::move(request), refusal, deadline.at_most(kGatewayWait));
  if (!answer || answer->body.AsInvite() == nullptr) return context.fail(refusal);
  const auto& made = *answer->body.AsInvite();
  context.emit(*answer);
  if (!context.json) context.out << invite_text(context, made) << std::endl;
  if (!options.wait) return ExitCode::ok;
  context.say("invite.waiting");
  return follow(context, *session, made.id, deadline, true);
}

ExitCode list_invites(const Context& context) {
  ExitCode exit = ExitCode::ok;
  const auto session = context.open_or_knock(exit);
  if (!session) return exit;
  Refusal refusal;
  const Event answer = session->ask(api::ListInvitesT(), refusal);
  if (!answer || answer->body.AsInviteList() == nullptr) return context.fail(refusal);
  context.emit(*answer);
  const auto& invites = answer->body.AsInviteList()->invites;
  if (invites.empty()) context.say("invite.none");
  if (context.json) return ExitCode::ok;
  for (const auto& invite : invites) {
    context.out << short_id(invite->id) << "  " << label_of(*invite) << "  " << context.texts.text(state_key(invite->state))
                << "  " << time_text(invite->expires_ms, context.time.clock->now()) << '\n';
  }
  return ExitCode::ok;
}

ExitCode decide(const Context& context, const Decide& options) {
  ExitCode exit = ExitCode::ok;
  const auto session = context.open_or_knock(exit);
  if (!session) return exit;
  const auto invite = find_invite(context, *session, options.id, exit);
  if (!invite) return exit;
  Refusal refusal;
  Event answer;
  switch (options.decision) {
    case InviteDecision::confirm: {
      api::ConfirmInviteT request;
      request.invite = invite->id;
      answer = session->ask(std::move(request), refusal);
      break;
    }
    case InviteDecision::refuse: {
      api::RefuseInviteT request;
      request.invite = invite->id;
      answer = session->ask(std::move(request), refusal);
      break;
    }
    case InviteDecision::cancel: {
      api::CancelInviteT request;
      request.invite = invite->id;
      answer = session->ask(std::move(request), refusal);
      break;
    }
  }
  if (!answer) return context.fail(refusal);
  if (!options.wait) return ExitCode::ok;
  const ExitCode outcome = follow(context, *session, invite->id, Deadline::after(options.timeout), false);
  // "refused" and "cancelled" are what was asked for here.
  return options.decision != InviteDecision::confirm && outcome == ExitCode::refused ? ExitCode::ok : outcome;
}

ExitCode join(const Context& context, const Join& options) {
  std::string text = options.invite;
  if (text == "-") std::getline(std::cin, text);
  const std::string gateway = options.gateway.empty() ? gateway_of_link(text) : options.gateway;
  if (gateway.empty()) return context.fail("error.gateway_needed", {}, ExitCode::usage);

  ExitCode exit = ExitCode::ok;
  const auto session = context.open(sdk::OpenMode::create_if_absent, exit);
  if (!session) return exit;
  api::JoinT request;
  request.invite = text;
  request.name = options.name;
  request.gateway_url = gateway;
  Refusal refusal;
  const auto deadline = Deadline::after_or_never(options.timeout);
  if (!session->ask(std::move(request), refusal, deadline.at_most(kGatewayWait))) {
    if (refusal.name != "already_set_up" || !is_joining(*session)) return context.fail(refusal);
    context.say("join.resumed");  // an earlier command was ended, or found no gateway
    return options.wait ? wait_for_coach(context, *session, deadline) : ExitCode::ok;
  }
  context.say("proof.jongere");
  return options.wait ? wait_for_coach(context, *session, deadline) : ExitCode::ok;
}

}  // namespace steiger::cli
