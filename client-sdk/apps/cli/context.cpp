#include "client-sdk/apps/cli/context.h"

#include <ctime>
#include <ostream>

#include "client-sdk/apps/cli/door.h"
#include "client-sdk/apps/cli/json.h"

namespace steiger::cli {
namespace {

std::tm local(std::int64_t ms) {
  const auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm out{};
  ::localtime_r(&seconds, &out);
  return out;
}

}  // namespace

void Context::say(std::string_view key, std::initializer_list<std::string_view> arguments) const {
  if (!json) out << texts.text(key, arguments) << std::endl;
}

void Context::emit(const api::EventT& event) const {
  if (json) out << to_json_line(event) << std::endl;
}

void Context::hear(const api::EventT& event) const {
  const auto* alarm = event.body.AsAlarm();
  if (alarm == nullptr) return;
  err << texts.text("error.prefix", {texts.alarm(alarm->name, alarm->cause)}) << std::endl;
  emit(event);
}

ExitCode Context::fail(const Refusal& refusal) const {
  err << texts.text("error.prefix", {texts.error(refusal.name)}) << std::endl;
  api::FailedT failed;
  failed.name = refusal.name;
  failed.family = refusal.exit == ExitCode::environment ? api::ErrorFamily::environment : api::ErrorFamily::caller;
  emit(event_of(std::move(failed)));
  return refusal.exit;
}

ExitCode Context::fail(std::string_view key, std::initializer_list<std::string_view> arguments, ExitCode exit) const {
  err << texts.text("error.prefix", {texts.text(key, arguments)}) << std::endl;
  api::FailedT failed;
  failed.name = std::string(key.substr(key.find('.') + 1));
  emit(event_of(std::move(failed)));
  return exit;
}

std::unique_ptr<Session> Context::open(sdk::OpenMode mode, ExitCode& exit) const {
  sdk::NativeClientOptions options;
  options.data_dir = data_dir;
  options.mode = mode;
  auto client = sdk::NativeClient::open(options, time, rng);
  if (!client.ok()) {
    exit = fail(client.error());
    return nullptr;
  }
  return std::make_unique<Session>(std::make_unique<OwnLine>(std::move(client).value()));
}

std::unique_ptr<Session> Context::open_or_knock(ExitCode& exit) const {
  if (auto line = knock(data_dir)) return std::make_unique<Session>(std::move(line));
  return open(sdk::OpenMode::existing, exit);
}

std::string time_text(std::int64_t ms, Timestamp now) {
  const std::tm then = local(ms);
  const std::tm today = local(now.ms);
  const bool same_day = then.tm_year == today.tm_year && then.tm_yday == today.tm_yday;
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, same_day ? "%H:%M" : "%d-%m %H:%M", &then);
  return {text, size};
}

}  // namespace steiger::cli
