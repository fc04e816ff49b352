#include <cstdlib>

#include "client-sdk/apps/cli/commands.h"
#include "client-sdk/src/native/files.h"

namespace steiger::cli {
namespace {

std::filesystem::path demo_dir(const Demo& options) {
  if (!options.dir.empty()) return options.dir;
  if (const char* set = std::getenv("STEIGER_DEMO")) return set;
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr ? home : ".") / ".local" / "share" / "steiger-demo";
}

// deploy/quickstart puts the coach's device here, and the page's address beside it.
constexpr const char* kCoach = "coach";
constexpr const char* kPage = "page-url";

}  // namespace

ExitCode demo_link(Context context, const Demo& options) {
  const auto dir = demo_dir(options);
  const auto page = sdk::read_small_file(dir / kPage);
  if (!page.ok()) return context.fail("demo.missing", {dir.string()}, ExitCode::environment);
  context.data_dir = dir / kCoach;
  Invite request;
  request.qr = true;
  request.label = context.texts.text("demo.label");
  request.page = std::string(as_text(*page));
  while (!request.page.empty() && request.page.back() == '\n') request.page.pop_back();
  request.wait = false;
  const ExitCode exit = invite(context, request);
  if (exit == ExitCode::ok) context.say("demo.link");
  return exit;
}

ExitCode demo_chat(Context context, const Demo& options) {
  const auto dir = demo_dir(options);
  context.data_dir = dir / kCoach;
  if (!std::filesystem::exists(context.data_dir)) return context.fail("demo.missing", {dir.string()}, ExitCode::environment);
  return chat(context, Chat());
}

}  // namespace steiger::cli
