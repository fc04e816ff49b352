#include "client-sdk/apps/cli/cli.h"

#include <unistd.h>

#include <iostream>

#include "client-sdk/apps/cli/command_line.h"
#include "client-sdk/apps/cli/usage_text.h"
#include "crypto/primitives/system_rng.h"

namespace steiger::cli {
namespace {

// The language decides the texts of the help, so it is read before the command line is described.
std::string language_argument(int argc, const char* const* argv) {
  constexpr std::string_view kOption = "--language";
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == kOption && i + 1 < argc) return argv[i + 1];
    if (argument.starts_with(kOption) && argument.size() > kOption.size() && argument[kOption.size()] == '=') {
      return std::string(argument.substr(kOption.size() + 1));
    }
  }
  return "";
}

}  // namespace

int run(int argc, const char* const* argv, ClockSource& clock_source) {
  const Catalogue texts(Catalogue::language_of(language_argument(argc, argv)));
  CommandLine command_line(texts, clock_source);
  try {
    command_line.app().parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return command_line.app().exit(asked, std::cout, std::cerr);
  } catch (const CLI::ParseError& wrong) {
    std::cerr << texts.text("error.prefix", {usage_text(texts, wrong, command_line.begun(), command_line.not_understood())})
              << std::endl;
    return static_cast<int>(ExitCode::usage);
  }
  auto time = clock_source.start();
  if (!time.ok()) {
    std::cerr << texts.text("error.prefix", {texts.error(time.error().name)}) << std::endl;
    return static_cast<int>(ExitCode::environment);
  }
  SystemRng rng;
  Context context{texts,
                  std::cout,
                  std::cerr,
                  rng,
                  std::move(time).value(),
                  command_line.data_dir(),
                  command_line.json(),
                  ::isatty(STDOUT_FILENO) == 1};
  const ExitCode exit = command_line.selected()(context);
  // A script must not take what it never got for all there was.
  if (!context.out.flush()) return static_cast<int>(context.fail({"output", ExitCode::environment}));
  return static_cast<int>(exit);
}

}  // namespace steiger::cli
