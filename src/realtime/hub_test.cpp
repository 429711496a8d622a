// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the order in which a channel's listeners see its events, and that a removed or ended listener sees no more.
#include "realtime/hub.hpp"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <list>
#include <thread>

namespace mcp::realtime {
namespace {

// Real I/O threads, as in the server.
class Threads {
 public:
  explicit Threads(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) contexts_.emplace_back(1);
    for (auto& context : contexts_) {
      guards_.push_back(asio::make_work_guard(context));
      threads_.emplace_back([&context] { context.run(); });
    }
  }
  ~Threads() { join(); }

  std::vector<Executor> executors() {
    std::vector<Executor> all;
    for (auto& context : contexts_) all.push_back(context.get_executor());
    return all;
  }

  // Runs `act` on a shard behind everything posted to it so far, and waits for it.
  template <class Act>
  void on(std::size_t shard, Act act) {
    std::promise<void> done;
    asio::post(executors()[shard], [&] {
      act();
      done.set_value();
    });
    done.get_future().wait();
  }
  void settle() {
    for (std::size_t i = 0; i < contexts_.size(); ++i) on(i, [] {});
  }
  void join() {
    guards_.clear();
    for (auto& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

 private:
  std::list<asio::io_context> contexts_;
  std::vector<asio::executor_work_guard<Executor>> guards_;
  std::vector<std::thread> threads_;
};

class Recorder : public Listener {
 public:
  Recorder(std::size_t shard, UserId user, SessionId session)
      : ref{.shard = shard, .id = ConnectionId{Uuid::v4()}}, user_(user), session_(session) {}

  void deliver(const ChannelEvent& event) override { seqs[event.channel].push_back(event.seq); }
  void joined(ChannelId channel, std::int64_t live_from) override { joins.emplace_back(channel, live_from); }
  void left(ChannelId channel, const Frame& notice) override { lefts.emplace_back(channel, notice ? *notice : ""); }
  void end(const Ending& ending) override { endings.push_back(ending.close_reason); }
  UserId user() const override { return user_; }
  SessionId session() const override { return session_; }

  const ConnectionRef ref;
  std::map<ChannelId, std::vector<std::int64_t>> seqs;
  std::vector<std::pair<ChannelId, std::int64_t>> joins;
  std::vector<std::pair<ChannelId, std::string>> lefts;
  std::vector<std::string> endings;

 private:
  UserId user_;
  SessionId session_;
};

class HubTest : public testing::Test {
 protected:
  static constexpr std::size_t shard_count = 3;

  Recorder& connect(std::size_t shard, UserId user = UserId{Uuid::v4()}, SessionId session = SessionId{Uuid::v4()}) {
    Recorder& listener = listeners.emplace_back(shard, user, session);
    threads.on(shard, [&] { hub.add(listener.ref, listener); });
    return listener;
  }
  void disconnect(Recorder& listener) {
    threads.on(listener.ref.shard, [&] { hub.remove(listener.ref); });
  }
  void publish(ChannelId channel, std::int64_t seq) {
    hub.publish(ChannelEvent{
        .channel = channel, .seq = seq, .rev = seq, .frame = text_frame("{}"), .sender_frame = {}, .sender = {}});
  }

  Threads threads{shard_count};
  Hub hub{threads.executors()};
  std::list<Recorder> listeners;
  const ChannelId ward{Uuid::v4()};
  const ChannelId lab{Uuid::v4()};
};

std::vector<std::int64_t> range(std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> all;
  for (; first <= last; ++first) all.push_back(first);
  return all;
}

TEST_F(HubTest, DeliversInPublishingOrderToEveryShard) {
  for (std::size_t i = 0; i < 9; ++i) hub.subscribe(connect(i % shard_count).ref, ward, 1);
  for (std::int64_t seq = 1; seq <= 1000; ++seq) publish(ward, seq);
  threads.settle();
  for (const auto& listener : listeners) EXPECT_EQ(listener.seqs.at(ward), range(1, 1000));
  EXPECT_EQ(hub.stats().connections, 9U);
  EXPECT_EQ(hub.stats().published, 1000U);
  EXPECT_EQ(hub.stats().delivered, 9000U);
}

TEST_F(HubTest, AListenerSeesExactlyWhatIsPublishedBetweenSubscribeAndUnsubscribe) {
  // One thread plays the ledger: it subscribes, publishes and unsubscribes in one order, while shards run.
  std::vector<Recorder*> all;
  for (std::size_t i = 0; i < 30; ++i) all.push_back(&connect(i % shard_count));
  for (std::int64_t seq = 1; seq <= 900; ++seq) {
    const auto step = static_cast<std::size_t>(seq);
    if (step % 10 == 0 && step / 10 <= all.size()) hub.subscribe(all[step / 10 - 1]->ref, ward, seq);
    if (step % 10 == 5 && step > 500 && (step - 500) / 10 < all.size()) {
      hub.unsubscribe(all[(step - 500) / 10]->ref, ward, text_frame("left"));
    }
    publish(ward, seq);
  }
  threads.settle();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto first = static_cast<std::int64_t>((i + 1) * 10);
    EXPECT_EQ(all[i]->seqs[ward], range(first, static_cast<std::int64_t>(i * 10 + 504))) << i;
    EXPECT_EQ(all[i]->joins, (std::vector{std::pair{ward, first}}));
    EXPECT_EQ(all[i]->lefts.size(), 1U);
  }
}

TEST_F(HubTest, ChannelsDoNotMix) {
  Recorder& a = connect(0);
  Recorder& b = connect(0);
  hub.subscribe(a.ref, ward, 1);
  hub.subscribe(b.ref, lab, 1);
  publish(ward, 1);
  publish(lab, 7);
  threads.settle();
  EXPECT_EQ(a.seqs, (std::map<ChannelId, std::vector<std::int64_t>>{{ward, {1}}}));
  EXPECT_EQ(b.seqs, (std::map<ChannelId, std::vector<std::int64_t>>{{lab, {7}}}));
}

TEST_F(HubTest, JoiningTwiceDeliversOnce) {
  Recorder& a = connect(1);
  hub.subscribe(a.ref, ward, 1);
  hub.subscribe(a.ref, ward, 1);
  publish(ward, 1);
  hub.unsubscribe(a.ref, ward, nullptr);
  hub.unsubscribe(a.ref, ward, nullptr);
  publish(ward, 2);
  threads.settle();
  EXPECT_EQ(a.seqs[ward], range(1, 1));
  EXPECT_EQ(a.joins.size(), 2U);
  EXPECT_EQ(a.lefts.size(), 1U) << "the second leave found nothing to end";
}

TEST_F(HubTest, EndingAMembershipReachesAllConnectionsOfTheUserAndNobodyElse) {
  const UserId user{Uuid::v4()};
  Recorder& first = connect(0, user);
  Recorder& second = connect(1, user);
  Recorder& other = connect(1);
  for (auto* listener : {&first, &second, &other}) {
    hub.subscribe(listener->ref, ward, 1);
    hub.subscribe(listener->ref, lab, 1);
  }
  hub.unsubscribe_user(user, ward, text_frame("membership_ended"));
  publish(ward, 1);
  publish(lab, 1);
  threads.settle();
  for (auto* listener : {&first, &second}) {
    EXPECT_TRUE(listener->seqs[ward].empty());
    EXPECT_EQ(listener->seqs[lab], range(1, 1));
    ASSERT_EQ(listener->lefts.size(), 1U);
    EXPECT_EQ(listener->lefts[0].second, *text_frame("membership_ended"));
  }
  EXPECT_EQ(other.seqs[ward], range(1, 1));
}

TEST_F(HubTest, AnEndedSessionGetsNothingMore) {
  const UserId user{Uuid::v4()};
  const SessionId session{Uuid::v4()};
  Recorder& ended = connect(0, user, session);
  Recorder& other_session = connect(1, user);
  for (auto* listener : {&ended, &other_session}) hub.subscribe(listener->ref, ward, 1);
  hub.end_session(session, Ending{.last_frame = nullptr, .close_code = 1008, .close_reason = "session terminated"});
  publish(ward, 1);
  threads.settle();
  EXPECT_TRUE(ended.seqs[ward].empty());
  EXPECT_EQ(ended.endings, std::vector<std::string>{"session terminated"});
  EXPECT_EQ(other_session.seqs[ward], range(1, 1));
  EXPECT_TRUE(other_session.endings.empty());
}

TEST_F(HubTest, EndingAUserCanSpareTheSessionThatAskedForIt) {
  const UserId user{Uuid::v4()};
  const SessionId asking{Uuid::v4()};
  Recorder& spared = connect(0, user, asking);
  Recorder& ended = connect(2, user);
  Recorder& other = connect(2);
  hub.end_user(user, asking, Ending{.last_frame = nullptr, .close_code = 1008, .close_reason = "first"});
  threads.settle();
  EXPECT_TRUE(spared.endings.empty());
  EXPECT_EQ(ended.endings.size(), 1U);
  hub.end_user(user, std::nullopt, Ending{.last_frame = nullptr, .close_code = 1008, .close_reason = "second"});
  threads.settle();
  EXPECT_EQ(spared.endings.size(), 1U);
  EXPECT_TRUE(other.endings.empty());
  hub.end_all(Ending{.last_frame = nullptr, .close_code = 1001, .close_reason = "shutdown"});
  threads.settle();
  EXPECT_EQ(other.endings, std::vector<std::string>{"shutdown"});
}

TEST_F(HubTest, ARemovedConnectionIsForgottenEverywhere) {
  Recorder& stays = connect(0);
  Recorder& goes = connect(0);
  for (auto* listener : {&goes, &stays}) {
    hub.subscribe(listener->ref, lab, 1);
    hub.subscribe(listener->ref, ward, 1);
  }
  threads.settle();
  disconnect(goes);
  disconnect(goes);
  hub.subscribe(goes.ref, lab, 5);  // asked for before it was gone, arriving after
  publish(ward, 1);
  publish(lab, 1);
  hub.end_user(goes.user(), std::nullopt, Ending{.last_frame = nullptr, .close_code = 1008, .close_reason = ""});
  threads.settle();
  EXPECT_TRUE(goes.seqs.empty());
  EXPECT_TRUE(goes.endings.empty());
  EXPECT_EQ(goes.joins.size(), 2U);
  EXPECT_EQ(stays.seqs[ward], range(1, 1));
  EXPECT_EQ(stays.seqs[lab], range(1, 1));
  disconnect(stays);
  EXPECT_EQ(hub.stats().connections, 0U);
}

TEST_F(HubTest, ListsStayTrueThroughManyJoinsAndLeaves) {
  // The two lists of a subscription point at each other; a seeded storm would expose a wrong pointer.
  std::vector<ChannelId> channels;
  for (int i = 0; i < 7; ++i) channels.emplace_back(Uuid::v4());
  std::vector<Recorder*> all;
  for (std::size_t i = 0; i < 12; ++i) all.push_back(&connect(i % shard_count));
  std::map<std::pair<std::size_t, std::size_t>, bool> joined;
  std::map<std::pair<std::size_t, std::size_t>, std::int64_t> expected;
  std::uint32_t random = 20300101;
  const auto next = [&random](std::size_t below) {
    random = random * 1664525U + 1013904223U;
    return static_cast<std::size_t>(random >> 8) % below;
  };
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t who = next(all.size());
    const std::size_t where = next(channels.size());
    const std::size_t what = next(3);
    if (what == 0) {
      hub.subscribe(all[who]->ref, channels[where], 1);
      joined[{who, where}] = true;
    } else if (what == 1) {
      hub.unsubscribe(all[who]->ref, channels[where], nullptr);
      joined[{who, where}] = false;
    } else {
      publish(channels[where], 1);
      for (std::size_t i = 0; i < all.size(); ++i) expected[{i, where}] += joined[{i, where}] ? 1 : 0;
    }
  }
  threads.settle();
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t c = 0; c < channels.size(); ++c) {
      EXPECT_EQ(static_cast<std::int64_t>(all[i]->seqs[channels[c]].size()), (expected[{i, c}])) << i << " " << c;
    }
  }
}

}  // namespace
}  // namespace mcp::realtime
