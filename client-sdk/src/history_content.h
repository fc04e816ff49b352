// Asking the others of a room for what was missed, and their answer, as contents (S11, S17).
#pragma once

#include <vector>

#include "client-sdk/src/records.h"
#include "client-sdk/src/recovery_records.h"

namespace steiger::content {
struct HistoryRequest;
struct History;
struct EarlierRequest;
struct Earlier;
}  // namespace steiger::content

namespace steiger::sdk {

struct HistoryRequestContent {
  DeviceId device;                        // who is asked
  std::vector<GapsRecord::Range> ranges;  // at most kMaxHistoryRanges, together at most kMaxHistoryPlaces; ascending
};
struct HistoryEntry {
  std::uint64_t seq = 0;
  LinkRecord link;      // without its chain value: that is computed
  SecretBytes franked;  // empty: nothing that people see
};
struct HistoryContent {
  std::vector<HistoryEntry> entries;  // at most kMaxHistoryEntries
};

struct EarlierRequestContent {
  DeviceId device;  // who is asked
  std::uint64_t up_to = 0;
};
struct EarlierContent {
  Hash before{};                      // the chain value ahead of the first
  std::vector<HistoryEntry> entries;  // consecutive; at most kMaxHistoryEntries; none: there is nothing earlier
};

// kBadValue for what is missing or out of bounds.
Result<HistoryRequestContent> read_history_request(const content::HistoryRequest& body);
Result<HistoryContent> read_history(const content::History& body);
SecretBytes encode_history_request(const HistoryRequestContent& request, Timestamp created);
Result<EarlierRequestContent> read_earlier_request(const content::EarlierRequest& body);
Result<EarlierContent> read_earlier(const content::Earlier& body);
SecretBytes encode_earlier_request(const EarlierRequestContent& request, Timestamp created);
SecretBytes encode_earlier(const EarlierContent& earlier, Timestamp created);
SecretBytes encode_history(const HistoryContent& history, Timestamp created);

}  // namespace steiger::sdk
