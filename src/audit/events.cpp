// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "audit/events.hpp"

#include <algorithm>

#include "core/check.hpp"
#include "core/json.hpp"
#include "core/limits.hpp"

namespace mcp::audit {
namespace {

constexpr bool always_critical = true;
constexpr bool not_critical = false;
constexpr bool change = true;
constexpr bool read = false;  // reads, logins and what merely happened

// contract-rest 9.3, in its order. Three are critical in some cases only: audit_verified when not ok, channel_updated
// when isPrivate or archived changes, message_deleted unless own; their callers use critical().
constexpr Action actions[] = {
    // server
    {"server_started", always_critical, change},
    {"server_stopped", always_critical, change},
    {"migration_applied", always_critical, change},
    {"backup_recorded", always_critical, change},
    {"backup_restored", always_critical, change},
    {"data_purged", always_critical, change},
    {"api_error", not_critical, read},
    {"websocket_error", not_critical, read},
    {"rate_limit_exceeded", not_critical, read},
    // audit
    {"audit_chain_started", always_critical, change},
    {"audit_exported", always_critical, read},
    {"audit_verified", not_critical, read},
    {"audit_read", not_critical, read},
    // sign-in
    {"login_success", not_critical, read},
    {"logout", not_critical, read},
    {"token_refreshed", not_critical, read},
    {"session_expired", not_critical, read},
    {"password_hash_upgraded", not_critical, change},
    {"password_reset_requested", not_critical, change},
    {"two_factor_enrol_started", not_critical, change},
    {"recovery_codes_generated", not_critical, change},
    {"authentication_failure", always_critical, read},
    {"account_locked", always_critical, change},
    {"session_reuse_detected", always_critical, change},
    {"sessions_terminated", always_critical, change},
    {"password_changed", always_critical, change},
    {"password_change_failed", always_critical, change},
    {"password_reset", always_critical, change},
    {"password_reset_failed", always_critical, change},
    {"password_overridden", always_critical, change},
    {"two_factor_enabled", always_critical, change},
    {"two_factor_disabled", always_critical, change},
    {"two_factor_reset", always_critical, change},
    // access
    {"authorization_failure", always_critical, read},
    {"emergency_access", always_critical, change},
    {"emergency_access_ended", always_critical, change},
    // users
    {"user_registered", not_critical, change},
    {"user_created", not_critical, change},
    {"user_updated", not_critical, change},
    {"users_listed", not_critical, read},
    {"user_viewed", not_critical, read},
    {"users_searched", not_critical, read},
    {"sessions_viewed", not_critical, read},
    {"connections_viewed", not_critical, read},
    {"account_unlocked", not_critical, change},
    {"notification_preferences_updated", not_critical, change},
    {"notification_preference_deleted", not_critical, change},
    {"user_approved", always_critical, change},
    {"user_status_changed", always_critical, change},
    {"user_role_changed", always_critical, change},
    {"user_deleted", always_critical, change},
    // roles
    {"role_created", always_critical, change},
    {"role_updated", always_critical, change},
    {"role_deleted", always_critical, change},
    // channels
    {"channel_created", not_critical, change},
    {"direct_channel_created", not_critical, change},
    {"channel_joined", not_critical, change},
    {"channel_left", not_critical, change},
    {"channel_updated", not_critical, change},
    {"channel_archived", always_critical, change},
    {"channel_deleted", always_critical, change},
    {"channel_member_added", always_critical, change},
    {"channel_role_changed", always_critical, change},
    {"channel_member_removed", always_critical, change},
    // messages
    {"message_sent", not_critical, change},
    {"message_edited", not_critical, change},
    {"reaction_added", not_critical, change},
    {"reaction_removed", not_critical, change},
    {"message_flagged", not_critical, change},
    {"message_unflagged", not_critical, change},
    {"message_deleted", not_critical, change},
    {"phi_access", always_critical, read},
    {"decryption_failed", always_critical, read},
    {"content_export", always_critical, read},
    // real time
    {"websocket_connected", not_critical, read},
    {"websocket_disconnected", not_critical, read},
    {"unauthorized_broadcast_attempt", always_critical, read},
    {"connection_disconnected", always_critical, change},
    {"system_broadcast", not_critical, change},
    // settings, keys
    {"settings_changed", always_critical, change},
    {"rate_limit_cleared", always_critical, change},
    {"key_rotated", always_critical, change},
    {"root_key_rotated", always_critical, change},
    {"key_retired", always_critical, change},
};

ledger::Severity severity_of(const Action& action, ledger::Outcome outcome) {
  if (action.critical) return ledger::Severity::critical;
  if (outcome != ledger::Outcome::success) return ledger::Severity::warning;
  return action.is_change ? ledger::Severity::notice : ledger::Severity::info;
}

ledger::Entry make_entry(std::string_view name, std::optional<UserId> user, std::optional<SessionId> session,
                         const Origin& origin, const Details& details, ledger::Outcome outcome) {
  const Action& known = action(name);
  std::string text = details.text();
  CHECK(text.size() <= limits::audit_details_bytes_max);
  return {.action = known.name,
          .severity = severity_of(known, outcome),
          .outcome = outcome,
          .user = user,
          .session = session,
          .origin = origin,
          .details = std::move(text)};
}

// Where the actor asked: the member name differs between the two ways in.
Details at(const Actor& actor, Operation operation) {
  Details details;
  return actor.via == Via::websocket ? details.word("frameType", operation.frame_type)
                                     : details.word("route", operation.route);
}

}  // namespace

Details& Details::word(std::string_view member, std::string_view value) { return json(member, json::quoted(value)); }
Details& Details::number(std::string_view member, std::int64_t value) {
  constexpr std::int64_t exact_max = (std::int64_t{1} << 53) - 1;  // contract-data 5.1: JSONB gives back the same bytes
  CHECK(value >= -exact_max && value <= exact_max);
  return json(member, std::to_string(value));
}
Details& Details::flag(std::string_view member, bool value) { return json(member, value ? "true" : "false"); }
Details& Details::null(std::string_view member) { return json(member, "null"); }

Details& Details::json(std::string_view member, std::string canonical) {
  members_.insert_or_assign(std::string(member), std::move(canonical));
  return *this;
}

// Member names are ASCII words of ours, so the map's byte order is RFC 8785's order of UTF-16 code units.
std::string Details::text() const {
  std::string text = "{";
  for (const auto& [member, value] : members_) {
    if (text.size() > 1) text += ',';
    text += json::quoted(member);
    text += ':';
    text += value;
  }
  return text += '}';
}

const Action& action(std::string_view name) {
  const auto found = std::ranges::find(actions, name, &Action::name);
  CHECK(found != std::ranges::end(actions));
  return *found;
}

const std::vector<Action>& all_actions() {
  static const std::vector<Action> all(std::ranges::begin(actions), std::ranges::end(actions));
  return all;
}

ledger::Entry entry(std::string_view action, const Actor& actor, Details details, ledger::Outcome outcome) {
  return make_entry(action, actor.user, actor.session, actor.origin, details, outcome);
}

ledger::Entry entry(std::string_view action, std::optional<UserId> user, const Origin& origin, Details details,
                    ledger::Outcome outcome) {
  return make_entry(action, user, std::nullopt, origin, details, outcome);
}

ledger::Entry server_entry(std::string_view action, Details details) {
  return make_entry(action, std::nullopt, std::nullopt, Origin{}, details, ledger::Outcome::success);
}

ledger::Entry critical(ledger::Entry entry) {
  entry.severity = ledger::Severity::critical;
  return entry;
}

std::string_view name(Via via) { return via == Via::websocket ? "websocket" : "rest"; }

ledger::Entry permission_denied(const Actor& actor, Operation operation, std::string_view lacking,
                                std::optional<Uuid> target) {
  Details details = at(actor, operation).word("permission", lacking);
  if (target) details.word("targetId", target->text());
  return entry("authorization_failure", actor, std::move(details), ledger::Outcome::denied);
}

ledger::Entry access_denied(const Actor& actor, Operation operation, std::string_view reason,
                            std::optional<Uuid> target) {
  Details details = at(actor, operation).word("reason", reason);
  if (target) details.word("targetId", target->text());
  return entry("authorization_failure", actor, std::move(details), ledger::Outcome::denied);
}

ledger::Entry session_refused(const Actor& actor, Operation operation, std::string_view reason) {
  Details details;
  details.word("reason", reason);
  if (actor.via == Via::websocket) {
    details.word("transport", "websocket");
  } else {
    details.word("route", operation.route);
  }
  return entry("authentication_failure", actor, std::move(details), ledger::Outcome::failure);
}

Details phi_access(std::string_view via, const std::vector<ChannelRanges>& channels) {
  std::string list = "[";
  for (const auto& [channel, ranges, count] : channels) {
    if (list.size() > 1) list += ',';
    list += R"({"channelId":)" + json::quoted(channel.text());
    list += R"(,"count":)" + (count ? std::to_string(*count) : "null");
    list += R"(,"seqRanges":[)";
    for (bool is_first = true; const auto& [first, last] : ranges) {
      if (!std::exchange(is_first, false)) list += ',';
      list += '[' + std::to_string(first) + ',' + (last ? std::to_string(*last) : "null") + ']';
    }
    list += "]}";
  }
  list += ']';
  return Details().word("via", via).json("channels", std::move(list));
}

std::vector<std::pair<std::int64_t, std::optional<std::int64_t>>> to_ranges(
    const std::vector<std::int64_t>& ascending) {
  std::vector<std::pair<std::int64_t, std::optional<std::int64_t>>> ranges;
  for (const auto number : ascending) {
    if (!ranges.empty() && *ranges.back().second + 1 == number) {
      ranges.back().second = number;
    } else {
      ranges.emplace_back(number, number);
    }
  }
  return ranges;
}

}  // namespace mcp::audit
