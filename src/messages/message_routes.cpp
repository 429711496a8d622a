// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "messages/message_routes.hpp"

#include <charconv>
#include <limits>

#include "http/paging.hpp"
#include "http/query_reader.hpp"
#include "messages/message_json.hpp"

namespace mcp::messages {
namespace {

constexpr std::int64_t seq_max = (std::int64_t{1} << 53) - 1;

// A place in a channel's history: the message's seq and the bounds of the list it was seen in (0: none).
struct Cursor {
  std::int64_t seq = 0;
  std::int64_t after_seq = 0;
  std::int64_t before_seq = 0;
};

http::PlaceInList place_of(const Cursor& cursor) {
  return {std::to_string(cursor.seq), std::to_string(cursor.after_seq), std::to_string(cursor.before_seq)};
}

std::optional<Cursor> read_cursor(const http::PlaceInList& place) {
  Cursor cursor;
  std::int64_t* const numbers[] = {&cursor.seq, &cursor.after_seq, &cursor.before_seq};
  for (std::size_t i = 0; i < place.size(); ++i) {
    const auto& text = place[i];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *numbers[i]);
    if (error != std::errc{} || end != text.data() + text.size() || *numbers[i] < 0) return std::nullopt;
  }
  return cursor;
}

struct HistoryRequest {
  HistoryQuery query;
  std::optional<Cursor> after;
  std::optional<Cursor> before;
  std::string bound_to;
};

void refuse_filters_not_offered(http::QueryReader& reader) {
  for (const auto* name :
       {"recipientId", "senderId", "startDate", "endDate", "containsPHI", "flagged", "includeDeleted"}) {
    reader.refuse_if_given(name);
  }
}

// Narrows the query to what lies behind or in front of the cursor, in the order of the list.
Result<> apply_cursors(const http::PageRequest& page, HistoryRequest& request) {
  if (page.after) request.after = read_cursor(*page.after);
  if (page.before) request.before = read_cursor(*page.before);
  if ((page.after && !request.after) || (page.before && !request.before)) {
    return fail(ErrorCode::bad_request, "The cursor does not belong to this list");
  }
  if (!request.after && !request.before) return {};
  if (request.query.after_seq || request.query.before_seq) {
    return fail(ErrorCode::bad_request, "afterSeq and beforeSeq cannot be combined with a cursor");
  }
  const Cursor& cursor = request.after ? *request.after : *request.before;
  if (cursor.after_seq > 0) request.query.after_seq = cursor.after_seq;
  if (cursor.before_seq > 0) request.query.before_seq = cursor.before_seq;
  const bool goes_up = request.query.ascending == request.after.has_value();
  if (goes_up) {
    request.query.after_seq = cursor.seq;
  } else {
    request.query.before_seq = cursor.seq;
  }
  request.query.from_newest = !goes_up;
  return {};
}

Result<HistoryRequest> read_history_request(const http::Call& call) {
  http::QueryReader reader(call.request);
  HistoryRequest request;
  HistoryQuery& query = request.query;
  const auto channel = reader.uuid("channelId");
  if (channel) query.channel = ChannelId(*channel);
  if (!reader.has("channelId")) reader.refuse("channelId", FieldCode::required, "channelId is required");
  query.after_seq = reader.integer("afterSeq", 0, seq_max);
  query.before_seq = reader.integer("beforeSeq", 0, seq_max);
  query.ascending = reader.word("order", {"desc", "asc"}).value_or(0) == 1;
  query.from_newest = !query.ascending;
  refuse_filters_not_offered(reader);
  request.bound_to =
      "messages " + query.channel.text() + (query.ascending ? " asc " : " desc ") + call.actor->user.text();
  const auto page = http::read_page(reader, request.bound_to, 3);
  if (const auto good = reader.finish(); !good) return std::unexpected(good.error());
  if (!page) return std::unexpected(page.error());
  query.limit = page->limit;
  if (const auto good = apply_cursors(*page, request); !good) return std::unexpected(good.error());
  return request;
}

// A page reached by `after` has the cursor's own row in front of it, one reached by `before` has it behind.
http::PageLinks links_of(const HistoryRequest& request, const History& history) {
  http::PageLinks links;
  if (history.messages.empty()) return links;
  const auto* origin = request.after ? &*request.after : request.before ? &*request.before : nullptr;
  const auto cursor_at = [&](std::int64_t seq) {
    const Cursor cursor{.seq = seq,
                        .after_seq = origin ? origin->after_seq : request.query.after_seq.value_or(0),
                        .before_seq = origin ? origin->before_seq : request.query.before_seq.value_or(0)};
    return http::encode_cursor(request.bound_to, place_of(cursor));
  };
  if (request.before || history.has_more) links.next = cursor_at(history.messages.back().seq);
  if (request.after || (request.before && history.has_more)) links.prev = cursor_at(history.messages.front().seq);
  return links;
}

Task<Result<http::Response>> get_history(MessageService* messages, http::Call call) {
  auto request = read_history_request(call);
  if (!request) co_return std::unexpected(std::move(request.error()));
  const UserId caller = call.actor->user;
  auto history = co_await messages->history(*call.actor, request->query);
  if (!history) co_return std::unexpected(std::move(history.error()));

  std::string body = "[";
  for (const auto& message : history->messages) {
    if (body.size() > 1) body += ',';
    body += message_to_json(message, Audience::rest_caller, caller);
  }
  body += ']';
  auto response = http::json_response(200, std::move(body));
  auto link = http::link_header(call.request, links_of(*request, *history));
  if (!link.empty()) response.headers.emplace_back("Link", std::move(link));
  co_return response;
}

// The message as its sender sees it now: what was sent, and what the server added.
Message shown_to_sender(const Actor& actor, const Sent& sent, MessageText text) {
  Message message;
  message.id = sent.id;
  message.channel = sent.channel;
  message.recipient = sent.recipient;
  message.sender = actor.user;
  message.sender_name = actor.username;
  message.seq = sent.seq;
  message.rev = sent.rev;
  message.version = sent.version;
  message.client_message_id = sent.client_message_id;
  message.text = std::move(text);
  message.contains_phi = sent.contains_phi;
  message.metadata = sent.metadata;
  message.timestamp = sent.timestamp;
  return message;
}

Task<Result<http::Response>> post_message(MessageService* messages, http::Call call) {
  auto draft = read_draft(call.request.body);
  if (!draft) co_return std::unexpected(std::move(draft.error()));
  auto text = draft->text.duplicate();
  auto sent = co_await messages->send(*call.actor, std::move(*draft));
  if (!sent) co_return std::unexpected(std::move(sent.error()));
  const auto message = shown_to_sender(*call.actor, *sent, std::move(text));
  auto response =
      http::json_response(sent->repeated ? 200 : 201, message_to_json(message, Audience::rest_caller, message.sender));
  if (!sent->repeated) response.headers.emplace_back("Location", "/api/messages/" + sent->id.text());
  co_return response;
}

}  // namespace

// Permissions are checked by the service, behind membership and in the committing batch, for REST and sockets alike.
std::vector<http::Route> message_routes(MessageService& messages) {
  return {
      {.method = http::Method::get,
       .path = "/api/messages",
       .access = http::Access::session(),
       .tier = http::RateTier::standard,
       .audit = http::AuditEvent::action("phi_access"),
       .summary = "Messages of a channel, newest first unless order=asc",
       .handler = [service = &messages](http::Call call) { return get_history(service, std::move(call)); }},
      {.method = http::Method::post,
       .path = "/api/messages",
       .access = http::Access::session(),
       .tier = http::RateTier::standard,
       .audit = http::AuditEvent::action("message_sent"),
       .summary = "Send a message to a channel or to a person",
       .handler = [service = &messages](http::Call call) { return post_message(service, std::move(call)); }},
  };
}

}  // namespace mcp::messages
