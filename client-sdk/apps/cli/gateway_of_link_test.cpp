#include "client-sdk/apps/cli/gateway_of_link.h"

#include <gtest/gtest.h>

namespace steiger::cli {
namespace {

TEST(GatewayOfLink, KeepsHostAndPortAndDropsTheSecret) {
  EXPECT_EQ(gateway_of_link("http://127.0.0.1:8443/#invite=ABC"), "ws://127.0.0.1:8443/");
  EXPECT_EQ(gateway_of_link("https://chat.example/app?x=1#invite=ABC"), "wss://chat.example/");
  EXPECT_EQ(gateway_of_link("https://[::1]:9#invite=ABC"), "wss://[::1]:9/");
}

TEST(GatewayOfLink, TypedCharactersAreNoLink) {
  EXPECT_EQ(gateway_of_link("ABCDE-FGHJK-MNPQR-STVWX"), "");
  EXPECT_EQ(gateway_of_link("http://"), "");
  EXPECT_EQ(gateway_of_link(""), "");
}

}  // namespace
}  // namespace steiger::cli
