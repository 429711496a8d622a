// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/check.hpp"
#include "db/link.hpp"
#include "db/readiness.hpp"

struct pg_conn;    // libpq's PGconn
struct pg_result;  // libpq's PGresult

namespace mcp::db {

// The libpq half of a Link. Coroutines are static and own their connection: a Link may die while one is suspended,
// which then ends with Fault{unavailable}.
class Link::Connection {
 public:
  using Deadline = Readiness::Deadline;

  Connection(Executor executor, Address address, SessionSettings settings);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  static Task<> connect(std::shared_ptr<Connection> self);
  static Task<std::vector<Rows>> run(std::shared_ptr<Connection> self, std::vector<Command> commands);
  static Task<> run_script(std::shared_ptr<Connection> self, std::string sql);
  static Task<std::vector<std::string>> wait_for_notification(std::shared_ptr<Connection> self,
                                                              std::chrono::milliseconds wait);
  bool is_connected() const { return is_ready_; }
  bool is_quiet() const;
  bool in_transaction() const;
  void close();

 private:
  // Closes the connection unless the exchange came to its end: a coroutine that is destroyed, cancelled or thrown out
  // of in the middle leaves answers behind that belong to nobody.
  class Exchange {
   public:
    explicit Exchange(Connection& connection) : connection_(connection) {
      CHECK(!connection_.is_busy_);  // one coroutine at a time
      connection_.is_busy_ = true;
    }
    ~Exchange() {
      connection_.is_busy_ = false;
      if (!is_finished_) connection_.close();
    }
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    void finish() { is_finished_ = true; }

   private:
    Connection& connection_;
    bool is_finished_ = false;
  };
  struct Trip;
  struct Prepared {
    std::string sql;
    std::vector<Oid> types;
    bool is_confirmed = false;  // the server said so; until then the next trip prepares it again
  };

  void start_connecting(const std::string& addresses);
  static Task<> poll_until_connected(Connection& self, Deadline deadline);
  static Task<> apply_settings(Connection& self, Deadline deadline);

  void register_statements(Trip& trip);
  void send(Trip& trip);
  bool send_prepare(const std::string& name, const Prepared& prepared);
  bool send_execute(const std::string& name, const Params& params);
  bool take_results(Trip& trip);
  void take_result(Trip& trip, pg_result* result);
  [[noreturn]] static void throw_lost(const Trip& trip);

  // Shows `taken` each result until there is none. Without a deadline the server's silence is the limit.
  static Task<> drain(Connection& self, std::function<void(pg_result*)> taken, std::optional<Deadline> deadline);
  enum class Progress : std::uint8_t {
    more,     // something may have come
    silence,  // nothing until the deadline
    ended,    // the connection; what came before is still there
  };
  // Flushes what is queued and reads what came.
  static Task<Progress> progress(Connection& self, Deadline deadline);
  bool read_available();
  Deadline silence_deadline() const;

  Executor executor_;
  Address address_;
  SessionSettings settings_;
  std::optional<std::chrono::milliseconds> silence_max_;  // no byte for so long: the server or the way to it is gone
  Readiness readiness_;
  pg_conn* handle_ = nullptr;
  bool is_ready_ = false;  // connected, settings applied, in pipeline mode
  bool is_busy_ = false;   // inside an Exchange
  int hidden_reads_ = 0;   // reads still due although the socket may show nothing (TLS)
  std::map<std::string, Prepared, std::less<>> prepared_;
};

// What the server said went wrong: code and names, never its texts.
Fault fault_of(const pg_result* result, std::string statement);

}  // namespace mcp::db
