// Frames in: state, bounds and shape of every request, before anything reaches the writer. Whatever is wrong is a named, fatal error.
#include "gateway/service/sessions.h"

namespace steiger::gateway {

Result<void> Sessions::dispatch(Session& session, const wire::Frame& frame) {
  const bool ready = session.state == State::ready;
  const bool greeted = session.state == State::greeted;
  switch (frame.body_type()) {
    case wire::Body::Login:
      if (!greeted || session.nonce_used) return kWrongState;
      return on(session, frame, *frame.body_as_Login());
    case wire::Body::FetchInvite:
      if (session.state == State::logging_in) return kWrongState;
      return on(session, frame, *frame.body_as_FetchInvite());
    case wire::Body::RedeemInvite:
      if (!greeted) return kWrongState;
      return on(session, frame, *frame.body_as_RedeemInvite());
    case wire::Body::Submit:
      return ready ? on(session, frame, *frame.body_as_Submit()) : kWrongState;
    case wire::Body::RegisterChannel:
      return ready ? on(session, frame, *frame.body_as_RegisterChannel()) : kWrongState;
    case wire::Body::SubmitCommit:
      return ready ? on(session, frame, *frame.body_as_SubmitCommit()) : kWrongState;
    case wire::Body::Acknowledge:
      return ready ? on(session, frame, *frame.body_as_Acknowledge()) : kWrongState;
    case wire::Body::CreateInvite:
      return ready ? on(session, frame, *frame.body_as_CreateInvite()) : kWrongState;
    case wire::Body::CancelInvite:
      return ready ? on(session, frame, *frame.body_as_CancelInvite()) : kWrongState;
    case wire::Body::AcceptInvite:
      return ready ? on(session, frame, *frame.body_as_AcceptInvite()) : kWrongState;
    case wire::Body::RefuseInvite:
      return ready ? on(session, frame, *frame.body_as_RefuseInvite()) : kWrongState;
    case wire::Body::Standing:
      return ready ? on(session, frame, *frame.body_as_Standing()) : kWrongState;
    case wire::Body::UpdateChain:
      return ready ? on(session, frame, *frame.body_as_UpdateChain()) : kWrongState;
    case wire::Body::PutKeyPackages:
      return ready ? on(session, frame, *frame.body_as_PutKeyPackages()) : kWrongState;
    case wire::Body::ClaimKeyPackages:
      return ready ? on(session, frame, *frame.body_as_ClaimKeyPackages()) : kWrongState;
    case wire::Body::HandoverOffer:
      return ready ? on(session, frame, *frame.body_as_HandoverOffer()) : kWrongState;
    case wire::Body::FetchGroupInfo:
      return ready ? on(session, frame, *frame.body_as_FetchGroupInfo()) : kWrongState;
    case wire::Body::Nack:
      return ready ? on(session, frame, *frame.body_as_Nack()) : kWrongState;
    case wire::Body::NONE:
      return kUnknownBody;
    default:  // Hello belongs to the edge; the rest only the gateway says
      return kWrongState;
  }
}

Result<void> Sessions::submit(Session& session, Command command) {
  if (command.weight > 0) {
    session.outstanding += command.weight;
    if (session.outstanding > options_.limits.max_outstanding) return kOutstandingLimit;
  } else if (++session.open_requests > kMaxOpenRequests) {
    return kTooManyRequests;
  }
  if (writer_->queued_bytes() + command.bytes > kMaxQueuedBytes) return kOverloaded;
  writer_->submit(std::move(command));
  return {};
}

Result<void> Sessions::on(Session& session, const wire::Frame& frame, const wire::Login& body) {
  LoginCommand out;
  STEIGER_TRY(out.account, field<AccountId>(body.account()));
  STEIGER_TRY(out.device, field<DeviceId>(body.device()));
  STEIGER_TRY(out.signature, field(body.signature()));
  const ByteView chain = view_of(body.chain());
  if (chain.size() > kMaxIdentityChainBytes) return kBadLogin;
  out.chain = to_bytes(chain);
  out.nonce = session.nonce;
  session.nonce_used = true;  // S6: each nonce once
  session.state = State::logging_in;
  return submit(session, {session.id, frame.request(), std::move(out), chain.size(), 0});
}

Result<void> Sessions::on(Session& session, const wire::Frame& frame, const wire::Submit& body) {
  if (body.items() == nullptr || body.items()->size() == 0) return kMalformedFrame;
  if (body.items()->size() > options_.limits.max_items_per_frame) return kTooManyItems;
  SubmitCommand out;
  out.items.reserve(body.items()->size());
  std::size_t bytes = 0;
  for (const wire::Submission* item : *body.items()) {
    SubmittedMessage message;
    message.counter = item->counter();
    message.epoch = item->epoch();
    STEIGER_TRY(message.id, field<MessageId>(item->id()));
    STEIGER_TRY(message.channel, field<ChannelId>(item->channel()));
    STEIGER_TRY(message.tag, field(item->tag()));
    STEIGER_TRY(const ByteView payload, field(item->payload(), options_.limits.max_payload_bytes, kPayloadTooLarge));
    message.payload = to_bytes(payload);
    bytes += payload.size();
    out.items.push_back(std::move(message));
  }
  const std::size_t weight = out.items.size();
  return submit(session, {session.id, frame.request(), std::move(out), bytes, weight});
}

Result<void> Sessions::on(Session& session, const wire::Frame& frame, const wire::RegisterChannel& body) {
  RegisterCommand out;
  out.counter = body.counter();
  STEIGER_TRY(out.channel, field<ChannelId>(body.channel()));
  STEIGER_TRY(const ByteView group_info, field(body.group_info(), kMaxFrameBytes, kFrameTooLarge));
  out.group_info = to_bytes(group_info);
  out.generation = body.generation();
  return submit(session, {session.id, frame.request(), std::move(out), group_info.size(), 1});
}

Result<void> Sessions::on(Session& session, const wire::Frame& frame, const wire::FetchGroupInfo& body) {
  FetchGroupInfoCommand out;
  STEIGER_TRY(out.channel, field<ChannelId>(body.channel()));
  return submit(session, {session.id, frame.request(), out, 0, 0});
}

Result<void> Sessions::on(Session& session, const wire::Frame& frame, const wire::Nack& body) {
  STEIGER_TRY(const ByteView nack, field(body.nack(), kMaxNackBytes, kMalformedFrame));
  return submit(session, {session.id, frame.request(), NackCommand{to_bytes(nack)}, nack.size(), 0});
}

Result<void> Sessions::on(Session& session, const wire::Frame& frame, const wire::SubmitCommit& body) {
  CommitCommand out;
  out.counter = body.counter();
  out.epoch = body.epoch();
  out.links_from = body.links_from();
  STEIGER_TRY(out.id, field<MessageId>(body.id()));
  STEIGER_TRY(out.channel, field<ChannelId>(body.channel()));
  std::size_t bytes = 0;
  if (body.before() != nullptr) {
    if (body.before()->size() > options_.limits.max_items_per_frame) return kTooManyItems;
    for (const wire::Before* item : *body.before()) {
      SubmittedMessage message;
      message.channel = out.channel;
      message.epoch = out.epoch;
      STEIGER_TRY(message.id, field<MessageId>(item->id()));
      STEIGER_TRY(message.tag, field(item->tag()));
      STEIGER_TRY(const ByteView payload, field(item->payload(), options_.limits.max_payload_bytes, kPayloadTooLarge));
      message.payload = to_bytes(payload);
      bytes += payload.size();
      out.before.push_back(std::move(message));
    }
  }
  STEIGER_TRY(const ByteView commit, field(body.commit(), kMaxFrameBytes, kFrameTooLarge));
  STEIGER_TRY(const ByteView group_info, field(body.group_info(), kMaxFrameBytes, kFrameTooLarge));
  out.commit = to_bytes(commit);
  out.group_info = to_bytes(group_info);
  if (const ByteView welcome = view_of(body.welcome()); !welcome.empty()) out.welcome = to_bytes(welcome);
  bytes += commit.size() + group_info.size() + (out.welcome ? out.welcome->size() : 0);
  return submit(session, {session.id, frame.request(), std::move(out), bytes, 1});
}

Result<void> Sessions::on(Session& session, const wire::Frame& frame, const wire::CreateInvite& body) {
  CreateInviteCommand out;
  STEIGER_TRY(out.invite, field<InviteId>(body.id()));
  STEIGER_TRY(out.lookup, field(body.lookup()));
  out.kind = static_cast<std::uint8_t>(body.kind());
  out.expires = {body.expires_ms()};
  const ByteView terms = view_of(body.terms());
  out.terms = to_bytes(terms);
  out.purpose = body.purpose();
  if (body.account() != nullptr) {
    STEIGER_TRY(out.account, field<AccountId>(body.account()));
  }
  return submit(session, {session.id, frame.request(), std::move(out), terms.size(), 0});
}

Result<void> Sessions::on(Session& session, const wire::Frame& frame, const wire::CancelInvite& body) {
  STEIGER_TRY(const InviteId invite, field<InviteId>(body.id()));
  return submit(session, {session.id, frame.request(), CancelInviteCommand{invite}, 0, 0});
}

Result<void> Sessions::on(Session& session, const wire::Frame& frame, const wire::FetchInvite& body) {
  STEIGER_TRY(const Hash lookup, field(body.lookup()));
  return submit(session, {session.id, frame.request(), FetchInviteCommand{lookup}, 0, 0});
}

Result<void> Sessions::on(Session& session, const wire::Frame& frame, const wire::RedeemInvite& body) {
  STEIGER_TRY(const Hash lookup, field(body.lookup()));
  STEIGER_TRY(const ByteView proof, field(body.proof(), kMaxProofBytes, kMalformedFrame));
  return submit(session, {session.id, frame.request(), RedeemInviteCommand{lookup, to_bytes(proof)}, proof.size(), 0});
}

Result<void> Sessions::on(Session& session, const wire::Frame& frame, const wire::AcceptInvite& body) {
  AcceptInviteCommand out;
  STEIGER_TRY(out.invite, field<InviteId>(body.id()));
  STEIGER_TRY(out.proof_hash, field(body.proof_hash()));
  STEIGER_TRY(const ByteView chain, field(body.chain(), kMaxIdentityChainBytes, kMalformedFrame));
  out.chain = to_bytes(chain);
  const ByteView sealed = view_of(body.sealed());
  out.sealed = to_bytes(sealed);
  out.lost = body.lost();
  return submit(session, {session.id, frame.request(), std::move(out), chain.size() + sealed.size(), 0});
}

Result<void> Sessions::on(Session& session, const wire::Frame& frame, const wire::RefuseInvite& body) {
  RefuseInviteCommand out;
  STEIGER_TRY(out.invite, field<InviteId>(body.id()));
  STEIGER_TRY(out.proof_hash, field(body.proof_hash()));
  return submit(session, {session.id, frame.request(), out, 0, 0});
}

// The bounds of what follows are refusals: a device that makes too much goes on.
Result<void> Sessions::refuse(Session& session, const wire::Frame& frame, const Error& why) {
  session.sink->send(problem_frame(frame.request(), why, false));
  return {};
}

Result<void> Sessions::on(Session& session, const wire::Frame& frame, const wire::Standing& body) {
  const ByteView list = view_of(body.status_list());
  const ByteView successions = view_of(body.root_successions());
  if (list.size() > kMaxStatusListBytes || successions.size() > kMaxRootSuccessionsBytes) {
    return refuse(session, frame, kBadStanding);
  }
  PublishStandingCommand out{{to_bytes(list), to_bytes(successions)}};
  return submit(session, {session.id, frame.request(), std::move(out), list.size() + successions.size(), 0});
}

Result<void> Sessions::on(Session& session, const wire::Frame& frame, const wire::UpdateChain& body) {
  STEIGER_TRY(const ByteView chain, field(body.chain(), kMaxIdentityChainBytes, kMalformedFrame));
  return submit(session, {session.id, frame.request(), UpdateChainCommand{to_bytes(chain)}, chain.size(), 0});
}

Result<void> Sessions::on(Session& session, const wire::Frame& frame, const wire::PutKeyPackages& body) {
  PutKeyPackagesCommand out;
  std::size_t bytes = 0;
  if (body.packages() != nullptr) {
    // Before anything is looked at: each costs three signatures.
    if (body.packages()->size() > kMaxKeyPackages) return refuse(session, frame, kKeyPackageLimit);
    for (const wire::KeyPackageBytes* each : *body.packages()) {
      const ByteView package = view_of(each->key_package());
      if (package.empty() || package.size() > kMaxKeyPackageBytes) return refuse(session, frame, kBadKeyPackage);
      bytes += package.size();
      out.packages.push_back(to_bytes(package));
    }
  }
  const ByteView last_resort = view_of(body.last_resort());
  if (last_resort.size() > kMaxKeyPackageBytes) return refuse(session, frame, kBadKeyPackage);
  bytes += last_resort.size();
  out.last_resort = to_bytes(last_resort);
  return submit(session, {session.id, frame.request(), std::move(out), bytes, 0});
}

Result<void> Sessions::on(Session& session, const wire::Frame& frame, const wire::ClaimKeyPackages& body) {
  ClaimKeyPackagesCommand out;
  STEIGER_TRY(out.account, field<AccountId>(body.account()));
  if (body.device() != nullptr) {
    STEIGER_TRY(out.device, field<DeviceId>(body.device()));
  }
  out.relation = body.relation();
  if (body.channel() != nullptr) {
    STEIGER_TRY(out.channel, field<ChannelId>(body.channel()));
  }
  const ByteView evidence = view_of(body.evidence());
  if (evidence.size() > kMaxEvidenceBytes) return refuse(session, frame, kNoRelation);
  out.evidence = to_bytes(evidence);
  return submit(session, {session.id, frame.request(), std::move(out), evidence.size(), 0});
}

Result<void> Sessions::on(Session& session, const wire::Frame& frame, const wire::HandoverOffer& body) {
  const ByteView offer = view_of(body.offer());
  const ByteView chain = view_of(body.chain());
  if (offer.size() > kMaxOfferBytes || chain.size() > kMaxIdentityChainBytes) return refuse(session, frame, kBadOffer);
  OfferHandoverCommand out{to_bytes(offer), to_bytes(chain)};
  return submit(session, {session.id, frame.request(), std::move(out), offer.size() + chain.size(), 0});
}

}  // namespace steiger::gateway
