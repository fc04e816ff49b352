#include "tests/story/person.h"

#include <algorithm>

namespace steiger::story {
namespace {

// Lines of the burst in which a terminal client is killed.
constexpr int kBurst = 40;
constexpr int kLinesBeforeKill = 15;

class TerminalPerson final : public Person {
 public:
  TerminalPerson(World& world, std::string device) : world_(world), device_(std::move(device)) {}

  [[nodiscard]] std::string where() const override { return "terminal"; }
  bool join(const std::string& link, const std::string& name) override {
    return world_.steiger(device_, {"join", "-", "--name", name}, link + "\n").exit == 0;
  }
  bool write(const std::string& text) override { return world_.steiger(device_, {"send", text, "--until", "saved"}).exit == 0; }
  bool sees(const std::string& text) override {
    Process receiving = world_.start_steiger(device_, {"receive", "--follow"});
    return !wait_for(receiving, "Message", [&](const json& body) { return body["text"] == text; }).is_null();
  }
  bool catches_up() override {
    // An empty input: nothing new is sent, but the command ends only when nothing is under way any more.
    return world_.steiger(device_, {"send", "-"}, "").exit == 0;
  }
  std::optional<std::vector<Shown>> messages() override { return world_.history(device_); }
  bool dies_and_returns() override {
    Process sending = world_.start_steiger(device_, {"send", "-"});
    std::string lines;
    for (int i = 0; i < kBurst; ++i) lines += device_ + " burst " + std::to_string(i) + "\n";
    sending.write(lines);
    for (int i = 0; i < kLinesBeforeKill; ++i) {
      if (!sending.read_line()) return false;
    }
    sending.kill_now();
    return world_.steiger(device_, {"status"}).exit == 0;
  }
  bool loses_storage() override { return std::filesystem::remove_all(world_.device_dir(device_)) > 0; }

 private:
  World& world_;
  std::string device_;
};

class PagePerson final : public Person {
 public:
  explicit PagePerson(Process browser) : browser_(std::move(browser)) {}
  ~PagePerson() override {
    browser_.write("{\"do\":\"quit\"}\n");
    browser_.wait();
  }

  [[nodiscard]] std::string where() const override { return "page in Chromium"; }
  bool join(const std::string& link, const std::string& name) override {
    return ask({{"do", "open"}, {"url", link}}) && ask({{"do", "join"}, {"name", name}}) && ask({{"do", "ready"}}) &&
           secret_is_gone();
  }
  bool write(const std::string& text) override { return ask({{"do", "send"}, {"text", text}}); }
  bool sees(const std::string& text) override { return ask({{"do", "see"}, {"text", text}}); }
  bool catches_up() override {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < deadline) {
      const auto shown = messages();
      if (shown && std::all_of(shown->begin(), shown->end(), [](const Shown& message) { return message.seq != 0; })) return true;
    }
    return false;
  }
  std::optional<std::vector<Shown>> messages() override {
    if (!ask({{"do", "messages"}})) return std::nullopt;
    std::vector<Shown> out;
    for (const auto& message : answer_["messages"]) {
      out.push_back({message["id"], message["text"], message["seq"], message["state"] != "received"});
    }
    return out;
  }
  bool dies_and_returns() override {
    // What was shown as written right before is kept, once. That it arrives once too: same_on_both_sides() of the story.
    return write("Hier valt de tab uit") && ask({{"do", "kill-tab"}}) && ask({{"do", "ready"}}) && once("Hier valt de tab uit") &&
           write("Hier valt de browser uit") && ask({{"do", "kill-browser"}}) && ask({{"do", "ready"}}) &&
           once("Hier valt de browser uit");
  }
  bool loses_storage() override { return ask({{"do", "lose-storage"}}); }

 private:
  bool once(const std::string& text) {
    if (!sees(text)) return false;
    const auto shown = messages();
    return shown && std::count_if(shown->begin(), shown->end(), [&](const Shown& message) { return message.text == text; }) == 1;
  }
  // S3: after reading, the secret stands no longer in the address bar. (What the browser keeps: tests/browser/page.test.mjs.)
  bool secret_is_gone() { return ask({{"do", "address"}}) && answer_["url"].get<std::string>().find('#') == std::string::npos; }
  bool ask(const json& command) {
    browser_.write(command.dump() + "\n");
    const auto line = browser_.read_line(kPatience * 2);  // the actor's own patience ends first
    answer_ = line ? json::parse(*line, nullptr, false) : json();
    return answer_.is_object() && answer_.value("ok", false);
  }

  Process browser_;
  json answer_;
};

}  // namespace

std::unique_ptr<Person> person_at_terminal(World& world, const std::string& device) {
  return std::make_unique<TerminalPerson>(world, device);
}

std::unique_ptr<Person> person_at_page(World& world, const std::string& device, const std::filesystem::path& actor) {
  Process browser({"/usr/bin/env", "node", actor.string(), world.device_dir(device).string()}, world.error_file(device));
  const auto hello = browser.read_line();
  const json parsed = hello ? json::parse(*hello, nullptr, false) : json();
  if (!parsed.is_object() || !parsed.value("ok", false)) return nullptr;
  return std::make_unique<PagePerson>(std::move(browser));
}

}  // namespace steiger::story
