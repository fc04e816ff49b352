#include "client-sdk/apps/cli/invite_output.h"

#include "client-sdk/apps/cli/lookup.h"
#include "client-sdk/apps/cli/qr.h"
#include "client-sdk/apps/cli/text_safety.h"

namespace steiger::cli {

std::string label_of(const api::InviteT& invite) {
  const std::string label = terminal_safe(invite.label, " ");
  return label.empty() ? short_id(invite.id) : label;
}

std::string_view state_key(api::InviteState state) {
  switch (state) {
    case api::InviteState::open:
      return "invite.state.open";
    case api::InviteState::to_confirm:
      return "invite.state.to_confirm";
    case api::InviteState::accepted:
      return "invite.state.accepted";
    case api::InviteState::refused:
      return "invite.state.refused";
    case api::InviteState::expired:
      return "invite.state.expired";
    case api::InviteState::cancelled:
      return "invite.state.cancelled";
  }
  return "invite.state.open";
}

std::string invite_text(const Context& context, const api::InviteT& invite) {
  const auto& texts = context.texts;
  const bool qr = invite.kind == api::InviteKind::qr;
  const std::string until = time_text(invite.expires_ms, context.time.clock->now());
  const bool own = invite.purpose == api::InvitePurpose::device;
  std::string out = own  ? texts.text("invite.show.device", {until})
                    : qr ? texts.text("invite.show.qr", {until})
                         : texts.text("invite.show.link", {label_of(invite), until});
  out += "\n\n  " + invite.url + "\n\n";
  if (qr && context.terminal) {
    if (const auto drawing = draw_qr(invite.url, true)) out += *drawing + "\n";
  }
  if (!invite.typed.empty()) out += texts.text("invite.show.typed", {invite.typed}) + "\n";
  return out + texts.text("invite.show.id", {short_id(invite.id)}) + "\n";
}

std::string invite_news(const Context& context, const api::InviteT& invite) {
  const auto& texts = context.texts;
  const std::string label = label_of(invite);
  std::string warning = invite.second_proof ? texts.text("invite.second_proof", {label}) + "\n" : "";
  switch (invite.state) {
    case api::InviteState::open:
      break;
    case api::InviteState::to_confirm:
      return warning +
             texts.text(invite.purpose == api::InvitePurpose::third_party ? "invite.to_confirm.third_party" : "invite.to_confirm",
                        {label, short_id(invite.id)});
    case api::InviteState::accepted:
      if (!invite.joined) break;
      return warning + texts.text("invite.accepted", {label});
    case api::InviteState::refused:
      return warning + texts.text("invite.refused");
    case api::InviteState::expired:
      return warning + texts.text("invite.expired", {label});
    case api::InviteState::cancelled:
      return warning + texts.text("invite.cancelled");
  }
  if (!warning.empty()) warning.pop_back();
  return warning;
}

}  // namespace steiger::cli
