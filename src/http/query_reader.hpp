// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/id.hpp"
#include "core/result.hpp"
#include "http/message.hpp"

namespace mcp::http {

// Reads the query of one request and collects every error, as json::Fields does for bodies. A parameter that nobody
// read is refused: a misspelt filter must not widen an answer. Each reader returns nothing after an error; call
// finish() before using any.
class QueryReader {
 public:
  explicit QueryReader(const Request& request) : request_(request) {}

  std::optional<std::string> text(std::string_view name, std::size_t code_points_max);
  std::optional<Uuid> uuid(std::string_view name);
  std::optional<bool> boolean(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
  // The place of the value in `words`.
  std::optional<std::size_t> word(std::string_view name, std::initializer_list<std::string_view> words);
  bool has(std::string_view name) const { return request_.query_value(name).has_value(); }

  // A parameter of the contract that this server does not offer yet: refused instead of ignored.
  void refuse_if_given(std::string_view name);
  void refuse(std::string_view name, FieldCode code, std::string message);

  Result<> finish();

 private:
  std::optional<std::string_view> take(std::string_view name);

  const Request& request_;
  std::vector<std::string> read_;
  std::vector<FieldError> errors_;
};

}  // namespace mcp::http
