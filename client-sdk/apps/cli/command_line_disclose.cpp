#include "client-sdk/apps/cli/command_line.h"

namespace steiger::cli {

void CommandLine::add_disclose() {
  auto& make = command(app_, "disclose", "disclose");
  auto kept = std::make_shared<Disclose>();
  device(make);
  option(make, "--channel", kept->channel, "help.channel", "CHANNEL");
  make.add_option("--message", kept->messages, texts_.text("help.disclose.message"))->type_name("SEQ")->check(not_negative());
  option(make, "--out", kept->out, "help.output", "FILE");

  auto& verify = command(make, "verify", "disclose.verify");
  auto checked = std::make_shared<DiscloseVerify>();
  option(verify, "file", checked->file, "help.disclose.file", "FILE")->required();
  option(verify, "--organisation", checked->organisation, "help.staff.organisation", "FILE");
  option(verify, "--head-key", checked->head_key, "help.disclose.head_key", "HEX");
  verify.add_flag("--json", json_, texts_.text("help.json"));
  // Of a command and the one it is inside of, CLI11 runs the inner one's callback first.
  make.callback([this, kept, &verify] {
    if (!verify.parsed()) selected_ = [kept](const Context& context) { return disclose(context, *kept); };
  });
  runs(verify, [checked](const Context& context) { return disclose_verify(context, *checked); });
}

}  // namespace steiger::cli
