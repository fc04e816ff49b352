// What earlier programs stored still reads, and is written as they wrote it (S21): one example of every record, in
// tests/golden/records-v1.txt. A field that is added, moved or widened changes these bytes, and then kRecordVersion must go up, with the old
// version still read and its example kept. New records add a line; STEIGER_WRITE_GOLDEN=FILE writes them all.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "client-sdk/src/errors.h"
#include "client-sdk/src/organisation.h"
#include "client-sdk/src/organisation_share.h"
#include "client-sdk/src/organisation_status.h"
#include "client-sdk/src/own_records.h"
#include "client-sdk/src/records.h"
#include "client-sdk/src/recovery_records.h"
#include "client-sdk/src/room_records.h"

namespace steiger::sdk {
namespace {

// Every value differs from its neighbours, so that two fields that change places are noticed.
struct Values {
  std::uint8_t next = 0;
  std::uint8_t byte() { return ++next; }
  std::uint64_t number() { return 0x0102030405060700U + byte(); }
  Timestamp time() { return {1'700'000'000'000 + byte()}; }
  std::string text() { return "text " + std::to_string(byte()); }
  Bytes bytes() { return Bytes(3U + next % 5U, byte()); }
  SecretBytes secret() { return SecretBytes::copy_of(bytes()); }
  template <std::size_t N>
  ByteArray<N> array() {
    ByteArray<N> out{};
    out.fill(byte());
    return out;
  }
  template <class T>
  T id() {
    return T(array<kIdSize>());
  }
};

SelfRecord self() {
  Values v;
  return {Membership::ready, Role::jongere, v.text(), v.text(),      v.bytes(), v.id<AccountId>(), v.id<DeviceId>(), v.secret(),
          v.secret(),        v.bytes(),     true,     v.array<32>(), 2064};
}
CounterRecord counter() {
  Values v;
  return {v.number(), v.number(), v.number()};
}
JoinRecord join() {
  Values v;
  return {JoinRecord::Step::accepted, v.secret(), v.id<InviteId>(), v.bytes(), v.bytes(), v.bytes(), v.secret()};
}
InviteRecord invite() {
  Values v;
  InviteRecord out;
  out.state = InviteRecord::State::to_confirm;
  out.todo = InviteRecord::Todo::refuse;
  out.kind = 2;
  out.id = v.id<InviteId>();
  out.label = v.text();
  out.page_url = v.text();
  out.secret = v.secret();
  out.expires = v.time();
  out.terms = v.bytes();
  out.proof = v.bytes();
  out.proofs_seen = {v.array<32>(), v.array<32>()};
  out.second_proof = true;
  out.chain = v.bytes();
  out.channel = v.id<ChannelId>();
  return out;
}
ChannelRecord channel() {
  Values v;
  ChannelRecord out;
  out.id = v.id<ChannelId>();
  out.label = v.text();
  out.binding = v.bytes();
  out.invite = v.id<InviteId>();
  out.base_seq = v.number();
  out.base_head = v.array<32>();
  out.processed = v.number();
  out.head = v.array<32>();
  out.head_signature = v.array<64>();
  out.read_seq = v.number();
  out.receipt_stored_sent = v.number();
  out.receipt_read_sent = v.number();
  out.stop_code = 331;
  for (const Role role : {Role::coach, Role::jongere}) {
    out.members.push_back({v.id<AccountId>(), role, v.text(), role == Role::jongere, v.bytes(), v.number(), v.number()});
  }
  out.psks.push_back({v.bytes(), v.secret()});
  return out;
}
LinkRecord link() {
  Values v;
  return {2,        v.number(),    v.id<AccountId>(), v.id<DeviceId>(), v.id<MessageId>(), v.array<32>(),
          v.time(), v.array<32>(), v.array<32>()};
}
MessageRecord message() {
  Values v;
  return {v.id<MessageId>(), v.id<AccountId>(), v.id<DeviceId>(), v.time(), v.secret(), v.secret()};
}
DeferredRecord deferred() {
  Values v;
  return {v.id<AccountId>(), v.secret()};
}
OutboxRecord outbox() {
  Values v;
  return {v.number(),
          OutboxRecord::Kind::commit,
          v.id<ChannelId>(),
          v.id<MessageId>(),
          v.time(),
          true,
          v.secret(),
          v.secret(),
          v.array<32>(),
          v.number(),
          v.number(),
          v.bytes(),
          true,
          412};
}
StandingRecord standing() {
  Values v;
  return {v.bytes(), v.bytes()};
}
PackageRecord package() {
  Values v;
  return {true, v.time(), v.time(), v.bytes(), v.secret()};
}
PendingRecord pending() {
  Values v;
  PendingRecord out;
  out.id = v.id<MessageId>();
  out.invite = v.id<InviteId>();
  out.epoch = v.number();
  out.links_from = v.number();
  out.before.push_back({v.id<MessageId>(), v.array<32>(), v.bytes()});
  out.commit = v.secret();
  return out;
}
PurposeRecord purpose() {
  Values v;
  return {3, v.id<AccountId>(), v.id<ChannelId>(), v.time(), 2, true, true, v.id<DeviceId>(), v.bytes()};
}
DevicesRecord devices() {
  Values v;
  DevicesRecord out;
  out.chain_unsent = true;
  out.next_seed = v.secret();
  out.next_list = v.bytes();
  out.pass_key = true;
  out.rooms.push_back({v.id<ChannelId>(), v.text(), {{v.id<AccountId>(), v.text()}}});
  return out;
}
RoomRecord room() {
  Values v;
  RoomRecord out;
  out.ended = true;
  out.generation = v.number();
  out.former.push_back({v.id<AccountId>(), v.id<DeviceId>(), v.array<32>(), v.number(), true, Role::other, v.text()});
  out.notices.push_back({v.number(), 3, v.id<AccountId>(), v.id<DeviceId>(), v.text(), Role::coach, v.time()});
  out.resyncs = {v.time(), v.time()};
  out.older_certificates = {v.bytes()};
  out.earlier_chains = {v.bytes()};
  out.carried_over = {v.id<AccountId>()};
  return out;
}
WishRecord wish() {
  Values v;
  WishRecord out;
  out.number = v.number();
  out.kind = WishRecord::Kind::handover;
  out.account = v.id<AccountId>();
  out.device = v.id<DeviceId>();
  out.invite = v.id<InviteId>();
  out.remove_older = true;
  out.committed = true;
  out.not_before = v.time();
  out.evidence = v.bytes();
  out.certificate = v.bytes();
  out.chains = {v.bytes()};
  out.packages = {v.bytes()};
  out.package_chains = {v.bytes()};
  return out;
}
QuestionRecord question() {
  Values v;
  return {v.id<QuestionId>(),
          2,
          v.id<ChannelId>(),
          v.id<AccountId>(),
          v.text(),
          17,
          2,
          v.time(),
          v.time(),
          v.time(),
          true,
          false,
          v.bytes(),
          v.bytes()};
}
StepRecord step() {
  Values v;
  return {StepRecord::Cause::damaged, v.number(), false, v.bytes(), v.bytes(), v.bytes(), v.time()};
}
OpeningRecord opening() {
  Values v;
  return {v.number(), true, false, v.time(), v.secret(), v.number()};
}
CarriedRecord carried() {
  Values v;
  return {v.bytes(), v.number(), v.secret()};
}
NewKeyRecord new_key() {
  Values v;
  return {v.bytes(), v.time()};
}
AnswerRecord answer() {
  Values v;
  return {v.secret()};
}
StampRecord stamp() {
  Values v;
  return {v.array<32>()};
}
GapsRecord gaps() {
  Values v;
  GapsRecord out;
  out.ranges = {{3, 5}, {9, 9}};
  out.unlinked.push_back({{3, 5}, v.array<32>(), v.array<32>()});
  out.doubt_before = v.number();
  out.doubt_until = v.time();
  out.undelivered = {v.number(), v.number()};
  return out;
}
StaysRecord stays() {
  Values v;
  StaysRecord out;
  out.events = {{v.id<AccountId>(), 5, true}, {v.id<AccountId>(), 9, false}};
  return out;
}
EarlierRecord earlier() {
  Values v;
  return {v.number(), v.time()};
}

// The beheerder's files (S1).
SigningKey::Seed seed(std::uint8_t fill) {
  return SigningKey::Seed::from_bytes(Bytes(SigningKey::Seed::size(), fill)).value();
}
Organisation organisation() {
  Values v;
  SigningKey root{seed(7)};
  return {{v.id<OrganisationId>(), root.verify_key(), "Werkplein"}, std::move(root)};
}
StatusAuthority authority() {
  return appoint_status_key(organisation(), SigningKey{seed(8)}, {1'700'000'000'000}).value();
}
StatusBook book() {
  Values v;
  return {v.number(), v.time(), v.time(), {{v.array<32>(), identity::Standing::replaced, v.time()}}};
}
RootShare share() {
  Values v;
  return {v.id<OrganisationId>(),
          v.array<kShareFingerprintSize>(),
          v.array<kShareSetSize>(),
          2,
          2,
          3,
          SecretBytes::copy_of(Bytes(SigningKey::Seed::size(), 9)),
          "Werkplein"};
}

// What a program does with stored bytes: reads them, and writes them again.
using Again = Result<Bytes> (*)(ByteView);
struct Example {
  Bytes written;
  Again again;
};
template <class Record>
Example record(const Record& value) {
  return {to_bytes(value.encode().bytes()), [](ByteView bytes) -> Result<Bytes> {
            STEIGER_TRY(const Record read, Record::decode(bytes));
            return to_bytes(read.encode().bytes());
          }};
}
template <class Stored>
Example file(const Stored& value) {
  return {to_bytes(value.serialize().bytes()), [](ByteView bytes) -> Result<Bytes> {
            STEIGER_TRY(const Stored read, Stored::deserialize(bytes));
            return to_bytes(read.serialize().bytes());
          }};
}

std::map<std::string, Example> records() {
  std::map<std::string, Example> out;
  out.emplace("self", record(self()));
  out.emplace("counter", record(counter()));
  out.emplace("join", record(join()));
  out.emplace("invite", record(invite()));
  out.emplace("channel", record(channel()));
  out.emplace("link", record(link()));
  out.emplace("message", record(message()));
  out.emplace("deferred", record(deferred()));
  out.emplace("outbox", record(outbox()));
  out.emplace("standing", record(standing()));
  out.emplace("package", record(package()));
  out.emplace("pending", record(pending()));
  out.emplace("purpose", record(purpose()));
  out.emplace("devices", record(devices()));
  out.emplace("room", record(room()));
  out.emplace("wish", record(wish()));
  out.emplace("question", record(question()));
  out.emplace("step", record(step()));
  out.emplace("opening", record(opening()));
  out.emplace("carried", record(carried()));
  out.emplace("stamp", record(stamp()));
  out.emplace("answer", record(answer()));
  out.emplace("new_key", record(new_key()));
  out.emplace("gaps", record(gaps()));
  out.emplace("stays", record(stays()));
  out.emplace("earlier", record(earlier()));
  return out;
}

std::map<std::string, Example> all() {
  std::map<std::string, Example> out = records();
  out.emplace("file.organisation", file(organisation()));
  out.emplace("file.status_key", file(authority()));
  out.emplace("file.status_book", Example{book().encode(), [](ByteView bytes) -> Result<Bytes> {
                                            STEIGER_TRY(const StatusBook read, StatusBook::decode(bytes));
                                            return read.encode();
                                          }});
  out.emplace("paper.root_share", Example{to_bytes(share_lines(share()).bytes()), [](ByteView bytes) -> Result<Bytes> {
                                            unsigned line = 0;
                                            STEIGER_TRY(const RootShare read, parse_share(as_text(bytes), line));
                                            return to_bytes(share_lines(read).bytes());
                                          }});
  return out;
}

std::map<std::string, Bytes> stored_by_version_1() {
  std::map<std::string, Bytes> out;
  std::ifstream in(std::string(STEIGER_SOURCE_DIR) + "/tests/golden/records-v1.txt");
  EXPECT_TRUE(in.good());
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string name;
    std::string hex;
    if (words >> name >> hex) out[name] = from_hex(hex).value();
  }
  return out;
}

TEST(StoredRecords, WhatVersionOneStoredReadsAndIsWrittenAsItWas) {
  if (const char* file = std::getenv("STEIGER_WRITE_GOLDEN"); file != nullptr) {
    std::ofstream out(file);
    for (const auto& [name, example] : all()) out << name << " " << to_hex(example.written) << "\n";
  }
  const auto stored = stored_by_version_1();
  const auto examples = all();
  EXPECT_EQ(stored.size(), examples.size());
  for (const auto& [name, example] : examples) {
    const auto then = stored.find(name);
    ASSERT_NE(then, stored.end()) << name << " has no example";
    EXPECT_EQ(to_hex(example.written), to_hex(then->second)) << name << " is written otherwise now";
    const auto again = example.again(then->second);
    ASSERT_TRUE(again.ok()) << name << ": " << again.error().name;
    EXPECT_EQ(to_hex(*again), to_hex(then->second)) << name;
  }
}

// A new record without an example is noticed: they are counted where they are declared.
TEST(StoredRecords, EveryRecordHasAnExample) {
  static const std::regex declared(R"(static Result<\w+Record> decode\()");
  std::ptrdiff_t count = 0;
  for (const char* header : {"records.h", "room_records.h", "own_records.h", "recovery_records.h"}) {
    std::ostringstream text;
    text << std::ifstream(std::string(STEIGER_SOURCE_DIR) + "/client-sdk/src/" + header).rdbuf();
    const std::string all_of_it = text.str();
    const auto here = std::distance(std::sregex_iterator(all_of_it.begin(), all_of_it.end(), declared), std::sregex_iterator());
    EXPECT_GT(here, 0) << header;
    count += here;
  }
  EXPECT_EQ(static_cast<std::size_t>(count), records().size());
}

// S21: an older program leaves a newer one's store alone, and says why; damage is something else.
TEST(StoredRecords, ANewerVersionIsNamedAndDamageToo) {
  for (const auto& [name, example] : records()) {
    Bytes bytes = example.written;
    ++bytes.front();
    EXPECT_EQ(example.again(bytes).error(), kStoreFormat) << name;
    bytes.front() = 0;
    EXPECT_EQ(example.again(bytes).error(), kStoreCorrupt) << name;
    bytes = example.written;
    bytes.push_back(0);
    EXPECT_EQ(example.again(bytes).error(), kStoreCorrupt) << name;
    bytes.resize(example.written.size() - 1);
    EXPECT_EQ(example.again(bytes).error(), kStoreCorrupt) << name;
    EXPECT_EQ(example.again({}).error(), kStoreCorrupt) << name;
  }
}

}  // namespace
}  // namespace steiger::sdk
