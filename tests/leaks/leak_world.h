// What S26 searches for, and the life in which it could have leaked: people who meet, talk, let somebody read along, lose a phone, are given
// their history again and prove a message, through the real programs.
#pragma once

#include <optional>

#include "tests/leaks/leak_search.h"
#include "tests/story/world.h"

namespace steiger::test {

inline constexpr std::string_view kControl = "control ~?>?~?>?~ 93aa";  // planted where it is allowed to be

struct Marker {
  std::string what;
  std::string bytes;
};

class LeakWorld {
 public:
  // `dir` is made and must not be there.
  LeakWorld(const std::filesystem::path& bin, const std::filesystem::path& dir);

  // Everything below. Empty, or what did not happen.
  std::string play();

  // Texts, names, keys of people, devices and stores, secrets of invites, of MLS epochs and trees, of messages.
  [[nodiscard]] const std::vector<Marker>& markers() const { return markers_; }
  [[nodiscard]] story::World& world() { return world_; }
  [[nodiscard]] std::filesystem::path store() const { return world_.gateway_dir() / "gateway.db"; }
  [[nodiscard]] Bytes store_key() const;

 private:
  bool meet();
  bool invite_by_link();
  bool talk();
  bool read_along();
  bool come_back();
  bool given_again();
  bool prove();

  bool add_invite(const std::string& what, const std::string& url);
  bool add_secrets_of(const std::string& device);
  bool add_group(const std::string& what, ByteView record);

  // Lets the devices fetch and answer, one after another, until `condition` holds.
  template <class Condition>
  bool until(const std::vector<std::string>& devices, Condition condition);
  std::string place(const std::string& device, const std::string& text);
  story::json question_of(const std::string& device);

  story::World world_;
  std::vector<Marker> markers_;
};

}  // namespace steiger::test
