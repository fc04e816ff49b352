#include "client-sdk/apps/cli/door.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "client-sdk/src/limits.h"

namespace steiger::cli {
namespace {

constexpr const char* kSocketName = "door";
constexpr int kBacklog = 4;
constexpr std::size_t kPiece = 64 * 1024;
constexpr flatbuffers::uoffset_t kMaxDepth = 8;
constexpr flatbuffers::uoffset_t kMaxTables = 1u << 20;
constexpr const char* kIdentifier = "STA1";

// A socket address holds about 100 bytes of path, less than a data directory may have: the name goes through the open directory.
sockaddr_un address_in(const sdk::FileDescriptor& directory) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(directory.get()) + "/" + kSocketName;
  std::strncpy(out.sun_path, path.c_str(), sizeof out.sun_path - 1);
  return out;
}

sdk::FileDescriptor open_directory(const std::filesystem::path& path) {
  return sdk::FileDescriptor(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

// ---- a command at the door

class GuestLine final : public Line {
 public:
  explicit GuestLine(sdk::FileDescriptor line) : line_(std::move(line)), events_(kMaxDoorEvent) {}

  Result<void> request(Bytes request) override {
    const Bytes frame = door_frame(request);
    for (std::size_t done = 0; done < frame.size();) {
      const ssize_t count = ::send(line_.get(), frame.data() + done, frame.size() - done, MSG_NOSIGNAL);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) {
        closed_ = true;  // next_event() says so
        break;
      }
      done += static_cast<std::size_t>(count);
    }
    return {};
  }

  std::optional<Bytes> next_event(Duration timeout) override {
    const auto deadline = Deadline::after_or_never(timeout);
    for (;;) {
      auto event = events_.next();
      if (!event.ok()) closed_ = true;
      if (closed_) return std::nullopt;
      if (*event) {
        flatbuffers::Verifier verifier((*event)->data(), (*event)->size(), kMaxDepth, kMaxTables);
        if (verifier.VerifyBuffer<api::Event>(kIdentifier)) return std::move(**event);
        closed_ = true;
        return std::nullopt;
      }
      pollfd watched{line_.get(), POLLIN, 0};
      const int ready = ::poll(&watched, 1, static_cast<int>(deadline.left().count()));
      if (ready == 0) return std::nullopt;
      if (ready > 0) read_piece();
    }
  }

  [[nodiscard]] int descriptor() const override { return line_.get(); }
  [[nodiscard]] bool closed() const override { return closed_; }

 private:
  void read_piece() {
    Bytes piece(kPiece);
    const ssize_t count = ::recv(line_.get(), piece.data(), piece.size(), 0);
    if (count > 0) {
      events_.add(ByteView(piece).first(static_cast<std::size_t>(count)));
    } else if (count == 0 || !would_block()) {
      closed_ = true;
    }
  }

  sdk::FileDescriptor line_;
  DoorFrames events_;
  bool closed_ = false;
};

}  // namespace

// ---------------------------------------------------------------- the chat's side

std::unique_ptr<Door> Door::open(const std::filesystem::path& data_dir) {
  auto directory = open_directory(data_dir);
  sdk::FileDescriptor listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!directory.valid() || !listening.valid()) return nullptr;
  const sockaddr_un address = address_in(directory);
  ::unlink(address.sun_path);  // of a chat that was killed: the lock of the directory is ours, so nobody else has a door here
  const mode_t before = ::umask(S_IXUSR | S_IRWXG | S_IRWXO);
  const bool bound = ::bind(listening.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::umask(before);
  if (!bound || ::listen(listening.get(), kBacklog) != 0) return nullptr;
  return std::unique_ptr<Door>(new Door(std::move(directory), std::move(listening)));
}

Door::~Door() {
  ::unlink(address_in(directory_).sun_path);
}

void Door::watch(std::vector<pollfd>& out) const {
  out.push_back({listening_.get(), POLLIN, 0});
  for (const auto& [number, guest] : guests_) {
    short events = guest.waiting < kMaxAskedByGuest ? POLLIN : 0;
    if (!guest.unsent.empty()) events = static_cast<short>(events | POLLOUT);
    out.push_back({guest.line.get(), events, 0});
  }
}

void Door::serve(Session& session) {
  let_in(session);
  for (auto at = guests_.begin(); at != guests_.end();) {
    const bool stays = read_requests(session, at->first, at->second) && write_events(at->second);
    at = stays ? std::next(at) : guests_.erase(at);  // answers that still come for it find nobody
  }
}

void Door::let_in(Session& session) {
  for (;;) {
    sdk::FileDescriptor line(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!line.valid()) return;
    if (guests_.size() >= kMaxGuests) continue;  // closed at once
    const std::uint64_t number = ++last_guest_;
    auto& guest = guests_.emplace(number, Guest{std::move(line), DoorFrames(sdk::kMaxRequestBytes), {}, 0}).first->second;
    // A client of one's own begins by telling how it is; 0: nobody asked.
    api::RequestT status;
    status.body.Set(api::GetStatusT());
    ask(session, number, guest, std::move(status));
  }
}

bool Door::read_requests(Session& session, std::uint64_t number, Guest& guest) {
  Bytes piece(kPiece);
  while (guest.waiting < kMaxAskedByGuest) {
    auto request = guest.asked.next();
    if (!request.ok()) return false;
    if (!*request) {
      const ssize_t count = ::recv(guest.line.get(), piece.data(), piece.size(), 0);
      if (count < 0) return would_block();
      if (count == 0) return false;
      guest.asked.add(ByteView(piece).first(static_cast<std::size_t>(count)));
      continue;
    }
    flatbuffers::Verifier verifier((*request)->data(), (*request)->size(), kMaxDepth, kMaxTables);
    if (!verifier.VerifyBuffer<api::Request>(kIdentifier)) return false;
    const std::unique_ptr<api::RequestT> asked(flatbuffers::GetRoot<api::Request>((*request)->data())->UnPack());
    ask(session, number, guest, std::move(*asked));
  }
  return true;
}

void Door::ask(Session& session, std::uint64_t number, Guest& guest, api::RequestT request) {
  const Asked asked{number, request.id};
  Refusal refusal;
  if (const auto id = session.post(std::move(request), refusal)) {
    asked_.emplace(*id, asked);
    ++guest.waiting;
    return;
  }
  api::FailedT failed;
  failed.name = refusal.name;
  failed.family = refusal.exit == ExitCode::environment ? api::ErrorFamily::environment : api::ErrorFamily::caller;
  api::EventT answer;
  answer.request = asked.request;
  answer.body.Set(std::move(failed));
  tell(guest, answer);
}

bool Door::pass_on(api::EventT& event) {
  if (event.request == 0) {
    for (auto& [number, guest] : guests_) tell(guest, event);
    return false;
  }
  const auto found = asked_.find(event.request);
  if (found == asked_.end()) return false;
  const Asked asked = found->second;
  asked_.erase(found);
  if (const auto guest = guests_.find(asked.guest); guest != guests_.end()) {
    --guest->second.waiting;
    event.request = asked.request;
    tell(guest->second, event);
  }
  return true;
}

void Door::tell(Guest& guest, const api::EventT& event) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(api::CreateEvent(builder, &event), kIdentifier);
  append(guest.unsent, door_frame({builder.GetBufferPointer(), builder.GetSize()}));
  write_events(guest);
}

// False when the guest is gone, or does not read what it is told.
bool Door::write_events(Guest& guest) {
  while (!guest.unsent.empty()) {
    const ssize_t count = ::send(guest.line.get(), guest.unsent.data(), guest.unsent.size(), MSG_NOSIGNAL);
    if (count < 0) return would_block() && guest.unsent.size() <= kMaxDoorEvent;
    guest.unsent.erase(guest.unsent.begin(), guest.unsent.begin() + count);
  }
  return true;
}

// ---------------------------------------------------------------- the other side

std::unique_ptr<Line> knock(const std::filesystem::path& data_dir) {
  const auto directory = open_directory(data_dir);
  sdk::FileDescriptor line(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!directory.valid() || !line.valid()) return nullptr;
  const sockaddr_un address = address_in(directory);
  if (::connect(line.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return nullptr;
  return std::make_unique<GuestLine>(std::move(line));
}

}  // namespace steiger::cli
