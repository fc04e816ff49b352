// The way in for other `steiger` commands while a chat has the data directory open. Only one program may hold a device's keys
// (DataDir's lock: two would fork the message chain), so the chat serves the others: they send their requests over a local socket
// in that directory (0700) and get the answers, and what happens meanwhile, as if the client were their own.
#pragma once

#include <poll.h>

#include <filesystem>
#include <map>
#include <vector>

#include "client-sdk/apps/cli/door_frames.h"
#include "client-sdk/apps/cli/session.h"
#include "client-sdk/src/native/file_descriptor.h"

namespace steiger::cli {

// Commands at the door at the same time; the next one is turned away and told to try again.
inline constexpr std::size_t kMaxGuests = 16;
// Requests of one command that wait for their answer. At this bound the door reads no more from it until answers have come.
inline constexpr std::size_t kMaxAskedByGuest = 256;
// A page of the longest messages fits (ListMessages). Also the most that waits for a command that does not read; beyond it the
// command is cut off and says so.
inline constexpr std::size_t kMaxDoorEvent = 64u << 20;

// The chat's side. One thread: the chat's.
class Door {
 public:
  // Nothing when the socket cannot be made (a full disk): a chat without a door is still a chat.
  static std::unique_ptr<Door> open(const std::filesystem::path& data_dir);
  ~Door();
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  // Adds what poll() should wait for.
  void watch(std::vector<pollfd>& out) const;
  // Lets in who is there, reads what they ask and hands it to `session`, writes what waits. Never blocks.
  void serve(Session& session);
  // Every event of the session goes by here. True when it was the answer to a guest's request, and so is nothing for the chat.
  bool pass_on(api::EventT& event);

 private:
  struct Guest {
    sdk::FileDescriptor line;
    DoorFrames asked;
    Bytes unsent;
    std::size_t waiting = 0;  // answers
  };
  struct Asked {
    std::uint64_t guest = 0;
    std::uint64_t request = 0;  // the guest's own number
  };
  Door(sdk::FileDescriptor directory, sdk::FileDescriptor listening)
      : directory_(std::move(directory)), listening_(std::move(listening)) {}
  void let_in(Session& session);
  bool read_requests(Session& session, std::uint64_t number, Guest& guest);
  void ask(Session& session, std::uint64_t number, Guest& guest, api::RequestT request);
  static void tell(Guest& guest, const api::EventT& event);
  static bool write_events(Guest& guest);

  sdk::FileDescriptor directory_;  // so that the socket's path may be longer than a socket address
  sdk::FileDescriptor listening_;
  std::uint64_t last_guest_ = 0;
  std::map<std::uint64_t, Guest> guests_;
  std::map<std::uint64_t, Asked> asked_;  // by the session's number
};

// The other side: nullptr when no chat serves this directory.
std::unique_ptr<Line> knock(const std::filesystem::path& data_dir);

}  // namespace steiger::cli
