// The layout of the local store: every key the core writes, in one place. Numbers are 16 lower-case hexadecimal digits, so that
// the order of the keys is the order of the numbers; ids are 32. Every value begins with a version byte (records.h).
//
//   meta                       format version of the whole store
//   self                       who this device is: keys, certificates, gateway, name, settings
//   counter                    last assigned submission counter, "never send" flag (S21)
//   join                       the redeemer's half of an invite until the Welcome is in: secret, key package secrets; then
//   deleted invite/<invite>            the coach's half of an invite channel/<channel>          one channel: members, positions,
//   names, receipts, alarm group/<channel>            the MLS group; rewritten after each use, so that consumed ratchet secrets
//   are gone (law 10) pending/<channel>          a commit of ours on its way: written before it is sent, deleted at the merge
//   (S7) link/<channel>/<seq>       chain link and chain value after it (S15), kept for disclosures (S16) message/<channel>/<seq>
//   a message as shown, with what proves it (S16) deferred/<channel>/<seq>   state content of a kind that this version does not
//   know, applied after an upgrade outbox/<order>             what waits to be sent or to be echoed, oldest first
//   standing                   newest status list and root successions (S1)
//   devices                    the own account's devices: what the gateway has yet to hear, a new account key in the making (S2)
//   newkey                     that key's chain, certified, until the devices that are being linked are in the rooms (S2)
//   purpose/<invite>           what an invite is for, unless for a newcomer; after "invite/"
//   package/<ref>              a KeyPackage of this device with its secrets (S14), until it was used or has expired
//   room/<channel>             who was in the room, what people are told about it, whether it ended for this device
//   wish/<channel>/<number>    what this person wants of the room's members until it is so (changes.h)
//   stamp/<channel>            SHA-256 of group/<channel> as written: an older one put in its place is found (S21)
//   step/<channel>             out of step: what is followed publicly until the device has come in again (S9, S11); absent: in step
//   opening/<channel>          the next group generation, which this device opens (S11)
//   carried/<channel>          the resumption PSK of the generation before, until all of it are back (S11)
//   gaps/<channel>             what did not arrive: places whose content is not here (S11), own messages that expired (S13)
//   earlier/<channel>          from where on this device was there, and whether it still asks what was said before (S17)
//   answer/<channel>           the private key that what is re-sent to this device is sealed to (S17), while something is missing
//   stays/<channel>            when accounts came and went, for what may be re-sent to whom
//   question/<id>              what waits, or waited, for this person's yes or no (questions.h)
#pragma once

#include <string>

#include "crypto/base/ids.h"

namespace steiger::sdk::keys {

inline constexpr char kMeta[] = "meta";
inline constexpr char kSelf[] = "self";
inline constexpr char kCounter[] = "counter";
inline constexpr char kJoin[] = "join";
inline constexpr char kInvitePrefix[] = "invite/";
inline constexpr char kChannelPrefix[] = "channel/";
inline constexpr char kGroupPrefix[] = "group/";
inline constexpr char kPendingPrefix[] = "pending/";
inline constexpr char kLinkPrefix[] = "link/";
inline constexpr char kMessagePrefix[] = "message/";
inline constexpr char kDeferredPrefix[] = "deferred/";
inline constexpr char kOutboxPrefix[] = "outbox/";
inline constexpr char kStanding[] = "standing";
inline constexpr char kDevices[] = "devices";
inline constexpr char kNewKey[] = "newkey";
inline constexpr char kPurposePrefix[] = "purpose/";
inline constexpr char kPackagePrefix[] = "package/";
inline constexpr char kRoomPrefix[] = "room/";
inline constexpr char kWishPrefix[] = "wish/";
inline constexpr char kQuestionPrefix[] = "question/";
inline constexpr char kStampPrefix[] = "stamp/";
inline constexpr char kStepPrefix[] = "step/";
inline constexpr char kOpeningPrefix[] = "opening/";
inline constexpr char kCarriedPrefix[] = "carried/";
inline constexpr char kGapsPrefix[] = "gaps/";
inline constexpr char kStaysPrefix[] = "stays/";
inline constexpr char kEarlierPrefix[] = "earlier/";
inline constexpr char kAnswerPrefix[] = "answer/";

// 16 lower-case hexadecimal digits, most significant first.
inline std::string number(std::uint64_t value) {
  ByteArray<8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  return to_hex(bytes);
}

inline std::string invite(const InviteId& id) {
  return kInvitePrefix + id.text();
}
inline std::string channel(const ChannelId& id) {
  return kChannelPrefix + id.text();
}
inline std::string group(const ChannelId& id) {
  return kGroupPrefix + id.text();
}
inline std::string pending(const ChannelId& id) {
  return kPendingPrefix + id.text();
}
inline std::string link(const ChannelId& id, std::uint64_t seq) {
  return kLinkPrefix + id.text() + "/" + number(seq);
}
inline std::string message(const ChannelId& id, std::uint64_t seq) {
  return kMessagePrefix + id.text() + "/" + number(seq);
}
inline std::string deferred(const ChannelId& id, std::uint64_t seq) {
  return kDeferredPrefix + id.text() + "/" + number(seq);
}
inline std::string room(const ChannelId& id) {
  return kRoomPrefix + id.text();
}
inline std::string answer(const ChannelId& id) {
  return kAnswerPrefix + id.text();
}
inline std::string stamp(const ChannelId& id) {
  return kStampPrefix + id.text();
}
inline std::string step(const ChannelId& id) {
  return kStepPrefix + id.text();
}
inline std::string opening(const ChannelId& id) {
  return kOpeningPrefix + id.text();
}
inline std::string carried(const ChannelId& id) {
  return kCarriedPrefix + id.text();
}
inline std::string gaps(const ChannelId& id) {
  return kGapsPrefix + id.text();
}
inline std::string earlier(const ChannelId& id) {
  return kEarlierPrefix + id.text();
}
inline std::string stays(const ChannelId& id) {
  return kStaysPrefix + id.text();
}
inline std::string wish(const ChannelId& id, std::uint64_t value) {
  return kWishPrefix + id.text() + "/" + number(value);
}
inline std::string outbox(std::uint64_t order) {
  return kOutboxPrefix + number(order);
}
inline std::string purpose(const InviteId& id) {
  return kPurposePrefix + id.text();
}
template <class Tag>
std::string question(const Id<Tag>& id) {
  return kQuestionPrefix + id.text();
}
// `reference`: the KeyPackageRef.
inline std::string package(ByteView reference) {
  return kPackagePrefix + to_hex(reference);
}

}  // namespace steiger::sdk::keys
