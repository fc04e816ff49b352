// What the app asks and hears about who is in a room.
#include "client-sdk/src/api_fields.h"

namespace steiger::sdk {
namespace {

api::NoticeT notice_view(const Channel& channel, const NoticeRecord& notice) {
  api::NoticeT out;
  out.channel = bytes_of(channel.record.id);
  out.seq = notice.seq;
  out.kind = static_cast<api::NoticeKind>(notice.kind);
  out.account = bytes_of(notice.account);
  if (!notice.device.is_none()) out.device = bytes_of(notice.device);
  out.name = notice.name;
  out.role = static_cast<api::Role>(notice.role);
  out.when_ms = notice.when.ms;
  return out;
}

}  // namespace

void Api::notices_changed(const Channel& channel, std::uint64_t seq) {
  for (const NoticeRecord& notice : channel.room.notices) {
    if (notice.seq == seq) send(0, notice_view(channel, notice));
  }
}

Result<void> Api::list_notices(std::uint64_t request, const api::ListNotices& body) {
  STEIGER_TRY(const Channel* channel, find_channel(body.channel()));
  api::NoticeListT out;
  out.channel = bytes_of(channel->record.id);
  for (const NoticeRecord& notice : channel->room.notices) {
    out.notices.push_back(std::make_unique<api::NoticeT>(notice_view(*channel, notice)));
  }
  send(request, std::move(out), Journal::Event::news);
  return {};
}

Result<void> Api::remove_member(std::uint64_t request, const api::RemoveMember& body) {
  STEIGER_TRY(Channel * channel, find_channel(body.channel()));
  STEIGER_TRY(const AccountId account, id_of<AccountId>(body.account()));
  if (channel->room.ended) return kRoomEnded;
  if (channel->stopped()) return kChannelStopped;
  if (channel->member(account) == nullptr) return kNoSuchMember;
  if (account == engine_.state.self.account) return kNotAllowedForRole;  // nobody removes themselves (RFC 9420 section 12.4)
  WishRecord wish;
  wish.kind = WishRecord::Kind::remove_account;
  wish.account = account;
  engine_.changes.wish(*channel, std::move(wish));
  command(request);
  done(request);
  return {};
}

}  // namespace steiger::sdk
