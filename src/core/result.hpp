// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcp {

// The closed list of contract-rest 1.5. name() gives the wire form, "BAD_REQUEST".
enum class ErrorCode : std::uint8_t {
  bad_request,
  validation_failed,
  unknown_type,
  reset_token_invalid,
  auth_required,
  token_invalid,
  invalid_credentials,
  challenge_invalid,
  forbidden,
  reason_required,
  password_change_required,
  two_factor_required,
  csrf_invalid,
  registration_closed,
  network_not_allowed,
  not_found,
  method_not_allowed,
  not_acceptable,
  request_timeout,
  conflict,
  already_exists,
  in_use,
  last_admin,
  length_required,
  payload_too_large,
  uri_too_long,
  unsupported_media_type,
  headers_too_large,
  expectation_failed,
  rate_limited,
  internal,
  not_implemented,
  unavailable,
};

std::string_view name(ErrorCode code);

// The closed list of field codes.
enum class FieldCode : std::uint8_t {
  required,
  unknown_field,
  type,
  format,
  too_short,
  too_long,
  out_of_range,
  not_allowed,
  policy,
  taken,
  mismatch,
};

std::string_view name(FieldCode code);

struct FieldError {
  std::string field;  // "text", "preferences[3].contextType"
  FieldCode code = FieldCode::required;
  std::string message;  // safe for clients: names the rule, never repeats a secret or message text
};

// A refusal that a correct client can cause. Its message is safe for clients; it never carries an HTTP status.
// A fault of the world (database, disk) is an exception instead.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::vector<FieldError> fields;                             // with validation_failed
  std::optional<std::chrono::milliseconds> retry_after = {};  // with rate_limited and unavailable
  bool is_recorded = false;  // the audit entry of the refusal is written; nobody further up writes another
};

template <class T = void>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{.code = code, .message = std::move(message), .fields = {}, .retry_after = {}});
}

// A refusal whose audit entry the caller has written.
[[nodiscard]] inline std::unexpected<Error> fail_recorded(ErrorCode code, std::string message) {
  Error error{.code = code, .message = std::move(message), .fields = {}, .retry_after = {}};
  error.is_recorded = true;
  return std::unexpected(std::move(error));
}

[[nodiscard]] inline std::unexpected<Error> fail_field(std::string field, FieldCode code, std::string message) {
  Error error{.code = ErrorCode::validation_failed, .message = message, .fields = {}, .retry_after = {}};
  error.fields.push_back(FieldError{.field = std::move(field), .code = code, .message = std::move(message)});
  return std::unexpected(std::move(error));
}

}  // namespace mcp
