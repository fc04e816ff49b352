// What travels inside an encrypted message (client-sdk/schema/content.fbs): a header that even an old device can act on, and a body.
#pragma once

#include <string>
#include <variant>

#include "client-sdk/src/errors.h"
#include "client-sdk/src/history_content.h"
#include "crypto/base/clock.h"
#include "crypto/base/ids.h"
#include "crypto/primitives/secret.h"

namespace steiger::sdk {

struct TextContent {
  std::string text;
};
struct ReceiptContent {
  bool read = false;  // else: stored by the device
  std::uint64_t up_to_seq = 0;
};
struct ProfileContent {
  std::string name;
};
struct CommitPskContent {
  Bytes psk_id;
  SecretBytes psk;
};
// S8: may this account come in? The coach asks; the jongere answers with a signed grant, or with none.
struct LetInRequestContent {
  AccountId account;
  std::uint8_t role = 0;    // identity::Role
  std::uint8_t reason = 0;  // identity::GrantPurpose
  std::string name;         // as the coach calls them
  Timestamp until;
};
struct LetInAnswerContent {
  AccountId account;
  Bytes grant;  // identity::Grant; empty: no
};
// S2: a jongere who lost a device goes on under a new account key; the coach certifies it after a call, or not.
struct NewKeyRequestContent {
  Bytes device_list;  // identity::DeviceList under the new key
  Bytes account_key;
};
struct NewKeyAnswerContent {
  Bytes chain;  // identity::IdentityChain; empty: no
};
// Self group: how this person calls a room.
struct RoomLabelContent {
  ChannelId channel;
  std::string label;
};
// Self group: the account's next key, for the other own devices (S2).
struct OwnKeyContent {
  SecretBytes seed;
  Bytes chain;  // identity::IdentityChain
};
// Kinds of later versions (design section 6): visible shows the fallback, state is kept for after an upgrade, a signal is ignored.
struct UnknownVisible {
  std::string fallback;
};
struct UnknownState {};
struct UnknownSignal {};

struct Content {
  Timestamp created;
  std::variant<TextContent, ReceiptContent, ProfileContent, CommitPskContent, LetInRequestContent, LetInAnswerContent,
               NewKeyRequestContent, NewKeyAnswerContent, RoomLabelContent, OwnKeyContent, HistoryRequestContent, HistoryContent,
               EarlierRequestContent, EarlierContent, ForDeviceContent, UnknownVisible, UnknownState, UnknownSignal>
      body;
};

// A known kind whose body is missing or out of bounds, and bytes that are no Content: kBadValue.
Result<Content> decode_content(ByteView bytes);

SecretBytes encode_text(std::string_view text, Timestamp created);
SecretBytes encode_receipt(const ReceiptContent& receipt, Timestamp created);
SecretBytes encode_profile(std::string_view name, Timestamp created);
SecretBytes encode_commit_psk(ByteView psk_id, ByteView psk, Timestamp created);
SecretBytes encode_let_in_request(const LetInRequestContent& request, Timestamp created);
SecretBytes encode_let_in_answer(const LetInAnswerContent& answer, Timestamp created);
SecretBytes encode_new_key_request(const NewKeyRequestContent& request, Timestamp created);
SecretBytes encode_new_key_answer(const NewKeyAnswerContent& answer, Timestamp created);
SecretBytes encode_room_label(const RoomLabelContent& label, Timestamp created);
SecretBytes encode_own_key(const OwnKeyContent& key, Timestamp created);

// Strict UTF-8 (no surrogates, no overlong forms, at most U+10FFFF), without NUL.
bool is_utf8(std::string_view text);

}  // namespace steiger::sdk
