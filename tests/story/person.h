// A jongere in the story: at a terminal or at the web page. The story asks both for the same things.
#pragma once

#include <memory>

#include "tests/story/world.h"

namespace steiger::story {

class Person {
 public:
  virtual ~Person() = default;
  [[nodiscard]] virtual std::string where() const = 0;  // for the transcript
  // Opens the link and gives a name; returns when the invite is answered and the conversation is open.
  virtual bool join(const std::string& link, const std::string& name) = 0;
  // Returns when the message is kept on this device, with or without a connection.
  virtual bool write(const std::string& text) = 0;
  // Waits until this message of the other side is shown.
  virtual bool sees(const std::string& text) = 0;
  // Waits until everything written is at the gateway.
  virtual bool catches_up() = 0;
  virtual std::optional<std::vector<Shown>> messages() = 0;
  // Ends it without any goodbye (SIGKILL, or the tab's process), and opens it again.
  virtual bool dies_and_returns() = 0;
  // The device's storage is gone, as when a browser evicts it; the device itself is still there.
  virtual bool loses_storage() = 0;
};

// `steiger --json`, each command a process of its own.
std::unique_ptr<Person> person_at_terminal(World& world, const std::string& device);

// Chromium at the page. nullptr when node or Chromium cannot be started.
std::unique_ptr<Person> person_at_page(World& world, const std::string& device, const std::filesystem::path& actor);

}  // namespace steiger::story
