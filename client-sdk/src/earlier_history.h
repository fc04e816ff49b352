// What was said in a room before this device came: a new phone of somebody who was there gets it from the others (S17).
//
// Backwards from the commit that brought the device in. Its place in the chain was signed by the gateway; whoever is asked gives the
// places right before it, with the chain value ahead of them, and only the true ones lead to the value that is known. So each answer is
// proven by the one before it, and every message by its own tag, exactly as if it had been received at the time.
//
// Who is asked gives an own device all that it has, and others what was said while both were there. It does not pass on what itself got
// this way: it has not seen who came and went in that time.
#pragma once

#include <map>
#include <set>

#include "client-sdk/src/content.h"
#include "client-sdk/src/limits.h"
#include "client-sdk/src/session.h"
#include "client-sdk/src/state.h"

namespace steiger::sdk {

class EarlierHistory {
 public:
  explicit EarlierHistory(Engine& engine) : engine_(engine) {}

  // This device has just come into the room. `was_here`: its account was there before.
  void begin(Channel& channel, bool was_here);

  // ---- the inbox
  void on_request(Channel& channel, const LinkRecord& from, const EarlierRequestContent& request);
  void on_earlier(Channel& channel, const LinkRecord& from, const EarlierContent& earlier);

  // Asks. Once at the end of every input, before the outbox.
  void pump();
  [[nodiscard]] std::optional<Timestamp> deadline() const;

 private:
  [[nodiscard]] bool wants(const Channel& channel) const;
  void end(Channel& channel);

  Engine& engine_;
  struct Asked {
    Timestamp again;
    Duration wait = kHistoryFirst;
    std::size_t times = 0;
    std::set<DeviceId> have_no_more;
  };
  std::map<ChannelId, Asked> asked_;  // in this life
};

}  // namespace steiger::sdk
