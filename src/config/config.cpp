// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "config/config.hpp"

#include <algorithm>
#include <utility>

#include "config/layers.hpp"
#include "config/refusals.hpp"
#include "config/value_text.hpp"
#include "config/variables.hpp"

namespace mcp::config {
namespace {

template <class Enum>
Enum word(const Values& values, std::string_view name,
          std::initializer_list<std::pair<std::string_view, Enum>> meanings) {
  const auto& text = values.text(name);
  const auto* found = std::ranges::find(meanings, text, &std::pair<std::string_view, Enum>::first);
  return found == meanings.end() ? Enum{} : found->second;
}

Server server_of(const Values& v) {
  Server server{.host = v.text("HOST"),
                .port = v.integer_as<std::uint16_t>("PORT"),
                .threads = v.integer_as<std::size_t>("THREADS"),
                .instance_name = v.text("INSTANCE_NAME"),
                .public_url = v.text("PUBLIC_URL"),
                .tls = {.certificate_file = v.text("TLS_CERT_FILE"), .key_file = v.text("TLS_KEY_FILE")},
                .redirect_port = {},
                .shutdown_grace = v.milliseconds("SHUTDOWN_GRACE"),
                .docs = v.text("DOCS") == "on"};
  if (v.is_given("HTTP_REDIRECT_PORT")) server.redirect_port = v.integer_as<std::uint16_t>("HTTP_REDIRECT_PORT");
  return server;
}

Log log_of(const Values& v) {
  return {.level = log::parse_level(v.text("LOG_LEVEL")).value_or(log::Level::info),
          .directory = std::filesystem::absolute(v.text("LOG_DIR")),
          .file_bytes_max = v.integer_as<std::uint64_t>("LOG_MAX_BYTES"),
          .keep_days = v.integer_as<int>("LOG_KEEP_DAYS"),
          .to_stdout = v.flag("LOG_STDOUT")};
}

Session session_of(const Values& v) {
  return {.jwt_secret = v.secret("JWT_SECRET").duplicate(),
          .jwt_secret_previous = v.secret("JWT_SECRET_PREVIOUS").duplicate(),
          .token_life = v.duration("JWT_EXPIRES_IN"),
          .life_max = v.duration("SESSION_MAX_AGE"),
          .idle_max = v.duration("SESSION_IDLE_TIMEOUT")};
}

Secret root_key(const Values& v, std::string_view name) {
  return Secret(decode_root_key(v.secret(name).reveal()).value_or(""));
}

Keys keys_of(const Values& v, Purpose purpose) {
  const bool reads_next = purpose == Purpose::rotate_root;
  return {.provider = word<KeyProvider>(
              v, "KEY_PROVIDER",
              {{"env", KeyProvider::environment}, {"file", KeyProvider::file}, {"pkcs11", KeyProvider::pkcs11}}),
          .content = root_key(v, "ENCRYPTION_KEY"),
          .metadata = root_key(v, "METADATA_KEY"),
          .content_next = reads_next ? root_key(v, "ENCRYPTION_KEY_NEXT") : Secret(),
          .metadata_next = reads_next ? root_key(v, "METADATA_KEY_NEXT") : Secret(),
          .pkcs11 = {.module = v.text("PKCS11_MODULE"),
                     .token = v.text("PKCS11_TOKEN"),
                     .content_label = v.text("PKCS11_CONTENT_LABEL"),
                     .metadata_label = v.text("PKCS11_METADATA_LABEL"),
                     .pin = v.secret("PKCS11_PIN").duplicate()},
          .rotation_days = v.integer_as<int>("KEY_ROTATION_DAYS")};
}

Database database_of(const Values& v) {
  Database database;
  database.is_private = !is_external_database(v);
  database.min_connections = v.integer_as<std::size_t>("DB_MIN_CONNECTIONS");
  database.max_connections = v.integer_as<std::size_t>("DB_MAX_CONNECTIONS");
  database.connect_timeout = v.milliseconds("DB_CONNECTION_TIMEOUT");
  database.acquire_timeout = v.milliseconds("DB_ACQUIRE_TIMEOUT");
  database.idle_timeout = v.milliseconds("DB_IDLE_TIMEOUT");
  database.statement_timeout = v.milliseconds("DB_QUERY_TIMEOUT");
  if (database.is_private) return database;
  database.host = v.text("DB_HOST");
  database.port = v.integer_as<std::uint16_t>("DB_PORT");
  database.name = v.text("DB_NAME");
  database.user = v.text("DB_USER");
  database.password = v.secret("DB_PASSWORD").duplicate();
  database.migration_user = v.text("DB_MIGRATION_USER");
  const bool has_own_password = !v.secret("DB_MIGRATION_PASSWORD").empty() || database.migration_user != database.user;
  database.migration_password = v.secret(has_own_password ? "DB_MIGRATION_PASSWORD" : "DB_PASSWORD").duplicate();
  database.ssl_mode = v.text("DB_SSL_MODE");
  database.ssl_root_cert = v.text("DB_SSL_ROOT_CERT");
  return database;
}

Network network_of(const Values& v) {
  return {.authenticate_users = v.flag("AUTHENTICATE_USERS"),
          .allowed = v.networks("ALLOWED_NETWORK_RANGE"),
          .admin_allowed = v.networks("ADMIN_NETWORK_RANGE"),
          .trusted_proxies = v.networks("TRUSTED_PROXIES"),
          .cors_origins = v.list("CORS_ORIGINS"),
          .csrf_mode = word<CsrfMode>(v, "CSRF_MODE", {{"auto", CsrfMode::automatic}, {"strict", CsrfMode::strict}})};
}

WebSocket websocket_of(const Values& v) {
  return {.connections_max = v.integer_as<std::size_t>("MAX_CONNECTIONS"),
          .connection_timeout = v.milliseconds("CONNECTION_TIMEOUT"),
          .heartbeat_interval = v.milliseconds("HEARTBEAT_INTERVAL"),
          .auth_timeout = v.milliseconds("WS_AUTH_TIMEOUT"),
          .frame_bytes_max = v.integer_as<std::size_t>("WS_MAX_FRAME_BYTES"),
          .replay_max = v.integer_as<std::size_t>("WS_REPLAY_MAX"),
          .frames_per_second = v.integer_as<std::uint32_t>("WS_RATE_PER_SECOND"),
          .frames_burst = v.integer_as<std::uint32_t>("WS_RATE_BURST"),
          .send_queue_bytes_max = v.integer_as<std::size_t>("WS_SEND_QUEUE_BYTES"),
          .send_queue_total_bytes_max = v.integer_as<std::uint64_t>("WS_SEND_QUEUE_TOTAL_BYTES"),
          .unauthenticated_per_ip = v.integer_as<std::size_t>("WS_UNAUTH_PER_IP"),
          .connections_per_user = v.integer_as<std::size_t>("WS_MAX_CONNECTIONS_PER_USER"),
          .write_timeout = v.milliseconds("WS_WRITE_TIMEOUT")};
}

Messages messages_of(const Values& v) {
  return {.text_code_points_max = v.integer_as<std::size_t>("MAX_MESSAGE_LENGTH"),
          .edit_window = v.minutes("MESSAGE_EDIT_WINDOW"),
          .phi_detection = v.flag("PHI_DETECTION"),
          .message_retention_days = v.integer_as<int>("MESSAGE_RETENTION_DAYS"),
          .audit_retention_days = v.integer_as<int>("AUDIT_RETENTION_DAYS"),
          .emergency_access = v.minutes("EMERGENCY_ACCESS_MINUTES")};
}

Admin admin_of(const Values& v) {
  return {.two_factor_required = v.text("ADMIN_2FA") == "required",
          .session = v.minutes("ADMIN_SESSION_MINUTES"),
          .idle = v.minutes("ADMIN_IDLE_MINUTES"),
          .refresh = std::chrono::seconds{v.integer("DASHBOARD_REFRESH_SECONDS")},
          .initial_username = v.text("INITIAL_ADMIN_USERNAME"),
          .initial_email = v.text("INITIAL_ADMIN_EMAIL")};
}

Outgoing outgoing_of(const Values& v) {
  return {.notifier = v.text("NOTIFIER") == "smtp" ? Notifier::smtp : Notifier::outbox,
          .smtp_url = v.secret("SMTP_URL").duplicate(),
          .smtp_from = v.text("SMTP_FROM"),
          .alert_webhook_url = v.text("ALERT_WEBHOOK_URL"),
          .alert_webhook_secret = v.secret("ALERT_WEBHOOK_SECRET").duplicate(),
          .alert_email_to = v.list("ALERT_EMAIL_TO"),
          .syslog_address = v.text("SYSLOG_ADDRESS"),
          .syslog_ca_file = v.text("SYSLOG_CA_FILE"),
          .siem_format = v.text("SIEM_FORMAT")};
}

std::vector<Described> describe(const Values& v) {
  std::vector<Described> described;
  described.reserve(variables().size());
  for (const auto& variable : variables()) {
    const auto& value = v.of(variable.name);
    const std::string secret_state = value.secret.empty() ? "missing" : "set";
    described.push_back({.variable = std::string(variable.name),
                         .key = std::string(variable.key),
                         .value = variable.is_secret() ? secret_state : value.text,
                         .is_secret = variable.is_secret(),
                         .layer = value.layer,
                         .source = value.source,
                         .runtime_setting = std::string(variable.runtime_setting)});
  }
  return described;
}

Config build(const Joined& joined, Purpose purpose) {
  const auto& v = joined.values;
  Config config;
  config.mode = word<Mode>(
      v, "NODE_ENV", {{"development", Mode::development}, {"production", Mode::production}, {"test", Mode::test}});
  config.home = joined.home;
  config.server = server_of(v);
  config.log = log_of(v);
  config.session = session_of(v);
  config.keys = keys_of(v, purpose);
  config.database = database_of(v);
  config.network = network_of(v);
  config.http = {.body_bytes_max = v.integer_as<std::size_t>("MAX_BODY_BYTES"),
                 .header_timeout = v.milliseconds("HTTP_HEADER_TIMEOUT"),
                 .keepalive_timeout = v.milliseconds("HTTP_KEEPALIVE_TIMEOUT")};
  config.websocket = websocket_of(v);
  config.messages = messages_of(v);
  config.rate_limit = {.window = v.minutes("RATE_LIMIT_WINDOW_MINUTES"),
                       .auth = v.integer_as<std::uint32_t>("RATE_LIMIT_AUTH"),
                       .anonymous = v.integer_as<std::uint32_t>("RATE_LIMIT_ANONYMOUS"),
                       .standard = v.integer_as<std::uint32_t>("RATE_LIMIT_STANDARD"),
                       .exempt = v.networks("RATE_LIMIT_EXEMPT")};
  config.lockout = {.threshold = v.integer_as<int>("LOCKOUT_THRESHOLD"), .time = v.minutes("LOCKOUT_MINUTES")};
  config.password = {.length_min = v.integer_as<std::size_t>("PASSWORD_MIN_LENGTH"),
                     .argon2_memory_kib = v.integer_as<std::uint32_t>("ARGON2_MEMORY_KIB"),
                     .argon2_time = v.integer_as<std::uint32_t>("ARGON2_TIME")};
  config.registration = word<Registration>(
      v, "REGISTRATION",
      {{"closed", Registration::closed}, {"approval", Registration::approval}, {"open", Registration::open}});
  config.admin = admin_of(v);
  config.outgoing = outgoing_of(v);
  config.metrics = {.allow = v.networks("METRICS_ALLOW"), .token = v.secret("METRICS_TOKEN").duplicate()};
  config.audit = {.origin = v.text("AUDIT_LOG_ORIGIN"),
                  .checkpoint_webhook_url = v.text("CHECKPOINT_WEBHOOK_URL"),
                  .batch_interval = v.milliseconds("AUDIT_BATCH_INTERVAL")};
  config.backup = {.directory = std::filesystem::absolute(v.text("BACKUP_DIR")),
                   .keep_days = v.integer_as<int>("BACKUP_KEEP_DAYS"),
                   .at = parse_time_of_day(v.text("BACKUP_AT"))};
  config.described = describe(v);
  return config;
}

}  // namespace

std::string_view name(Layer layer) {
  switch (layer) {
    case Layer::command_line: return "command line";
    case Layer::environment: return "environment";
    case Layer::dotenv: return ".env";
    case Layer::file: return "config.json";
    case Layer::fallback: return "default";
  }
  return "default";
}

std::expected<Config, std::vector<Problem>> load(const LoadOptions& options, const Environment& environment) {
  Findings findings;
  const auto joined = join_layers(options, environment, findings);
  check_together(joined, options.purpose, findings);
  if (!findings.problems.empty()) return std::unexpected(std::move(findings.problems));
  auto config = build(joined, options.purpose);
  config.warnings = std::move(findings.warnings);
  return config;
}

}  // namespace mcp::config
