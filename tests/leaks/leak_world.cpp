#include "tests/leaks/leak_world.h"

#include <ctime>
#include <fstream>
#include <set>

#include "client-sdk/src/keys.h"
#include "client-sdk/src/records.h"
#include "crypto/identity/invite_secret.h"
#include "crypto/mls/group.h"
#include "crypto/mls/key_package_secrets.h"
#include "crypto/mls/treekem.h"
#include "gateway/sqlcipher/database.h"

namespace steiger::test {
namespace {

using story::Arguments;
using story::body_of;
using story::json;
using story::Process;
using story::wait_for;

constexpr const char* kCoachSays = "coach says ~?>?~ 5b21";
constexpr const char* kJongereSays = "jongere says ~?>?~ 0c47";
constexpr const char* kReaderSays = "who reads along says ~?>?~ e91d";
constexpr const char* kBackSays = "back again, says ~?>?~ 48c3";
constexpr const char* kCoachName = "Noor ~?>?~ 77e0";
constexpr const char* kJongereName = "Sam ~?>?~ 2d95";
constexpr const char* kReaderName = "Bea ~?>?~ 61fa";
constexpr const char* kLabel = "caseload label ~?>?~ b3f8";
constexpr std::size_t kSecretBytes = 32;

std::filesystem::path with_page(const std::filesystem::path& dir) {
  std::filesystem::create_directories(dir);
  std::ofstream(dir / "index.html", std::ios::binary) << "<!doctype html>" << written_in_every_form(kControl);
  return dir;
}

std::string in_two_months() {
  const std::time_t then = std::time(nullptr) + 60 * 24 * 3600;
  std::tm day{};
  char text[16] = {};
  return ::gmtime_r(&then, &day) != nullptr && std::strftime(text, sizeof text, "%Y-%m-%d", &day) != 0 ? text : "";
}

}  // namespace

LeakWorld::LeakWorld(const std::filesystem::path& bin, const std::filesystem::path& dir)
    : world_(bin, dir, story::Binaries::shipped, with_page(dir.string() + "-page")) {}

Bytes LeakWorld::store_key() const {
  return from_hex(content_of(world_.gateway_dir() / "store.key").substr(0, 2 * kSecretBytes)).value();
}

std::string LeakWorld::play() {
  if (!world_.make_organisation("Werkplein") || !world_.init_gateway() || !world_.start_gateway()) return "the gateway starts";
  if (!world_.make_coach("coach", kCoachName)) return "the coach is enrolled";
  if (!meet()) return "two people meet";
  if (!invite_by_link()) return "an invite by link waits";
  if (!talk()) return "they talk";
  if (!read_along()) return "somebody reads along";
  // The keys of the phone that is lost afterwards.
  if (!add_secrets_of("jongere")) return "the keys of the first phone";
  if (!come_back()) return "the jongere comes back and gets what was said";
  if (!prove()) return "a message is proven";
  for (const char* device : {"coach", "jongere2", "reader", "waiting"}) {
    if (!add_secrets_of(device)) return std::string("the keys of ") + device;
  }
  for (const char* text : {kCoachSays, kJongereSays, kReaderSays, kBackSays, kCoachName, kJongereName, kReaderName, kLabel}) {
    markers_.push_back({text, text});
  }
  // Members of one group have the same secrets.
  std::set<std::string> known;
  std::erase_if(markers_, [&](const Marker& marker) { return !known.insert(marker.bytes).second; });
  return {};
}

bool LeakWorld::meet() {
  Process inviting = world_.start_steiger("coach", {"invite", "--qr", "--label", kLabel, "--page", world_.page_url()});
  const json invite = wait_for(inviting, "Invite", [](const json& body) { return body["state"] == "open"; });
  return invite.is_object() && add_invite("the secret of a used QR invite", invite["url"]) &&
         world_.steiger("jongere", {"join", "-", "--name", kJongereName}, invite["url"].get<std::string>() + "\n").exit == 0 &&
         inviting.wait() == 0;
}

// Stays undecided: the invite and a proof lie at the gateway.
bool LeakWorld::invite_by_link() {
  const auto made = world_.steiger("coach", {"invite", "--link", "--label", kLabel, "--page", world_.page_url(), "--no-wait"});
  const json invite = body_of(made.lines, "Invite");
  return invite.is_object() && add_invite("the secret of an open link", invite["url"]) &&
         world_.steiger("waiting", {"join", "-", "--name", kJongereName, "--no-wait"}, invite["url"].get<std::string>() + "\n")
                 .exit == 0;
}

bool LeakWorld::talk() {
  for (int i = 0; i < 3; ++i) {
    if (world_.steiger("coach", {"send", kCoachSays, "--until", "accepted"}).exit != 0) return false;
    if (world_.steiger("jongere", {"send", kJongereSays, "--until", "accepted"}).exit != 0) return false;
  }
  return until({"coach", "jongere"}, [&] { return !place("coach", kJongereSays).empty(); });
}

// S8: with the jongere's grant.
bool LeakWorld::read_along() {
  const auto made = world_.steiger("coach", {"invite", "--qr", "--reading-along", "--label", kReaderName, "--until",
                                             in_two_months(), "--reason", "debts", "--page", world_.page_url(), "--no-wait"});
  const json invite = body_of(made.lines, "Invite");
  if (!invite.is_object() || !add_invite("the secret of an invite to read along", invite["url"])) return false;
  const auto joined =
      world_.steiger("reader", {"join", "-", "--name", kReaderName, "--no-wait"}, invite["url"].get<std::string>() + "\n");
  json question;
  return joined.exit == 0 &&
         until({"reader", "coach", "jongere"}, [&] { return (question = question_of("jongere")).is_object(); }) &&
         world_.steiger("jongere", {"answer", question["id"].get<std::string>(), "yes"}).exit == 0 &&
         until({"jongere", "coach", "reader"},
               [&] {
                 const json rooms = body_of(world_.steiger("reader", {"channels"}).lines, "ChannelList");
                 return rooms.is_object() && !rooms["channels"].empty();
               }) &&
         world_.steiger("reader", {"send", kReaderSays, "--until", "accepted"}).exit == 0 &&
         until({"jongere", "coach"}, [&] { return !place("jongere", kReaderSays).empty(); });
}

// S2, S17: a new phone under the old pseudonym, to which the others send again what was said.
bool LeakWorld::come_back() {
  const json status = body_of(world_.steiger("jongere", {"status"}).lines, "Status");
  if (!status.is_object()) return false;
  Process inviting = world_.start_steiger(
      "coach", {"invite", "--qr", "--comeback", status["account"].get<std::string>(), "--lost", "--page", world_.page_url()});
  const json invite = wait_for(inviting, "Invite", [](const json& body) { return body["state"] == "open"; });
  return invite.is_object() && add_invite("the secret of an invite to come back", invite["url"]) &&
         world_.steiger("jongere2", {"join", "-", "--name", kJongereName}, invite["url"].get<std::string>() + "\n").exit == 0 &&
         inviting.wait() == 0 && world_.steiger("jongere2", {"send", kBackSays, "--until", "accepted"}).exit == 0 &&
         given_again();
}

// A device opens the answers with a key that it holds in memory only, so it and who is asked must both stay for a while.
bool LeakWorld::given_again() {
  constexpr std::chrono::seconds kQuiet{4};
  for (int round = 0; round < 5 && place("jongere2", kCoachSays).empty(); ++round) {
    Process coach = world_.start_steiger("coach", {"receive", "--follow"});
    Process asking = world_.start_steiger("jongere2", {"receive", "--follow"});
    while (asking.read_line(kQuiet)) {
    }
  }
  return !place("jongere2", kCoachSays).empty();
}

// S16.
bool LeakWorld::prove() {
  const std::string file = (world_.dir() / "proof").string();
  return until({"jongere2", "coach"}, [&] { return !place("coach", kBackSays).empty(); }) &&
         world_.steiger("coach", {"disclose", "--message", place("coach", kBackSays), "--out", file}).exit == 0 &&
         !found(content_of(file), kBackSays).empty();
}

bool LeakWorld::add_invite(const std::string& what, const std::string& url) {
  const auto secret = identity::parse_invite_text(url);
  if (!secret.ok()) return false;
  markers_.push_back({what, std::string(as_text(secret->secret_bytes()))});
  markers_.push_back({what + ", as text", identity::invite_text(*secret)});
  return true;
}

// Reads what the device keeps: its own keys, its groups and KeyPackages, the keys of its messages.
bool LeakWorld::add_secrets_of(const std::string& device) {
  const auto folder = world_.device_dir(device);
  const std::string key = content_of(folder / "store.key");
  const auto raw = sqlcipher::DatabaseKey::from_bytes(as_bytes(key));
  if (!raw.ok()) return false;
  markers_.push_back({"the store key of " + device, key});
  auto database = sqlcipher::Database::open((folder / "store.db").string(), *raw, {false, false});
  if (!database.ok()) return false;
  auto records = database->prepare("SELECT key, value FROM record");
  if (!records.ok()) return false;
  bool own_keys = false;
  for (auto row = records->step(); row.ok() && *row; row = records->step()) {
    const std::string name(records->text(0));
    const ByteView value = records->blob(1);
    const auto is = [&](const char* prefix) { return name.rfind(prefix, 0) == 0; };
    if (name == sdk::keys::kSelf) {
      const auto self = sdk::SelfRecord::decode(value);
      if (!self.ok() || self->account_seed.empty() || self->leaf_seed.empty()) return false;
      markers_.push_back({"the account key of " + device, std::string(as_text(self->account_seed.bytes()))});
      markers_.push_back({"the device key of " + device, std::string(as_text(self->leaf_seed.bytes()))});
      own_keys = true;
    } else if (is(sdk::keys::kGroupPrefix)) {
      if (!add_group(device, value)) return false;
    } else if (is(sdk::keys::kPackagePrefix)) {
      const auto package = sdk::PackageRecord::decode(value);
      if (!package.ok()) return false;
      const auto secrets = mls::KeyPackageSecrets::deserialize(package->secrets.bytes());
      if (!secrets.ok()) return false;
      markers_.push_back({"a KeyPackage's init key, of " + device, std::string(as_text(secrets->init_key.bytes()))});
      markers_.push_back({"a KeyPackage's leaf key, of " + device, std::string(as_text(secrets->leaf_key.bytes()))});
    } else if (is(sdk::keys::kMessagePrefix)) {
      // The franked plaintext: a version byte, then the message's own key (S16).
      const auto message = sdk::MessageRecord::decode(value);
      if (!message.ok() || message->franked.size() < 1 + kSecretBytes) return false;
      markers_.push_back(
          {"a franking key, at " + device, std::string(as_text(message->franked.bytes().subspan(1, kSecretBytes)))});
    }
  }
  return own_keys;
}

// The layout of mls::Group::serialize (crypto/mls/group_storage.cpp): version, public half, own leaf, signature key, then the secrets.
bool LeakWorld::add_group(const std::string& device, ByteView record) {
  const auto group = mls::Group::deserialize(record);
  Reader reader(record);
  constexpr std::size_t kMostBytes = 64 * 1024 * 1024;
  const bool before =
      reader.u16().ok() && reader.opaque(kMostBytes).ok() && reader.u32().ok() && reader.array<kSecretBytes>().ok();
  if (!group.ok() || !before) return false;
  const auto keys = mls::PrivateTree::read(reader);
  if (!keys.ok()) return false;
  for (std::uint32_t node = 0; node + 1 < 2 * group->tree().leaf_count(); ++node) {
    const HpkeKeyPair* pair = keys->key({node});
    if (pair != nullptr)
      markers_.push_back({"an HPKE key of a tree, of " + device, std::string(as_text(pair->private_key.bytes()))});
  }
  for (const char* name : {"sender data", "exporter", "external", "confirmation key", "membership key", "resumption PSK",
                           "epoch authenticator", "init"}) {
    const auto secret = reader.array<kSecretBytes>();
    if (!secret.ok()) return false;
    // What the layout says is checked by what the group itself gives.
    if (name == std::string_view("epoch authenticator") && !equal(*secret, group->epoch_authenticator())) return false;
    markers_.push_back({"an epoch's " + std::string(name) + ", of " + device, std::string(as_text(*secret))});
  }
  return true;
}

template <class Condition>
bool LeakWorld::until(const std::vector<std::string>& devices, Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + story::kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (condition()) return true;
    for (const auto& device : devices) (void)world_.steiger(device, {"receive"});
  }
  return condition();
}

std::string LeakWorld::place(const std::string& device, const std::string& text) {
  for (const auto& message : world_.history(device).value_or(std::vector<story::Shown>())) {
    if (message.text == text && message.seq != 0) return std::to_string(message.seq);
  }
  return {};
}

json LeakWorld::question_of(const std::string& device) {
  const json list = body_of(world_.steiger(device, {"questions"}).lines, "QuestionList");
  if (!list.is_object()) return nullptr;
  for (const auto& question : list["questions"]) {
    if (question["answered"] == false) return question;
  }
  return nullptr;
}

}  // namespace steiger::test
