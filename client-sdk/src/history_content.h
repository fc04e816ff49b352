// Asking the others of a room for what was missed, and their answer, as contents (S11, S17).
#pragma once

#include <vector>

#include "client-sdk/src/records.h"
#include "client-sdk/src/recovery_records.h"
#include "crypto/primitives/dh.h"

namespace steiger::content {
struct HistoryRequest;
struct History;
struct EarlierRequest;
struct Earlier;
struct ForDevice;
}  // namespace steiger::content

namespace steiger::sdk {

struct HistoryRequestContent {
  DeviceId device;                        // who is asked
  std::vector<GapsRecord::Range> ranges;  // at most kMaxHistoryRanges, together at most kMaxHistoryPlaces; ascending
  DhPublicKey key{};                      // the answer is sealed to it (resending.h)
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
  DhPublicKey key{};  // as in HistoryRequestContent
};
struct EarlierContent {
  Hash before{};                      // the chain value ahead of the first
  std::vector<HistoryEntry> entries;  // consecutive; at most kMaxHistoryEntries; none: there is nothing earlier
};

// A History or Earlier for one device (S17).
struct ForDeviceContent {
  DeviceId device;
  DhPublicKey kem_output{};
  Bytes sealed;  // at most kMaxForDeviceBytes
};

// kBadValue for what is missing or out of bounds.
Result<HistoryRequestContent> read_history_request(const content::HistoryRequest& body);
Result<HistoryContent> read_history(const content::History& body);
SecretBytes encode_history_request(const HistoryRequestContent& request, Timestamp created);
Result<EarlierRequestContent> read_earlier_request(const content::EarlierRequest& body);
Result<EarlierContent> read_earlier(const content::Earlier& body);
SecretBytes encode_earlier_request(const EarlierRequestContent& request, Timestamp created);
SecretBytes encode_earlier(const EarlierContent& earlier, Timestamp created);
Result<ForDeviceContent> read_for_device(const content::ForDevice& body);
SecretBytes encode_for_device(const ForDeviceContent& sealed, Timestamp created);
SecretBytes encode_history(const HistoryContent& history, Timestamp created);

}  // namespace steiger::sdk
