// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "db/connection.hpp"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <charconv>

#include "core/check.hpp"
#include "core/log.hpp"
#include "db/host_lookup.hpp"

namespace mcp::db {
namespace {

constexpr std::chrono::seconds silence_grace{1};  // after the server's own statement_timeout should have spoken

// How long the server may stay silent: its statement_timeout and a grace. Nothing without one (migrations).
// Milliseconds without a unit: another spelling would quietly mean "for ever", so it is a bug of ours.
std::optional<std::chrono::milliseconds> read_silence_max(const Link::SessionSettings& settings) {
  for (const auto& [name, value] : settings) {
    if (name != "statement_timeout") continue;
    std::int64_t milliseconds = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), milliseconds);
    CHECK(error == std::errc() && end == value.data() + value.size());
    if (milliseconds > 0) return std::chrono::milliseconds(milliseconds) + silence_grace;
  }
  return std::nullopt;
}

// The SQLSTATE of a refused connection. libpq has no accessor for it; under PQERRORS_SQLSTATE the server's message is
// nothing else, at the end of the text. Empty when libpq itself gave up (network, TLS).
std::string connect_sqlstate(std::string_view message) {
  while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) message.remove_suffix(1);
  if (message.size() < 6 || message[message.size() - 6] != ' ') return {};
  message.remove_prefix(message.size() - 5);
  const bool is_sqlstate = std::ranges::all_of(
      message, [](char letter) { return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z'); });
  return is_sqlstate ? std::string(message) : std::string();
}

// Something to read, the end of the stream included.
bool has_input(int descriptor) {
  pollfd polled{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&polled, 1, 0) != 0;
}

std::string first_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

std::string quoted(PGconn* handle, const std::string& text) {
  char* literal = PQescapeLiteral(handle, text.data(), text.size());
  if (literal == nullptr) throw Fault(FaultKind::programming, "", "session settings", "");
  std::string copy = literal;
  PQfreemem(literal);
  return copy;
}

// Line of the script, counted from 1, in which the server found the error; empty when it did not say.
std::string error_line(const PGresult* result, std::string_view script) {
  const char* position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
  if (position == nullptr) return {};
  std::size_t characters = 0;
  std::from_chars(position, position + std::char_traits<char>::length(position), characters);
  int line = 1;
  for (std::size_t i = 0; i < script.size() && characters > 1; ++i) {
    if ((static_cast<unsigned char>(script[i]) & 0xC0U) != 0x80U) --characters;  // the position counts characters
    if (script[i] == '\n') ++line;
  }
  return std::to_string(line);
}

}  // namespace

Fault fault_of(const pg_result* result, std::string statement) {
  const auto field = [result](int code) {
    const char* text = PQresultErrorField(result, code);
    return std::string(text == nullptr ? "" : text);
  };
  std::string sqlstate = field(PG_DIAG_SQLSTATE);
  const FaultKind kind = classify(sqlstate);
  return Fault(kind, std::move(sqlstate), std::move(statement), field(PG_DIAG_CONSTRAINT_NAME));
}

Link::Connection::Connection(Executor executor, Address address, SessionSettings settings)
    : executor_(executor),
      address_(std::move(address)),
      settings_(std::move(settings)),
      silence_max_(read_silence_max(settings_)),
      readiness_(executor) {}

Link::Connection::~Connection() { close(); }

void Link::Connection::close() {
  if (handle_ != nullptr) PQfinish(std::exchange(handle_, nullptr));
  readiness_.close();
  prepared_.clear();
  hidden_reads_ = 0;
  is_ready_ = false;
}

bool Link::Connection::is_quiet() const {
  if (!is_ready_) return false;
  return !has_input(PQsocket(handle_));
}

bool Link::Connection::in_transaction() const {
  return handle_ != nullptr && PQtransactionStatus(handle_) != PQTRANS_IDLE;
}

Task<> Link::Connection::connect(std::shared_ptr<Connection> self) {
  self->close();
  Exchange exchange(*self);
  const Deadline deadline = std::chrono::steady_clock::now() + self->address_.connect_timeout;
  try {
    const std::string addresses = co_await look_up_host(self->executor_, self->address_.host, deadline);
    self->start_connecting(addresses);
    co_await poll_until_connected(*self, deadline);
    co_await apply_settings(*self, deadline);
  } catch (const Fault& fault) {
    if (fault.kind() == FaultKind::programming && fault.sqlstate().empty()) throw;  // settings that we refuse
    throw Fault(FaultKind::unavailable, fault.sqlstate(), "connect", "");
  }
  if (PQenterPipelineMode(self->handle_) != 1) throw Fault(FaultKind::unavailable, "", "connect", "");
  self->is_ready_ = true;
  exchange.finish();
}

void Link::Connection::start_connecting(const std::string& addresses) {
  // libpq wants as many hosts as addresses; the name is still what a certificate is checked against.
  std::string hosts = address_.host;
  for (const char letter : addresses) {
    if (letter == ',') hosts += "," + address_.host;
  }
  std::vector<std::pair<const char*, std::string>> options{
      {"port", std::to_string(address_.port)},
      {"dbname", address_.database},
      {"user", address_.user},
      {"sslmode", address_.ssl_mode},
      {"gssencmode", "disable"},
      {"client_encoding", "UTF8"},
      {"application_name", "mcp-messenger"},
      // A peer that vanished without a FIN is noticed within a minute even when nothing is being sent.
      {"keepalives_idle", "30"},
      {"keepalives_interval", "10"},
      {"keepalives_count", "3"},
      {"tcp_user_timeout", "30000"},
  };
  if (!hosts.empty()) options.emplace_back("host", hosts);
  if (!addresses.empty()) options.emplace_back("hostaddr", addresses);
  if (!address_.ssl_root_cert.empty()) options.emplace_back("sslrootcert", address_.ssl_root_cert);
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : options) {
    names.push_back(name);
    values.push_back(value.c_str());
  }
  if (!address_.password.empty()) {
    names.push_back("password");
    values.push_back(address_.password.reveal().data());  // a std::string's, so it ends with a zero
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  handle_ = PQconnectStartParams(names.data(), values.data(), 0);
  if (handle_ == nullptr) throw std::bad_alloc();
  PQsetErrorVerbosity(handle_, PQERRORS_SQLSTATE);  // texts of the server may quote values
  PQsetNoticeReceiver(handle_, [](void*, const PGresult*) {}, nullptr);
}

Task<> Link::Connection::poll_until_connected(Connection& self, Deadline deadline) {
  PostgresPollingStatusType wanted =
      PQstatus(self.handle_) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (wanted == PGRES_POLLING_READING || wanted == PGRES_POLLING_WRITING) {
    // Each step may have moved to another socket (next address, retry without TLS), even under the same number.
    self.readiness_.watch(PQsocket(self.handle_));
    const auto woken =
        co_await self.readiness_.wait(wanted == PGRES_POLLING_READING, wanted == PGRES_POLLING_WRITING, deadline);
    if (woken == Readiness::Woken::cancelled) throw boost::system::system_error(asio::error::operation_aborted);
    if (woken != Readiness::Woken::ready) {
      log::warn("db", "cannot connect",
                {{log::Field::reason, woken == Readiness::Woken::deadline ? "time-out" : "told to close"}});
      throw Fault(FaultKind::unavailable, "", "connect", "");
    }
    wanted = PQconnectPoll(self.handle_);
  }
  if (wanted == PGRES_POLLING_FAILED) {
    std::string sqlstate = connect_sqlstate(PQerrorMessage(self.handle_));
    log::warn("db", "cannot connect",
              {{log::Field::sqlstate, sqlstate}, {log::Field::reason, first_line(PQerrorMessage(self.handle_))}});
    throw Fault(FaultKind::unavailable, std::move(sqlstate), "connect", "");
  }
  self.readiness_.watch(PQsocket(self.handle_));
  PQsetnonblocking(self.handle_, 1);
}

Task<> Link::Connection::apply_settings(Connection& self, Deadline deadline) {
  // search_path: names mean the schema of ours alone, whatever was created in a schema named like the role.
  SessionSettings settings{{"timezone", "UTC"},
                           {"synchronous_commit", "on"},
                           {"client_min_messages", "warning"},
                           // A statement after a lock must see what the one before it waited for.
                           {"default_transaction_isolation", "read committed"},
                           {"search_path", "public, pg_temp"}};
  settings.insert(settings.end(), self.settings_.begin(), self.settings_.end());
  std::string sql = "SELECT ";
  for (const auto& [name, value] : settings) {
    sql += "pg_catalog.set_config(" + quoted(self.handle_, name) + "," + quoted(self.handle_, value) + ",false),";
  }
  sql.back() = ';';
  sql += "SELECT pg_catalog.current_setting('synchronous_commit'), pg_catalog.current_setting('fsync')";
  if (PQsendQuery(self.handle_, sql.c_str()) != 1) throw Fault(FaultKind::unavailable, "", "session settings", "");
  std::optional<Fault> fault;
  std::string synchronous_commit;
  std::string fsync;
  const auto take = [&](PGresult* result) {
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
      if (!fault) fault = fault_of(result, "session settings");
    } else if (PQnfields(result) == 2) {
      synchronous_commit = PQgetvalue(result, 0, 0);
      fsync = PQgetvalue(result, 0, 1);
    }
  };
  co_await drain(self, take, deadline);
  if (fault) throw Fault(*fault);
  // An acknowledged change must survive a crash right after it: no connection without that.
  if (synchronous_commit != "on") throw Fault(FaultKind::programming, "", "synchronous_commit", "");
  static std::atomic_flag is_warned;
  if (fsync != "on" && !is_warned.test_and_set()) {
    log::error("db", "fsync is off in this database: a power cut may lose acknowledged messages or all data");
  }
}

Task<> Link::Connection::run_script(std::shared_ptr<Connection> self, std::string sql) {
  if (!self->is_ready_) throw Fault(FaultKind::unavailable, "", "script", "");
  Exchange exchange(*self);
  // Several statements in one text need the simple protocol, which a pipeline does not allow.
  if (PQexitPipelineMode(self->handle_) != 1 || PQsendQuery(self->handle_, sql.c_str()) != 1) {
    throw Fault(FaultKind::unavailable, "", "script", "");
  }
  std::optional<Fault> fault;
  const auto take = [&](PGresult* result) {
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
      throw Fault(FaultKind::programming, "", "script: COPY", "");  // ends the connection: nobody feeds it
    }
    const bool is_failure = status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
    if (is_failure && !fault) fault = fault_of(result, "script:" + error_line(result, sql));
  };
  co_await drain(*self, take, std::nullopt);
  if (PQenterPipelineMode(self->handle_) != 1) throw Fault(FaultKind::unavailable, "", "script", "");
  exchange.finish();
  if (fault) throw Fault(*fault);
}

Task<std::vector<std::string>> Link::Connection::wait_for_notification(std::shared_ptr<Connection> self,
                                                                       std::chrono::milliseconds wait) {
  if (!self->is_ready_) throw Fault(FaultKind::unavailable, "", "wait for notification", "");
  Exchange exchange(*self);
  const Deadline deadline = std::chrono::steady_clock::now() + wait;
  std::vector<std::string> channels;
  while (true) {
    while (PGnotify* notification = PQnotifies(self->handle_)) {
      channels.emplace_back(notification->relname);
      PQfreemem(notification);
    }
    if (!channels.empty()) break;
    const Progress step = co_await progress(*self, deadline);
    if (step == Progress::silence) break;
    if (step == Progress::ended) throw Fault(FaultKind::unavailable, "", "wait for notification", "");
  }
  exchange.finish();
  co_return channels;
}

Task<> Link::Connection::drain(Connection& self, std::function<void(pg_result*)> taken,
                               std::optional<Deadline> deadline) {
  bool is_open = true;
  std::string sqlstate;
  while (true) {
    while (self.handle_ != nullptr && PQisBusy(self.handle_) == 0) {
      PGresult* result = PQgetResult(self.handle_);
      if (result == nullptr) {
        if (!is_open || PQstatus(self.handle_) == CONNECTION_BAD)
          throw Fault(FaultKind::unavailable, sqlstate, "script", "");
        co_return;
      }
      const std::unique_ptr<PGresult, decltype(&PQclear)> owned(result, &PQclear);
      if (PQresultStatus(result) == PGRES_FATAL_ERROR) sqlstate = fault_of(result, "").sqlstate();
      taken(result);
    }
    if (!is_open || self.handle_ == nullptr) throw Fault(FaultKind::unavailable, sqlstate, "script", "");
    const Progress step = co_await progress(self, deadline ? *deadline : self.silence_deadline());
    is_open = step == Progress::more;
  }
}

Task<Link::Connection::Progress> Link::Connection::progress(Connection& self, Deadline deadline) {
  const int unsent = PQflush(self.handle_);
  if (unsent < 0) {
    self.read_available();  // the server may have said why
    co_return Progress::ended;
  }
  if (self.hidden_reads_ == 0) {
    const auto woken = co_await self.readiness_.wait(true, unsent > 0, deadline);
    if (woken == Readiness::Woken::cancelled) throw boost::system::system_error(asio::error::operation_aborted);
    if (woken == Readiness::Woken::closed || self.handle_ == nullptr) co_return Progress::ended;
    // A machine that slept finds the deadline passed and the answer there.
    if (woken == Readiness::Woken::deadline && !has_input(PQsocket(self.handle_))) co_return Progress::silence;
  }
  co_return self.read_available() ? Progress::more : Progress::ended;
}

// Reads once, so that the caller looks at the answers before the next call finds the end of the connection: libpq
// forgets then what it was waiting for, and with it the server's last words.
bool Link::Connection::read_available() {
  if (PQsslInUse(handle_) != 0) {
    // OpenSSL may keep up to 16 KiB of a record, of which the socket shows nothing. No further record can begin once
    // the socket is empty, and libpq makes room for at least 8 KiB a call.
    int unread = 0;
    ::ioctl(PQsocket(handle_), FIONREAD, &unread);
    hidden_reads_ = unread > 0 ? 2 : std::max(hidden_reads_ - 1, 0);
  }
  return PQconsumeInput(handle_) == 1;
}

Link::Connection::Deadline Link::Connection::silence_deadline() const {
  return silence_max_ ? std::chrono::steady_clock::now() + *silence_max_ : Deadline::max();
}

}  // namespace mcp::db
