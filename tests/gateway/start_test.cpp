// Starting and ending: every failure is a clear sentence and a non-zero exit, and damages nothing.
#include <dlfcn.h>
#include <link.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/gateway/fixture.h"

namespace steiger::test {
namespace {

using testing::HasSubstr;

constexpr int kConfigurationProblem = 2;
constexpr int kEnvironmentProblem = 3;

// Where the dynamic linker finds it on this machine; empty when it does not.
std::string path_of_library(const char* name) {
  void* const library = ::dlopen(name, RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) return {};
  link_map* map = nullptr;
  std::string path = ::dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 ? map->l_name : "";
  ::dlclose(library);
  return path;
}

struct StartTest : GatewayTest {
  ProgramResult run(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {program_directory() + "/steiger-gateway", "--config", config};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
};

TEST_F(StartTest, InitMakesPrivateFilesAndRefusesToOverwrite) {
  for (const char* name : {"gateway.toml", "store.key", "audit.key", "gateway.db", "organisation.pub"}) {
    struct stat info {};
    ASSERT_EQ(::stat((directory + "/" + name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << name;
  }
  const ProgramResult again =
      run_program({program_directory() + "/steiger-gateway", "init", directory, "--organisation", organisation_file});
  EXPECT_EQ(again.exit_code, kConfigurationProblem);
  EXPECT_THAT(again.output, HasSubstr("already there; nothing was changed"));
  EXPECT_EQ(run({"--check-config"}).exit_code, 0);
}

TEST_F(StartTest, InitNeedsAnOrganisationFile) {
  std::ofstream(organisation_file) << "nonsense";
  const ProgramResult result =
      run_program({program_directory() + "/steiger-gateway", "init", directory + "2", "--organisation", organisation_file});
  EXPECT_EQ(result.exit_code, kConfigurationProblem);
  EXPECT_THAT(result.output, HasSubstr("is no organisation file"));
}

TEST_F(StartTest, AnUnknownKeyIsNamed) {
  edit_file(config, "[store]", "colour = \"blue\"\n[store]");
  for (const auto& arguments : {std::vector<std::string>{}, std::vector<std::string>{"--check-config"}}) {
    const ProgramResult result = run(arguments);
    EXPECT_EQ(result.exit_code, kConfigurationProblem);
    EXPECT_THAT(result.output, HasSubstr("Unknown key \"colour\""));
  }
}

TEST_F(StartTest, WithoutArgumentsOrWithUnknownOnesItExplains) {
  const std::string program = program_directory() + "/steiger-gateway";
  EXPECT_EQ(run_program({program}).exit_code, kConfigurationProblem);
  EXPECT_EQ(run_program({program, "--nonsense"}).exit_code, kConfigurationProblem);
  EXPECT_EQ(run_program({program, "--test-clock", "/tmp/x"}).exit_code, kConfigurationProblem);
  const ProgramResult help = run_program({program, "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.output, HasSubstr("audit_key"));
  EXPECT_EQ(run_program({program, "--config", "/nonexistent"}).exit_code, kConfigurationProblem);
}

TEST_F(StartTest, ATakenPortIsSaid) {
  start();
  const std::string port = std::to_string(gateway.port());
  const std::string other = directory + "2";
  ASSERT_EQ(run_program({program_directory() + "/steiger-gateway", "init", other, "--organisation", organisation_file, "--listen",
                         "127.0.0.1:" + port})
                .exit_code,
            0);
  const ProgramResult result = run_program({program_directory() + "/steiger-gateway", "--config", other + "/gateway.toml"});
  EXPECT_EQ(result.exit_code, kEnvironmentProblem);
  EXPECT_THAT(result.output, HasSubstr("127.0.0.1:" + port + " is taken"));
}

TEST_F(StartTest, TwoGatewaysCannotShareAStore) {
  start();
  const ProgramResult result = run();
  EXPECT_EQ(result.exit_code, kEnvironmentProblem);
  EXPECT_THAT(result.output, HasSubstr("does not open"));
}

TEST_F(StartTest, TheWrongStoreKeyIsSaidAndNothingIsDamaged) {
  start();
  EXPECT_EQ(gateway.stop(SIGTERM), 0);
  std::ifstream key_file(directory + "/store.key");
  std::string key;
  key_file >> key;
  std::string wrong = key;
  wrong[0] = wrong[0] == '0' ? '1' : '0';
  edit_file(directory + "/store.key", key, wrong);
  const ProgramResult result = run();
  EXPECT_EQ(result.exit_code, kEnvironmentProblem);
  EXPECT_THAT(result.output, HasSubstr("gateway.db does not open"));
  EXPECT_EQ(result.output.find(wrong), std::string::npos);
  edit_file(directory + "/store.key", wrong, key);
  start();
  log_in(person());
}

// A gateway whose store is gone would begin again with another head key, and every device would take it for an impostor.
TEST_F(StartTest, AMissingStoreIsSaidAndNoneIsMade) {
  std::filesystem::remove(directory + "/gateway.db");
  const ProgramResult result = run();
  EXPECT_EQ(result.exit_code, kEnvironmentProblem);
  EXPECT_THAT(result.output, HasSubstr("gateway.db does not open"));
  EXPECT_THAT(result.output, HasSubstr("check that it is there"));
  EXPECT_FALSE(std::filesystem::exists(directory + "/gateway.db"));
}

TEST_F(StartTest, APlainDatabaseIsRefused) {
  std::ofstream(directory + "/gateway.db", std::ios::binary | std::ios::trunc) << "SQLite format 3" << std::string(5000, '\0');
  const ProgramResult result = run();
  EXPECT_EQ(result.exit_code, kEnvironmentProblem);
  EXPECT_THAT(result.output, HasSubstr("does not open"));
}

// The trap of anchors/perf.md: a wrong link or a wrong library puts plain SQLite under us, which would store plain text. Here the
// real binary gets plain SQLite pushed in front of SQLCipher.
TEST_F(StartTest, PlainSqliteInPlaceOfSqlcipherIsRefused) {
  const std::string plain = path_of_library("libsqlite3.so.0");
  ASSERT_FALSE(plain.empty()) << "libsqlite3-0 is missing: deploy/install-deps test";
  const std::string fresh = directory + "2";
  const ProgramResult result =
      run_program({program_directory() + "/steiger-gateway", "init", fresh, "--organisation", organisation_file},
                  {"LD_PRELOAD=" + plain, "ASAN_OPTIONS=verify_asan_link_order=0"});
  EXPECT_EQ(result.exit_code, kEnvironmentProblem);
  EXPECT_THAT(result.output, HasSubstr("does not encrypt"));
  std::ifstream database(fresh + "/gateway.db", std::ios::binary);
  std::string start(16, '\0');
  database.read(start.data(), static_cast<std::streamsize>(start.size()));
  EXPECT_EQ(start.find("SQLite format 3"), std::string::npos) << "plain text was written";
}

TEST_F(StartTest, AnotherOrganisationsStoreIsRefused) {
  const Organisation other(rng);
  const Bytes encoded = identity::encode_organisation(other.facts);
  std::ofstream(directory + "/organisation.pub", std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(encoded.data()), static_cast<std::streamsize>(encoded.size()));
  const ProgramResult result = run();
  EXPECT_EQ(result.exit_code, kEnvironmentProblem);
  EXPECT_THAT(result.output, HasSubstr("cannot be used"));
}

TEST_F(StartTest, AKeyFileThatOthersCanReadIsRefused) {
  ::chmod((directory + "/store.key").c_str(), 0644);
  const ProgramResult result = run({"--check-config"});
  EXPECT_EQ(result.exit_code, kConfigurationProblem);
  EXPECT_THAT(result.output, HasSubstr("chmod 600"));
}

TEST_F(StartTest, TheTestClockAnswersOnLoopbackOnly) {
  const std::string program = program_directory() + "/steiger-gateway-testclock";
  const std::string socket = temporary.path() + "/clock";
  edit_file(config, "listen = \"127.0.0.1:0\"", "listen = \"0.0.0.0:0\"\npublic_origin = \"https://chat.example.nl\"");
  const ProgramResult refused = run_program({program, "--config", config, "--test-clock", socket});
  EXPECT_EQ(refused.exit_code, kEnvironmentProblem);
  EXPECT_THAT(refused.output, HasSubstr("TEST CLOCK"));
  EXPECT_THAT(refused.output, HasSubstr("loopback"));
  edit_file(config, "0.0.0.0:0", "127.0.0.1:0");
  GatewayProcess clocked(config, program);
  ASSERT_TRUE(clocked.start({"--test-clock", socket, "--test-clock-start", "1700000000000"})) << clocked.errors();
  EXPECT_THAT(clocked.errors(), HasSubstr("TEST CLOCK"));
  WireDevice device(pump);
  ASSERT_TRUE(device.connect(clocked.url()));
  EXPECT_EQ(device.hello()->time_ms, 1'700'000'000'000);
  EXPECT_EQ(clocked.stop(SIGTERM), 0);
}

TEST_F(StartTest, AGracefulEndTellsEverybody) {
  start();
  const auto device = log_in(person());
  ::kill(gateway.pid(), SIGTERM);
  EXPECT_EQ(device->hear_the_end(), "shutting_down");
}

}  // namespace
}  // namespace steiger::test
