#include "client-sdk/apps/cli/usage_text.h"

#include <CLI/CLI.hpp>

namespace steiger::cli {
namespace {

constexpr std::string_view kNoCommand = "A subcommand";

// What stands between two marks of CLI11's sentence; empty when it is built otherwise. An empty mark is the begin or the end.
std::string between(const std::string& sentence, std::string_view before, std::string_view after) {
  const auto begin = before.empty() ? 0 : sentence.find(before);
  if (begin == std::string::npos) return "";
  const auto from = begin + before.size();
  const auto end = after.empty() ? sentence.size() : sentence.find(after, from);
  if (end == std::string::npos) return "";
  return sentence.substr(from, end - from);
}

std::string what_is_wrong(const Catalogue& texts, const CLI::ParseError& wrong, const std::string& rest) {
  const std::string sentence = wrong.what();
  const auto say = [&](std::string_view key, const std::string& subject) {
    return subject.empty() ? texts.text("usage.other", {sentence}) : texts.text(key, {subject});
  };
  if (dynamic_cast<const CLI::RequiredError*>(&wrong) != nullptr) {
    const std::string subject = between(sentence, "", " is required");
    if (subject != kNoCommand) return say("usage.missing", subject);
    return rest.empty() ? texts.text("usage.missing_command") : texts.text("usage.unexpected", {rest});
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&wrong) != nullptr) return say("usage.unexpected", between(sentence, ": ", ""));
  if (dynamic_cast<const CLI::ExcludesError*>(&wrong) != nullptr) {
    return texts.text("usage.excludes", {between(sentence, "", " excludes"), between(sentence, "excludes ", "")});
  }
  if (dynamic_cast<const CLI::RequiresError*>(&wrong) != nullptr) {
    return texts.text("usage.requires", {between(sentence, "", " requires"), between(sentence, "requires ", "")});
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&wrong) != nullptr) {
    const std::string subject = between(sentence, "arguments to ", ",");
    return say("usage.count", subject.empty() ? between(sentence, "", ":") : subject);
  }
  if (dynamic_cast<const CLI::ConversionError*>(&wrong) != nullptr) {
    return say("usage.value", between(sentence, "convert: ", " ="));
  }
  if (dynamic_cast<const CLI::ValidationError*>(&wrong) != nullptr) return say("usage.value", between(sentence, "", ":"));
  return texts.text("usage.other", {sentence});
}

}  // namespace

std::string usage_text(const Catalogue& texts, const CLI::ParseError& wrong, const std::string& command,
                       const std::string& rest) {
  return texts.text("error.usage", {what_is_wrong(texts, wrong, rest), command.empty() ? "" : command + " "});
}

}  // namespace steiger::cli
