// The status list (S1): who may no longer be trusted. Needs status.key, not the root key, except for the appointment itself.
#include "client-sdk/apps/cli/commands.h"
#include "client-sdk/apps/cli/dates.h"
#include "client-sdk/apps/cli/organisation_files.h"
#include "client-sdk/src/native/errors.h"
#include "client-sdk/src/native/files.h"
#include "client-sdk/src/organisation_status.h"

namespace steiger::cli {
namespace {

constexpr std::size_t kShownHashCharacters = 16;

std::optional<sdk::StatusAuthority> read_authority(const Context& context, const OrganisationFiles& files, ExitCode& exit) {
  auto bytes = sdk::read_small_file(files.status_key());
  if (!bytes.ok()) {
    exit = context.fail("error.status_key_missing", {files.status_key()}, ExitCode::environment);
    return std::nullopt;
  }
  const SecretBytes secret = SecretBytes::adopt(std::move(bytes).value());
  auto authority = sdk::StatusAuthority::deserialize(secret.bytes());
  if (!authority.ok()) {
    exit = context.fail(authority.error());
    return std::nullopt;
  }
  return std::move(authority).value();
}

// An empty book when there is none yet.
std::optional<sdk::StatusBook> read_book(const Context& context, const OrganisationFiles& files, ExitCode& exit) {
  std::error_code failed;
  if (!std::filesystem::exists(files.status_book(), failed) && !failed) return sdk::StatusBook();
  const auto bytes = sdk::read_small_file(files.status_book());
  if (!bytes.ok()) {
    exit = context.fail("error.file_read", {files.status_book()}, ExitCode::environment);
    return std::nullopt;
  }
  auto book = sdk::StatusBook::decode(*bytes);
  if (!book.ok()) {
    exit = context.fail(book.error());
    return std::nullopt;
  }
  return std::move(book).value();
}

bool write_book(const OrganisationFiles& files, const sdk::StatusBook& book) {
  return sdk::write_small_file(files.status_book(), book.encode(), sdk::FileMode::secret).ok();
}

// Whose standing: the subject of a certificate of this organisation, or a key as hexadecimal text.
std::optional<Hash> wanted_key(const Context& context, const OrganisationFiles& files, const StandingNote& options,
                               ExitCode& exit) {
  if (!options.key.empty()) {
    const auto bytes = from_hex(options.key);
    const auto key = bytes.ok() ? VerifyKey::from_bytes(*bytes) : Result<VerifyKey>(bytes.error());
    if (key.ok()) return identity::key_hash(*key);
    exit = context.fail("error.key_text", {options.key}, ExitCode::usage);
    return std::nullopt;
  }
  const auto organisation = read_published(context, files.published(), exit);
  if (!organisation) return std::nullopt;
  const auto bytes = sdk::read_small_file(options.certificate);
  if (!bytes.ok()) {
    exit = context.fail("error.file_read", {options.certificate}, ExitCode::environment);
    return std::nullopt;
  }
  const auto certificate = identity::decode_certificate(*bytes);
  if (!certificate.ok() || certificate->organisation != organisation->id) {
    exit = context.fail("error.no_certificate_here", {options.certificate}, ExitCode::refused);
    return std::nullopt;
  }
  return identity::key_hash(certificate->subject_key);
}

std::string standing_text(const Context& context, identity::Standing standing) {
  switch (standing) {
    case identity::Standing::ended:
      return context.texts.text("standing.ended");
    case identity::Standing::replaced:
      return context.texts.text("standing.replaced");
    case identity::Standing::compromised:
      break;
  }
  return context.texts.text("standing.compromised");
}

std::string short_hash(const Hash& key) {
  return to_hex(key).substr(0, kShownHashCharacters);
}

}  // namespace

ExitCode standing_delegate(const Context& context, const StandingDelegate& options) {
  const OrganisationFiles files(options.dir);
  ExitCode exit = ExitCode::ok;
  const auto organisation = read_organisation(context, files, exit);
  if (!organisation) return exit;
  std::error_code failed;
  auto key = SigningKey::generate(context.rng);
  // Renewing keeps the key; a new one only when asked, because the old one was seen by others.
  if (!options.new_key && std::filesystem::exists(files.status_key(), failed)) {
    auto known = read_authority(context, files, exit);
    if (!known) return exit;
    key = std::move(known->key);
  }
  const auto authority = sdk::appoint_status_key(*organisation, std::move(key), context.time.clock->now());
  if (!authority.ok()) return context.fail(authority.error());
  if (!sdk::write_small_file(files.status_key(), authority->serialize().bytes(), sdk::FileMode::secret).ok()) {
    return context.fail("error.file_write", {files.status_key()}, ExitCode::environment);
  }
  context.say("standing.delegated", {files.status_key(), date_time_text(authority->delegation.not_after)});
  return ExitCode::ok;
}

ExitCode standing_note(const Context& context, const StandingNote& options) {
  const OrganisationFiles files(options.dir);
  if (options.certificate.empty() && options.key.empty()) return context.fail("error.standing_of_whom", {}, ExitCode::usage);
  Timestamp since = context.time.clock->now();
  if (!options.since.empty()) {
    const auto typed = parse_date_time(options.since);
    if (!typed) return context.fail("error.date", {options.since}, ExitCode::usage);
    since = *typed;
  }
  ExitCode exit = ExitCode::ok;
  const auto key = wanted_key(context, files, options, exit);
  if (!key) return exit;
  auto book = read_book(context, files, exit);
  if (!book) return exit;
  if (const auto noted = book->note(*key, options.standing, since); !noted.ok()) return context.fail(noted.error());
  if (!write_book(files, *book)) return context.fail("error.file_write", {files.status_book()}, ExitCode::environment);
  context.say("standing.noted", {short_hash(*key), standing_text(context, options.standing), date_time_text(since)});
  return ExitCode::ok;
}

ExitCode standing_show(const Context& context, const StandingShow& options) {
  const OrganisationFiles files(options.dir);
  ExitCode exit = ExitCode::ok;
  const auto book = read_book(context, files, exit);
  if (!book) return exit;
  const auto authority = read_authority(context, files, exit);
  if (!authority) return exit;
  context.say("standing.appointed_until", {date_time_text(authority->delegation.not_after)});
  if (book->version == 0) {
    context.say("standing.never_signed");
  } else {
    context.say("standing.last_signed",
                {std::to_string(book->version), date_time_text(book->issued), date_time_text(book->next_update)});
  }
  if (book->entries.empty()) context.say("standing.none");
  for (const auto& entry : book->entries) {
    context.say("standing.entry", {short_hash(entry.key), date_time_text(entry.since), standing_text(context, entry.standing)});
  }
  return ExitCode::ok;
}

ExitCode standing_sign(const Context& context, const StandingSign& options) {
  const OrganisationFiles files(options.dir);
  ExitCode exit = ExitCode::ok;
  const auto organisation = read_published(context, files.published(), exit);
  if (!organisation) return exit;
  const auto authority = read_authority(context, files, exit);
  if (!authority) return exit;
  const auto book = read_book(context, files, exit);
  if (!book) return exit;
  const auto signed_status = sdk::sign_next_status(*organisation, *authority, *book, context.time.clock->now());
  if (!signed_status.ok()) return context.fail(signed_status.error());
  // Lists only go up: one that is there already, from before the book was lost or put back, is not overwritten by an older one.
  if (const auto there = sdk::read_small_file(options.out); there.ok()) {
    const auto known = identity::decode_status_list(*there);
    if (!known.ok()) return context.fail("error.not_a_status_list", {options.out}, ExitCode::refused);
    const auto up = identity::check_status_successor(*known, signed_status->list);
    if (!up.ok()) return context.fail(up.error());
  }
  // The book first: a crash in between skips a version, and never uses one twice.
  if (!write_book(files, signed_status->book)) {
    return context.fail("error.file_write", {files.status_book()}, ExitCode::environment);
  }
  const Bytes list = identity::encode_status_list(signed_status->list);
  if (!sdk::write_small_file(options.out, list, sdk::FileMode::published).ok()) {
    return context.fail("error.file_write", {options.out}, ExitCode::environment);
  }
  context.say("standing.signed",
              {options.out, std::to_string(signed_status->list.version), date_time_text(signed_status->list.next_update)});
  return ExitCode::ok;
}

}  // namespace steiger::cli
