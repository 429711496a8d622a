// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "db/fault.hpp"

#include <utility>

namespace mcp::db {
namespace {

std::string_view name(FaultKind kind) {
  switch (kind) {
    case FaultKind::unavailable: return "unavailable";
    case FaultKind::timeout: return "timeout";
    case FaultKind::retry: return "retry";
    case FaultKind::constraint: return "constraint";
    case FaultKind::resource: return "resource";
    case FaultKind::programming: return "programming";
  }
  return "unknown";
}

std::string describe(FaultKind kind, const std::string& sqlstate, const std::string& statement,
                     const std::string& constraint) {
  std::string text = "database fault: ";
  text += name(kind);
  if (!sqlstate.empty()) text += " " + sqlstate;
  if (!statement.empty()) text += " in " + statement;
  if (!constraint.empty()) text += " (" + constraint + ")";
  return text;
}

}  // namespace

FaultKind classify(std::string_view sqlstate) {
  if (sqlstate.empty()) return FaultKind::unavailable;  // the connection ended without a word from the server
  if (sqlstate == "57014" || sqlstate == "55P03") return FaultKind::timeout;
  if (sqlstate == "40001" || sqlstate == "40P01") return FaultKind::retry;
  // 25006: the server is a standby; 25P03: it ended a session that sat in a transaction.
  if (sqlstate == "25006" || sqlstate == "25P03") return FaultKind::unavailable;
  if (sqlstate.starts_with("08") || sqlstate.starts_with("57P")) return FaultKind::unavailable;
  if (sqlstate.starts_with("23")) return FaultKind::constraint;
  if (sqlstate.starts_with("53") || sqlstate.starts_with("58")) return FaultKind::resource;
  return FaultKind::programming;
}

Fault::Fault(FaultKind kind, std::string sqlstate, std::string statement, std::string constraint)
    : std::runtime_error(describe(kind, sqlstate, statement, constraint)),
      kind_(kind),
      sqlstate_(std::move(sqlstate)),
      statement_(std::move(statement)),
      constraint_(std::move(constraint)) {}

}  // namespace mcp::db
