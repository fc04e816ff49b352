// Proving messages to somebody outside the conversation, and checking such a proof (S16).
#include <fstream>
#include <nlohmann/json.hpp>

#include "client-sdk/apps/cli/commands.h"
#include "client-sdk/apps/cli/dates.h"
#include "client-sdk/apps/cli/json.h"
#include "client-sdk/apps/cli/lookup.h"
#include "client-sdk/apps/cli/organisation_files.h"
#include "client-sdk/apps/cli/text_safety.h"
#include "client-sdk/src/content.h"
#include "client-sdk/src/native/files.h"
#include "crypto/disclosure/disclosure.h"

namespace steiger::cli {
namespace {

std::optional<Bytes> read_disclosure_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  Bytes out(disclosure::kMaxDisclosureSize + 1);
  in.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
  if (in.bad() || (!in.eof() && !in)) return std::nullopt;
  out.resize(static_cast<std::size_t>(in.gcount()));
  return out;
}

std::string key_text(const VerifyKey& key) {
  return to_hex(key.bytes());
}

// The words of a message as somebody outside may see them.
std::string words(const disclosure::ProvenMessage& message) {
  const auto content = sdk::decode_content(message.content.bytes());
  if (!content.ok()) return "";
  if (const auto* text = std::get_if<sdk::TextContent>(&content->body)) return text->text;
  if (const auto* unknown = std::get_if<sdk::UnknownVisible>(&content->body)) return unknown->fallback;
  return "";
}

void print_json(const Context& context, const disclosure::Disclosure& shown, const std::vector<disclosure::ProvenMessage>& proven,
                bool trusted) {
  nlohmann::json out = {{"verified", true},
                        {"trusted", trusted},
                        {"organisation", shown.organisation.id.text()},
                        {"root_key", key_text(shown.organisation.root_key)},
                        {"head_key", key_text(shown.head_key)},
                        {"channel", shown.channel.text()},
                        {"first_seq", shown.first_seq},
                        {"head_seq", shown.head_seq},
                        {"messages", nlohmann::json::array()}};
  for (const auto& message : proven) {
    nlohmann::json one = {{"seq", message.seq},
                          {"id", message.message.text()},
                          {"account", message.account.text()},
                          {"device", message.device.text()},
                          {"role", std::string(identity::role_name(message.role))},
                          {"accepted_ms", message.accepted.ms},
                          {"text", valid_utf8(words(message))}};
    if (message.certified_by) one["certified_by"] = message.certified_by->text();
    out["messages"].push_back(std::move(one));
  }
  context.out << out.dump() << std::endl;
}

void print(const Context& context, const disclosure::Disclosure& shown, const std::vector<disclosure::ProvenMessage>& proven) {
  constexpr std::size_t kShownIdCharacters = 8;
  for (const auto& message : proven) {
    context.say("disclose.message",
                {std::to_string(message.seq), date_time_text(message.accepted),
                 context.texts.text("role." + std::string(identity::role_name(message.role))),
                 message.account.text().substr(0, kShownIdCharacters), terminal_safe(words(message), "\n       ")});
  }
  context.say("disclose.proven", {std::to_string(shown.first_seq), std::to_string(shown.head_seq)});
  context.say("disclose.not_proven");
}

// The reader's own knowledge; nothing after having said what is wrong with it.
std::optional<disclosure::Trust> trust_of(const Context& context, const DiscloseVerify& options,
                                          const disclosure::Disclosure& shown, ExitCode& exit) {
  disclosure::Trust trust{shown.organisation, shown.head_key};
  if (!options.organisation.empty()) {
    const auto known = read_published(context, options.organisation, exit);
    if (!known) return std::nullopt;
    trust.organisation = *known;
  }
  if (!options.head_key.empty()) {
    const auto bytes = from_hex(options.head_key);
    const auto key = bytes.ok() ? VerifyKey::from_bytes(*bytes) : Result<VerifyKey>(bytes.error());
    if (!key.ok()) {
      exit = context.fail("error.key_text", {options.head_key}, ExitCode::usage);
      return std::nullopt;
    }
    trust.head_key = *key;
  }
  return trust;
}

}  // namespace

ExitCode disclose(const Context& context, const Disclose& options) {
  if (options.messages.empty()) return context.fail("error.disclose_what", {}, ExitCode::usage);
  if (options.out.empty()) return context.fail("error.disclose_where", {}, ExitCode::usage);
  ExitCode exit = ExitCode::ok;
  const auto session = context.open_or_knock(exit);
  if (!session) return exit;
  const auto channel = find_channel(context, *session, options.channel, exit);
  if (!channel) return exit;
  // S16: told plainly, before there is anything to hand over.
  context.err << context.texts.text("disclose.warning", {std::to_string(options.messages.size())}) << std::endl;
  api::DiscloseT request;
  request.channel = channel->id;
  request.seqs = options.messages;
  Refusal refusal;
  const Event answer = session->ask(std::move(request), refusal);
  if (!answer || answer->body.AsDisclosure() == nullptr) return context.fail(refusal);
  const Bytes& bytes = answer->body.AsDisclosure()->bytes;
  const auto made = disclosure::decode_disclosure(bytes);
  if (!made.ok()) return context.fail(made.error());
  // Readable by its owner only: it holds messages in plain text.
  if (!sdk::write_small_file(options.out, bytes, sdk::FileMode::secret).ok()) {
    return context.fail("error.file_write", {options.out}, ExitCode::environment);
  }
  context.emit(event_of(api::DoneT()));
  context.say("disclose.made", {options.out, key_text(made->head_key), key_text(made->organisation.root_key)});
  return ExitCode::ok;
}

ExitCode disclose_verify(const Context& context, const DiscloseVerify& options) {
  const auto bytes = read_disclosure_file(options.file);
  if (!bytes) return context.fail("error.file_read", {options.file}, ExitCode::environment);
  const auto shown = disclosure::decode_disclosure(*bytes);
  if (!shown.ok()) return context.fail(shown.error());
  ExitCode exit = ExitCode::ok;
  const auto trust = trust_of(context, options, *shown, exit);
  if (!trust) return exit;
  const auto proven = disclosure::verify_disclosure(*shown, *trust);
  if (!proven.ok()) return context.fail(proven.error());
  const bool trusted = !options.organisation.empty() && !options.head_key.empty();
  if (context.json) {
    print_json(context, *shown, *proven, trusted);
  } else {
    print(context, *shown, *proven);
  }
  if (trusted) return ExitCode::ok;
  // Anybody can make a file that is whole in itself, under keys of his own.
  context.err << context.texts.text("disclose.not_trusted", {key_text(shown->organisation.root_key), key_text(shown->head_key)})
              << std::endl;
  return ExitCode::refused;
}

}  // namespace steiger::cli
