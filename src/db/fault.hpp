// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace mcp::db {

enum class FaultKind : std::uint8_t {
  unavailable,  // no connection, connection lost, server ending or a standby (08*, 57P*, 25006, 25P03); pool exhausted
  timeout,      // statement or lock time-out (57014, 55P03)
  retry,        // serialization failure or deadlock (40001, 40P01): the same transaction may be tried again
  constraint,   // integrity constraint violation (23*)
  resource,     // disk full, out of memory, too many connections, input or output error (53*, 58*)
  programming,  // anything else: a bug of ours or a schema that does not fit
};

FaultKind classify(std::string_view sqlstate);

// The database failed. Carries no parameter value and no row content: only names that are ours.
class Fault : public std::runtime_error {
 public:
  Fault(FaultKind kind, std::string sqlstate, std::string statement, std::string constraint);

  FaultKind kind() const { return kind_; }
  const std::string& sqlstate() const { return sqlstate_; }      // five characters; empty when none came
  const std::string& statement() const { return statement_; }    // name of the statement; empty outside one
  const std::string& constraint() const { return constraint_; }  // violated constraint; empty otherwise
  // May the change have been committed although no answer came? Then only an idempotency key can tell.
  bool outcome_unknown() const { return outcome_unknown_; }
  void set_outcome_unknown() { outcome_unknown_ = true; }

 private:
  FaultKind kind_;
  std::string sqlstate_;
  std::string statement_;
  std::string constraint_;
  bool outcome_unknown_ = false;
};

}  // namespace mcp::db
