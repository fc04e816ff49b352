// How members, questions and notices look in a terminal.
#pragma once

#include <optional>

#include "client-sdk/apps/cli/context.h"

namespace steiger::cli {

// "ja", "j", "yes", "y" and "nee", "n", "no"; nothing for anything else.
std::optional<bool> yes_or_no(std::string_view answer);

// The key of a reason's text. The words that can be typed: schulden, wonen, ... and the English ones.
std::string_view reason_key(api::Reason reason);
std::optional<api::Reason> reason_of(std::string_view word);

std::string member_line(const Context& context, const api::MemberT& member);
// Who, what for, until when, what happens at yes and at no, that no is fine, and whom to ask.
std::string question_text(const Context& context, const api::QuestionT& question, const std::string& room);
std::string notice_line(const Context& context, const api::NoticeT& notice);

}  // namespace steiger::cli
