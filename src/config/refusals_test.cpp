// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "config/refusals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "config/test_home.hpp"

namespace mcp::config {

namespace {

using namespace testing_home;

// Protects contract-config 3, one refusal a row: `set` is added to a good configuration.
struct RefusalCase {
  const char* name;
  bool production;
  Variables set;
  const char* problem;  // how a line of problems() begins; "" = accepted
};
void PrintTo(const RefusalCase& refusal, std::ostream* out) { *out << refusal.name; }

class ConfigRefusal : public TestHome, public testing::WithParamInterface<RefusalCase> {};

TEST_P(ConfigRefusal, IsGivenByName) {
  if (GetParam().production) be_in_production();
  for (const auto& [name, value] : GetParam().set) environment_[name] = value;
  const std::string expected = GetParam().problem;
  const auto found = problems();
  if (expected.empty()) {
    EXPECT_EQ(found, "");
  } else {
    EXPECT_TRUE(found.starts_with(expected) || found.contains("\n" + expected)) << found;
    EXPECT_EQ(std::ranges::count(found, '\n'), 1) << found;
  }
}

const Variables external{
    {"DB_HOST", "localhost"}, {"DB_NAME", "mcp"}, {"DB_USER", "mcp"}, {"DB_PASSWORD", "Vq8-tRw2_Zk5"}};
Variables external_with(Variables more) {
  more.insert(external.begin(), external.end());
  return more;
}

INSTANTIATE_TEST_SUITE_P(
    Always, ConfigRefusal,
    testing::Values(
        RefusalCase{"no_jwt_secret", false, {{"JWT_SECRET", ""}}, "JWT_SECRET: is required"},
        RefusalCase{"no_encryption_key", false, {{"ENCRYPTION_KEY", ""}}, "ENCRYPTION_KEY: is required"},
        RefusalCase{"no_metadata_key", false, {{"METADATA_KEY", ""}}, "METADATA_KEY: is required"},
        RefusalCase{"token_secret",
                    false,
                    {{"JWT_SECRET", ""}, {"TOKEN_SECRET", jwt_secret}},
                    "JWT_SECRET: is required; TOKEN_SECRET is set, but that name is not read: call it JWT_SECRET"},
        RefusalCase{"token_secret_beside", false, {{"TOKEN_SECRET", "x"}}, ""},
        RefusalCase{"short_jwt_secret",
                    false,
                    {{"JWT_SECRET", std::string(31, 'x')}},
                    "JWT_SECRET: must have at least 32 bytes"},
        RefusalCase{"jwt_secret_of_32", false, {{"JWT_SECRET", std::string(32, 'x')}}, ""},
        RefusalCase{"short_previous",
                    false,
                    {{"JWT_SECRET_PREVIOUS", "x"}},
                    "JWT_SECRET_PREVIOUS: must have at least 32 bytes"},
        RefusalCase{"same_previous",
                    false,
                    {{"JWT_SECRET_PREVIOUS", jwt_secret}},
                    "JWT_SECRET_PREVIOUS: must differ from JWT_SECRET"},
        RefusalCase{"key_of_31_bytes",
                    false,
                    {{"ENCRYPTION_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg=="}},
                    "ENCRYPTION_KEY: must be standard base64 of exactly 32 bytes"},
        RefusalCase{
            "key_in_hex", false, {{"METADATA_KEY", std::string(64, 'a')}}, "METADATA_KEY: must be standard base64"},
        RefusalCase{"key_in_base64url",
                    false,
                    {{"METADATA_KEY", "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj-="}},
                    "METADATA_KEY: must be standard base64"},
        RefusalCase{"key_with_spare_bits",
                    false,
                    {{"METADATA_KEY", "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj9="}},
                    "METADATA_KEY: must be standard base64"},
        RefusalCase{
            "equal_keys", false, {{"METADATA_KEY", encryption_key}}, "METADATA_KEY: must differ from ENCRYPTION_KEY"},
        RefusalCase{
            "key_as_jwt_secret", false, {{"JWT_SECRET", metadata_key}}, "METADATA_KEY: must differ from JWT_SECRET"},
        RefusalCase{"next_key_equal_is_not_read", false, {{"ENCRYPTION_KEY_NEXT", encryption_key}}, ""},
        RefusalCase{"provider_file_with_keys",
                    false,
                    {{"KEY_PROVIDER", "file"}, {"METADATA_KEY", ""}},
                    "ENCRYPTION_KEY: must not be set while KEY_PROVIDER is file"},
        RefusalCase{
            "provider_file", false, {{"KEY_PROVIDER", "file"}, {"METADATA_KEY", ""}, {"ENCRYPTION_KEY", ""}}, ""},
        RefusalCase{"database_without_password",
                    false,
                    {{"DB_HOST", "db.example"}},
                    "DB_PASSWORD: is required with an external database"},
        RefusalCase{
            "database_port_alone", false, {{"DB_PORT", "5433"}}, "DB_PASSWORD: is required with an external database"},
        RefusalCase{"database_pool_alone", false, {{"DB_MAX_CONNECTIONS", "30"}}, ""},
        RefusalCase{"database_on_a_socket", false, {{"DB_HOST", "/run/postgresql"}}, ""},
        RefusalCase{"database_of_the_documents", false, {{"DB_PASSWORD", "x"}}, ""},
        RefusalCase{"owner_without_password", false, {{"DB_PASSWORD", "x"}, {"DB_MIGRATION_USER", "owner"}}, ""},
        RefusalCase{
            "pool_upside_down", false, {{"DB_MIN_CONNECTIONS", "30"}}, "DB_MIN_CONNECTIONS: must not be greater than"},
        RefusalCase{"nobody_authenticated_abroad",
                    false,
                    {{"AUTHENTICATE_USERS", "false"}, {"HOST", "0.0.0.0"}},
                    "AUTHENTICATE_USERS: may be false only while HOST is loopback"},
        RefusalCase{"nobody_authenticated_in_test",
                    false,
                    {{"AUTHENTICATE_USERS", "false"}, {"NODE_ENV", "test"}},
                    "AUTHENTICATE_USERS: may be false only in development"},
        RefusalCase{"nobody_authenticated_here", false, {{"AUTHENTICATE_USERS", "false"}}, ""},
        RefusalCase{"any_origin",
                    false,
                    {{"CORS_ORIGINS", "https://a.example,*"}},
                    "CORS_ORIGINS: must name each origin; * is refused"},
        RefusalCase{"origin_with_path",
                    false,
                    {{"CORS_ORIGINS", "https://a.example/"}},
                    "CORS_ORIGINS: must be a comma list of origins"},
        RefusalCase{"bad_network",
                    false,
                    {{"ALLOWED_NETWORK_RANGE", "10.0.0.0/33"}},
                    "ALLOWED_NETWORK_RANGE: must be a comma list of networks"},
        RefusalCase{"redirect_alone",
                    false,
                    {{"HTTP_REDIRECT_PORT", "8080"}, {"PUBLIC_URL", "https://chat.example"}},
                    "HTTP_REDIRECT_PORT: needs TLS_CERT_FILE"},
        RefusalCase{"heartbeat_too_rare",
                    false,
                    {{"HEARTBEAT_INTERVAL", "120000"}},
                    "HEARTBEAT_INTERVAL: must be shorter than"},
        RefusalCase{"queue_below_two_frames",
                    false,
                    {{"WS_MAX_FRAME_BYTES", "1048576"}},
                    "WS_SEND_QUEUE_BYTES: must hold at least two"},
        RefusalCase{"message_beyond_a_frame",
                    false,
                    {{"WS_MAX_FRAME_BYTES", "8192"}},
                    "MAX_MESSAGE_LENGTH: must fit one frame"},
        RefusalCase{
            "idle_beyond_session", false, {{"ADMIN_SESSION_MINUTES", "20"}}, "ADMIN_IDLE_MINUTES: must not be greater"},
        RefusalCase{"webhook_without_secret",
                    false,
                    {{"ALERT_WEBHOOK_URL", "https://a.example/x"}},
                    "ALERT_WEBHOOK_SECRET: is required"},
        RefusalCase{"webhook_in_the_clear",
                    false,
                    {{"CHECKPOINT_WEBHOOK_URL", "http://a.example/x"}},
                    "CHECKPOINT_WEBHOOK_URL: must be an https://"},
        RefusalCase{"webhook_to_loopback", false, {{"CHECKPOINT_WEBHOOK_URL", "http://[::1]:8080/x"}}, ""},
        RefusalCase{"smtp_without_url",
                    false,
                    {{"NOTIFIER", "smtp"}, {"SMTP_FROM", "chat@example.org"}},
                    "SMTP_URL: is required"},
        RefusalCase{"retention_too_short",
                    false,
                    {{"MESSAGE_RETENTION_DAYS", "365"}},
                    "MESSAGE_RETENTION_DAYS: must be a whole number, 0 or from 2192"},
        RefusalCase{
            "admin_name", false, {{"INITIAL_ADMIN_USERNAME", "a b"}}, "INITIAL_ADMIN_USERNAME: must be 3 to 50"},
        RefusalCase{"session_too_long", false, {{"JWT_EXPIRES_IN", "8d"}}, "JWT_EXPIRES_IN: must be seconds or"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Production, ConfigRefusal,
    testing::Values(
        RefusalCase{"good", true, {}, ""}, RefusalCase{"good_external", true, external, ""},
        RefusalCase{"host_not_given",
                    true,
                    {{"DB_NAME", "mcp"}, {"DB_USER", "mcp"}, {"DB_PASSWORD", "Vq8-tRw2_Zk5"}},
                    "DB_HOST: must be given in production"},
        RefusalCase{"name_not_given",
                    true,
                    {{"DB_HOST", "localhost"}, {"DB_USER", "mcp"}, {"DB_PASSWORD", "Vq8-tRw2_Zk5"}},
                    "DB_NAME: must be given in production"},
        RefusalCase{"user_not_given",
                    true,
                    {{"DB_HOST", "localhost"}, {"DB_NAME", "mcp"}, {"DB_PASSWORD", "Vq8-tRw2_Zk5"}},
                    "DB_USER: must be given in production"},
        RefusalCase{"password_not_given",
                    true,
                    {{"DB_HOST", "localhost"}, {"DB_NAME", "mcp"}, {"DB_USER", "mcp"}},
                    "DB_PASSWORD: is required"},
        RefusalCase{"peer_authentication", true, {{"DB_HOST", "/run/pg"}, {"DB_NAME", "mcp"}, {"DB_USER", "mcp"}}, ""},
        RefusalCase{"database_far_away", true, external_with({{"DB_HOST", "db.example"}}),
                    "DB_SSL_MODE: must be verify-full"},
        RefusalCase{"database_far_away_verified", true,
                    external_with({{"DB_HOST", "db.example"}, {"DB_SSL_MODE", "verify-full"}}), ""},
        RefusalCase{"database_password_short", true, external_with({{"DB_PASSWORD", "Vq8-tRw2_Zk"}}),
                    "DB_PASSWORD: must have at least 12"},
        RefusalCase{"database_password_sample", true, external_with({{"DB_PASSWORD", "your_secure_password"}}),
                    "DB_PASSWORD: is a value known"},
        RefusalCase{"jwt_sample",
                    true,
                    {{"JWT_SECRET", "your-secret-key-should-be-in-env-variables"}},
                    "JWT_SECRET: is a value known"},
        RefusalCase{"jwt_sample_in_capitals",
                    true,
                    {{"JWT_SECRET", "YOUR_SECURE_JWT_SECRET_0123456789abcdef"}},
                    "JWT_SECRET: is a value known"},
        RefusalCase{
            "changeme", true, {{"JWT_SECRET", "ChangeMe-0123456789-abcdefghijk-XYZ"}}, "JWT_SECRET: is a value known"},
        RefusalCase{"repeated_pattern",
                    true,
                    {{"JWT_SECRET", "q7Zr1Xw9Kd4Tn8Vb2q7Zr1Xw9Kd4Tn8Vb2q7Z"}},
                    "JWT_SECRET: repeats one pattern"},
        RefusalCase{"few_bytes",
                    true,
                    {{"JWT_SECRET", "abcdefghiabcdefghiihgfedcbaiahbgcfdee"}},
                    "JWT_SECRET: has fewer than 10"},
        RefusalCase{"zero_key",
                    true,
                    {{"METADATA_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}},
                    "METADATA_KEY: repeats one pattern"},
        RefusalCase{"doubled_key",
                    true,
                    {{"METADATA_KEY", "AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8="}},
                    "METADATA_KEY: repeats one pattern"},
        RefusalCase{"weak_metrics_token",
                    true,
                    {{"METRICS_TOKEN", "aaaaaaaaaaaaaaaaaaaaaaaa"}},
                    "METRICS_TOKEN: repeats one pattern"},
        RefusalCase{"in_the_clear", true, {{"HOST", "0.0.0.0"}}, "TLS_CERT_FILE: or TRUSTED_PROXIES is required"},
        RefusalCase{"in_the_clear_v6", true, {{"HOST", "::"}}, "TLS_CERT_FILE: or TRUSTED_PROXIES is required"},
        RefusalCase{
            "in_the_clear_by_name", true, {{"HOST", "chat.example"}}, "TLS_CERT_FILE: or TRUSTED_PROXIES is required"},
        RefusalCase{"behind_a_proxy", true, {{"HOST", "0.0.0.0"}, {"TRUSTED_PROXIES", "10.0.0.1"}}, ""},
        RefusalCase{"loopback_v6", true, {{"HOST", "::1"}}, ""},
        RefusalCase{"nobody_authenticated",
                    true,
                    {{"AUTHENTICATE_USERS", "false"}},
                    "AUTHENTICATE_USERS: may be false only in development"},
        RefusalCase{
            "argon2_memory", true, {{"ARGON2_MEMORY_KIB", "19455"}}, "ARGON2_MEMORY_KIB: must be at least 19456"},
        RefusalCase{"argon2_time", true, {{"ARGON2_TIME", "2"}}, "ARGON2_TIME: must be at least 3"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace mcp::config
