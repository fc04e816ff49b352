#include "crypto/mls/parties.h"

#include <algorithm>

namespace steiger::mls::test {
namespace {

constexpr std::size_t kMaxSteps = 120;
constexpr std::size_t kMaxParties = 6;

// Every party knows every PSK: a name is enough.
PskSources all_psks() {
  return {[](ByteView id) -> std::optional<SecretBytes> { return SecretBytes::copy_of(sha256(id)); }, {}};
}

std::uint64_t seed_of(ByteView script) {
  const Hash hash = sha256(script);
  return Reader(hash).u64().value();
}

// Whom an external commit removes sees a signature over everything but the confirmation tag, and no membership tag (section 6.2):
// damage there is all that cannot be seen, and changes nothing for it.
bool differ_in_the_tag_only(const Bytes& a, const Bytes& b) {
  const auto without_tag = [](const Bytes& message) -> Bytes {
    auto commit = decode_message<PublicMessage>(message);
    if (!commit.ok() || commit->content.sender.type != SenderType::new_member_commit) return {};
    commit->auth.confirmation_tag.reset();
    return encode(commit->authenticated());
  };
  return !without_tag(a).empty() && without_tag(a) == without_tag(b);
}

}  // namespace

struct Parties::Start {
  SeededRng rng{7};
  Room room = Room::of(rng, 3);
};

const Parties::Start& Parties::start() {
  static const Start made;
  return made;
}

void Parties::begin() {
  service_ = start().room.follower;
  for (const Group& member : start().room.members) admit(member.clone());
}

std::uint8_t Parties::next() {
  if (at_ < script_.size()) return script_[at_++];
  return more_ ? static_cast<std::uint8_t>(more_->below(256)) : 0;
}

Bytes Parties::damaged(Bytes message) {
  const std::size_t at = (static_cast<std::size_t>(next()) << 8 | next()) % message.size();
  message[at] = static_cast<std::uint8_t>(message[at] ^ (1u << (next() % 8)));
  return message;
}

// Equal at all members of one epoch (section 8.7), which follow the same tree as the service.
void Parties::check_agreement(const Group& group) {
  const auto [known, is_new] = authenticators_.emplace(group.epoch(), to_bytes(group.epoch_authenticator()));
  expect(is_new || equal(known->second, group.epoch_authenticator()), "one epoch, two authenticators");
  if (group.epoch() != service_.epoch()) return;
  expect(group.tree() == service_.tree() && group.group_context() == service_.context(), "member and service differ");
}

void Parties::admit(Group group) {
  check_agreement(group);
  const std::uint64_t since = group.epoch();
  parties_.push_back({std::move(group), names_++, since, log_.size()});
  // What was said before is not for them: they try.
  for (std::size_t i = said_.size() - std::min<std::size_t>(said_.size(), 2); i < said_.size(); ++i) {
    parties_.back().inbox.push_back(i);
  }
}

// ---- Application messages

void Parties::say(Party& party) {
  const std::string text = "message " + std::to_string(said_.size());
  const Bytes data = to_bytes(std::to_string(party.name));
  const SecretBytes before = party.group.serialize();
  const Result<Bytes> message = party.group.encrypt(rng_, data, as_bytes(text));
  if (!message.ok()) {
    expect(message.error() == kProposalsWaiting && !party.group.proposals().empty(), "a member could not speak");
    expect(before == party.group.serialize(), "a refused encrypt moved the state");
    return;
  }
  said_.push_back({*message, text, data, party.group.own_leaf(), party.group.epoch()});
  for (Party& other : parties_) {
    if (&other != &party) other.inbox.push_back(said_.size() - 1);
  }
  // Section 12.4.2: who was removed has no key of a later epoch.
  for (Group& outsider : removed_) {
    if (outsider.epoch() < party.group.epoch()) expect(!outsider.decrypt(*message).ok(), "the removed read on");
  }
}

void Parties::open(Party& party, std::size_t which) {
  const Said& said = said_[which];
  const std::uint64_t epoch = party.group.epoch();
  const bool has_keys = said.epoch >= party.since && (said.epoch == epoch || said.epoch + 1 == epoch);
  const bool first = !party.opened.contains(which);
  const SecretBytes before = party.group.serialize();
  const Result<ReceivedMessage> opened = party.group.decrypt(said.message);
  if (!opened.ok()) {
    expect(!has_keys || !first, "a member could not read a message of its epoch");
    expect(!has_keys || opened.error() == kGenerationConsumed, "a second opening has another name");
    expect(before == party.group.serialize(), "a refused message moved the state");
    return;
  }
  expect(has_keys, "a message of a foreign epoch opened");
  expect(first, "a message opened twice");
  expect(as_text(opened->plaintext.bytes()) == said.text, "another text");
  expect(opened->authenticated_data == said.authenticated_data, "other authenticated data");
  expect(opened->sender == said.sender && opened->epoch == said.epoch, "another sender or epoch");
  party.opened.insert(which);
}

void Parties::open_from_inbox(Party& party, bool keep) {
  if (party.inbox.empty()) return;
  const std::size_t place = next() % party.inbox.size();  // any order
  const std::size_t which = party.inbox[place];
  if (!keep) party.inbox.erase(party.inbox.begin() + static_cast<std::ptrdiff_t>(place));
  open(party, which);
}

void Parties::lose(Party& party) {
  if (!party.inbox.empty()) party.inbox.pop_front();
}

void Parties::open_damaged(Party& party) {
  if (party.inbox.empty()) return;
  const Bytes message = damaged(said_[party.inbox[next() % party.inbox.size()]].message);
  const SecretBytes before = party.group.serialize();
  expect(!party.group.decrypt(message).ok(), "a damaged message opened");
  expect(before == party.group.serialize(), "a damaged message moved the state");
}

// ---- Handshakes

// The next one of the log, which an honest service hands to everybody.
void Parties::hear(Party& party) {
  if (party.heard == log_.size()) return;
  const Handshake& handshake = log_[party.heard++];
  const bool own = handshake.by == party.name;
  if (!handshake.is_commit) {
    if (own) return;
    expect_ok(party.group.handle_proposal(handshake.message), "a member refused a proposal of its epoch");
    return;
  }
  if (own) {
    if (next() % 2 == 0) {
      const SecretBytes stored = party.sent->serialize();
      party.sent = PendingCommit::deserialize(stored.bytes()).value();
      expect(party.sent->serialize() == stored, "storage lost something of a pending commit");
    }
    Result<Group> merged = std::move(*party.sent).merge(party.group);
    party.sent.reset();
    if (expect_ok(merged, "an accepted commit could not be merged")) party.group = std::move(*merged);
  } else {
    Result<CommitResult> followed = party.group.handle_commit(handshake.message, all_psks());
    if (!expect_ok(followed, "a member refused a commit that the service took")) return;
    if (followed->next.end() == GroupEnd::removed) {
      removed_.push_back(std::move(followed->next));
      parties_.erase(parties_.begin() + (&party - parties_.data()));
      return;
    }
    party.group = std::move(followed->next);
  }
  check_agreement(party.group);
}

// Any of the log, early, late or damaged. What is refused leaves no trace; a proposal of this epoch may come twice.
void Parties::hear_out_of_turn(Party& party, bool is_damaged) {
  if (log_.empty()) return;
  const std::size_t which = next() % log_.size();
  const Handshake& handshake = log_[which];
  if (!is_damaged && which == party.heard) return;  // its turn
  const Bytes message = is_damaged ? damaged(handshake.message) : handshake.message;
  const SecretBytes before = party.group.serialize();
  bool taken = false;
  if (handshake.is_commit) {
    const Result<CommitResult> result = party.group.handle_commit(message, all_psks());
    taken = result.ok();
    const bool unseen = taken && result->next.end() == GroupEnd::removed && differ_in_the_tag_only(message, handshake.message);
    expect(!taken || !is_damaged || unseen, "a damaged commit was taken");
    expect(!taken || (handshake.epoch == party.group.epoch() && handshake.by != party.name), "a commit out of place was taken");
  } else if (is_damaged || handshake.by != party.name) {
    taken = party.group.handle_proposal(message).ok();
    expect(!taken || !is_damaged, "a damaged proposal was taken");
  }
  if (!taken) expect(before == party.group.serialize(), "a refused handshake moved the state");
}

void Parties::propose(Party& party) {
  const std::uint8_t kind = next() % 3;
  const std::vector<LeafIndex> members = party.group.tree().members();
  const LeafIndex target = members[next() % members.size()];
  if (kind == 2 && target == party.group.own_leaf()) return;
  const bool on_time = party.group.epoch() == service_.epoch();
  if (!on_time || service_.proposals().all().size() == kMaxStoredProposals) return;
  Result<Bytes> message = kind == 0   ? party.group.propose_update(rng_, std::nullopt, {})
                          : kind == 1 ? party.group.propose(rng_, propose_psk(rng_, ByteView(&kind, 1)), {})
                                      : party.group.propose(rng_, {Remove{target}}, {});
  if (!expect_ok(message, "a member could not propose")) return;
  Result<CheckedProposal> checked = service_.check_proposal_message(*message);
  if (!expect_ok(checked, "the service refused a right proposal")) return;
  service_ = std::move(checked->next);
  log_.push_back({std::move(*message), false, service_.epoch(), party.name});
}

CommitOptions Parties::commit_options(Party& party, std::vector<Device>& newcomers) {
  CommitOptions out;
  out.now = kNow;
  out.psk_sources = all_psks();
  const std::uint8_t wish = next();
  if (wish & 1 && parties_.size() < kMaxParties) {
    newcomers.emplace_back(rng_, "newcomer");
    out.adds.push_back(newcomers.back().verified());
  }
  const std::vector<LeafIndex> members = party.group.tree().members();
  const LeafIndex target = members[next() % members.size()];
  if (wish & 2 && target != party.group.own_leaf() && members.size() > 2) out.removes.push_back(target);
  if (wish & 4) out.psks.push_back({Bytes{wish}, SecretBytes::copy_of(sha256(Bytes{wish}))});
  if (wish & 8) {
    // An own Update or Remove, or two for one leaf, cannot be in one commit (section 12.2).
    std::set<LeafIndex> touched(out.removes.begin(), out.removes.end());
    touched.insert(party.group.own_leaf());
    for (const StoredProposal& stored : party.group.proposals()) {
      const auto* remove = std::get_if<Remove>(&stored.proposal.body);
      const bool touches = remove != nullptr || stored.proposal.type() == ProposalType::update;
      const LeafIndex leaf = remove != nullptr ? remove->removed : LeafIndex{stored.sender.index};
      if (!touches || touched.insert(leaf).second) out.references.push_back(stored.reference);
    }
  }
  out.with_path = (wish & 16) == 0 || !out.removes.empty() || !out.references.empty() || (out.adds.empty() && out.psks.empty());
  return out;
}

void Parties::commit(Party& party) {
  if (party.sent) return;
  std::vector<Device> newcomers;
  const CommitOptions options = commit_options(party, newcomers);
  const SecretBytes before = party.group.serialize();
  Result<PendingCommit> pending = party.group.commit(rng_, options);
  expect(before == party.group.serialize(), "making a commit moved the state");
  if (!expect_ok(pending, "a member could not commit")) return;
  const bool on_time = party.group.epoch() == service_.epoch();
  Result<CheckedBundle> checked = service_.check_bundle(pending->commit, pending->welcome, pending->group_info);
  expect(checked.ok() == on_time, "the service takes the first commit of an epoch, and only that");
  if (!checked.ok()) return;
  service_ = std::move(checked->next);
  log_.push_back({pending->commit, true, service_.epoch() - 1, party.name});
  const std::optional<Bytes> message = pending->welcome;
  party.sent = std::move(*pending);
  for (const Device& newcomer : newcomers) welcome(*message, newcomer);  // party is not valid any more
}

void Parties::welcome(const Bytes& message, const Device& newcomer) {
  if (next() % 4 == 0) expect(!newcomer.join(damaged(message), all_psks().external).ok(), "a damaged Welcome was taken");
  Result<JoinResult> joined = newcomer.join(message, all_psks().external);
  if (expect_ok(joined, "a newcomer refused its Welcome")) admit(std::move(joined->group));
}

void Parties::enter_externally(Party& informant) {
  if (informant.group.epoch() != service_.epoch() || parties_.size() >= kMaxParties) return;
  const Bytes info = informant.group.group_info({}).value();
  const std::vector<LeafIndex> members = informant.group.tree().members();
  ExternalJoinOptions options{SigningKey::generate(rng_), options_for("external"), std::nullopt};
  if (next() % 2 == 0 && members.size() > 2) options.removes = members[next() % members.size()];
  Result<PendingCommit> pending = Group::join_externally(rng_, info, std::move(options));
  if (!expect_ok(pending, "a GroupInfo let nobody in")) return;
  Result<CheckedBundle> checked = service_.check_bundle(pending->commit, std::nullopt, pending->group_info);
  if (!expect_ok(checked, "the service refused a right external commit")) return;
  service_ = std::move(checked->next);
  log_.push_back({pending->commit, true, service_.epoch() - 1, names_});
  admit(std::move(pending->next));
}

void Parties::restore(Party& party) {
  const SecretBytes stored = party.group.serialize();
  Result<Group> again = Group::deserialize(stored.bytes());
  expect(again.ok() && again->serialize() == stored, "storage lost something");
  if (again.ok()) party.group = std::move(*again);
}

void Parties::step() {
  enum class Step : std::uint8_t {
    say,
    open,
    open_kept,
    lose,
    open_damaged,
    hear,
    hear_all,
    out_of_turn,
    heard_damaged,
    propose,
    commit,
    enter,
    restore,
    count
  };
  const auto step = static_cast<Step>(next() % static_cast<std::uint8_t>(Step::count));
  Party& party = someone();
  switch (step) {
    case Step::say:
      return say(party);
    case Step::open:
      return open_from_inbox(party, false);
    case Step::open_kept:
      return open_from_inbox(party, true);
    case Step::lose:
      return lose(party);
    case Step::open_damaged:
      return open_damaged(party);
    case Step::hear:
      return hear(party);
    case Step::hear_all:
      // Who is removed while hearing is gone from parties_, so by name.
      for (std::size_t name = party.name, before = log_.size() + 1; before != 0; --before) {
        const auto still = std::find_if(parties_.begin(), parties_.end(), [&](const Party& p) { return p.name == name; });
        if (still == parties_.end()) return;
        hear(*still);
      }
      return;
    case Step::out_of_turn:
      return hear_out_of_turn(party, false);
    case Step::heard_damaged:
      return hear_out_of_turn(party, true);
    case Step::propose:
      return propose(party);
    case Step::commit:
      return commit(party);
    case Step::enter:
      return enter_externally(party);
    case Step::restore:
      return restore(party);
    case Step::count:
      return;
  }
}

std::string Parties::play(ByteView script) {
  Parties parties(script);
  parties.begin();
  if (parties.next() % 2 == 1) parties.more_.emplace(seed_of(script));
  for (std::size_t i = 0; i < kMaxSteps && !parties.parties_.empty(); ++i) {
    if (parties.at_ >= script.size() && !parties.more_) break;
    parties.step();
    if (!parties.broken_.empty()) break;
  }
  return parties.broken_;
}

}  // namespace steiger::mls::test
