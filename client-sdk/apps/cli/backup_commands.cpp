// The root key (S1): shares on paper, getting it back from them, and a new root in its place.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "client-sdk/apps/cli/commands.h"
#include "client-sdk/apps/cli/organisation_files.h"
#include "client-sdk/apps/cli/qr.h"
#include "client-sdk/apps/cli/text_safety.h"
#include "client-sdk/src/native/errors.h"
#include "client-sdk/src/native/file_descriptor.h"
#include "client-sdk/src/native/files.h"
#include "client-sdk/src/native/secret_sharing.h"
#include "client-sdk/src/organisation_share.h"
#include "client-sdk/src/organisation_status.h"
#include "crypto/identity/root_succession.h"

namespace steiger::cli {
namespace {

// One share may burn or be in the wrong drawer; one alone, in wrong hands, is worth nothing.
constexpr std::uint8_t kSharesNeeded = 2;
constexpr std::uint8_t kSharesMade = 3;

// In groups, for comparing by eye.
std::string fingerprint_text(const VerifyKey& root) {
  constexpr std::size_t kGroup = 4;
  const std::string hex = to_hex(sdk::share_fingerprint(root));
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += kGroup) out += (i == 0 ? "" : " ") + hex.substr(i, kGroup);
  return out;
}

// What is printed. '=' marks the lines to type, so it stands nowhere else.
SecretBytes paper_of(const Context& context, const sdk::RootShare& share, const VerifyKey& root) {
  std::string name = terminal_safe(share.name, " ");
  std::replace(name.begin(), name.end(), '=', ' ');
  const std::string head = context.texts.text("share.head", {name, std::to_string(share.number), std::to_string(share.total),
                                                             std::to_string(share.needed), fingerprint_text(root)});
  const SecretBytes lines = sdk::share_lines(share);
  const SecretBytes characters = sdk::share_characters(share);
  const std::string drawing = draw_qr_on_paper(as_text(characters.bytes())).value_or("");
  Bytes out;
  out.reserve(head.size() + lines.size() + drawing.size() + 4);
  append(out, as_bytes(head));
  append(out, as_bytes("\n\n"));
  append(out, lines.bytes());
  append(out, as_bytes("\n"));
  append(out, as_bytes(drawing));
  return SecretBytes::adopt(std::move(out));
}

Result<SecretBytes> share_text(const std::string& file) {
  if (file == "-") return sdk::read_secret(STDIN_FILENO, sdk::kMaxShareText);
  const sdk::FileDescriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.valid()) return sdk::kDataDirUnusable;
  return sdk::read_secret(opened.get(), sdk::kMaxShareText);
}

std::optional<sdk::RootShare> read_share(const Context& context, const std::string& file, ExitCode& exit) {
  const auto text = share_text(file);
  if (!text.ok()) {
    const bool too_long = text.error() == kTooLarge;
    exit = too_long ? context.fail(std::string("error.") + sdk::kNotAShare.name, {file}, ExitCode::refused)
                    : context.fail("error.file_read", {file}, ExitCode::environment);
    return std::nullopt;
  }
  unsigned line = 0;
  auto share = sdk::parse_share(as_text(text->bytes()), line);
  if (!share.ok()) {
    exit = context.fail(std::string("error.") + share.error().name, {file, std::to_string(line)}, ExitCode::refused);
    return std::nullopt;
  }
  return std::move(share).value();
}

std::optional<sdk::Organisation> joined(const Context& context, const std::vector<sdk::RootShare>& shares, ExitCode& exit) {
  if (const auto fit = sdk::check_shares(shares); !fit.ok()) {
    const std::string needed = std::to_string(shares.empty() ? kSharesNeeded : shares.front().needed);
    exit = context.fail(std::string("error.") + fit.error().name, {needed}, ExitCode::refused);
    return std::nullopt;
  }
  std::vector<sdk::SecretShare> parts;
  for (const auto& share : shares) parts.push_back({share.number, share.share.clone()});
  const auto seed = sdk::join_secret(parts);
  auto organisation = seed.ok() ? sdk::restore_organisation(shares.front(), *seed) : Result<sdk::Organisation>(sdk::kSharesWrong);
  if (!organisation.ok()) {
    exit = context.fail(organisation.error());
    return std::nullopt;
  }
  return std::move(organisation).value();
}

bool exists(const std::string& file) {
  std::error_code failed;
  return std::filesystem::exists(file, failed);
}

// The successor's key, on disk before anything says that it is the successor; that of a rotation that was interrupted, when there is
// one.
std::optional<sdk::Organisation> next_root(const Context& context, const OrganisationFiles& files,
                                           const sdk::Organisation& present, ExitCode& exit) {
  if (exists(files.next_secret())) {
    auto bytes = sdk::read_small_file(files.next_secret());
    const SecretBytes secret = bytes.ok() ? SecretBytes::adopt(std::move(bytes).value()) : SecretBytes();
    auto next = sdk::Organisation::deserialize(secret.bytes());
    if (next.ok() && next->facts.id == present.facts.id) return std::move(next).value();
    exit = context.fail("error.file_read", {files.next_secret()}, ExitCode::environment);
    return std::nullopt;
  }
  SigningKey root = SigningKey::generate(context.rng);
  identity::OrganisationPublic facts{present.facts.id, root.verify_key(), present.facts.name};
  sdk::Organisation next{std::move(facts), std::move(root)};
  if (sdk::create_small_file(files.next_secret(), next.serialize().bytes(), sdk::FileMode::secret).ok()) return next;
  exit = context.fail("error.file_write", {files.next_secret()}, ExitCode::environment);
  return std::nullopt;
}

// The step from the present root to the next, behind those of earlier rotations; there once, however often this is repeated.
ExitCode write_succession(const Context& context, const OrganisationFiles& files, const sdk::Organisation& present,
                          const sdk::Organisation& next) {
  std::vector<identity::RootSuccession> steps;
  if (exists(files.successions())) {
    const auto bytes = sdk::read_small_file(files.successions());
    auto known =
        bytes.ok() ? identity::decode_root_successions(*bytes) : Result<std::vector<identity::RootSuccession>>(kBadValue);
    if (!known.ok()) return context.fail("error.file_read", {files.successions()}, ExitCode::environment);
    steps = std::move(known).value();
  }
  if (!steps.empty() && steps.back().new_root == next.facts.root_key) return ExitCode::ok;
  if (steps.size() == identity::kMaxRootSuccessions) return context.fail("error.too_many_roots", {}, ExitCode::refused);
  const auto step = identity::sign_root_succession(present.root, next.root, present.facts.id, context.time.clock->now());
  if (!step.ok()) return context.fail(step.error());
  steps.push_back(*step);
  if (sdk::write_small_file(files.successions(), identity::encode_root_successions(steps), sdk::FileMode::published).ok()) {
    return ExitCode::ok;
  }
  return context.fail("error.file_write", {files.successions()}, ExitCode::environment);
}

// The status key goes on under the new root.
ExitCode appoint_again(const Context& context, const OrganisationFiles& files, const sdk::Organisation& next) {
  if (!exists(files.status_key())) return ExitCode::ok;
  auto bytes = sdk::read_small_file(files.status_key());
  const SecretBytes secret = bytes.ok() ? SecretBytes::adopt(std::move(bytes).value()) : SecretBytes();
  auto known = sdk::StatusAuthority::deserialize(secret.bytes());
  if (!known.ok()) return context.fail(known.error());
  const auto authority = sdk::appoint_status_key(next, std::move(known->key), context.time.clock->now());
  if (!authority.ok()) return context.fail(authority.error());
  if (sdk::write_small_file(files.status_key(), authority->serialize().bytes(), sdk::FileMode::secret).ok()) return ExitCode::ok;
  return context.fail("error.file_write", {files.status_key()}, ExitCode::environment);
}

}  // namespace

ExitCode organisation_backup(const Context& context, const OrganisationBackup& options) {
  ExitCode exit = ExitCode::ok;
  const auto organisation = read_organisation(context, OrganisationFiles(options.dir), exit);
  if (!organisation) return exit;
  const auto parts = sdk::split_secret(organisation->root.seed().bytes(), kSharesNeeded, kSharesMade);
  if (!parts.ok()) return context.fail(parts.error());
  std::error_code failed;
  std::filesystem::create_directories(options.out, failed);
  if (failed) return context.fail("error.file_write", {options.out}, ExitCode::environment);
  sdk::RootShare share;
  share.organisation = organisation->facts.id;
  share.root = sdk::share_fingerprint(organisation->facts.root_key);
  context.rng.fill(share.set);
  share.needed = kSharesNeeded;
  share.total = kSharesMade;
  share.name = organisation->facts.name;
  for (const auto& part : *parts) {
    share.number = part.number;
    share.share = part.bytes.clone();
    const auto file = std::filesystem::path(options.out) / ("organisation-share-" + std::to_string(part.number) + ".txt");
    const SecretBytes paper = paper_of(context, share, organisation->facts.root_key);
    const auto written = sdk::create_small_file(file, paper.bytes(), sdk::FileMode::secret);
    if (written.ok()) continue;
    if (written.error() == sdk::kDataInUse) return context.fail("error.share_exists", {file.string()}, ExitCode::refused);
    return context.fail("error.file_write", {file.string()}, ExitCode::environment);
  }
  context.say("share.made", {options.out, std::to_string(kSharesMade), std::to_string(kSharesNeeded)});
  return ExitCode::ok;
}

ExitCode organisation_restore(const Context& context, const OrganisationRestore& options) {
  const OrganisationFiles files(options.dir);
  if (std::count(options.shares.begin(), options.shares.end(), "-") > 1) {
    return context.fail("error.one_input", {}, ExitCode::usage);
  }
  ExitCode exit = ExitCode::ok;
  std::vector<sdk::RootShare> shares;
  for (const auto& file : options.shares) {
    auto share = read_share(context, file, exit);
    if (!share) return exit;
    shares.push_back(std::move(*share));
  }
  const auto organisation = joined(context, shares, exit);
  if (!organisation) return exit;
  const bool published = exists(files.published());
  if (published) {
    const auto known = read_published(context, files.published(), exit);
    if (!known) return exit;
    if (known->id != organisation->facts.id || known->root_key != organisation->facts.root_key) {
      return context.fail("error.restore_other_root", {files.published()}, ExitCode::refused);
    }
  }
  std::error_code failed;
  std::filesystem::create_directories(files.dir(), failed);
  const auto written = sdk::create_small_file(files.secret(), organisation->serialize().bytes(), sdk::FileMode::secret);
  if (!written.ok() && written.error() == sdk::kDataInUse) {
    return context.fail("error.organisation_exists", {options.dir}, ExitCode::refused);
  }
  if (!written.ok()) return context.fail("error.file_write", {files.secret()}, ExitCode::environment);
  const Bytes facts = identity::encode_organisation(organisation->facts);
  if (!published && !sdk::write_small_file(files.published(), facts, sdk::FileMode::published).ok()) {
    return context.fail("error.file_write", {files.published()}, ExitCode::environment);
  }
  context.say("share.restored",
              {terminal_safe(organisation->facts.name, " "), files.secret(), fingerprint_text(organisation->facts.root_key)});
  return ExitCode::ok;
}

// Every step can be repeated, so that a rotation that was interrupted is finished by asking again. The old key is not kept: whoever
// has it could sign another successor for those who have not heard of this one (S1). Its shares on paper still hold it, which the
// beheerder is told.
ExitCode organisation_rotate(const Context& context, const OrganisationRotate& options) {
  const OrganisationFiles files(options.dir);
  ExitCode exit = ExitCode::ok;
  const auto present = read_organisation(context, files, exit);
  if (!present) return exit;
  const auto next = next_root(context, files, *present, exit);
  if (!next) return exit;
  if (next->facts.root_key != present->facts.root_key) {
    if (exit = write_succession(context, files, *present, *next); exit != ExitCode::ok) return exit;
    if (exit = appoint_again(context, files, *next); exit != ExitCode::ok) return exit;
    const Bytes facts = identity::encode_organisation(next->facts);
    if (!sdk::write_small_file(files.published(), facts, sdk::FileMode::published).ok()) {
      return context.fail("error.file_write", {files.published()}, ExitCode::environment);
    }
    if (!sdk::write_small_file(files.secret(), next->serialize().bytes(), sdk::FileMode::secret).ok()) {
      return context.fail("error.file_write", {files.secret()}, ExitCode::environment);
    }
  }
  std::error_code failed;
  std::filesystem::remove(files.next_secret(), failed);
  if (failed) return context.fail("error.file_write", {files.next_secret()}, ExitCode::environment);
  context.say("organisation.rotated", {files.successions(), fingerprint_text(next->facts.root_key)});
  return ExitCode::ok;
}

}  // namespace steiger::cli
