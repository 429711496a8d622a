// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "http/request_target.hpp"

#include <algorithm>

#include "core/limits.hpp"
#include "core/utf8.hpp"
#include "http/request_gate.hpp"

namespace mcp::http {
namespace {

std::unexpected<Error> refuse(std::string message) { return fail(ErrorCode::bad_request, std::move(message)); }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Nothing when an escape is cut short or not hexadecimal.
std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return decoded;
}

// pchar and "/" of RFC 3986, '%' included.
bool is_path_char(char c) {
  const bool is_alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return is_alphanumeric || std::string_view("-._~!$&'()*+,;=:@/%").find(c) != std::string_view::npos;
}

// Browsers leave some characters as they are that RFC 3986 does not allow in a query; none of them is read two ways
// here.
bool is_query_char(char c) {
  return c > 0x20 && c < 0x7f && std::string_view("\"<>#").find(c) == std::string_view::npos;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool has_dot_segment(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    if (segment == "." || segment == "..") return true;
    path.remove_prefix(segment.size());
  }
  return false;
}

Result<std::string> parse_path(std::string_view raw) {
  if (!std::ranges::all_of(raw, is_path_char)) return refuse("the path holds a character that must be percent-encoded");
  const auto slashes = std::ranges::count(raw, '/');
  auto path = decode(raw, false);
  if (!path) return refuse("the path is badly percent-encoded");
  if (std::ranges::any_of(*path, is_control) || path->find('\\') != std::string::npos ||
      std::ranges::count(*path, '/') != slashes) {
    return refuse("the path holds an encoded slash, backslash or control character");
  }
  if (!utf8::is_valid(*path)) return refuse("the path is not UTF-8");
  if (has_dot_segment(*path)) return refuse("the path holds a dot segment");
  return *std::move(path);
}

// "example.org:80" and "example.org" are the same host over http.
std::string_view without_default_port(std::string_view authority, std::string_view port) {
  return authority.ends_with(port) ? authority.substr(0, authority.size() - port.size()) : authority;
}

// The part of an absolute URI behind its authority; nothing when its host is another than the Host header's.
std::optional<std::string_view> strip_origin(std::string_view target, std::string_view host) {
  struct Scheme {
    std::string_view prefix;
    std::string_view port;
  };
  for (const Scheme& scheme : {Scheme{"http://", ":80"}, Scheme{"https://", ":443"}}) {
    if (!equals_ignoring_case(target.substr(0, scheme.prefix.size()), scheme.prefix)) continue;
    const std::string_view rest = target.substr(scheme.prefix.size());
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
    if (!equals_ignoring_case(without_default_port(authority, scheme.port), without_default_port(host, scheme.port))) {
      return std::nullopt;
    }
    return rest.substr(authority.size());
  }
  return std::nullopt;
}

}  // namespace

Result<NamedValues> parse_form(std::string_view text) {
  NamedValues values;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto key = decode(pair.substr(0, equals), true);
    auto value = decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!key || !value) return refuse("a parameter is badly percent-encoded");
    if (key->empty() || key->find('\0') != std::string::npos || value->find('\0') != std::string::npos ||
        !utf8::is_valid(*key) || !utf8::is_valid(*value)) {
      return refuse("a parameter has no name, holds a NUL or is not UTF-8");
    }
    if (values.size() == limits::json_members_max) return refuse("there are more than 200 parameters");
    if (std::ranges::find(values, *key, &NamedValues::value_type::first) != values.end()) {
      return refuse("a parameter is repeated");
    }
    values.emplace_back(*std::move(key), *std::move(value));
  }
  return values;
}

Result<Target> parse_target(std::string_view target, std::string_view host) {
  if (!target.starts_with('/')) {
    const auto rest = strip_origin(target, host);
    if (!rest) return refuse("the request target is neither a path nor a URI of this host");
    target = *rest;
  }
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::string_view raw_path = target.substr(0, mark);
  const std::string_view raw_query = target.substr(std::min(mark + 1, target.size()));
  if (!std::ranges::all_of(raw_query, is_query_char)) return refuse("the query holds a character that must be encoded");
  auto path = raw_path.empty() ? Result<std::string>("/") : parse_path(raw_path);
  if (!path) return std::unexpected(path.error());
  auto query = parse_form(raw_query);
  if (!query) return std::unexpected(query.error());
  return Target{.path = *std::move(path), .query = *std::move(query)};
}

}  // namespace mcp::http
