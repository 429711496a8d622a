// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Link::run: many commands, one Sync, one round trip.
#include <libpq-fe.h>

#include <algorithm>
#include <limits>
#include <set>
#include <string_view>

#include "db/connection.hpp"
#include "db/raw_result.hpp"

namespace mcp::db {
namespace {

constexpr std::size_t name_bytes_max = 63;  // the server's table of prepared statements compares no more (NAMEDATALEN)

bool is_commit(const Statement& statement) { return statement.sql == commit_statement.sql; }

// May some of this have been committed when the answer is lost? Inside a transaction only COMMIT can.
bool may_commit(const std::vector<Command>& commands, bool in_transaction) {
  for (const Command& command : commands) {
    const std::string_view sql = command.statement->sql;
    if (sql.starts_with("BEGIN")) {
      in_transaction = true;
    } else if (sql.starts_with("ROLLBACK")) {
      in_transaction = false;
    } else if (is_commit(*command.statement) || !in_transaction) {
      return true;
    }
  }
  return false;
}

bool has_types(std::span<const Value> values, const std::vector<Oid>& types) {
  return std::ranges::equal(values, types, {}, &Value::type);
}

}  // namespace

// One round trip on its way. The server answers each step once, in order, then the Sync.
struct Link::Connection::Trip {
  struct Step {
    std::size_t command = 0;
    bool is_prepare = false;
  };

  std::vector<Command> commands;
  std::vector<Step> steps;
  std::size_t answered = 0;  // steps
  std::vector<Rows> rows;
  std::optional<Fault> fault;                   // the first
  bool has_error = false;                       // an ERROR of the server's, which undid the transaction
  std::set<std::string, std::less<>> prepares;  // names prepared in this trip
  bool may_commit = false;
  int empty_answers = 0;  // in a row

  const Statement& statement_of(std::size_t step) const {
    const std::size_t command = step < steps.size() ? steps[step].command : commands.size() - 1;
    return *commands[command].statement;
  }
};

Task<std::vector<Rows>> Link::Connection::run(std::shared_ptr<Connection> self, std::vector<Command> commands) {
  if (commands.empty()) co_return std::vector<Rows>();
  Trip trip;
  trip.commands = std::move(commands);
  if (!self->is_ready_) throw Fault(FaultKind::unavailable, "", std::string(trip.statement_of(0).name), "");
  self->register_statements(trip);

  Exchange exchange(*self);
  trip.may_commit = may_commit(trip.commands, self->in_transaction());
  trip.rows.reserve(trip.commands.size());
  self->send(trip);
  bool is_open = true;
  while (!self->take_results(trip)) {
    if (!is_open) throw_lost(trip);
    is_open = co_await progress(*self, self->silence_deadline()) == Progress::more;
    if (self->handle_ == nullptr) throw_lost(trip);
  }
  if (!trip.fault && trip.rows.size() != trip.commands.size()) throw_lost(trip);  // libpq and we count differently
  exchange.finish();
  if (trip.fault) throw Fault(*trip.fault);
  co_return std::move(trip.rows);
}

// Decides what this trip must prepare. Throws before anything is sent, so that a bug of ours costs no connection.
void Link::Connection::register_statements(Trip& trip) {
  for (std::size_t i = 0; i < trip.commands.size(); ++i) {
    const auto& [statement, params] = trip.commands[i];
    CHECK(!statement->name.empty() && statement->name.size() <= name_bytes_max);
    auto known = prepared_.find(statement->name);
    if (known == prepared_.end()) {
      Prepared prepared{.sql = std::string(statement->sql), .types = {}, .is_confirmed = false};
      for (const Value& value : params.values()) prepared.types.push_back(value.type);
      known = prepared_.emplace(std::string(statement->name), std::move(prepared)).first;
    } else if (known->second.sql != statement->sql || !has_types(params.values(), known->second.types)) {
      throw Fault(FaultKind::programming, "", std::string(statement->name), "");
    }
    if (!known->second.is_confirmed && trip.prepares.emplace(statement->name).second) {
      trip.steps.push_back({.command = i, .is_prepare = true});
    }
    trip.steps.push_back({.command = i, .is_prepare = false});
  }
}

void Link::Connection::send(Trip& trip) {
  bool is_sent = true;
  for (const Trip::Step& step : trip.steps) {
    const Command& command = trip.commands[step.command];
    const auto& [name, prepared] = *prepared_.find(command.statement->name);
    is_sent = is_sent && (step.is_prepare ? send_prepare(name, prepared) : send_execute(name, command.params));
  }
  if (!is_sent || PQpipelineSync(handle_) != 1) throw_lost(trip);
}

bool Link::Connection::send_prepare(const std::string& name, const Prepared& prepared) {
  return PQsendPrepare(handle_, name.c_str(), prepared.sql.c_str(), static_cast<int>(prepared.types.size()),
                       prepared.types.data()) == 1;
}

bool Link::Connection::send_execute(const std::string& name, const Params& params) {
  const auto values = params.values();
  std::vector<const char*> bytes(values.size());
  std::vector<int> lengths(values.size());
  const std::vector<int> formats(values.size(), 1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    CHECK(values[i].bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
    bytes[i] = values[i].is_null ? nullptr : values[i].bytes.data();
    lengths[i] = static_cast<int>(values[i].bytes.size());
  }
  return PQsendQueryPrepared(handle_, name.c_str(), static_cast<int>(values.size()), bytes.data(), lengths.data(),
                             formats.data(), 1) == 1;
}

// True when the Sync was answered.
bool Link::Connection::take_results(Trip& trip) {
  while (handle_ != nullptr && PQisBusy(handle_) == 0) {
    PGresult* result = PQgetResult(handle_);
    if (result == nullptr) {
      // One ends each step's answer. More in a row: libpq has nothing to wait for, although the Sync is missing.
      if (++trip.empty_answers > 1) throw_lost(trip);
      continue;
    }
    trip.empty_answers = 0;
    if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
      PQclear(result);
      return true;
    }
    take_result(trip, result);
  }
  return false;
}

void Link::Connection::take_result(Trip& trip, pg_result* result) {
  const std::size_t step = trip.answered++;
  const Statement& statement = trip.statement_of(step);
  const auto owned = std::make_shared<const RawResult>(result, std::string(statement.name));
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_PIPELINE_ABORTED) return;
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    // After the last step: a constraint that is checked at the end of the transaction, which is the Sync.
    if (!trip.fault) trip.fault = fault_of(result, std::string(statement.name));
    const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    trip.has_error = trip.has_error || (severity != nullptr && std::string_view(severity) == "ERROR");
    return;
  }
  if (step < trip.steps.size() && trip.steps[step].is_prepare) {
    prepared_.find(statement.name)->second.is_confirmed = true;
    return;
  }
  if (is_commit(statement) && std::string_view(PQcmdStatus(result)) == "ROLLBACK" && !trip.fault) {
    trip.fault = Fault(FaultKind::programming, "25P02", std::string(statement.name), "");
  }
  trip.rows.emplace_back(owned);
}

// The connection ended before the Sync was answered. Whoever called has an Exchange, which closes it.
void Link::Connection::throw_lost(const Trip& trip) {
  Fault fault = trip.fault ? *trip.fault
                           : Fault(FaultKind::unavailable, "", std::string(trip.statement_of(trip.answered).name), "");
  // After an ERROR the transaction is undone, whatever becomes of the connection. FATAL and PANIC (a full disk under
  // the write-ahead log) may come when COMMIT is half done.
  if (trip.may_commit && !trip.has_error) fault.set_outcome_unknown();
  throw Fault(fault);
}

}  // namespace mcp::db
