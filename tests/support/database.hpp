// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/task.hpp"
#include "db/link.hpp"

namespace mcp::test {

// An event loop on the test's own thread. Declare it before what runs on it.
class Loop {
 public:
  Executor executor() { return context_.get_executor(); }
  asio::io_context& context() { return context_; }

  // Runs until the task is done, other tasks of the loop included; returns its result or throws its exception.
  template <class T>
  T run(Task<T> task) {
    std::optional<std::exception_ptr> ended;
    const auto end = [&ended](std::exception_ptr why) { ended = std::move(why); };
    if constexpr (std::is_void_v<T>) {
      asio::co_spawn(context_, std::move(task), end);
      run_until(ended);
    } else {
      std::optional<T> value;
      asio::co_spawn(context_, store(std::move(task), &value), end);
      run_until(ended);
      return std::move(*value);
    }
  }
  // Starts a task beside the others; its exception comes out of the run that it happens in.
  void start(Task<> task);
  // Runs what is there until the claim holds. For effects that nobody can await; the test's own time-out is the limit.
  template <class Claim>
  void run_until_true(Claim claim) {
    while (!claim()) turn();
  }

 private:
  template <class T>
  static Task<> store(Task<T> task, std::optional<T>* value) {
    value->emplace(co_await std::move(task));
  }
  void run_until(const std::optional<std::exception_ptr>& ended);
  void turn();  // one handler; waits for it

  asio::io_context context_{1};
};

// For a task that needs no executor from outside.
template <class T>
T run(Task<T> task) {
  Loop loop;
  return loop.run(std::move(task));
}

// A database of this test alone, on the cluster of MCP_TEST_PG_HOST/PORT/USER (script/with-postgres). Fails the
// process, loudly, when there is none. Dropped with the object, whoever is still connected.
class TestDatabase {
 public:
  enum class Schema : std::uint8_t {
    migrated,  // copied from a template that the first test of the cluster makes
    empty,
  };

  explicit TestDatabase(Schema schema = Schema::migrated);
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  const std::string& name() const { return name_; }
  db::Address address() const;        // as the serving role: what the server itself uses
  db::Address owner_address() const;  // as the owner of all objects
  db::Address superuser_address() const;

  // Roles are the cluster's, shared by all tests.
  static constexpr std::string_view owner_role = "mcp_test_owner";
  static constexpr std::string_view serving_role = "mcp_test_app";

  // Runs SQL as the superuser on a connection of its own: preparations and disturbances ("SELECT pg_terminate_backend
  // ...").
  void run_as_superuser(std::string sql) const;
  // The first column of the first row, as text; empty for none or NULL. The query must select text.
  std::string ask_as_superuser(std::string sql) const;

 private:
  std::string name_;
};

}  // namespace mcp::test
