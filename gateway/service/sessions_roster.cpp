// What members' devices are told beside envelopes: what waits for their commit, who cannot follow, what nobody fetched (S2, S11, S13).
#include <algorithm>

#include "gateway/service/sessions.h"

namespace steiger::gateway {

// Everything there is, in portions, and only when it is not what was told last.
void Sessions::tell_tasks(Session& session, std::vector<RosterTaskRow> tasks) {
  if (tasks == session.tasks) return;
  session.tasks = std::move(tasks);
  for (std::size_t first = 0; first < session.tasks.size(); first += kMaxItemsPerFrame) {
    wire::RosterTasksT out;
    const std::size_t end = std::min(session.tasks.size(), first + kMaxItemsPerFrame);
    for (std::size_t i = first; i < end; ++i) {
      const RosterTaskRow& row = session.tasks[i];
      auto task = std::make_unique<wire::RosterTaskT>();
      task->kind = static_cast<wire::RosterTaskKind>(row.kind);
      task->channel = wire_pointer(row.channel);
      task->account = wire_pointer(row.account);
      task->device = wire_pointer(row.device);
      out.tasks.push_back(std::move(task));
    }
    session.sink->send(encode_frame(0, std::move(out)));
  }
}

void Sessions::ask_tasks(const std::vector<ChannelId>& channels) {
  for (const ChannelId& channel : channels) {
    const auto subscribed = subscribers_.find(channel);
    if (subscribed == subscribers_.end()) continue;
    for (Session* session : subscribed->second) {
      if (std::exchange(session->asking_tasks, true)) continue;
      writer_->submit({session->id, 0, AskTasksCommand{}, 0, 0});
    }
  }
}

void Sessions::reply(Session& session, std::uint64_t, TasksFound& body) {
  session.asking_tasks = false;
  tell_tasks(session, std::move(body.tasks));
}

void Sessions::tell_nack(const NackArrived& arrived) {
  const auto subscribed = subscribers_.find(arrived.channel);
  if (subscribed == subscribers_.end()) return;
  for (Session* session : subscribed->second) {
    const Lane& lane = session->lanes.find(arrived.channel)->second;
    const bool removed = lane.limit != kMaxSeq && lane.acknowledged_seq >= lane.limit;
    if (session->device != arrived.from && !removed) push_nack(*session, arrived.nack);
  }
}

void Sessions::push_nack(Session& session, const Bytes& nack) {
  wire::NackT out;
  out.nack = nack;
  session.sink->send(encode_frame(0, std::move(out)));
}

void Sessions::push_undelivered(Session& session, const UndeliveredRow& row) {
  wire::UndeliveredT out;
  out.channel = wire_pointer(row.channel);
  out.id = wire_pointer(row.id);
  out.seq = row.seq;
  session.sink->send(encode_frame(0, std::move(out)));
}

void Sessions::reply(Session& session, std::uint64_t request, GroupInfoFound& body) {
  wire::CurrentGroupInfoT out;
  out.channel = wire_pointer(body.channel);
  out.generation = body.generation;
  out.epoch = body.epoch;
  out.group_info = std::move(body.group_info);
  session.sink->send(encode_frame(request, std::move(out)));
}

void Sessions::sweep(Timestamp now) {
  if (swept_ && now - *swept_ < kSweepInterval) return;
  swept_ = now;
  writer_->submit({SessionId{}, 0, SweepCommand{}, 0, 0});
}

}  // namespace steiger::gateway
