#include "client-sdk/apps/cli/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace steiger::cli {
namespace {

using nlohmann::json;

api::EventT message_event(const std::string& text) {
  api::MessageT message;
  message.id = Bytes(16, 0xab);
  message.channel = Bytes(16, 0x01);
  message.seq = 7;
  message.text = text;
  api::EventT event;
  event.body.Set(std::move(message));
  return event;
}

TEST(JsonLine, WritesIdsAsHexEnumsAsNamesAndDefaultsToo) {
  const auto parsed = json::parse(to_json_line(message_event("Hoi")));
  EXPECT_EQ(parsed["request"], 0);
  EXPECT_EQ(parsed["body_type"], "Message");
  const auto& body = parsed["body"];
  EXPECT_EQ(body["id"], "abababababababababababababababab");
  EXPECT_EQ(body["seq"], 7);
  EXPECT_EQ(body["text"], "Hoi");
  EXPECT_EQ(body["state"], "waiting");  // the schema's default
  EXPECT_EQ(body["mine"], false);
  EXPECT_EQ(body["sender"], "");  // absent bytes
  EXPECT_EQ(body["sender_name"], "");
}

TEST(JsonLine, StaysOneLineAndValidWhateverTheText) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte.push_back(static_cast<char>(byte));
  for (const std::string& text :
       {every_byte, std::string("a\"b\\c\nd\x1b[2Je"), std::string("\xf0\x9f\x99\x82 \xc3\xa9"), std::string()}) {
    const auto line = to_json_line(message_event(text));
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto parsed = json::parse(line);
    EXPECT_EQ(parsed["body"]["text"].get<std::string>().empty(), text.empty());
  }
  EXPECT_EQ(json::parse(to_json_line(message_event("a\"b\\c\nd\x1b[2Je")))["body"]["text"], "a\"b\\c\nd\x1b[2Je");
}

TEST(JsonLine, ListsAreArraysOfObjects) {
  api::ChannelListT list;
  for (int i = 0; i < 2; ++i) {
    auto channel = std::make_unique<api::ChannelT>();
    channel->title = "Sam " + std::to_string(i);
    channel->members.push_back(std::make_unique<api::MemberT>());
    list.channels.push_back(std::move(channel));
  }
  api::EventT event;
  event.request = 3;
  event.body.Set(std::move(list));
  const auto parsed = json::parse(to_json_line(event));
  ASSERT_EQ(parsed["body"]["channels"].size(), 2u);
  EXPECT_EQ(parsed["body"]["channels"][1]["title"], "Sam 1");
  EXPECT_EQ(parsed["body"]["channels"][0]["members"][0]["role"], "none");

  api::EventT empty;
  empty.body.Set(api::ChannelListT());
  EXPECT_EQ(json::parse(to_json_line(empty))["body"]["channels"], json::array());
}

TEST(JsonLine, AnEventWithoutBodyIsNull) {
  const auto parsed = json::parse(to_json_line(api::EventT()));
  EXPECT_EQ(parsed["body_type"], "NONE");
  EXPECT_TRUE(parsed["body"].is_null());
}

}  // namespace
}  // namespace steiger::cli
