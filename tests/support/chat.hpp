// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/actor.hpp"
#include "crypto/keyring.hpp"
#include "db/database.hpp"
#include "ledger/ledger.hpp"
#include "realtime/hub.hpp"
#include "support/database.hpp"

namespace mcp::test {

// A connection that writes down what the hub tells it.
class Recorder : public realtime::Listener {
 public:
  Recorder(UserId user, SessionId session) : user_(user), session_(session) {}

  void deliver(const realtime::ChannelEvent& event) override {
    const bool is_own = event.sender == user_ && event.sender_frame;
    events.push_back({event.seq, *(is_own ? event.sender_frame : event.frame)});
  }
  void joined(ChannelId, std::int64_t from) override { live_from = from; }
  void left(ChannelId, const realtime::Frame& notice) override {
    left_after = events.size();
    if (notice) notices.push_back(*notice);
  }
  void end(const realtime::Ending&) override {}
  UserId user() const override { return user_; }
  SessionId session() const override { return session_; }

  std::vector<std::int64_t> seqs() const;  // of the new_message events
  bool saw(std::string_view part) const;   // in any frame

  struct Received {
    std::int64_t seq;
    std::string frame;
  };
  std::vector<Received> events;
  std::vector<std::string> notices;
  std::int64_t live_from = 0;
  std::optional<std::size_t> left_after;  // events received when delivery ended

 private:
  UserId user_;
  SessionId session_;
};

// People, channels and the mechanisms below the features, on a database of the test's own and one event loop.
class Chat {
 public:
  Chat();
  ~Chat();
  Chat(const Chat&) = delete;
  Chat& operator=(const Chat&) = delete;

  // An active account with a live session, as identity would describe it to a service.
  Actor person(std::string_view username, std::string_view role = "user");
  // `members` are members, the first one its admin.
  ChannelId channel(std::string_view name, std::string_view kind, const std::vector<Actor>& members);

  realtime::ConnectionRef connect(Recorder& recorder);

  template <class T>
  T run(Task<T> task) {
    return loop.run(std::move(task));
  }
  // All at once; in the order given on the one loop. Throws the first exception.
  template <class T>
  std::vector<T> run_together(std::vector<Task<T>> tasks) {
    std::vector<std::optional<T>> results(tasks.size());
    std::exception_ptr failure;
    std::size_t ended = 0;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      asio::co_spawn(loop.context(), keep(std::move(tasks[i]), &results[i]), [&](const std::exception_ptr& why) {
        if (why && !failure) failure = why;
        ++ended;
      });
    }
    loop.context().restart();
    while (ended < tasks.size() && loop.context().run_one() > 0) {
    }
    if (failure) std::rethrow_exception(failure);
    std::vector<T> values;
    values.reserve(results.size());
    for (auto& result : results) values.push_back(std::move(*result));
    return values;
  }
  // Lets what was posted arrive.
  void settle();

  // SQL as the superuser; the value as text.
  std::string sql(std::string query) const { return database_.ask_as_superuser(std::move(query)); }
  std::int64_t number(const std::string& query) const;  // of a query for one integer
  void change(std::string statements) const { database_.run_as_superuser(std::move(statements)); }
  std::int64_t entries(std::string_view action) const;  // in the audit trail
  std::string details(std::string_view action) const;   // of the newest entry of the action

  const TestDatabase& database() const { return database_; }

 private:
  template <class T>
  static Task<> keep(Task<T> task, std::optional<T>* into) {
    into->emplace(co_await std::move(task));
  }
  void add_key(crypto::KeyPurpose purpose);

  TestDatabase database_;

 public:
  Loop loop;
  realtime::Hub hub;
  crypto::Keyring keys;
  db::Database pool;
  ledger::Ledger ledger;
};

// A person's connection that listens for as long as this lives.
struct Listening {
  Listening(Chat& chat, const Actor& who)
      : hub(chat.hub), recorder(who.user, who.session), connection(chat.connect(recorder)) {}
  ~Listening() { hub.remove(connection); }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

  realtime::Hub& hub;
  Recorder recorder;
  realtime::ConnectionRef connection;
};

}  // namespace mcp::test
