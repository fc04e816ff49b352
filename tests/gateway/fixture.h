// A fresh organisation with a running gateway for each test.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "crypto/primitives/system_rng.h"
#include "tests/support/gateway_process.h"
#include "tests/support/wire_device.h"

namespace steiger::test {

inline Timestamp system_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp{std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

struct GatewayTest : testing::Test {
  // Makes the organisation's file and the gateway's directory; does not start it.
  GatewayTest() {
    const Bytes encoded = identity::encode_organisation(organisation.facts);
    std::ofstream(organisation_file, std::ios::binary)
        .write(reinterpret_cast<const char*>(encoded.data()), static_cast<std::streamsize>(encoded.size()));
    const ProgramResult made = run_program({program_directory() + "/steiger-gateway", "init", directory, "--organisation",
                                            organisation_file, "--listen", "127.0.0.1:0"});
    EXPECT_EQ(made.exit_code, 0) << made.output;
  }
  ~GatewayTest() override {
    if (!gateway.running()) return;
    // Whatever a test did to it, the gateway is alive, ends as asked and the sanitizers found nothing.
    EXPECT_EQ(gateway.stop(SIGTERM), 0) << gateway.errors();
    EXPECT_EQ(gateway.errors().find("Sanitizer"), std::string::npos) << gateway.errors();
  }
  void start() { ASSERT_TRUE(gateway.start()) << gateway.errors(); }

  std::unique_ptr<WireDevice> connect() {
    auto device = std::make_unique<WireDevice>(pump);
    EXPECT_TRUE(device->connect(gateway.url()));
    return device;
  }
  std::unique_ptr<WireDevice> greet() {
    auto device = connect();
    const auto reply = device->hello();
    EXPECT_NE(reply, nullptr);
    if (reply != nullptr) head_key = key_of(*reply->head_key);
    return device;
  }
  std::unique_ptr<WireDevice> log_in(const Person& person) {
    auto device = connect();
    EXPECT_NE(device->login(person, organisation.facts, gateway.origin()), nullptr);
    return device;
  }
  Person person() { return Person(rng, organisation, system_now()); }

  SystemRng rng;
  Pump pump;
  TemporaryDirectory temporary;
  Organisation organisation{rng};
  VerifyKey head_key;
  std::string organisation_file = temporary.path() + "/organisation.pub";
  std::string directory = temporary.path() + "/gateway";
  std::string config = directory + "/gateway.toml";
  GatewayProcess gateway{config};
};

}  // namespace steiger::test
