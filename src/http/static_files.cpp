// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "http/static_files.hpp"

#include <string>
#include <utility>

#include "http/request_gate.hpp"

namespace mcp::http {
namespace {

// Elements are compared without their "W/": what is embedded is the same either way (RFC 9110 section 13.1.2).
bool matches_entity_tag(std::string_view list, std::string_view entity_tag) {
  return list == "*" || list_has_token(list, entity_tag) || list_has_token(list, "W/" + std::string(entity_tag));
}

// A client that refuses gzip by "q=0" gets the plain file, since the token is compared whole.
bool accepts_gzip(const Request& request) {
  return list_has_token(request.header("accept-encoding").value_or(std::string_view()), "gzip");
}

Task<Result<Response>> serve(const StaticFile* file, Call call) {
  Response response;
  response.content_type = file->content_type;
  response.headers.emplace_back("ETag", file->entity_tag);
  response.headers.emplace_back("Cache-Control",
                                file->is_immutable ? "public, max-age=31536000, immutable" : "no-store");
  if (!file->gzip.empty()) response.headers.emplace_back("Vary", "Accept-Encoding");
  if (matches_entity_tag(call.request.header("if-none-match").value_or(std::string_view()), file->entity_tag)) {
    response.status = 304;
    co_return response;
  }
  const bool is_compressed = !file->gzip.empty() && accepts_gzip(call.request);
  if (is_compressed) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = is_compressed ? file->gzip : file->bytes;
  co_return response;
}

}  // namespace

std::vector<Route> static_routes(std::span<const StaticFile> files) {
  std::vector<Route> routes;
  for (const StaticFile& file : files) {
    routes.push_back(Route{.method = Method::get,
                           .path = file.path,
                           .access = Access::anyone(),
                           .tier = RateTier::none,
                           .audit = AuditEvent::none(),
                           .summary = "A file of the web pages",
                           .handler = [entry = &file](Call call) { return serve(entry, std::move(call)); }});
  }
  return routes;
}

}  // namespace mcp::http
