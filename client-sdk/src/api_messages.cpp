// Requests about channels and their messages: writing, reading, and lists of what is there.
#include <algorithm>

#include "client-sdk/src/api_fields.h"
#include "client-sdk/src/disclosure.h"

namespace steiger::sdk {

Result<Channel*> Api::find_channel(const flatbuffers::Vector<std::uint8_t>* id) {
  STEIGER_TRY(const ChannelId channel_id, id_of<ChannelId>(id));
  Channel* channel = engine_.channel(channel_id);
  if (channel == nullptr) return kNoSuchChannel;
  return channel;
}

// How the message with this id stands, waiting or placed.
std::optional<api::MessageT> Api::message_with_id(const Channel& channel, const MessageId& id) const {
  for (const auto& [order, item] : engine_.state.outbox) {
    if (item.id == id && item.channel == channel.record.id) return waiting_view(item);
  }
  // From the newest back: whoever asks again does so soon.
  for (auto at = channel.messages.rbegin(); at != channel.messages.rend(); ++at) {
    if (at->second.id == id) return message_view(channel, at->first, at->second);
  }
  return std::nullopt;
}

Result<void> Api::send_text(std::uint64_t request, const api::SendText& body) {
  STEIGER_TRY(Channel * channel, find_channel(body.channel()));
  std::optional<MessageId> id;
  if (body.message() != nullptr) {
    STEIGER_TRY(id, id_of<MessageId>(body.message()));
    if (id->is_none()) return kBadRequest;
    if (auto known = message_with_id(*channel, *id)) {
      if (!known->mine) return kBadRequest;
      send(request, std::move(*known));
      return {};
    }
  }
  STEIGER_TRY(const std::string text, text_of(body.text(), kMaxTextBytes, kTextTooLong));
  if (text.empty()) return kTextEmpty;
  return write(request, *channel, text, id);
}

Result<void> Api::write(std::uint64_t request, Channel& channel, std::string_view text, const std::optional<MessageId>& id) {
  if (channel.stopped()) return kChannelStopped;
  if (channel.messages.size() >= kMaxMessagesPerChannel) return kChannelFull;
  STEIGER_CHECK(engine_.outbox.send_content(channel, encode_text(text, engine_.now), true, id));
  // The answer is the message as it now waits; its further states come unasked.
  const OutboxRecord& item = engine_.state.outbox.rbegin()->second;
  command(request, [this, order = item.order] { engine_.outbox.withdraw(order); });
  send(request, waiting_view(item));
  return {};
}

// S13: the same words as a new message, at the end: what was said in between was said without it.
Result<void> Api::send_again(std::uint64_t request, const api::SendAgain& body) {
  STEIGER_TRY(Channel * channel, find_channel(body.channel()));
  STEIGER_TRY(const MessageId id, id_of<MessageId>(body.message()));
  if (id.is_none()) return kBadRequest;
  if (auto known = message_with_id(*channel, id)) {
    if (!known->mine) return kBadRequest;
    send(request, std::move(*known));
    return {};
  }
  const auto message = channel->messages.find(body.seq());
  if (message == channel->messages.end() || message->second.sender != engine_.state.self.account) return kNoSuchMessage;
  const auto content = decode_content(message->second.content.bytes());
  const auto* text = content.ok() ? std::get_if<TextContent>(&content->body) : nullptr;
  return text == nullptr ? Result<void>(kNoSuchMessage) : write(request, *channel, text->text, id);
}

Result<void> Api::mark_read(std::uint64_t request, const api::MarkRead& body) {
  STEIGER_TRY(Channel * channel, find_channel(body.channel()));
  const std::uint64_t up_to = std::min(body.up_to_seq(), channel->record.processed);
  if (up_to > channel->record.read_seq) {
    channel->record.read_seq = up_to;
    channel->announce = true;
    Engine::record_changed(*channel);
    engine_.inbox.receipts_due();
    command(request);
  }
  done(request);
  return {};
}

Result<void> Api::list_channels(std::uint64_t request) {
  api::ChannelListT out;
  for (const auto& [id, channel] : engine_.state.channels) {
    if (channel.own_devices_only()) continue;
    out.channels.push_back(std::make_unique<api::ChannelT>(channel_view(channel)));
  }
  send(request, std::move(out), Journal::Event::news);
  return {};
}

Result<void> Api::list_messages(std::uint64_t request, const api::ListMessages& body) {
  STEIGER_TRY(const Channel* channel, find_channel(body.channel()));
  const std::size_t limit = std::clamp<std::uint32_t>(body.limit(), 1, kMaxListLimit);
  api::MessageListT out;
  out.channel = bytes_of(channel->record.id);
  const auto add = [&](api::MessageT message) {
    if (out.messages.size() == limit) {
      out.more = true;
      return false;
    }
    out.messages.push_back(std::make_unique<api::MessageT>(std::move(message)));
    return true;
  };
  bool room = true;
  if (body.before_seq() == 0) {
    for (auto at = engine_.state.outbox.rbegin(); room && at != engine_.state.outbox.rend(); ++at) {
      if (at->second.visible && at->second.channel == channel->record.id) room = add(waiting_view(at->second));
    }
  }
  auto at = body.before_seq() == 0 ? channel->messages.end() : channel->messages.lower_bound(body.before_seq());
  while (room && at != channel->messages.begin()) {
    --at;
    room = add(message_view(*channel, at->first, at->second));
  }
  send(request, std::move(out), Journal::Event::news);
  return {};
}

Result<void> Api::disclose(std::uint64_t request, const api::Disclose& body) {
  STEIGER_TRY(const Channel* channel, find_channel(body.channel()));
  if (body.seqs() == nullptr) return kBadRequest;
  api::DisclosureT out;
  STEIGER_TRY(out.bytes, make_disclosure(engine_.state, *channel, {body.seqs()->begin(), body.seqs()->end()}));
  send(request, std::move(out), Journal::Event::news);
  return {};
}

Result<void> Api::list_invites(std::uint64_t request) {
  api::InviteListT out;
  for (const auto& [id, invite] : engine_.state.invites) {
    out.invites.push_back(std::make_unique<api::InviteT>(invite_view(invite)));
  }
  send(request, std::move(out), Journal::Event::news);
  return {};
}

}  // namespace steiger::sdk
