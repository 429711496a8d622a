// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "http/error_response.hpp"

#include <chrono>
#include <string>

#include "core/json.hpp"

namespace mcp::http {
namespace {

constexpr std::chrono::seconds retry_after_default{5};  // when a refusal does not know better

// Rounded up: a client that comes back a moment early is refused again.
std::string seconds_text(std::chrono::milliseconds wait) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count());
}

std::string_view title_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::bad_request: return "Bad request";
    case ErrorCode::validation_failed: return "Validation failed";
    case ErrorCode::unknown_type: return "Unknown type";
    case ErrorCode::reset_token_invalid: return "Reset token invalid";
    case ErrorCode::auth_required: return "Authentication required";
    case ErrorCode::token_invalid: return "Token invalid";
    case ErrorCode::invalid_credentials: return "Invalid credentials";
    case ErrorCode::challenge_invalid: return "Challenge invalid";
    case ErrorCode::forbidden: return "Forbidden";
    case ErrorCode::reason_required: return "Reason required";
    case ErrorCode::password_change_required: return "Password change required";
    case ErrorCode::two_factor_required: return "Second factor required";
    case ErrorCode::csrf_invalid: return "CSRF token invalid";
    case ErrorCode::registration_closed: return "Registration closed";
    case ErrorCode::network_not_allowed: return "Network not allowed";
    case ErrorCode::not_found: return "Not found";
    case ErrorCode::method_not_allowed: return "Method not allowed";
    case ErrorCode::not_acceptable: return "Not acceptable";
    case ErrorCode::request_timeout: return "Request timeout";
    case ErrorCode::conflict: return "Conflict";
    case ErrorCode::already_exists: return "Already exists";
    case ErrorCode::in_use: return "In use";
    case ErrorCode::last_admin: return "Last administrator";
    case ErrorCode::length_required: return "Length required";
    case ErrorCode::payload_too_large: return "Payload too large";
    case ErrorCode::uri_too_long: return "URI too long";
    case ErrorCode::unsupported_media_type: return "Unsupported media type";
    case ErrorCode::headers_too_large: return "Headers too large";
    case ErrorCode::expectation_failed: return "Expectation failed";
    case ErrorCode::rate_limited: return "Too many requests";
    case ErrorCode::internal: return "Internal server error";
    case ErrorCode::not_implemented: return "Not implemented";
    case ErrorCode::unavailable: return "Service unavailable";
  }
  return "Internal server error";
}

std::string field_errors(const std::vector<FieldError>& errors) {
  std::string text;
  for (const FieldError& error : errors) {
    text += text.empty() ? "[" : ",";
    text += "{\"field\":" + json::quoted(error.field) + ",\"code\":" + json::quoted(name(error.code)) +
            ",\"message\":" + json::quoted(error.message) + "}";
  }
  return text + "]";
}

}  // namespace

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::bad_request:
    case ErrorCode::validation_failed:
    case ErrorCode::unknown_type:
    case ErrorCode::reset_token_invalid: return 400;
    case ErrorCode::auth_required:
    case ErrorCode::token_invalid:
    case ErrorCode::invalid_credentials:
    case ErrorCode::challenge_invalid: return 401;
    case ErrorCode::forbidden:
    case ErrorCode::reason_required:
    case ErrorCode::password_change_required:
    case ErrorCode::two_factor_required:
    case ErrorCode::csrf_invalid:
    case ErrorCode::registration_closed:
    case ErrorCode::network_not_allowed: return 403;
    case ErrorCode::not_found: return 404;
    case ErrorCode::method_not_allowed: return 405;
    case ErrorCode::not_acceptable: return 406;
    case ErrorCode::request_timeout: return 408;
    case ErrorCode::conflict:
    case ErrorCode::already_exists:
    case ErrorCode::in_use:
    case ErrorCode::last_admin: return 409;
    case ErrorCode::length_required: return 411;
    case ErrorCode::payload_too_large: return 413;
    case ErrorCode::uri_too_long: return 414;
    case ErrorCode::unsupported_media_type: return 415;
    case ErrorCode::expectation_failed: return 417;
    case ErrorCode::rate_limited: return 429;
    case ErrorCode::headers_too_large: return 431;
    case ErrorCode::internal: return 500;
    case ErrorCode::not_implemented: return 501;
    case ErrorCode::unavailable: return 503;
  }
  return 500;
}

Response error_response(const Error& error, std::string_view request_id) {
  Response response;
  response.status = status_of(error.code);
  response.content_type = "application/problem+json";
  const std::string code(name(error.code));
  response.body = "{\"type\":\"/api/docs#" + code + "\",\"title\":" + json::quoted(title_of(error.code)) +
                  ",\"status\":" + std::to_string(response.status) + ",\"detail\":" + json::quoted(error.message) +
                  ",\"code\":\"" + code + "\",\"requestId\":" + json::quoted(request_id);
  if (!error.fields.empty()) response.body += ",\"errors\":" + field_errors(error.fields);
  response.body += "}";
  if (response.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"mcp-messenger\"");
  if (response.status == 429 || response.status == 503) {
    response.headers.emplace_back("Retry-After", seconds_text(error.retry_after.value_or(retry_after_default)));
  }
  return response;
}

}  // namespace mcp::http
