// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "http/request_origin.hpp"

#include <algorithm>
#include <string_view>

#include "core/id.hpp"
#include "core/limits.hpp"
#include "core/utf8.hpp"
#include "http/request_gate.hpp"

namespace mcp::http {
namespace {

constexpr std::size_t request_id_min = 8;

bool is_request_id(std::string_view text) {
  return text.size() >= request_id_min && text.size() <= limits::request_id_max &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                  c == '-';
         });
}

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

// "192.0.2.1:4711", "[2001:db8::1]:4711" and "[2001:db8::1]" name an address, too.
std::string_view without_port(std::string_view hop) {
  if (hop.starts_with('[')) return hop.substr(1, std::min(hop.find(']'), hop.size()) - 1);
  const std::size_t colon = hop.find(':');
  return colon != std::string_view::npos && hop.find(':', colon + 1) == std::string_view::npos ? hop.substr(0, colon)
                                                                                               : hop;
}

// Walks from the nearest hop outwards for as long as the hop that reported the next one is trusted.
std::string client_address(const Request& request, const std::string& peer, const net::AddressRanges& trusted) {
  std::string client = peer;
  for (auto header = request.headers.rbegin(); header != request.headers.rend(); ++header) {
    if (header->first != "x-forwarded-for") continue;
    std::string_view list = header->second;
    while (trusted.contains(client) && !list.empty()) {
      const std::size_t comma = list.rfind(',');
      const auto hop =
          net::canonical_address(without_port(trimmed(list.substr(comma == std::string_view::npos ? 0 : comma + 1))));
      if (!hop) return client;  // no address: nothing further out can be believed
      client = *hop;
      list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
    }
  }
  return client;
}

// Cut before a character that the limit would split; empty when it is no UTF-8 or would break a log line.
std::string user_agent(std::string_view text) {
  text = text.substr(0, limits::user_agent_bytes_max);
  for (int i = 0; i < 4 && !text.empty() && !utf8::is_valid(text); ++i) text.remove_suffix(1);
  return utf8::is_valid(text) ? std::string(text) : std::string();
}

}  // namespace

void identify_origin(Request& request, const std::string& peer_address, bool is_tls,
                     const net::AddressRanges& trusted_proxies) {
  request.is_tls = is_tls;
  request.origin.ip_address = peer_address;
  if (trusted_proxies.contains(peer_address)) {
    request.origin.ip_address = client_address(request, peer_address, trusted_proxies);
    const auto scheme = request.header("x-forwarded-proto");
    if (scheme) request.is_tls = equals_ignoring_case(*scheme, "https");
  }
  request.origin.user_agent = user_agent(request.header("user-agent").value_or(std::string_view()));
  const std::string_view id = request.header("x-request-id").value_or(std::string_view());
  request.origin.request_id = is_request_id(id) ? std::string(id) : Uuid::v7().text();
}

}  // namespace mcp::http
