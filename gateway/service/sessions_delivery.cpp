// Delivery: contiguous per device and channel, at most a window ahead of the acknowledgements; straight from memory when the device is
// up to date, from the store when it is behind.
#include <algorithm>

#include "gateway/service/sessions.h"

namespace steiger::gateway {

void Sessions::subscribe(Session& session, const ChannelId& channel, const Lane& lane) {
  const auto [at, fresh] = session.lanes.insert_or_assign(channel, lane);
  if (fresh) subscribers_[channel].push_back(&session);
  if (at->second.next_seq <= at->second.head_seq) mark_behind(session, channel, at->second);
}

void Sessions::change_lane(const LaneNews& news) {
  const auto online = by_device_.find(news.device);
  if (online == by_device_.end()) return;
  Session& session = *find(online->second);
  const auto found = session.lanes.find(news.channel);
  if (found == session.lanes.end()) {
    // A joiner's first portion holds its Welcome, which only the store has: its lane starts behind.
    const bool welcomed = news.kind == LaneNews::Kind::welcomed;
    if (!welcomed && news.kind != LaneNews::Kind::opened) return;
    subscribe(session, news.channel, {news.seq, welcomed ? news.seq : news.seq - 1, news.seq - 1});
    return;
  }
  Lane& lane = found->second;
  if (news.kind == LaneNews::Kind::limited) {
    lane.limit = news.seq;
    lane.head_seq = std::min(lane.head_seq, news.seq);
    // What was on its way behind a commit that the device cannot process comes again when it is in step (S11).
    const std::uint64_t last = std::max(lane.limit, lane.acknowledged_seq);
    if (lane.next_seq > last + 1) {
      session.unacknowledged -= static_cast<std::size_t>(lane.next_seq - 1 - last);
      lane.next_seq = last + 1;
    }
    return;
  }
  // In the roster again: from where it is, over its removal, to the Welcome; or to the head, when it came in by itself.
  lane.limit = kMaxSeq;
  lane.head_seq = std::max(lane.head_seq, news.seq);
  if (lane.next_seq <= lane.head_seq) mark_behind(session, news.channel, lane);
}

std::size_t Sessions::room(const Session& session) const {
  const std::size_t window = options_.limits.delivery_window;
  return session.unacknowledged >= window ? 0 : window - session.unacknowledged;
}

void Sessions::hand_out(const std::vector<ChannelPortion>& appended) {
  std::vector<Session*> reached;
  for (const ChannelPortion& portion : appended) {
    const auto subscribed = subscribers_.find(portion.channel);
    if (subscribed == subscribers_.end()) continue;
    const std::uint64_t last = portion.messages.back().seq;
    const bool small = portion.messages.size() <= kMaxItemsPerFrame && portion.payload_bytes <= kMaxDirectBytes;
    for (Session* session : subscribed->second) {
      Lane& lane = session->lanes.find(portion.channel)->second;
      const std::uint64_t reach = std::min(last, lane.limit);
      if (reach < lane.next_seq) continue;
      lane.head_seq = std::max(lane.head_seq, reach);
      const bool direct = small && reach == last && !lane.behind && !session->blocked && lane.next_seq == portion.first_seq &&
                          room(*session) >= portion.messages.size();
      if (!direct) {
        mark_behind(*session, portion.channel, lane);
      } else {
        session->frames.add(portion, session->device, [&](Bytes frame) { session->sink->send(std::move(frame)); });
        sent(*session, lane, last);
      }
      if (!session->reached) reached.push_back(session);
      session->reached = true;
    }
  }
  for (Session* session : reached) {
    session->reached = false;
    flush_frames(*session);
    pump(*session);
  }
}

void Sessions::mark_behind(Session& session, const ChannelId& channel, Lane& lane) {
  if (lane.behind) return;
  lane.behind = true;
  session.behind.push_back(channel);
}

void Sessions::sent(Session& session, Lane& lane, std::uint64_t up_to_seq) {
  const auto count = static_cast<std::size_t>(up_to_seq + 1 - lane.next_seq);
  session.unacknowledged += count;
  counts_.delivered += count;
  lane.next_seq = up_to_seq + 1;
  lane.handed_seq = std::max(lane.handed_seq, up_to_seq);
}

void Sessions::flush_frames(Session& session) {
  session.frames.finish([&](Bytes frame) { session.sink->send(std::move(frame)); });
  if (session.sink->queued_bytes() > kSinkHighWater) session.blocked = true;
  if (!session.held.empty()) release_held(session);
}

void Sessions::pump(Session& session) {
  if (session.reading || session.blocked) return;
  if (session.proofs_after) {  // first: without them the coach does not know who waits, or who should not have come
    session.reading = true;
    writer_->submit({session.id, 0, ReadProofsCommand{*session.proofs_after}, 0, 0});
    return;
  }
  // An acknowledgement may have brought a lane up to date that waits here.
  while (!session.behind.empty()) {
    Lane& lane = session.lanes.find(session.behind.front())->second;
    if (lane.next_seq <= lane.head_seq) break;
    lane.behind = false;
    session.behind.pop_front();
  }
  if (session.behind.empty()) return;
  const ChannelId channel = session.behind.front();
  const Lane& lane = session.lanes.find(channel)->second;
  const std::size_t max = std::min<std::size_t>(room(session), kMaxItemsPerFrame);
  if (max == 0) return;  // continued by the next acknowledgement
  session.reading = true;
  writer_->submit({session.id, 0, ReadCommand{channel, lane.next_seq, max}, 0, 0});
}

void Sessions::reply(Session& session, std::uint64_t, PortionRead& body) {
  const auto found = session.lanes.find(body.channel);
  if (found == session.lanes.end()) return;
  Lane& lane = found->second;
  if (!session.behind.empty() && session.behind.front() == body.channel) session.behind.pop_front();
  lane.behind = false;
  // What was asked for elsewhere than at next_seq has been overtaken by an acknowledgement: dropped, and read again from there.
  const bool overtaken = body.from != lane.next_seq;
  if (!overtaken && !body.welcome && !body.portion) {
    lane.head_seq = std::min(lane.head_seq, lane.next_seq - 1);  // the ledger knows of an end that this lane has not heard of yet
  } else if (!overtaken && body.welcome) {
    session.sink->send(welcome_frame(*body.welcome));
    sent(session, lane, body.welcome->welcome.seq);
  } else if (!overtaken && body.portion) {
    for (const MessageRow& message : body.portion->messages) {
      body.portion->payload_bytes += message.payload ? message.payload->size() : 0;
    }
    const std::uint64_t last = body.portion->messages.back().seq;
    session.frames.add(*body.portion, session.device, [&](Bytes frame) { session.sink->send(std::move(frame)); });
    sent(session, lane, last);
  }
  lane.head_seq = std::max(lane.head_seq, lane.next_seq - 1);
  // Round robin over the channels that are behind.
  if (lane.next_seq <= lane.head_seq) mark_behind(session, body.channel, lane);
  flush_frames(session);
  pump(session);
}

// S12: a stale_epoch refusal goes out once the device has been handed everything before it.
void Sessions::release_held(Session& session) {
  while (!session.held.empty()) {
    auto& rejected = std::get<RejectedAt>(session.held.front().body);
    const auto lane = session.lanes.find(rejected.after->channel);
    if (lane != session.lanes.end() && lane->second.next_seq <= std::min(rejected.after->seq, lane->second.limit)) return;
    rejected.after.reset();
    Answer ready = std::move(session.held.front());
    session.held.pop_front();
    reply(session, ready.request, std::get<RejectedAt>(ready.body));
  }
}

Result<void> Sessions::on(Session& session, const wire::Frame&, const wire::Acknowledge& body) {
  if (body.positions() == nullptr) return kMalformedFrame;
  if (body.positions()->size() > options_.limits.max_items_per_frame) return kTooManyItems;
  AcknowledgeCommand out;
  for (const wire::Position* position : *body.positions()) {
    STEIGER_TRY(const ChannelId channel, field<ChannelId>(&position->channel()));
    const auto found = session.lanes.find(channel);
    // A device that heard of its removal may not know whether this is known here; it is in no lane any more after the next login.
    if (found == session.lanes.end()) continue;
    if (position->seq() > std::max(found->second.head_seq, found->second.handed_seq)) return kBadAcknowledgement;
    Lane& lane = found->second;
    if (position->seq() <= lane.acknowledged_seq) continue;
    // Beyond what this connection was sent: processed on an earlier one, whose acknowledgement was lost.
    const std::uint64_t sent_here = std::min(position->seq(), lane.next_seq - 1);
    session.unacknowledged -= static_cast<std::size_t>(sent_here - lane.acknowledged_seq);
    lane.acknowledged_seq = position->seq();
    lane.next_seq = std::max(lane.next_seq, position->seq() + 1);
    out.positions.push_back({channel, position->seq()});
  }
  if (out.positions.empty()) return {};
  writer_->submit({session.id, 0, std::move(out), 0, 0});
  release_held(session);
  pump(session);
  return {};
}

}  // namespace steiger::gateway
