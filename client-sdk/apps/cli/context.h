// What every command gets: texts, output, the data directory, time and randomness.
#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>

#include "client-sdk/apps/cli/catalogue.h"
#include "client-sdk/apps/cli/session.h"

namespace steiger::cli {

struct Context {
  Catalogue texts;
  std::ostream& out;
  std::ostream& err;
  Rng& rng;
  sdk::NativeTime time;
  std::filesystem::path data_dir;
  bool json = false;      // one JSON object per line on `out`, nothing else there
  bool terminal = false;  // `out` is a terminal: colours and a QR code make sense

  // A line for a person; silent with --json.
  void say(std::string_view key, std::initializer_list<std::string_view> arguments = {}) const;
  // The event as a line of JSON, flushed; only with --json.
  void emit(const api::EventT& event) const;
  // What every command that listens passes by: an alarm is said on `err` and, with --json, written on `out`.
  void hear(const api::EventT& event) const;
  // A sentence on `err`, with --json also a Failed event on `out`.
  ExitCode fail(const Refusal& refusal) const;
  ExitCode fail(const Error& error) const { return fail(Refusal::of(error)); }
  // A sentence of the catalogue that needs arguments.
  ExitCode fail(std::string_view key, std::initializer_list<std::string_view> arguments, ExitCode exit) const;

  // Opens the data directory; nullptr after having said why not.
  [[nodiscard]] std::unique_ptr<Session> open(sdk::OpenMode mode, ExitCode& exit) const;
  // The same for a command that a chat in another window may serve (door.h) when it has the directory open.
  [[nodiscard]] std::unique_ptr<Session> open_or_knock(ExitCode& exit) const;
};

// An event that carries `body`, for output in the shape of the schema.
template <class Body>
api::EventT event_of(Body body) {
  api::EventT event;
  event.body.Set(std::move(body));
  return event;
}

// Local time of day, hh:mm, for a person; with the date when it is not today.
std::string time_text(std::int64_t ms, Timestamp now);

}  // namespace steiger::cli
