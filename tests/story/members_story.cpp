#include "tests/story/members_story.h"

#include <ctime>
#include <fstream>

#include "tests/leaks/leak_search.h"
#include "tests/story/forged_commit.h"
#include "tests/story/tampered_client.h"
#include "tests/story/world.h"

namespace steiger::story {
namespace {

class MembersStory {
 public:
  MembersStory(const std::filesystem::path& bin, const std::filesystem::path& work, Transcript& transcript)
      : t_(transcript), world_(bin, work, Binaries::shipped) {}

  void play() {
    if (!set_up() || !second_device() || !jongere() || !reading_along()) return;
    taken_out();
    ghost();
    if (!coach_loses_phone() || !jongere_loses_phone() || !handover()) return;
    proof();
  }

 private:
  bool set_up() {
    t_.scene("Who is in a conversation: an organisation with a status list, two coaches, a teamleider");
    const bool staff = world_.make_organisation("Werkplein") && world_.init_gateway() && world_.start_gateway() &&
                       world_.enrol("noor", "Noor", "coach") && world_.enrol("kim", "Kim", "coach") &&
                       world_.enrol("tess", "Tess", "teamleider");
    return t_.check("coaches Noor and Kim and teamleider Tess are certified by the beheerder", staff, error("beheerder")) &&
           t_.check("the beheerder appoints a key for status lists",
                    status_verb({"delegate", world_.organisation_dir().string()}), error("beheerder")) &&
           t_.check("Tess publishes the first list", publish("tess"), error("tess"));
  }

  bool second_device() {
    t_.scene("Noor links her laptop");
    Process linking = world_.start_steiger("noor", {"device", "link"});
    const json invite = wait_for(linking, "Invite", [](const json& body) { return body["state"] == "open"; });
    if (!t_.check("her phone shows a code", invite.is_object(), error("noor"))) return false;
    const Finished joined = world_.steiger("noor2", {"join", "-", "--name", "Noor"}, link_of(invite));
    return t_.check("the laptop scans it and is in", joined.exit == 0 && linking.wait() == 0, joined.errors) &&
           t_.check("both are devices of the same account", account("noor") == account("noor2") && devices("noor") == 2) &&
           t_.check("and different devices", status("noor")["device"] != status("noor2")["device"]);
  }

  bool jongere() {
    t_.scene("Sam comes in; both devices of Noor take part");
    const bool met = world_.introduce("noor", "sam", "Sam");
    if (!t_.check("Noor and Sam meet at the table", met, error("noor") + error("sam"))) return false;
    return t_.check("the laptop is added by itself", until({"noor", "noor2", "sam"}, [&] { return rooms("noor2") == 1; }),
                    error("noor")) &&
           t_.check("Sam writes", send("sam", "Ik zoek werk")) &&
           t_.check("the phone and the laptop show it",
                    until({"noor", "noor2"}, [&] { return shows("noor", "Ik zoek werk") && shows("noor2", "Ik zoek werk"); })) &&
           t_.check("the laptop answers, and the phone shows that too",
                    send("noor2", "Vanaf mijn laptop") && until({"noor", "sam"}, [&] {
                      return shows("noor", "Vanaf mijn laptop") && shows("sam", "Vanaf mijn laptop");
                    }));
  }

  bool reading_along() {
    t_.scene("Bea of debt help may read along, when Sam says yes (S8)");
    if (!ask_in("bea", "Bea")) return false;
    const json question = question_of("sam");
    if (!t_.check("Sam is asked: who, why, until when",
                  question["name"] == "Bea" && question["reason"] == "debts" && question["until_ms"].get<std::int64_t>() > 0))
      return false;
    t_.check("until then Bea is not in", rooms("bea") == 0 && members("sam") == 2);
    return t_.check("Sam says yes", answer("sam", question, "yes"), error("sam")) &&
           t_.check("Bea is in, and everybody sees it",
                    until({"sam", "noor", "bea", "noor2"},
                          [&] { return rooms("bea") == 1 && members("sam") == 3 && members("noor2") == 3; }),
                    error("noor")) &&
           t_.check("what was said before is not hers", !shows("bea", "Ik zoek werk")) &&
           t_.check("she reads and writes from now on",
                    send("sam", "Dag Bea") && until({"bea"}, [&] { return shows("bea", "Dag Bea"); }) &&
                        send("bea", "Dag allebei") && until({"sam"}, [&] { return shows("sam", "Dag allebei"); }));
  }

  void taken_out() {
    t_.scene("Sam takes Bea out");
    const std::string bea = account("bea");
    t_.check("with one command", world_.steiger("sam", {"member", "remove", bea}).exit == 0, error("sam"));
    t_.check(
        "she is out, and everybody sees it",
        until({"sam", "noor", "noor2", "bea"}, [&] { return members("noor") == 2 && members("noor2") == 2 && ended("bea"); }),
        error("sam"));
    t_.check("what is said then she does not get", send("noor", "Onder ons") &&
                                                       until({"sam", "bea"}, [&] { return shows("sam", "Onder ons"); }) &&
                                                       !shows("bea", "Onder ons"));
    t_.check("what she read stays readable to her", shows("bea", "Dag Bea"));
  }

  void ghost() {
    t_.scene("A ghost: a client that lets somebody in without Sam's yes (S8)");
    if (!ask_in("dora", "Dora")) return;
    if (!t_.check("Noor's client is tampered with: it wants Dora in now", want_a_ghost(world_.device_dir("noor")))) return;
    std::string said;
    t_.check("refused by the rules of rooms, on her own device first, which says so",
             until({"noor"},
                   [&] {
                     said = error("noor");
                     return said.find("no_grant") != std::string::npos || said.find("not allowed") != std::string::npos;
                   }),
             said);
    // By now that client has certified Dora, and the gateway knows her. Another program skips its own judge. What members do when the
    // gateway helps it: `lies_test`, Ghosts.
    const std::string answer_to_ghost = submit_a_ghost(world_.device_dir("noor"), world_.gateway_url());
    t_.check("a forged client of Noor makes the commit that lets Dora in: the gateway refuses it",
             answer_to_ghost == "commit_not_allowed", answer_to_ghost);
    t_.check(
        "by name: there is no grant of Sam",
        test::content_of(world_.error_file("gateway")).find("\"commit_forbidden\",\"rule\":\"no_grant\"") != std::string::npos,
        error("gateway"));
    for (const char* device : {"sam", "noor2"}) (void)world_.steiger(device, {"receive"});
    t_.check("Sam's room is as it was", members("sam") == 2 && members("noor2") == 2 && rooms("dora") == 0);
    const json question = question_of("sam");
    t_.check("and the question still waits for Sam, who says no", question.is_object() && answer("sam", question, "no"));
    t_.check("the room goes on", send("sam", "Liever niet") && until({"noor"}, [&] { return shows("noor", "Liever niet"); }));
  }

  bool coach_loses_phone() {
    t_.scene("Noor's phone is stolen; she has her laptop (S2)");
    const json phone = other_device("noor2");
    if (!t_.check("the laptop knows the phone", phone.is_object())) return false;
    const auto request = world_.dir() / "noor2.request";
    const Finished removed =
        world_.steiger("noor2", {"device", "remove", phone["id"].get<std::string>(), "--lost", "--output", request.string()});
    if (!t_.check("she signs it off", removed.exit == 0, removed.errors)) return false;
    return t_.check("the phone is refused from then on", world_.steiger("noor", {"receive"}).exit != 0 && stopped("noor")) &&
           t_.check("it is out of Sam's room", until({"noor2", "sam"}, [&] { return coach_devices("sam") == 1; }),
                    error("noor2")) &&
           t_.check("the beheerder certifies her new key", world_.certify("noor2", request, "coach"), error("beheerder")) &&
           t_.check("the old key goes on the status list",
                    status_verb({"replace", world_.organisation_dir().string(), "--certificate",
                                 world_.certificate_of("noor").string()}) &&
                        publish("tess"),
                    error("beheerder") + error("tess")) &&
           t_.check("Noor and Sam go on",
                    send("noor2", "Nieuwe sleutels") &&
                        until({"sam", "noor2"}, [&] { return shows("sam", "Nieuwe sleutels"); }) && send("sam", "Fijn") &&
                        until({"noor2", "sam"}, [&] { return shows("noor2", "Fijn"); }),
                    error("noor2") + error("sam")) &&
           t_.check("Sam was told of the new keys", until({"noor2", "sam"}, [&] { return noticed("sam", "new_key"); }));
  }

  bool jongere_loses_phone() {
    t_.scene("Sam's phone is stolen, and it was the only one (S2)");
    const std::string pseudonym = account("sam");
    Process inviting =
        world_.start_steiger("noor2", {"invite", "--qr", "--comeback", pseudonym, "--lost", "--page", world_.page_url()});
    const json invite = wait_for(inviting, "Invite", [](const json& body) { return body["state"] == "open"; });
    if (!t_.check("Noor invites Sam to come back", invite.is_object(), error("noor2"))) return false;
    const Finished joined = world_.steiger("sam2", {"join", "-", "--name", "Sam"}, link_of(invite));
    return t_.check("Sam is back on a new phone", joined.exit == 0 && inviting.wait() == 0, joined.errors + error("noor2")) &&
           t_.check("under the same pseudonym", account("sam2") == pseudonym) &&
           t_.check("the old phone is refused", world_.steiger("sam", {"receive"}).exit != 0 && stopped("sam")) &&
           t_.check("the room has one phone of Sam", until({"noor2", "sam2"}, [&] { return jongere_devices("noor2") == 1; })) &&
           t_.check("and Noor sees 'new device'", noticed("noor2", "new_device") || noticed("noor2", "comeback")) &&
           t_.check("they go on",
                    send("sam2", "Ik ben terug") && until({"noor2"}, [&] { return shows("noor2", "Ik ben terug"); }) &&
                        send("noor2", "Welkom terug") && until({"sam2"}, [&] { return shows("sam2", "Welkom terug"); }));
  }

  bool handover() {
    t_.scene("Noor leaves; Kim takes over, when Sam says yes (S10)");
    const bool listed =
        status_verb({"end", world_.organisation_dir().string(), "--certificate", world_.certificate_of("noor2").string()}) &&
        publish("tess");
    if (!t_.check("the status list says that Noor has left", listed, error("beheerder") + error("tess"))) return false;
    t_.check("her device is refused from then on", world_.steiger("noor2", {"receive", "--timeout", "10"}).exit != 0);
    const json room = first_room("sam2");
    const Finished offered =
        world_.steiger("tess", {"handover", "offer", "--channel", room["id"].get<std::string>(), "--leaving", account("noor2"),
                                "--successor", account("kim"), "--key", status("kim")["account_key_hash"].get<std::string>()});
    if (!t_.check("Tess offers Kim", offered.exit == 0, offered.errors)) return false;
    json question;
    const bool asked = until({"sam2"}, [&] { return (question = question_of("sam2")).is_object(); });
    return t_.check("Sam is asked", asked && question["kind"] == "handover", error("sam2")) &&
           t_.check("before the answer Kim is not in", rooms("kim") == 0) &&
           t_.check("Sam says yes", answer("sam2", question, "yes"), error("sam2")) &&
           t_.check("Kim is in and Noor is out",
                    until({"sam2", "kim"}, [&] { return rooms("kim") == 1 && members("sam2") == 2; }),
                    error("sam2") + error("kim")) &&
           t_.check("they talk", send("kim", "Hoi Sam, ik ben Kim") &&
                                     until({"sam2"}, [&] { return shows("sam2", "Hoi Sam, ik ben Kim"); }) &&
                                     send("sam2", "Hoi Kim") && until({"kim"}, [&] { return shows("kim", "Hoi Kim"); })) &&
           t_.check("Kim has nothing of before", !shows("kim", "Welkom terug"));
  }

  // S16: what was said can be proven to somebody outside, also what Noor said before she left; a changed word can not.
  void proof() {
    t_.scene("Sam proves two messages to somebody outside (S16)");
    const std::string file = (world_.dir() / "proof").string();
    const Finished made = world_.steiger("sam2", {"disclose", "--message", place("sam2", "Welkom terug"), "--message",
                                                  place("sam2", "Hoi Sam, ik ben Kim"), "--out", file});
    if (!t_.check("Sam chooses one message of Noor and one of Kim", made.exit == 0, made.errors)) return;
    const std::string head_key = test::content_of(world_.gateway_dir() / "head-key.pub").substr(0, 64);
    if (!t_.check("the gateway's operator has published its head key", head_key.size() == 64)) return;
    const auto verify = [&](const std::string& path) {
      return world_.beheerder({"disclose", "verify", path, "--organisation",
                               (world_.organisation_dir() / "organisation.pub").string(), "--head-key", head_key});
    };
    const Finished held = verify(file);
    std::string told;
    for (const auto& line : held.lines) told += line + "\n";
    t_.check("the proof holds, without the gateway", held.exit == 0 && told.find("Welkom terug") != std::string::npos,
             held.errors);
    std::string forged = test::content_of(file);
    const std::size_t word = forged.find("Welkom terug");
    if (!t_.check("the words stand in the file", word != std::string::npos)) return;
    forged.replace(word, 12, "Nooit gezegd");
    const std::string lie = (world_.dir() / "lie").string();
    std::ofstream(lie, std::ios::binary) << forged;
    const Finished refused = verify(lie);
    t_.check("with other words it does not",
             refused.exit == 1 && refused.errors.find("not sent at this place") != std::string::npos, refused.errors);
  }

  // ---- small questions

  // Lets the devices fetch and answer, one after another, until `condition` holds.
  template <class Condition>
  bool until(const std::vector<std::string>& devices, Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < deadline) {
      if (condition()) return true;
      for (const auto& device : devices) (void)world_.steiger(device, {"receive"});
    }
    return condition();
  }
  // Somebody redeems Noor's invite to read along; until Sam is asked.
  bool ask_in(const std::string& device, const std::string& name) {
    const Finished invited =
        world_.steiger("noor", {"invite", "--qr", "--reading-along", "--label", name, "--until", in_two_months(), "--reason",
                                "debts", "--page", world_.page_url(), "--no-wait"});
    const json invite = body_of(invited.lines, "Invite");
    if (!t_.check("Noor invites " + name + " to read along", invite.is_object(), invited.errors)) return false;
    const Finished joined = world_.steiger(device, {"join", "-", "--name", name, "--no-wait"}, link_of(invite));
    return t_.check(name + " uses the invite", joined.exit == 0, joined.errors) &&
           t_.check("Noor's device asks Sam", until({device, "noor", "sam"}, [&] { return question_of("sam").is_object(); }),
                    error("noor") + error("sam"));
  }
  static std::string in_two_months() {
    const std::time_t then = std::time(nullptr) + 60 * 24 * 3600;
    std::tm day{};
    char text[16] = {};
    return ::gmtime_r(&then, &day) != nullptr && std::strftime(text, sizeof text, "%Y-%m-%d", &day) != 0 ? text : "";
  }
  std::string link_of(const json& invite) {
    const std::string url = invite["url"];
    return world_.page_url() + url.substr(url.find('#')) + "\n";
  }
  json status(const std::string& device) { return body_of(world_.steiger(device, {"status"}).lines, "Status"); }
  std::string account(const std::string& device) { return status(device)["account"]; }
  bool stopped(const std::string& device) { return status(device)["membership"] == "stopped"; }
  bool send(const std::string& device, const std::string& text) { return world_.steiger(device, {"send", text}).exit == 0; }
  bool shows(const std::string& device, const std::string& text) { return place(device, text) != "0"; }
  // The message's place in the channel; "0": it has none.
  std::string place(const std::string& device, const std::string& text) {
    for (const auto& message : world_.history(device).value_or(std::vector<Shown>())) {
      if (message.text == text) return std::to_string(message.seq);
    }
    return "0";
  }
  json all_rooms(const std::string& device) { return body_of(world_.steiger(device, {"channels"}).lines, "ChannelList"); }
  std::size_t rooms(const std::string& device) {
    const json list = all_rooms(device);
    return list.is_object() ? list["channels"].size() : 0;
  }
  json first_room(const std::string& device) {
    const json list = all_rooms(device);
    return list.is_object() && !list["channels"].empty() ? list["channels"][0] : json();
  }
  std::size_t members(const std::string& device) {
    const json room = first_room(device);
    return room.is_object() ? room["members"].size() : 0;
  }
  bool ended(const std::string& device) {
    const json room = first_room(device);
    return room.is_object() && room["ended"] == true;
  }
  std::size_t devices_of_role(const std::string& device, const std::string& role) {
    const json room = first_room(device);
    if (!room.is_object()) return 0;
    for (const auto& member : room["members"]) {
      if (member["role"] == role) return member["devices"];
    }
    return 0;
  }
  std::size_t coach_devices(const std::string& device) { return devices_of_role(device, "coach"); }
  std::size_t jongere_devices(const std::string& device) { return devices_of_role(device, "jongere"); }
  std::size_t devices(const std::string& device) {
    const json list = body_of(world_.steiger(device, {"devices"}).lines, "DeviceList");
    return list.is_object() ? list["devices"].size() : 0;
  }
  json other_device(const std::string& device) {
    const json list = body_of(world_.steiger(device, {"devices"}).lines, "DeviceList");
    if (!list.is_object()) return nullptr;
    for (const auto& each : list["devices"]) {
      if (each["self"] == false) return each;
    }
    return nullptr;
  }
  bool noticed(const std::string& device, const std::string& kind) {
    const json list = body_of(world_.steiger(device, {"notices"}).lines, "NoticeList");
    if (!list.is_object()) return false;
    for (const auto& notice : list["notices"]) {
      if (notice["kind"] == kind) return true;
    }
    return false;
  }
  json question_of(const std::string& device) {
    const json list = body_of(world_.steiger(device, {"questions"}).lines, "QuestionList");
    if (!list.is_object()) return nullptr;
    for (const auto& question : list["questions"]) {
      if (question["answered"] == false) return question;
    }
    return nullptr;
  }
  bool answer(const std::string& device, const json& question, const std::string& word) {
    return world_.steiger(device, {"answer", question["id"].get<std::string>(), word}).exit == 0;
  }
  bool status_verb(Arguments arguments) {
    arguments.insert(arguments.begin(), {"organisation", "status"});
    return world_.beheerder(std::move(arguments)).exit == 0;
  }
  bool publish(const std::string& device) {
    const std::string list = (world_.dir() / "status.list").string();
    return status_verb({"sign", world_.organisation_dir().string(), "--out", list}) &&
           world_.steiger(device, {"status", "publish", list}).exit == 0;
  }
  std::string error(const std::string& who) {
    const std::string all = test::content_of(world_.error_file(who));
    return all.size() > 400 ? all.substr(all.size() - 400) : all;
  }

  Transcript& t_;
  World world_;
};

}  // namespace

void play_members(const std::filesystem::path& bin, const std::filesystem::path& work, Transcript& transcript) {
  MembersStory(bin, work, transcript).play();
}

}  // namespace steiger::story
