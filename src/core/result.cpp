// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "core/result.hpp"

namespace mcp {

std::string_view name(ErrorCode code) {
  switch (code) {
    case ErrorCode::bad_request: return "BAD_REQUEST";
    case ErrorCode::validation_failed: return "VALIDATION_FAILED";
    case ErrorCode::unknown_type: return "UNKNOWN_TYPE";
    case ErrorCode::reset_token_invalid: return "RESET_TOKEN_INVALID";
    case ErrorCode::auth_required: return "AUTH_REQUIRED";
    case ErrorCode::token_invalid: return "TOKEN_INVALID";
    case ErrorCode::invalid_credentials: return "INVALID_CREDENTIALS";
    case ErrorCode::challenge_invalid: return "CHALLENGE_INVALID";
    case ErrorCode::forbidden: return "FORBIDDEN";
    case ErrorCode::reason_required: return "REASON_REQUIRED";
    case ErrorCode::password_change_required: return "PASSWORD_CHANGE_REQUIRED";
    case ErrorCode::two_factor_required: return "TWO_FACTOR_REQUIRED";
    case ErrorCode::csrf_invalid: return "CSRF_INVALID";
    case ErrorCode::registration_closed: return "REGISTRATION_CLOSED";
    case ErrorCode::network_not_allowed: return "NETWORK_NOT_ALLOWED";
    case ErrorCode::not_found: return "NOT_FOUND";
    case ErrorCode::method_not_allowed: return "METHOD_NOT_ALLOWED";
    case ErrorCode::not_acceptable: return "NOT_ACCEPTABLE";
    case ErrorCode::request_timeout: return "REQUEST_TIMEOUT";
    case ErrorCode::conflict: return "CONFLICT";
    case ErrorCode::already_exists: return "ALREADY_EXISTS";
    case ErrorCode::in_use: return "IN_USE";
    case ErrorCode::last_admin: return "LAST_ADMIN";
    case ErrorCode::length_required: return "LENGTH_REQUIRED";
    case ErrorCode::payload_too_large: return "PAYLOAD_TOO_LARGE";
    case ErrorCode::uri_too_long: return "URI_TOO_LONG";
    case ErrorCode::unsupported_media_type: return "UNSUPPORTED_MEDIA_TYPE";
    case ErrorCode::headers_too_large: return "HEADERS_TOO_LARGE";
    case ErrorCode::expectation_failed: return "EXPECTATION_FAILED";
    case ErrorCode::rate_limited: return "RATE_LIMITED";
    case ErrorCode::internal: return "INTERNAL";
    case ErrorCode::not_implemented: return "NOT_IMPLEMENTED";
    case ErrorCode::unavailable: return "UNAVAILABLE";
  }
  return "INTERNAL";
}

std::string_view name(FieldCode code) {
  switch (code) {
    case FieldCode::required: return "required";
    case FieldCode::unknown_field: return "unknown_field";
    case FieldCode::type: return "type";
    case FieldCode::format: return "format";
    case FieldCode::too_short: return "too_short";
    case FieldCode::too_long: return "too_long";
    case FieldCode::out_of_range: return "out_of_range";
    case FieldCode::not_allowed: return "not_allowed";
    case FieldCode::policy: return "policy";
    case FieldCode::taken: return "taken";
    case FieldCode::mismatch: return "mismatch";
  }
  return "format";
}

}  // namespace mcp
