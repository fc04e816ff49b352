#include "crypto/identity/room_past.h"

#include "crypto/identity/fields.h"

namespace steiger::identity {
namespace {

constexpr std::uint8_t kVersion = 1;

Result<RoomPast::Silent> read_silent(Reader& in) {
  RoomPast::Silent out;
  STEIGER_TRY(out.account, read_id<AccountId>(in));
  STEIGER_TRY(out.device, read_id<DeviceId>(in));
  STEIGER_TRY(out.account_key, read_verify_key(in));
  return out;
}

}  // namespace

Bytes encode_room_past(const RoomPast& past) {
  Writer out;
  out.u8(kVersion);
  out.vector(past.silent, [](Writer& inner, const RoomPast::Silent& each) {
    inner.fixed(each.account.bytes()).fixed(each.device.bytes()).fixed(each.account_key.bytes());
  });
  const auto write_account = [](Writer& inner, const AccountId& account) { inner.fixed(account.bytes()); };
  out.vector(past.carried_over, write_account);
  out.vector(past.jongeren_out, write_account);
  out.vector(past.chains, write_chain);
  return std::move(out).take();
}

Result<RoomPast> decode_room_past(ByteView bytes) {
  Reader in(bytes);
  RoomPast out;
  STEIGER_CHECK(read_version(in, kVersion));
  STEIGER_TRY(out.silent, in.vector<RoomPast::Silent>(kMaxRoomPast, read_silent));
  STEIGER_TRY(out.carried_over, in.vector<AccountId>(kMaxRoomPast, read_id<AccountId>));
  STEIGER_TRY(out.jongeren_out, in.vector<AccountId>(kMaxRoomPast, read_id<AccountId>));
  STEIGER_TRY(out.chains, in.vector<IdentityChain>(kMaxRoomPast, read_chain));
  STEIGER_CHECK(in.done());
  return out;
}

}  // namespace steiger::identity
