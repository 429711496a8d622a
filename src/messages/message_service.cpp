// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "messages/message_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "audit/events.hpp"
#include "core/limits.hpp"
#include "core/utf8.hpp"
#include "crypto/digest.hpp"
#include "crypto/envelope.hpp"
#include "messages/mentions.hpp"
#include "messages/message_json.hpp"
#include "messages/read_unit.hpp"
#include "messages/send_unit.hpp"

namespace mcp::messages {
namespace {

bool has_forbidden_control(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r'; });
}

bool is_client_message_id(std::string_view key) {
  constexpr auto is_allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == ':' || c == '-';
  };
  return !key.empty() && key.size() <= limits::client_message_id_max && std::ranges::all_of(key, is_allowed);
}

crypto::Sha256 body_mac(const crypto::Keyring& keys, const Draft& draft, ChannelId channel, UserId sender) {
  const auto key = keys.active(crypto::KeyPurpose::mac);
  if (!key) throw crypto::Fault("no active data key");
  const Secret body = body_to_compare(draft, channel, sender);
  return crypto::hmac_sha256(key->key->bytes(), body.reveal());
}

crypto::Place place_of(const Message& message, crypto::Purpose purpose) {
  return {.purpose = purpose,
          .subject = message.id.uuid(),
          .channel = message.channel.uuid(),
          .owner = message.sender.uuid(),
          .seq = static_cast<std::uint64_t>(message.seq),
          .version = static_cast<std::uint32_t>(message.version)};
}

// Opens text and metadata of one stored message and writes down what happened in `opened`.
Message open_message(const crypto::Keyring& keys, StoredMessage stored, Opened& opened) {
  Message message = std::move(stored.message);
  if (message.deleted) {  // a tombstone keeps its place and nothing of its content
    message.has_text = false;
    message.metadata = "{}";
    return message;
  }
  auto text =
      crypto::open_envelope(keys, place_of(message, crypto::Purpose::message_text), stored.encrypted_text.value_or(""));
  if (text) {
    message.text = MessageText(std::string(text->reveal()));
    opened.seqs.push_back(message.seq);
  }
  message.has_text = text.has_value();
  message.decryption_error = !text;

  std::optional<Secret> metadata;
  if (stored.encrypted_metadata) {
    metadata =
        crypto::open_envelope(keys, place_of(message, crypto::Purpose::message_metadata), *stored.encrypted_metadata);
    message.metadata = metadata ? std::string(metadata->reveal()) : "{}";
  }
  if (!text || (stored.encrypted_metadata && !metadata)) {
    opened.failed.push_back({.message = message.id, .key = stored.text_key});
  }
  return message;
}

}  // namespace

MessageService::MessageService(db::Database& database, ledger::Ledger& ledger, crypto::Keyring& keys,
                               realtime::Hub& hub, MessageSettings settings)
    : store_(database),
      direct_channels_(database, ledger),
      ledger_(ledger),
      keys_(keys),
      hub_(hub),
      settings_(settings) {}

Result<> MessageService::check_draft(const Draft& draft) const {
  if (draft.channel && draft.recipient) {
    return fail(ErrorCode::bad_request, "Give exactly one of channelId and recipientId");
  }
  if (!draft.channel && !draft.recipient) {
    return fail_field("channelId", FieldCode::required, "channelId or recipientId is required");
  }
  const auto text = draft.text.reveal();
  if (!utf8::is_valid(text) || has_forbidden_control(text)) {
    return fail_field("text", FieldCode::format, "Text may hold no control character but TAB, LF and CR");
  }
  if (!utf8::has_visible(text)) return fail_field("text", FieldCode::too_short, "Text must not be blank");
  if (utf8::code_points(text) > settings_.text_code_points_max) {
    return fail_field("text", FieldCode::too_long,
                      fmt::format("Text is longer than {} characters", settings_.text_code_points_max));
  }
  if (draft.metadata && draft.metadata->size() > limits::metadata_bytes_max) {
    return fail_field("metadata", FieldCode::too_long, "Metadata is larger than 4 KiB");
  }
  if (draft.client_message_id && !is_client_message_id(*draft.client_message_id)) {
    return fail_field("clientMessageId", FieldCode::format, "1 to 64 characters of A-Z a-z 0-9 . _ : -");
  }
  return {};
}

Task<Result<Sent>> MessageService::send(Actor actor, Draft draft) {
  if (auto good = check_draft(draft); !good) co_return std::unexpected(std::move(good.error()));
  if (draft.recipient) {
    const auto direct = co_await direct_channels_.open(actor, *draft.recipient, send_operation);
    if (!direct) co_return std::unexpected(direct.error());
    draft.channel = direct->id;
  }
  std::optional<crypto::Sha256> mac;
  if (draft.client_message_id) mac = body_mac(keys_, draft, *draft.channel, actor.user);
  auto mentioned = mentioned_names(draft.text.reveal());
  const auto unit =
      std::make_shared<SendUnit>(std::move(actor), std::move(draft), std::move(mentioned), mac, keys_, hub_);
  co_await ledger_.commit(unit);
  co_return unit->answer();
}

Task<Result<History>> MessageService::history(Actor actor, HistoryQuery query) {
  const auto access = co_await store_.content_access(query.channel, actor.user);
  if (!access.is_member) {
    // Who may open emergency access learns that there is something to open; everybody else that there is nothing.
    const bool needs_reason = access.channel_exists && actor.permissions.has(Permission::admin_messages);
    co_await record_refused_read(actor, needs_reason ? "reason_required" : "not_member", query.channel);
    if (needs_reason) co_return fail_recorded(ErrorCode::reason_required, "Open emergency access first");
    co_return fail_recorded(ErrorCode::not_found, "Not found");
  }
  if (!actor.permissions.has(Permission::message_read)) {
    const auto entry =
        audit::permission_denied(actor, read_operation, mcp::name(Permission::message_read), query.channel.uuid());
    co_await ledger_.commit(std::make_shared<ledger::AuditUnit>(entry));
    co_return fail_recorded(ErrorCode::forbidden, "Permission is missing");
  }

  const auto limit = std::clamp<std::size_t>(query.limit, 1, limits::page_size_max);
  auto rows = co_await store_.page({.channel = query.channel,
                                    .reader = actor.user,
                                    .after_seq = query.after_seq.value_or(0),
                                    .before_seq = query.before_seq.value_or(std::numeric_limits<std::int64_t>::max()),
                                    .from_newest = query.from_newest,
                                    .limit = static_cast<std::int64_t>(limit) + 1});
  History history;
  history.has_more = rows.size() > limit;
  if (history.has_more) rows.erase(query.from_newest ? rows.begin() : rows.end() - 1);
  rows = co_await store_.with_reactions(std::move(rows), actor.user);

  Opened opened;
  history.messages.reserve(rows.size());
  for (auto& stored : rows) history.messages.push_back(open_message(keys_, std::move(stored), opened));
  if (!opened.seqs.empty() || !opened.failed.empty()) {
    const auto unit = std::make_shared<ReadUnit>(std::move(actor), query.channel, std::move(opened));
    co_await ledger_.commit(unit);
    if (auto allowed = unit->answer(); !allowed) co_return std::unexpected(std::move(allowed.error()));
  }
  if (!query.ascending) std::ranges::reverse(history.messages);
  co_return history;
}

Task<> MessageService::record_refused_read(Actor actor, std::string_view reason, ChannelId channel) {
  co_await ledger_.commit(
      std::make_shared<ledger::AuditUnit>(audit::access_denied(actor, read_operation, reason, channel.uuid())));
}

}  // namespace mcp::messages
