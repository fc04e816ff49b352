#include "client-sdk/src/engine.h"

#include "client-sdk/src/alarms.h"
#include "client-sdk/src/keys.h"

namespace steiger::sdk {

// ---------------------------------------------------------------- the public face

Core::Core(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Core::Core(Core&&) noexcept = default;
Core& Core::operator=(Core&&) noexcept = default;
Core::~Core() = default;

// NOLINTNEXTLINE(performance-unnecessary-value-param): taken over, so that its secrets are wiped when this returns.
Result<Core> Core::open(CoreOptions options, Snapshot snapshot, Rng& rng) {
  STEIGER_TRY(State state, State::load(snapshot));
  return Core(std::make_unique<Engine>(std::move(options), std::move(state), rng));
}

Effects Core::start(Timestamp now) {
  return engine_->start(now);
}
Effects Core::handle(Timestamp now, Event event) {
  return engine_->handle(now, std::move(event));
}

// ---------------------------------------------------------------- inputs

Effects Engine::start(Timestamp at) {
  now = at;
  if (state.empty) {
    journal.put(keys::kMeta, SecretBytes::copy_of(Bytes{kStoreVersion}));
    state.empty = false;
  }
  session.wake();
  return settle();
}

Effects Engine::handle(Timestamp at, Event event) {
  now = at;
  dispatch(std::move(event));
  return settle();
}

void Engine::dispatch(Event event) {
  if (std::holds_alternative<Connected>(event)) {
    session.on_connected();
  } else if (std::holds_alternative<Disconnected>(event)) {
    session.on_disconnected();
  } else if (const auto* frame = std::get_if<FrameReceived>(&event)) {
    if (journal.full()) return session.fail(kLocalBusy);  // not acknowledged, so that it comes again
    session.on_frame(frame->frame);
  } else if (const auto* committed = std::get_if<Committed>(&event)) {
    journal.committed(committed->token);
    session.wake();
  } else if (const auto* failure = std::get_if<CommitFailed>(&event)) {
    storing_failed(*failure);
  } else if (const auto* request = std::get_if<ApiRequest>(&event)) {
    api.on_request(request->request);
  }  // TimerFired: deadlines are looked at after every input
}

// S21: the app must know what was not kept, and nothing may be sent or acknowledged now.
void Engine::storing_failed(const CommitFailed& failure) {
  const bool known = journal.failing();
  for (const Journal::Command& command : journal.commit_failed(failure.token, now)) {
    if (command.undo) command.undo();
    api.refused(command.request, kLocalStorage);
  }
  if (!known && journal.failing()) alarm(kLocalStorage, {}, failure.why.code == 0 ? nullptr : &failure.why);
  session.wake();  // closes
}

Effects Engine::settle() {
  session.on_timer();
  invites.on_timer();
  key_packages.on_timer();
  inbox.settle();
  third_parties.on_timer();
  resync.pump();
  generations.pump();
  history.pump();
  earlier_history.pump();
  devices.pump();
  changes.pump();
  outbox.pump();
  session.watch_silence(outbox.unanswered());
  api.settle();
  write_changed();
  Effects out = journal.take(now, session.connection());
  set_timer();
  for (Effect& effect : journal.take(now, session.connection())) out.push_back(std::move(effect));
  return out;
}

void Engine::write_changed() {
  for (auto& [id, channel] : state.channels) {
    if (std::exchange(channel.record_changed, false)) journal.put(keys::channel(id), channel.record.encode());
    if (std::exchange(channel.room_changed, false)) journal.put(keys::room(id), channel.room.encode());
    if (std::exchange(channel.gaps_changed, false)) journal.put(keys::gaps(id), channel.gaps.encode());
    if (std::exchange(channel.stays_changed, false)) journal.put(keys::stays(id), channel.stays.encode());
    if (std::exchange(channel.earlier_changed, false)) journal.put(keys::earlier(id), channel.earlier.encode());
    if (channel.out_of_step && std::exchange(channel.out_of_step->changed, false)) {
      journal.put(keys::step(id), channel.out_of_step->encode());
    }
    if (!std::exchange(channel.group_changed, false)) continue;
    if (channel.group) {
      SecretBytes group = channel.group->serialize();
      journal.put(keys::stamp(id), StampRecord{sha256(group.bytes())}.encode());
      journal.put(keys::group(id), std::move(group));
    } else {
      journal.erase(keys::group(id));  // removed from the room: its keys go (S12)
      journal.erase(keys::stamp(id));
    }
  }
}

void Engine::set_timer() {
  std::optional<Timestamp> first;
  for (const auto& deadline :
       {session.deadline(), invites.deadline(), inbox.deadline(), key_packages.deadline(), standing.deadline(),
        third_parties.deadline(), changes.deadline(), resync.deadline(), generations.deadline(), devices.deadline(),
        history.deadline(), earlier_history.deadline(), journal.retry_at()}) {
    if (deadline && (!first || *deadline < *first)) first = deadline;
  }
  if (!first || (timer_ == first && *first > now)) return;
  timer_ = first;
  journal.now(SetTimer{*first});
}

// ---------------------------------------------------------------- saving

void Engine::save_self() {
  journal.put(keys::kSelf, state.self.encode());
}
void Engine::save_opening(Channel& channel) {
  journal.put(keys::opening(channel.record.id), channel.opening->encode());
}
void Engine::save_counter() {
  journal.put(keys::kCounter, state.counter.encode());
}
void Engine::save_join() {
  journal.put(keys::kJoin, state.join->encode());
}
void Engine::save(const InviteRecord& invite) {
  journal.put(keys::invite(invite.id), invite.encode());
  if (invite.purpose.purpose != 0) journal.put(keys::purpose(invite.id), invite.purpose.encode());
}
void Engine::save(const OutboxRecord& item) {
  journal.put(keys::outbox(item.order), item.encode());
}
void Engine::save_pending(const Channel& channel) {
  journal.put(keys::pending(channel.record.id), channel.pending->record.encode());
}

Channel* Engine::channel(const ChannelId& id) {
  const auto found = state.channels.find(id);
  return found == state.channels.end() ? nullptr : &found->second;
}

// ---------------------------------------------------------------- alarms

void Engine::alarm(const Error& error, const ChannelId& channel, const Error* cause) {
  api.alarm(error, channel, cause);
}

void Engine::stop_channel(Channel& channel, const Error& error, const Error* rule) {
  if (channel.stopped()) return;
  const bool known = alarm_kind(error) != api::AlarmKind::none;
  const Error& alarm = known ? error : kChannelFailed;
  channel.record.stop_code = alarm.code;
  channel.announce = true;
  record_changed(channel);
  api.alarm(alarm, channel.record.id, known ? rule : &error);
}

void Engine::stop_device(const Error& error) {
  state.self.membership = Membership::stopped;
  state.self.stop_code = error.code;
  save_self();
  api.alarm(error, {}, nullptr);
  session.wake();
}

const Error& Engine::stop_reason() const {
  const Error* alarm = find_alarm(state.self.stop_code);
  return alarm == nullptr ? kNotSetUp : *alarm;
}

}  // namespace steiger::sdk
