// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "http/response_head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>

#include "http/request_gate.hpp"

namespace mcp::http {
namespace {

constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src "
    "'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
constexpr std::string_view docs_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri "
    "'none'; "
    "form-action 'none'; frame-ancestors 'none'";
constexpr std::string_view data_policy = "default-src 'none'; frame-ancestors 'none'";

constexpr std::string_view fixed_headers =
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Permissions-Policy: accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), "
    "fullscreen=(), "
    "geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), microphone=(), midi=(), payment=(), "
    "picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), web-share=(), "
    "xr-spatial-tracking=()\r\n";

bool is_at_or_under(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

std::string_view content_policy_of(std::string_view path) {
  if (is_at_or_under(path, "/api/docs")) return docs_policy;
  if (path == "/" || is_at_or_under(path, "/admin")) return page_policy;
  return data_policy;
}

std::string_view reason_of(int status) {
  struct Reason {
    int status;
    std::string_view text;
  };
  static constexpr std::array<Reason, 28> reasons{{
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {411, "Length Required"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {426, "Upgrade Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {206, "Partial Content"},
  }};
  const auto found = std::ranges::find(reasons, status, &Reason::status);
  return found == reasons.end() ? std::string_view("Unknown") : found->text;
}

// Whatever a handler put into a value (a Location made from a name, say), it stays on its line.
void append_header(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ");
  std::ranges::copy_if(value, std::back_inserter(head),
                       [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
  head.append("\r\n");
}

void append_cors(std::string& head, const AnswerContext& context) {
  if (context.varies_by_origin) append_header(head, "Vary", "Origin");
  if (context.cors_origin.empty()) return;
  append_header(head, "Access-Control-Allow-Origin", context.cors_origin);
  append_header(head, "Access-Control-Expose-Headers",
                "Link, X-Total-Count, X-Request-Id, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, "
                "RateLimit-Policy, Retry-After");
  if (!context.is_preflight) return;
  append_header(head, "Access-Control-Allow-Methods", "GET, POST, PUT, DELETE");
  append_header(head, "Access-Control-Allow-Headers", "Authorization, Content-Type, CSRF-Token, X-Request-Id");
  append_header(head, "Access-Control-Max-Age", "600");
}

// IMF-fixdate (RFC 9110 section 5.6.7), made once a second and thread.
std::string_view date_now() {
  thread_local std::chrono::sys_seconds made_for{};
  thread_local std::string text;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (now == made_for) return text;
  static constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(now - day);
  text =
      fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days.at(std::chrono::weekday(day).c_encoding()),
                  static_cast<unsigned>(date.day()), months.at(static_cast<unsigned>(date.month()) - 1),
                  static_cast<int>(date.year()), time.hours().count(), time.minutes().count(), time.seconds().count());
  made_for = now;
  return text;
}

bool is_bodiless(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

AnswerContext answer_context(const Request& request, const std::vector<std::string>& cors_origins, bool hsts) {
  AnswerContext context;
  context.method = request.method;
  context.path = request.path;
  context.request_id = request.origin.request_id;
  context.keep_alive = request.keep_alive;
  context.is_strictly_tls = hsts && request.is_tls;
  context.varies_by_origin = !cors_origins.empty();
  const auto origin = request.header("origin");
  if (origin && std::ranges::find(cors_origins, *origin) != cors_origins.end()) context.cors_origin = *origin;
  context.is_preflight =
      request.method == Method::options && request.header("access-control-request-method").has_value();
  return context;
}

std::string common_headers(const AnswerContext& context) {
  std::string head;
  head.reserve(1536);
  append_header(head, "X-Request-Id", context.request_id);
  head.append(fixed_headers);
  append_header(head, "Content-Security-Policy", content_policy_of(context.path));
  if (context.is_strictly_tls) append_header(head, "Strict-Transport-Security", "max-age=31536000");
  append_cors(head, context);
  return head;
}

std::string response_head(const Response& response, const AnswerContext& context) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.append(reason_of(response.status)).append("\r\n");
  append_header(head, "Date", date_now());
  head.append(common_headers(context));
  if (!is_bodiless(response.status)) {
    if (!response.content_type.empty()) append_header(head, "Content-Type", response.content_type);
    append_header(head, "Content-Length", std::to_string(response.body.size()));
  }
  bool has_cache_control = false;
  for (const auto& [name, value] : response.headers) {
    has_cache_control = has_cache_control || equals_ignoring_case(name, "cache-control");
    append_header(head, name, value);
  }
  if (!has_cache_control) append_header(head, "Cache-Control", "no-store");
  if (!context.keep_alive) append_header(head, "Connection", "close");
  head.append("\r\n");
  return head;
}

bool has_body(const Response& response, const AnswerContext& context) {
  return context.method != Method::head && !is_bodiless(response.status);
}

}  // namespace mcp::http
