// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "audit/events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace mcp::audit {
namespace {

using ledger::Outcome;
using ledger::Severity;

struct ListedAction {
  std::string_view name;
  bool critical;
};

// The contract's table (contract-rest 9.3), written down a second time: an action that is missing, doubled, misspelt or
// of another criticality in the code is an action that auditors would not find.
constexpr ListedAction contract_table[] = {
    {"server_started", true},
    {"server_stopped", true},
    {"migration_applied", true},
    {"backup_recorded", true},
    {"backup_restored", true},
    {"data_purged", true},
    {"api_error", false},
    {"websocket_error", false},
    {"rate_limit_exceeded", false},
    {"audit_chain_started", true},
    {"audit_exported", true},
    {"audit_verified", false},
    {"audit_read", false},
    {"login_success", false},
    {"logout", false},
    {"token_refreshed", false},
    {"session_expired", false},
    {"password_hash_upgraded", false},
    {"password_reset_requested", false},
    {"two_factor_enrol_started", false},
    {"recovery_codes_generated", false},
    {"authentication_failure", true},
    {"account_locked", true},
    {"session_reuse_detected", true},
    {"sessions_terminated", true},
    {"password_changed", true},
    {"password_change_failed", true},
    {"password_reset", true},
    {"password_reset_failed", true},
    {"password_overridden", true},
    {"two_factor_enabled", true},
    {"two_factor_disabled", true},
    {"two_factor_reset", true},
    {"authorization_failure", true},
    {"emergency_access", true},
    {"emergency_access_ended", true},
    {"user_registered", false},
    {"user_created", false},
    {"user_updated", false},
    {"users_listed", false},
    {"user_viewed", false},
    {"users_searched", false},
    {"sessions_viewed", false},
    {"connections_viewed", false},
    {"account_unlocked", false},
    {"notification_preferences_updated", false},
    {"notification_preference_deleted", false},
    {"user_approved", true},
    {"user_status_changed", true},
    {"user_role_changed", true},
    {"user_deleted", true},
    {"role_created", true},
    {"role_updated", true},
    {"role_deleted", true},
    {"channel_created", false},
    {"direct_channel_created", false},
    {"channel_joined", false},
    {"channel_left", false},
    {"channel_updated", false},
    {"channel_archived", true},
    {"channel_deleted", true},
    {"channel_member_added", true},
    {"channel_role_changed", true},
    {"channel_member_removed", true},
    {"message_sent", false},
    {"message_edited", false},
    {"reaction_added", false},
    {"reaction_removed", false},
    {"message_flagged", false},
    {"message_unflagged", false},
    {"message_deleted", false},
    {"phi_access", true},
    {"decryption_failed", true},
    {"content_export", true},
    {"websocket_connected", false},
    {"websocket_disconnected", false},
    {"unauthorized_broadcast_attempt", true},
    {"connection_disconnected", true},
    {"system_broadcast", false},
    {"settings_changed", true},
    {"rate_limit_cleared", true},
    {"key_rotated", true},
    {"root_key_rotated", true},
    {"key_retired", true},
};

Actor someone(Via via) {
  Actor actor;
  actor.user = UserId(Uuid::v4());
  actor.session = SessionId(Uuid::v7());
  actor.origin = {.ip_address = "192.0.2.7", .user_agent = "test", .request_id = "r-1"};
  actor.via = via;
  return actor;
}

TEST(AuditEvents, HoldsExactlyTheActionsOfTheContractTable) {
  std::set<std::string_view> expected;
  for (const auto& listed : contract_table) {
    expected.insert(listed.name);
    EXPECT_EQ(action(listed.name).critical, listed.critical) << listed.name;
  }
  std::set<std::string_view> present;
  for (const auto& known : all_actions()) EXPECT_TRUE(present.insert(known.name).second) << known.name << " twice";
  EXPECT_EQ(present, expected);
}

TEST(AuditEvents, EndsTheProcessForAnActionOutsideTheList) {
  // An action nobody filters for would be lost to auditors, so a misspelling must not survive its first test run.
  EXPECT_DEATH(action("message_sended"), "");
}

TEST(AuditEvents, SeverityFollowsCriticalityOutcomeAndKind) {
  const Actor actor = someone(Via::rest);
  EXPECT_EQ(entry("message_sent", actor, {}).severity, Severity::notice);
  EXPECT_EQ(entry("login_success", actor, {}).severity, Severity::info);
  EXPECT_EQ(entry("audit_read", actor, {}, Outcome::denied).severity, Severity::warning);
  EXPECT_EQ(entry("phi_access", actor, {}).severity, Severity::critical);
  EXPECT_EQ(entry("authorization_failure", actor, {}, Outcome::denied).severity, Severity::critical);
  EXPECT_EQ(critical(entry("message_deleted", actor, {})).severity, Severity::critical);
}

TEST(AuditEvents, DetailsAreCanonicalJsonWhateverTheOrderOfTheCalls) {
  const Details details = Details().word("zeta", "a\"b\\\n").number("seq", 42).flag("own", false).null("accessId");
  EXPECT_EQ(details.text(), R"({"accessId":null,"own":false,"seq":42,"zeta":"a\"b\\\n"})");
  EXPECT_EQ(Details().text(), "{}");
}

TEST(AuditEvents, PhiAccessNamesRangesAndLeavesTheCountOfLiveDeliveryOpen) {
  const ChannelId channel = *ChannelId::parse("00000000-0000-0000-0000-000000000001");
  EXPECT_EQ(phi_access("live", {{channel, {{7, std::nullopt}}, std::nullopt}}).text(),
            R"({"channels":[{"channelId":"00000000-0000-0000-0000-000000000001","count":null,"seqRanges":[[7,null]]}],)"
            R"("via":"live"})");
  EXPECT_EQ(phi_access("fetch", {{channel, {{1, 3}, {9, 9}}, 4}}).text(),
            R"({"channels":[{"channelId":"00000000-0000-0000-0000-000000000001","count":4,"seqRanges":[[1,3],[9,9]]}],)"
            R"("via":"fetch"})");
}

TEST(AuditEvents, RangesCoverExactlyTheNumbersGiven) {
  using Range = std::pair<std::int64_t, std::optional<std::int64_t>>;
  EXPECT_THAT(to_ranges({}), testing::IsEmpty());
  EXPECT_THAT(to_ranges({3, 4, 5, 9}), testing::ElementsAre(Range{3, 5}, Range{9, 9}));
  EXPECT_THAT(to_ranges({1, 3, 5}), testing::ElementsAre(Range{1, 1}, Range{3, 3}, Range{5, 5}));
}

TEST(AuditEvents, RefusalsNameTheRouteOrTheFrameAndTheTarget) {
  const Operation send{.route = "POST /api/messages", .frame_type = "send_message"};
  const Uuid target = *Uuid::parse("00000000-0000-0000-0000-000000000002");
  const auto by_frame = permission_denied(someone(Via::websocket), send, "message.create", target);
  EXPECT_EQ(by_frame.details, R"({"frameType":"send_message","permission":"message.create",)"
                              R"("targetId":"00000000-0000-0000-0000-000000000002"})");
  EXPECT_EQ(by_frame.outcome, Outcome::denied);
  EXPECT_EQ(by_frame.severity, Severity::critical);
  const auto by_route = access_denied(someone(Via::rest), send, "not_member", std::nullopt);
  EXPECT_EQ(by_route.details, R"({"reason":"not_member","route":"POST /api/messages"})");
  const auto dead = session_refused(someone(Via::rest), send, "session_ended");
  EXPECT_EQ(dead.action, "authentication_failure");
  EXPECT_EQ(dead.details, R"({"reason":"session_ended","route":"POST /api/messages"})");
}

TEST(AuditEvents, EntriesOfAnActorCarryWhoWhereAndWhichRequest) {
  const Actor actor = someone(Via::rest);
  const auto made = entry("message_sent", actor, {});
  EXPECT_EQ(made.user, actor.user);
  EXPECT_EQ(made.session, actor.session);
  EXPECT_EQ(made.origin.ip_address, "192.0.2.7");
  EXPECT_EQ(made.origin.request_id, "r-1");
  EXPECT_FALSE(server_entry("server_stopped", {}).user);
}

}  // namespace
}  // namespace mcp::audit
