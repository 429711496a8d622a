// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

struct pg_result;  // libpq's PGresult

namespace mcp::db {

// Owns one PGresult. Its name is kept so that a wrong read can say whose column it was.
class RawResult {
 public:
  RawResult(pg_result* result, std::string statement);
  ~RawResult();
  RawResult(const RawResult&) = delete;
  RawResult& operator=(const RawResult&) = delete;

  pg_result* get() const { return result_; }
  const std::string& statement() const { return statement_; }

 private:
  pg_result* result_;
  std::string statement_;
};

}  // namespace mcp::db
