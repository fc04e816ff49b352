#include "client-sdk/src/content.h"

#include <gtest/gtest.h>

#include "client-sdk/schema/content_generated.h"
#include "client-sdk/src/limits.h"
#include "client-sdk/src/resending.h"
#include "crypto/identity/test_support.h"

namespace steiger::sdk {
namespace {

namespace schema = steiger::content;
constexpr std::uint16_t kLaterKind = 900;

Bytes of_later_version(schema::ContentClass content_class, const char* fallback = nullptr) {
  schema::ContentT content;
  content.class_ = content_class;
  content.kind = kLaterKind;
  content.created_ms = 5;
  if (fallback != nullptr) content.fallback = fallback;
  flatbuffers::FlatBufferBuilder builder;
  schema::FinishContentBuffer(builder, schema::Content::Pack(builder, &content));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

TEST(Content, ComesBackAsItWas) {
  const auto text = decode_content(encode_text("hoi \xe2\x82\xac", Timestamp{7}).bytes());
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text->created.ms, 7);
  EXPECT_EQ(std::get<TextContent>(text->body).text, "hoi \xe2\x82\xac");
  const auto receipt = decode_content(encode_receipt({true, 12}, Timestamp{}).bytes());
  EXPECT_TRUE(std::get<ReceiptContent>(receipt->body).read);
  EXPECT_EQ(std::get<ReceiptContent>(receipt->body).up_to_seq, 12u);
  const auto profile = decode_content(encode_profile("Noor", Timestamp{}).bytes());
  EXPECT_EQ(std::get<ProfileContent>(profile->body).name, "Noor");
  const auto psk = decode_content(encode_commit_psk(Bytes{1, 2}, Bytes{3}, Timestamp{}).bytes());
  EXPECT_EQ(std::get<CommitPskContent>(psk->body).psk_id, (Bytes{1, 2}));
  EXPECT_EQ(to_bytes(std::get<CommitPskContent>(psk->body).psk.bytes()), (Bytes{3}));
}

TEST(Content, HistoryComesBackAsItWas) {
  const DeviceId device = DeviceId::from_bytes(Bytes(kIdSize, 3)).value();
  const auto asked = decode_content(encode_history_request({device, {{2, 4}, {9, 9}}, {}}, Timestamp{}).bytes());
  const auto& request = std::get<HistoryRequestContent>(asked->body);
  EXPECT_EQ(request.device, device);
  EXPECT_EQ(request.ranges, (std::vector<GapsRecord::Range>{{2, 4}, {9, 9}}));
  HistoryContent history;
  for (std::uint64_t seq = 1; seq <= kMaxHistoryEntries; ++seq) {
    HistoryEntry entry{seq, {}, SecretBytes::copy_of(Bytes{1, 2, 3})};
    entry.link.kind = 2;
    entry.link.epoch = 7;
    entry.link.device = device;
    entry.link.tag[0] = 5;
    entry.link.accepted = {11};
    entry.link.payload_hash[31] = 6;
    history.entries.push_back(std::move(entry));
  }
  const auto answered = decode_content(encode_history(history, Timestamp{}).bytes());
  ASSERT_TRUE(answered.ok());
  const auto& back = std::get<HistoryContent>(answered->body);
  ASSERT_EQ(back.entries.size(), kMaxHistoryEntries);
  EXPECT_EQ(back.entries.back().seq, kMaxHistoryEntries);
  EXPECT_EQ(back.entries.front().link.encode().size(), history.entries.front().link.encode().size());
  EXPECT_EQ(to_hex(back.entries.front().link.encode().bytes()), to_hex(history.entries.front().link.encode().bytes()));
  EXPECT_EQ(to_bytes(back.entries.front().franked.bytes()), (Bytes{1, 2, 3}));
}

// S17: only the device that asked reads the answer.
TEST(Content, AnAnswerIsForOneDevice) {
  identity::test::SeededRng rng(3);
  const DeviceId device = DeviceId::random(rng);
  const ChannelId room = ChannelId::random(rng);
  const HpkeKeyPair asked = hpke_generate_key_pair(rng);
  HistoryContent history;
  history.entries.push_back({1, {}, SecretBytes::copy_of(Bytes(kMaxHistoryBytes))});
  const SecretBytes answer = encode_history(history, Timestamp{});
  const SecretBytes sent = seal_for_device(rng, room, device, asked.public_key, answer, Timestamp{}).value();
  auto content = decode_content(sent.bytes());
  ASSERT_TRUE(content.ok());
  ForDeviceContent sealed = std::get<ForDeviceContent>(content->body);
  EXPECT_EQ(sealed.device, device);
  EXPECT_EQ(to_hex(open_for_device(asked, room, sealed).value().bytes()), to_hex(answer.bytes()));
  EXPECT_FALSE(open_for_device(hpke_generate_key_pair(rng), room, sealed).ok()) << "another device's key";
  EXPECT_FALSE(open_for_device(asked, ChannelId::random(rng), sealed).ok()) << "another room";
  sealed.device = DeviceId::random(rng);
  EXPECT_FALSE(open_for_device(asked, room, sealed).ok()) << "for another device";
  EXPECT_FALSE(seal_for_device(rng, room, device, {}, answer, Timestamp{}).ok()) << "asked without a key";
  sealed.sealed.assign(kMaxForDeviceBytes + 1, 1);
  EXPECT_FALSE(decode_content(encode_for_device(sealed, Timestamp{}).bytes()).ok());
}

TEST(Content, HistoryOutOfBoundsIsRefused) {
  const DeviceId device;
  const auto refused = [&](std::vector<GapsRecord::Range> ranges) {
    return !decode_content(encode_history_request({device, std::move(ranges), {}}, Timestamp{}).bytes()).ok();
  };
  EXPECT_FALSE(refused({{1, kMaxHistoryPlaces}}));
  EXPECT_TRUE(refused({}));
  EXPECT_TRUE(refused({{0, 1}}));
  EXPECT_TRUE(refused({{5, 4}}));
  EXPECT_TRUE(refused({{1, 4}, {4, 5}})) << "a place twice";
  EXPECT_TRUE(refused({{1, kMaxHistoryPlaces + 1}}));
  EXPECT_TRUE(refused({{1, kMaxHistoryPlaces}, {kMaxHistoryPlaces + 2, kMaxHistoryPlaces + 2}}));
  EXPECT_TRUE(refused({{1, ~std::uint64_t{0}}}));
  std::vector<GapsRecord::Range> many;
  for (std::uint64_t seq = 1; many.size() <= kMaxHistoryRanges; seq += 2) many.push_back({seq, seq});
  EXPECT_TRUE(refused(many));
  many.pop_back();
  EXPECT_FALSE(refused(many));
  HistoryContent large;
  large.entries.push_back({1, {}, SecretBytes::copy_of(Bytes(kMaxHistoryBytes + 1))});
  EXPECT_FALSE(decode_content(encode_history(large, Timestamp{}).bytes()).ok());
  EXPECT_FALSE(decode_content(encode_history({}, Timestamp{}).bytes()).ok());
}

TEST(Content, WhatIsAskedAndAnsweredAboutMembersComesBackAsItWas) {
  const AccountId account = AccountId::from_bytes(Bytes(kIdSize, 7)).value();
  const ChannelId channel = ChannelId::from_bytes(Bytes(kIdSize, 9)).value();
  const auto asked = decode_content(encode_let_in_request({account, 17, 2, "Eva", Timestamp{90}}, Timestamp{}).bytes());
  const auto& request = std::get<LetInRequestContent>(asked->body);
  EXPECT_EQ(request.account, account);
  EXPECT_EQ(request.role, 17);
  EXPECT_EQ(request.reason, 2);
  EXPECT_EQ(request.name, "Eva");
  EXPECT_EQ(request.until, Timestamp{90});
  for (const Bytes& grant : {Bytes(), Bytes{1, 2, 3}}) {
    const auto answered = decode_content(encode_let_in_answer({account, grant}, Timestamp{}).bytes());
    EXPECT_EQ(std::get<LetInAnswerContent>(answered->body).account, account);
    EXPECT_EQ(std::get<LetInAnswerContent>(answered->body).grant, grant);
  }
  const auto key = decode_content(encode_new_key_request({Bytes{1}, Bytes{2}}, Timestamp{}).bytes());
  EXPECT_EQ(std::get<NewKeyRequestContent>(key->body).device_list, Bytes{1});
  EXPECT_EQ(std::get<NewKeyRequestContent>(key->body).account_key, Bytes{2});
  EXPECT_FALSE(decode_content(encode_new_key_request({Bytes{}, Bytes{2}}, Timestamp{}).bytes()).ok());
  EXPECT_FALSE(decode_content(encode_new_key_request({Bytes(17 * 1024), Bytes{2}}, Timestamp{}).bytes()).ok());
  const auto chain = decode_content(encode_new_key_answer({Bytes{5}}, Timestamp{}).bytes());
  EXPECT_EQ(std::get<NewKeyAnswerContent>(chain->body).chain, Bytes{5});
  const auto label = decode_content(encode_room_label({channel, "Sam"}, Timestamp{}).bytes());
  EXPECT_EQ(std::get<RoomLabelContent>(label->body).channel, channel);
  EXPECT_EQ(std::get<RoomLabelContent>(label->body).label, "Sam");
  const auto own_key = decode_content(encode_own_key({SecretBytes::copy_of(Bytes(32, 4)), Bytes{6}}, Timestamp{}).bytes());
  EXPECT_EQ(to_bytes(std::get<OwnKeyContent>(own_key->body).seed.bytes()), Bytes(32, 4));
  EXPECT_EQ(std::get<OwnKeyContent>(own_key->body).chain, Bytes{6});
  EXPECT_FALSE(decode_content(encode_own_key({SecretBytes::copy_of(Bytes(31, 4)), Bytes{6}}, Timestamp{}).bytes()).ok());
}

// Design section 6: what a device that is older than the sender does.
TEST(Content, UnknownKindsFollowTheirClass) {
  const auto visible = decode_content(of_later_version(schema::ContentClass::visible, "Een stem-bericht"));
  ASSERT_TRUE(visible.ok());
  EXPECT_EQ(std::get<UnknownVisible>(visible->body).fallback, "Een stem-bericht");
  EXPECT_TRUE(std::holds_alternative<UnknownState>(decode_content(of_later_version(schema::ContentClass::state))->body));
  EXPECT_TRUE(std::holds_alternative<UnknownSignal>(decode_content(of_later_version(schema::ContentClass::signal))->body));
  EXPECT_FALSE(decode_content(of_later_version(schema::ContentClass::visible)).ok());  // nothing to show
}

TEST(Content, BoundsAreKept) {
  EXPECT_TRUE(decode_content(encode_text(std::string(kMaxTextBytes, 'a'), {}).bytes()).ok());
  EXPECT_FALSE(decode_content(encode_text(std::string(kMaxTextBytes + 1, 'a'), {}).bytes()).ok());
  EXPECT_FALSE(decode_content(encode_profile(std::string(kMaxNameBytes + 1, 'a'), {}).bytes()).ok());
  EXPECT_FALSE(decode_content(encode_text("\xff", {}).bytes()).ok());
}

TEST(Content, AnyOtherBytesAreRefused) {
  EXPECT_FALSE(decode_content({}).ok());
  const SecretBytes good = encode_text("hoi", {});
  for (std::size_t size = 0; size < good.size(); ++size) (void)decode_content(good.bytes().first(size)).ok();  // no crash
  EXPECT_FALSE(decode_content(good.bytes().first(good.size() / 2)).ok());
}

TEST(Utf8, OnlyWellFormedText) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("abc \xc3\xa9 \xe2\x82\xac \xf0\x9f\x99\x82"));
  EXPECT_FALSE(is_utf8("\xc0\xaf"));          // overlong
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));      // surrogate
  EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));  // beyond U+10FFFF
  EXPECT_FALSE(is_utf8("\xe2\x82"));          // cut off
  EXPECT_FALSE(is_utf8(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace steiger::sdk
