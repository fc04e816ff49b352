// Host names: looked up beside the loop, never on it; bounded in time and in number.
#include <condition_variable>
#include <mutex>

#include "gateway/transport/resolver.h"
#include "gateway/transport/testing/transport_fixture.h"

namespace steiger::transport::testing {
namespace {

using Addresses = std::vector<std::string>;

// What the resolver's thread asks; it hangs while the gate is shut.
struct NameServer {
  Result<Addresses> answer(const std::string& host) {
    std::unique_lock lock(mutex);
    asked.push_back(host);
    opened.wait(lock, [this] { return open; });
    return answers;
  }
  void set_open(bool on) {
    const std::lock_guard lock(mutex);
    open = on;
    opened.notify_all();
  }
  std::mutex mutex;
  std::condition_variable opened;
  bool open = true;
  Addresses asked;
  Result<Addresses> answers = Addresses{"127.0.0.1"};
};

struct LookupTest : TransportTest {
  explicit LookupTest(const std::shared_ptr<NameServer>& name_server = std::make_shared<NameServer>(),
                      Duration patience = std::chrono::hours(1))
      : TransportTest(options(name_server, patience)), names(name_server) {
    start();
    named = "ws://chat.example:" + std::to_string(server->port());
  }
  ~LookupTest() override { names->set_open(true); }
  static EventLoop::Options options(const std::shared_ptr<NameServer>& name_server, Duration patience) {
    EventLoop::Options out;
    out.lookup = [name_server](const std::string& host) { return name_server->answer(host); };
    out.lookup_timeout = patience;
    return out;
  }
  // A client of a numeric address is served: the loop is not held up.
  void expect_others_are_served() {
    const auto other = connect();
    other->client.send(pattern(5));
    EXPECT_TRUE(pump.until([&] { return other->frames.size() == 1; }));
  }
  std::shared_ptr<NameServer> names;
  std::string named;
};

struct ImpatientLookupTest : LookupTest {
  ImpatientLookupTest() : LookupTest(std::make_shared<NameServer>(), Duration(20)) {}
};

TEST_F(LookupTest, AddressesAreTriedInTurn) {
  names->answers = Addresses{"127.0.0.77", "127.0.0.1"};  // nobody listens on the first
  Peer peer(pump);
  ASSERT_TRUE(peer.client.connect(named).ok());
  EXPECT_FALSE(peer.client.connected());
  ASSERT_TRUE(pump.until([&] { return peer.client.connected() || !peer.lost.empty(); }));
  EXPECT_TRUE(peer.lost.empty());
  EXPECT_EQ(names->asked, Addresses{"chat.example"});
  peer.client.send(pattern(5));
  EXPECT_TRUE(pump.until([&] { return peer.frames.size() == 1; }));
}

TEST_F(LookupTest, WhenNoAddressAnswersThatIsReportedOnce) {
  names->answers = Addresses{"127.0.0.77", "127.0.0.78"};
  Peer peer(pump);
  ASSERT_TRUE(peer.client.connect(named).ok());
  ASSERT_TRUE(pump.until([&] { return !peer.lost.empty(); }));
  for (int i = 0; i < 50; ++i) pump.turn();
  EXPECT_EQ(peer.lost, std::vector<std::string>{"connect_failed"});
}

TEST_F(LookupTest, AnUnknownNameIsNamed) {
  names->answers = kLookupFailed;
  Peer peer(pump);
  ASSERT_TRUE(peer.client.connect(named).ok());
  ASSERT_TRUE(pump.until([&] { return !peer.lost.empty(); }));
  EXPECT_EQ(peer.lost, std::vector<std::string>{"lookup_failed"});
}

TEST_F(LookupTest, AHangingLookupHoldsUpNobodyAndGoesOn) {
  names->set_open(false);
  Peer peer(pump);
  ASSERT_TRUE(peer.client.connect(named).ok());
  expect_others_are_served();
  EXPECT_TRUE(peer.lost.empty());
  names->set_open(true);
  EXPECT_TRUE(pump.until([&] { return peer.client.connected(); }));
}

TEST_F(ImpatientLookupTest, ALookupIsBoundedInTime) {
  names->set_open(false);
  Peer peer(pump);
  ASSERT_TRUE(peer.client.connect(named).ok());
  ASSERT_TRUE(pump.until([&] { return !peer.lost.empty(); }));
  EXPECT_EQ(peer.lost, std::vector<std::string>{"lookup_failed"});
  names->set_open(true);  // too late: nothing comes of it
  expect_others_are_served();
  EXPECT_EQ(peer.connected, 0);
  EXPECT_EQ(peer.lost.size(), 1u);
}

TEST_F(LookupTest, HangingLookupsAreBoundedInNumber) {
  names->set_open(false);
  std::vector<std::unique_ptr<Peer>> peers;
  for (std::size_t i = 0; i < kMaxLookups; ++i) {
    peers.push_back(std::make_unique<Peer>(pump));
    ASSERT_TRUE(peers.back()->client.connect(named).ok());
  }
  Peer surplus(pump);
  ASSERT_TRUE(surplus.client.connect(named).ok());
  EXPECT_TRUE(surplus.lost.empty()) << "never from inside connect()";
  ASSERT_TRUE(pump.until([&] { return !surplus.lost.empty(); }));
  EXPECT_EQ(surplus.lost, std::vector<std::string>{"lookup_failed"});
  names->set_open(true);
  for (const auto& peer : peers) EXPECT_TRUE(pump.until([&] { return peer->client.connected(); }));
  ASSERT_TRUE(surplus.client.connect(named).ok());
  EXPECT_TRUE(pump.until([&] { return surplus.client.connected(); }));
}

TEST_F(LookupTest, AClientMayDisappearWhileItsNameIsLookedUp) {
  names->set_open(false);
  auto gone = std::make_unique<Peer>(pump);
  ASSERT_TRUE(gone->client.connect(named).ok());
  Peer again(pump);
  ASSERT_TRUE(again.client.connect(named).ok());
  ASSERT_TRUE(again.client.connect(url).ok());  // the second connect() takes the first's place
  gone.reset();
  names->set_open(true);
  EXPECT_TRUE(pump.until([&] { return again.client.connected(); }));
  expect_others_are_served();
  EXPECT_EQ(again.connected, 1);
}

TEST(Lookup, TheLoopMayEndWhileTheSystemStillLooks) {
  const auto names = std::make_shared<NameServer>();
  names->set_open(false);
  {
    Pump pump(LookupTest::options(names, std::chrono::hours(1)));
    Peer peer(pump);
    ASSERT_TRUE(peer.client.connect("ws://chat.example:1").ok());
    pump.turn();
  }
  names->set_open(true);
}

TEST(Lookup, TheSystemKnowsThisMachine) {
  const auto found = system_lookup("localhost");
  ASSERT_TRUE(found.ok());
  for (const auto& address : *found) EXPECT_TRUE(is_numeric_address(address)) << address;
  EXPECT_FALSE(is_numeric_address("localhost"));
  EXPECT_TRUE(is_numeric_address("::1"));
}

}  // namespace
}  // namespace steiger::transport::testing
