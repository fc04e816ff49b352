// `deploy/quickstart --check`: the story of two people, played with real programs, every line of the transcript a check.
//   steiger-story --bin DIR --work DIR [--page DIR --actor FILE]
// Scenes that need no time travel play on the programs that ship; the others on those whose clock moves by command, and say so.
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <future>
#include <iostream>

#include "tests/leaks/leak_search.h"
#include "tests/story/members_story.h"
#include "tests/story/person.h"
#include "tests/story/transcript.h"
#include "tests/story/world.h"

namespace steiger::story {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kDay = 24 * 60 * kMinute;
constexpr std::int64_t kMondayMorning = 1'794'819'600'000;  // 2026-11-16 09:00 UTC: any fixed time will do

struct Places {
  std::filesystem::path bin, work, page, actor;
};

using test::content_of;

mode_t mode_of(const std::filesystem::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777u : 0;
}

std::string last_error(World& world, const std::string& who) {
  const std::string all = content_of(world.error_file(who));
  return all.size() > 400 ? all.substr(all.size() - 400) : all;
}

// S26. Short ones are looked for as they are: their other forms could be there by chance.
bool holds(const std::string& haystack, const std::string& marker) {
  const bool plain = haystack.find(marker) != std::string::npos;
  return plain || (marker.size() >= test::kMinMarkerBytes && !test::found(haystack, marker).empty());
}

// ---------------------------------------------------------------- the scenes

class Story {
 public:
  Story(Places places, Transcript& transcript)
      : places_(std::move(places)),
        t_(transcript),
        world_(places_.bin, places_.work / "world", Binaries::shipped, places_.page) {}

  void play() {
    if (!set_up() || !meet()) return;
    talk();
    gateway_dies();
    people_die();
    storage_is_gone();
    link_at_a_distance();
    bad_luck();
    gateway_reads_nothing();
  }

 private:
  bool set_up() {
    t_.scene("An organisation, its gateway, a coach (the programs that ship)");
    const auto secret = world_.dir() / "organisation" / "organisation.key";
    const auto store_key = world_.gateway_dir() / "store.key";
    return t_.check("the beheerder makes the organisation", world_.make_organisation("Werkplein")) &&
           t_.check("its secret key is readable by its owner only", mode_of(secret) == 0600) &&
           t_.check("the gateway gets its configuration, keys and an empty store", world_.init_gateway(),
                    last_error(world_, "gateway")) &&
           t_.check("the gateway's store key is readable by its owner only", mode_of(store_key) == 0600) &&
           t_.check("the gateway starts and says where it listens", world_.start_gateway(), last_error(world_, "gateway")) &&
           t_.check("coach Noor is certified on her own device", world_.make_coach("noor", "Noor"), last_error(world_, "noor")) &&
           t_.check("Noor logs in", status("noor")["connection"] == "online");
  }

  bool meet() {
    sam_ = places_.page.empty() ? person_at_terminal(world_, "sam") : person_at_page(world_, "sam", places_.actor);
    t_.scene("Noor invites Sam at the table");
    if (!t_.check("Sam's device is there", sam_ != nullptr, last_error(world_, "sam"))) return false;
    Process inviting = world_.start_steiger("noor", {"invite", "--qr", "--label", "Sam", "--page", world_.page_url()});
    const json invite = wait_for(inviting, "Invite", [](const json& body) { return body["state"] == "open"; });
    if (!t_.check("Noor gets a QR invite", invite.is_object(), last_error(world_, "noor"))) return false;
    link_ = invite["url"];
    t_.check("the link's secret is in the fragment, which browsers never send", link_.rfind(world_.page_url() + "#", 0) == 0,
             link_);
    t_.check("a QR invite has no characters to type", invite["typed"].get<std::string>().empty());
    return t_.check("Sam joins (" + sam_->where() + ")", sam_->join(link_, "Sam"), last_error(world_, "sam")) &&
           t_.check("Noor's command hears that Sam joined, and ends", inviting.wait() == 0, last_error(world_, "noor")) &&
           t_.check("Noor's device knows Sam as verified at intake", verified_at_intake());
  }

  void talk() {
    t_.scene("They talk");
    t_.check("Noor: 'Hoi Sam'", send("noor", "Hoi Sam"), last_error(world_, "noor"));
    t_.check("Sam sees it", sam_->sees("Hoi Sam"), last_error(world_, "sam"));
    t_.check("Sam: 'Hoi Noor, " + kMarker + "'", sam_->write("Hoi Noor, " + kMarker) && sam_->catches_up());
    t_.check("Noor sees it", noor_sees("Hoi Noor, " + kMarker), last_error(world_, "noor"));
    t_.check("and knows by what name Sam wants to be called", name_of_the_jongere() == "Sam");
    same_on_both_sides();
  }

  void gateway_dies() {
    t_.scene("The gateway is killed (SIGKILL) and comes back");
    world_.kill_gateway();
    t_.check("Noor writes meanwhile: kept on her device",
             world_.steiger("noor", {"send", "Ben je er nog?", "--until", "saved"}).exit == 0);
    t_.check("her device says that one message waits", status("noor")["waiting"] == 1);
    t_.check("Sam writes meanwhile: kept on the device", sam_->write("Even geen verbinding"));
    t_.check("the gateway starts again on its store", world_.start_gateway(), last_error(world_, "gateway"));
    t_.check("Noor's message goes by itself", world_.steiger("noor", {"send", "-"}).exit == 0);
    t_.check("Sam sees it", sam_->sees("Ben je er nog?"));
    t_.check("Sam's message goes by itself", sam_->catches_up());
    t_.check("Noor sees it", noor_sees("Even geen verbinding"));
    same_on_both_sides();
  }

  void people_die() {
    t_.scene("Both devices are killed in the middle");
    Process sending = world_.start_steiger("noor", {"send", "-"});
    std::string lines;
    for (int i = 0; i < 60; ++i) lines += "regel " + std::to_string(i) + "\n";
    sending.write(lines);
    std::vector<std::string> kept;
    while (kept.size() < 20) {
      const json message = wait_for(sending, "Message", [](const json& body) { return body["state"] == "waiting"; });
      if (message.is_null()) break;
      kept.push_back(message["id"]);
    }
    sending.kill_now();
    t_.check("Noor's command is killed while it sends 60 messages; 20 were reported as kept", kept.size() == 20);
    t_.check("Sam's side is killed and opened again (" + sam_->where() + ")", sam_->dies_and_returns(),
             last_error(world_, "sam"));
    t_.check("what Noor's device kept goes by itself", world_.steiger("noor", {"send", "-"}).exit == 0,
             last_error(world_, "noor"));
    t_.check("Noor: 'Dat was alles'", send("noor", "Dat was alles"));
    t_.check("Sam sees it", sam_->sees("Dat was alles"));
    t_.check("what Sam's device kept goes by itself", sam_->catches_up());
    t_.check("Sam: 'Alles gezien'", sam_->write("Alles gezien") && sam_->catches_up());
    t_.check("Noor sees it", noor_sees("Alles gezien"));
    same_on_both_sides();
    const auto noor = world_.history("noor").value_or(std::vector<Shown>());
    std::size_t found = 0;
    for (const auto& id : kept) {
      found += static_cast<std::size_t>(
          std::count_if(noor.begin(), noor.end(), [&](const Shown& message) { return message.id == id; }));
    }
    t_.check("every message that was reported as kept is there exactly once", found == kept.size());
  }

  // S2: browsers evict what they keep. No visit is needed: a link over another route, and Noor's yes after a call.
  void storage_is_gone() {
    t_.scene("Sam's device has lost all that it kept (" + sam_->where() + ")");
    const json was = jongere();
    if (!t_.check("the storage is gone", sam_->loses_storage(), last_error(world_, "sam"))) return;
    Process inviting = world_.start_steiger(
        "noor", {"invite", "--link", "--comeback", was["account"].get<std::string>().substr(0, 8), "--page", world_.page_url()});
    const json invite = wait_for(inviting, "Invite", [](const json& body) { return body["state"] == "open"; });
    if (!t_.check("Noor sends a link to come back, over a route that she knows", invite.is_object(), last_error(world_, "noor")))
      return;
    auto joined = std::async(std::launch::async, [&] { return sam_->join(invite["url"], "Sam"); });
    t_.check("Noor's command says that somebody used it, and ends", inviting.wait() == 0, last_error(world_, "noor"));
    t_.check("Noor calls Sam, and confirms", world_.steiger("noor", {"confirm", invite["id"].get<std::string>()}).exit == 0,
             last_error(world_, "noor"));
    if (!t_.check("Sam is back", joined.get(), last_error(world_, "sam"))) return;
    const json is = jongere();
    t_.check("under the same pseudonym", is.is_object() && is["account"] == was["account"]);
    t_.check("Noor sees 'new device' and a new key", noticed("new_device") && noticed("new_key"));
    t_.check("Noor: 'Daar ben je weer'", send("noor", "Daar ben je weer") && sam_->sees("Daar ben je weer"));
    t_.check("Sam: 'Mijn telefoon was leeg'", sam_->write("Mijn telefoon was leeg") && sam_->catches_up());
    t_.check("Noor sees it", noor_sees("Mijn telefoon was leeg"));
    t_.check("what was said before comes back from Noor's device, proven (S17)", history_comes_back());
    same_on_both_sides();
  }

  void link_at_a_distance() {
    t_.scene("Noor invites Mo at a distance");
    Process inviting = world_.start_steiger("noor", {"invite", "--link", "--label", "Mo", "--page", world_.page_url()});
    const json invite = wait_for(inviting, "Invite", [](const json& body) { return body["state"] == "open"; });
    if (!t_.check("Noor gets a link and its 20 characters",
                  invite.is_object() && invite["typed"].get<std::string>().size() == 23))
      return;
    const std::string id = invite["id"];
    Process joining = world_.start_steiger("mo", {"join", invite["typed"], "--name", "Mo", "--gateway", world_.gateway_url()});
    t_.check("Mo types the characters and waits",
             !wait_for(joining, "Status", [](const json& body) { return body["membership"] == "waiting_for_coach"; }).is_null());
    t_.check("Noor's command says that somebody used the link, and ends", inviting.wait() == 0, last_error(world_, "noor"));
    t_.check("before Noor's 'yes' there is no conversation with Mo", invite_state(id) == "to_confirm" && channels("noor") == 1);
    t_.check("Noor calls, and confirms", world_.steiger("noor", {"confirm", id}).exit == 0, last_error(world_, "noor"));
    t_.check("Mo is in", joining.wait() == 0, last_error(world_, "mo"));
    t_.check("Noor has two conversations, Mo has one", channels("noor") == 2 && channels("mo") == 1);
    Process watching = world_.start_steiger("noor", {"receive", "--follow", "--timeout", "60"});
    wait_for(watching, "Status", [](const json& body) { return body["connection"] == "online"; });
    const Finished again = world_.steiger("thief", {"join", "-", "--name", "Eve"}, invite["url"].get<std::string>() + "\n");
    t_.check("somebody else with the same link is refused (exit 1)", again.exit == 1, again.errors);
    t_.check("Noor's device warns that a second person tried it", !wait_for(watching, "Invite", [&](const json& body) {
                                                                     return body["id"] == id && body["second_proof"] == true;
                                                                   }).is_null());
    watching.kill_now();
    t_.check("and is told to call the coach", again.errors.find("Call your coach") != std::string::npos, again.errors);
  }

  void bad_luck() {
    t_.scene("Bad input and bad luck: a clear sentence, an exit code, nothing damaged");
    {
      Process open = world_.start_steiger("noor", {"receive", "--follow"});
      wait_for(open, "Status", [](const json&) { return true; });
      const Finished second = world_.steiger("noor", {"status"});
      t_.check("two programs on one device: the second is refused (exit 3)",
               second.exit == 3 && second.errors.find("in use") != std::string::npos, second.errors);
    }
    const auto key = world_.device_dir("mo") / "store.key";
    const std::string right = content_of(key);
    std::ofstream(key, std::ios::binary) << std::string(right.size(), 'x');
    const Finished wrong = world_.steiger("mo", {"status"});
    t_.check("a wrong store key (exit 3)", wrong.exit == 3 && wrong.errors.find("store.key") != std::string::npos, wrong.errors);
    std::ofstream(key, std::ios::binary) << right;
    t_.check("with the right key everything is there again", channels("mo") == 1);
    const Finished nonsense = world_.steiger("noor", {"send"});
    t_.check("a wrong command line (exit 2)", nonsense.exit == 2, nonsense.errors);
    const Finished not_found = world_.steiger("nobody", {"history"});
    t_.check("a device that does not exist (exit 3)", not_found.exit == 3, not_found.errors);
    const Finished garbage = world_.steiger("nobody2", {"join", "-", "--name", "X"}, world_.page_url() + "#invite=0000\n");
    t_.check("half an invite (exit 2)", garbage.exit == 2, garbage.errors);
    const Finished taken =
        run({(places_.bin / "steiger-gateway").string(), "--config", (world_.gateway_dir() / "gateway.toml").string()},
            world_.error_file("gateway"));
    t_.check("a second gateway on the same port and store (exit 3)", taken.exit == 3, taken.errors);
  }

  void gateway_reads_nothing() {
    t_.scene("The gateway never reads (S26: its decrypted store is searched)");
    t_.check("the gateway ends properly when asked (SIGTERM)", world_.stop_gateway() == 0, last_error(world_, "gateway"));
    const auto gateway_key = from_hex(content_of(world_.gateway_dir() / "store.key").substr(0, 64));
    const std::string gateway =
        gateway_key.ok() ? test::decrypted_history(world_.gateway_dir() / "gateway.db", *gateway_key) : "";
    const std::string device =
        test::decrypted(world_.device_dir("noor") / "store.db", as_bytes(content_of(world_.device_dir("noor") / "store.key")));
    t_.check("control: the search finds Sam's words in Noor's decrypted store", holds(device, kMarker));
    t_.check("the gateway's store could be decrypted for this check", gateway.size() > 1000,
             std::to_string(gateway.size()) + " bytes");
    for (const std::string& marker :
         {kMarker, std::string("Hoi Sam"), std::string("Noor"), std::string("Even geen verbinding")}) {
      t_.check("it does not hold '" + marker + "'", !holds(gateway, marker));
    }
    const std::string log = content_of(world_.error_file("gateway"));
    t_.check("its log holds no words, names or ids",
             !holds(log, kMarker) && !holds(log, "Noor") && !holds(log, status("noor")["account"]));
  }

  // ---- small questions

  json status(const std::string& device) { return body_of(world_.steiger(device, {"status"}).lines, "Status"); }
  bool send(const std::string& device, const std::string& text) { return world_.steiger(device, {"send", text}).exit == 0; }
  bool noor_sees(const std::string& text) {
    Process receiving = world_.start_steiger("noor", {"receive", "--follow"});
    return !wait_for(receiving, "Message", [&](const json& body) { return body["text"] == text; }).is_null();
  }
  std::size_t channels(const std::string& device) {
    const json list = body_of(world_.steiger(device, {"channels"}).lines, "ChannelList");
    return list.is_object() ? list["channels"].size() : 0;
  }
  json jongere() {
    const json list = body_of(world_.steiger("noor", {"channels"}).lines, "ChannelList");
    if (!list.is_object() || list["channels"].size() != 1) return nullptr;
    for (const auto& member : list["channels"][0]["members"]) {
      if (member["role"] == "jongere") return member;
    }
    return nullptr;
  }
  bool verified_at_intake() {
    const json member = jongere();
    return member.is_object() && member["verified_at_intake"] == true;
  }
  std::string name_of_the_jongere() {
    const json member = jongere();
    return member.is_object() ? member["name"].get<std::string>() : "";
  }
  // Noor's device answers when it is there; Sam's asks by itself.
  bool history_comes_back() {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < deadline) {
      (void)world_.steiger("noor", {"receive"});
      (void)sam_->catches_up();
      const auto shown = sam_->messages();
      if (shown && !shown->empty() && shown->front().text == "Hoi Sam") return true;
    }
    return false;
  }
  bool noticed(const std::string& kind) {
    const json list = body_of(world_.steiger("noor", {"notices"}).lines, "NoticeList");
    return list.is_object() && std::any_of(list["notices"].begin(), list["notices"].end(),
                                           [&](const json& notice) { return notice["kind"] == kind; });
  }
  std::string invite_state(const std::string& id) {
    const json list = body_of(world_.steiger("noor", {"invites"}).lines, "InviteList");
    if (!list.is_object()) return "";
    for (const auto& invite : list["invites"]) {
      if (invite["id"] == id) return invite["state"];
    }
    return "";
  }
  void same_on_both_sides() {
    const auto noor = world_.history("noor");
    const auto sam = sam_->messages();
    const bool there = noor && sam && !noor->empty();
    t_.check("both sides hold the same messages in the same order, exactly once",
             there && *noor == *sam && strictly_ascending(*noor),
             there ? std::to_string(noor->size()) + " and " + std::to_string(sam->size()) : last_error(world_, "sam"));
  }
  static bool strictly_ascending(const std::vector<Shown>& messages) {
    for (std::size_t i = 1; i < messages.size(); ++i) {
      if (messages[i].seq <= messages[i - 1].seq) return false;
    }
    return true;
  }

  static inline const std::string kMarker = "planted-7d1e";

  Places places_;
  Transcript& t_;
  World world_;
  std::unique_ptr<Person> sam_;
  std::string link_;
};

// ---------------------------------------------------------------- time travel

// How an invite of this kind ends: `life` after it was made, on the clock of all who take part.
void invites_end(const Places& places, Transcript& t, const std::string& kind, const std::string& name, std::int64_t life) {
  World world(places.bin, places.work / ("clock-" + kind), Binaries::test_clock);
  world.set_gateway_time(kMondayMorning);
  world.set_client_time(kMondayMorning);
  const bool ready =
      world.make_organisation("Werkplein") && world.init_gateway() && world.start_gateway() && world.make_coach("noor", "Noor");
  if (!t.check("a gateway and a coach with a test clock", ready, last_error(world, "gateway"))) return;
  const json late = body_of(world.steiger("noor", {"invite", "--" + kind, "--label", "Late", "--no-wait"}).lines, "Invite");
  const json timely = body_of(world.steiger("noor", {"invite", "--" + kind, "--label", "Timely", "--no-wait"}).lines, "Invite");
  if (!t.check("Noor makes two invites (" + name + ")", late.is_object() && timely.is_object(), last_error(world, "noor")))
    return;
  const auto join_at = [&](const std::string& device, const json& invite, std::int64_t when) {
    world.set_gateway_time(when);
    world.set_client_time(when);
    const std::string link =
        world.page_url() + invite["url"].get<std::string>().substr(invite["url"].get<std::string>().find('#'));
    return world.steiger(device, {"join", "-", "--name", "Sam", "--no-wait"}, link + "\n");
  };
  const Finished joined = join_at("timely", timely, kMondayMorning + life - kMinute);
  t.check("a minute before its end it still works", joined.exit == 0, joined.errors);
  const Finished refused = join_at("late", late, kMondayMorning + life + kSecond);
  t.check("a second after its end it is refused (exit 1)", refused.exit == 1, refused.errors);
  t.check("and Sam is asked to get a new one", refused.errors.find("Ask your coach for a new one") != std::string::npos,
          refused.errors);
}

int play(const Places& places) {
  Transcript transcript;
  std::cout << "The story of Noor and Sam" << (places.page.empty() ? " (both at a terminal: no page was given)" : "")
            << std::endl;
  Story(places, transcript).play();
  play_members(places.bin, places.work / "members", transcript);
  transcript.scene("Time travel (test-clock programs): an invite at the table ends after 15 minutes");
  invites_end(places, transcript, "qr", "QR", 15 * kMinute);
  transcript.scene("Time travel (test-clock programs): a link ends after 7 days");
  invites_end(places, transcript, "link", "link", 7 * kDay);
  return transcript.close() ? 0 : 1;
}

}  // namespace
}  // namespace steiger::story

int main(int argc, char** argv) {
  steiger::story::Places places;
  CLI::App app("Plays the story of deploy/quickstart --check", "steiger-story");
  app.add_option("--bin", places.bin, "Directory of the programs")->required();
  app.add_option("--work", places.work, "New directory for everything that the story makes")->required();
  app.add_option("--page", places.page, "Directory of the web page; without it Sam sits at a terminal");
  app.add_option("--actor", places.actor, "browser_actor.mjs");
  CLI11_PARSE(app, argc, argv);
  return steiger::story::play(places);
}
