// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "channels/channel_routes.hpp"

#include <fmt/format.h>

#include "channels/channel_json.hpp"
#include "http/paging.hpp"
#include "http/query_reader.hpp"

namespace mcp::channels {
namespace {

constexpr std::size_t search_code_points_max = 100;

struct ListRequest {
  ChannelQuery query;
  std::string bound_to;
};

Result<std::optional<ChannelPlace>> read_place(const std::optional<http::PlaceInList>& place) {
  if (!place) return std::optional<ChannelPlace>();
  const auto id = ChannelId::parse(place->at(1));
  if (!id) return fail(ErrorCode::bad_request, "The cursor does not belong to this list");
  return ChannelPlace{.key = place->at(0), .id = *id};
}

Result<ListRequest> read_list_request(const http::Call& call) {
  http::QueryReader reader(call.request);
  ListRequest request;
  ChannelQuery& query = request.query;
  if (const auto kind = reader.word("kind", {"public", "private", "direct"})) {
    query.filter.kind = static_cast<ChannelKind>(*kind);
  }
  query.filter.member = reader.boolean("member");
  query.filter.archived = reader.boolean("archived").value_or(false);
  query.filter.search = reader.text("search", search_code_points_max).value_or("");
  query.sort = static_cast<ChannelSort>(reader.word("sort", {"name", "lastActivity"}).value_or(0));
  query.ascending = reader.word("order", {"asc", "desc"}).value_or(0) == 0;
  request.bound_to = fmt::format(
      "channels {} {} {} {} {} {} {}", call.actor->user.text(), query.filter.kind ? name(*query.filter.kind) : "any",
      query.filter.member ? (*query.filter.member ? "yes" : "no") : "any", query.filter.archived,
      static_cast<int>(query.sort), query.ascending, query.filter.search);
  const auto page = http::read_page(reader, request.bound_to, 2);
  if (const auto good = reader.finish(); !good) return std::unexpected(good.error());
  if (!page) return std::unexpected(page.error());
  query.limit = page->limit;
  const auto after = read_place(page->after);
  const auto before = read_place(page->before);
  if (!after) return std::unexpected(after.error());
  if (!before) return std::unexpected(before.error());
  query.after = *after;
  query.before = *before;
  return request;
}

std::optional<std::string> cursor_of(const ListRequest& request, const std::optional<ChannelPlace>& place) {
  if (!place) return std::nullopt;
  return http::encode_cursor(request.bound_to, {place->key, place->id.text()});
}

std::string shown(const Channel& channel, const identity::LiveView& live) {
  return channel_to_json(channel, channel.peer ? live.presence(channel.peer->id) : "offline");
}

Task<Result<http::Response>> get_channels(ChannelService* channels, identity::LiveView live, http::Call call) {
  auto request = read_list_request(call);
  if (!request) co_return std::unexpected(std::move(request.error()));
  auto page = co_await channels->list(*call.actor, request->query);
  if (!page) co_return std::unexpected(std::move(page.error()));

  std::string body = "[";
  for (const auto& channel : page->channels) {
    if (body.size() > 1) body += ',';
    body += shown(channel, live);
  }
  body += ']';
  auto response = http::json_response(200, std::move(body));
  response.headers.emplace_back("X-Total-Count", std::to_string(page->total));
  auto link = http::link_header(call.request,
                                {.next = cursor_of(*request, page->last), .prev = cursor_of(*request, page->first)});
  if (!link.empty()) response.headers.emplace_back("Link", std::move(link));
  co_return response;
}

Task<Result<http::Response>> get_channel(ChannelService* channels, identity::LiveView live, http::Call call) {
  const auto id = ChannelId::parse(call.request.path_parameter("id"));
  if (!id) co_return fail_field("id", FieldCode::format, "Must be a UUID");
  http::QueryReader reader(call.request);
  if (auto good = reader.finish(); !good) co_return std::unexpected(std::move(good.error()));
  auto channel = co_await channels->find(*call.actor, *id);
  if (!channel) co_return std::unexpected(std::move(channel.error()));
  co_return http::json_response(200, shown(*channel, live));
}

}  // namespace

std::vector<http::Route> channel_routes(ChannelService& channels, identity::LiveView live) {
  return {
      {.method = http::Method::get,
       .path = "/api/channels",
       .access = http::Access::permission(Permission::channel_read),
       .tier = http::RateTier::standard,
       .audit = http::AuditEvent::none(),
       .summary = "Channels the caller may see",
       .handler = [service = &channels,
                   live](http::Call call) { return get_channels(service, live, std::move(call)); }},
      {.method = http::Method::get,
       .path = "/api/channels/:id",
       .access = http::Access::session(),
       .tier = http::RateTier::standard,
       .audit = http::AuditEvent::none(),
       .summary = "One channel",
       .handler = [service = &channels, live](http::Call call) { return get_channel(service, live, std::move(call)); }},
  };
}

}  // namespace mcp::channels
