// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "config/variables.hpp"

#include <algorithm>
#include <array>

namespace mcp::config {
namespace {

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;
constexpr std::int64_t gib = 1024 * mib;
constexpr std::int64_t day = 86400;            // seconds
constexpr std::int64_t secret_bytes_min = 32;  // HS256 and HMAC-SHA-256 keys (RFC 7518 section 3.2)

// clang-format off: one variable a line
constexpr auto table = std::to_array<Variable>({
    {.name = "MESSENGER_HOME", .key = "", .fallback = "./var", .kind = Kind::path},
    {.name = "NODE_ENV", .key = "", .fallback = "development", .kind = Kind::word, .words = "development,production,test"},
    {.name = "PORT", .key = "port", .fallback = "3000", .kind = Kind::integer, .min = 0, .max = 65535},
    {.name = "HOST", .key = "host", .fallback = "{host}", .kind = Kind::host},
    {.name = "THREADS", .key = "threads", .fallback = "0", .kind = Kind::integer, .min = 0, .max = 256},
    {.name = "INSTANCE_NAME", .key = "instanceName", .fallback = "{hostname}", .kind = Kind::text},
    {.name = "SHUTDOWN_GRACE", .key = "shutdownGrace", .fallback = "20000", .kind = Kind::integer, .min = 0, .max = 300000, .unit = "ms"},
    {.name = "PUBLIC_URL", .key = "publicUrl", .fallback = "", .kind = Kind::origin},
    {.name = "TLS_CERT_FILE", .key = "tls.certFile", .fallback = "", .kind = Kind::path},
    {.name = "TLS_KEY_FILE", .key = "tls.keyFile", .fallback = "", .kind = Kind::path},
    {.name = "DOCS", .key = "docs", .fallback = "on", .kind = Kind::word, .words = "on,off"},

    {.name = "LOG_LEVEL", .key = "logLevel", .fallback = "info", .kind = Kind::word, .words = "error,warn,info,debug", .runtime_setting = "logLevel"},
    {.name = "LOG_DIR", .key = "logging.dir", .fallback = "{home}/logs", .kind = Kind::path},
    {.name = "LOG_MAX_BYTES", .key = "logging.maxBytes", .fallback = "52428800", .kind = Kind::integer, .min = mib, .max = gib, .unit = "bytes"},
    {.name = "LOG_KEEP_DAYS", .key = "logging.keepDays", .fallback = "90", .kind = Kind::integer, .min = 1, .max = 3650, .unit = "days"},
    {.name = "LOG_STDOUT", .key = "logging.stdout", .fallback = "true", .kind = Kind::boolean},

    {.name = "JWT_SECRET", .key = "", .fallback = "", .kind = Kind::secret, .min = secret_bytes_min},
    {.name = "JWT_SECRET_PREVIOUS", .key = "", .fallback = "", .kind = Kind::secret, .min = secret_bytes_min},
    {.name = "JWT_EXPIRES_IN", .key = "jwt.expiresIn", .fallback = "24h", .kind = Kind::duration, .min = 60, .max = 7 * day, .runtime_setting = "jwtExpiresInSeconds"},
    {.name = "SESSION_MAX_AGE", .key = "session.maxAge", .fallback = "7d", .kind = Kind::duration, .min = 60, .max = 365 * day},
    {.name = "SESSION_IDLE_TIMEOUT", .key = "session.idleTimeout", .fallback = "0", .kind = Kind::duration, .min = 0, .max = day},

    {.name = "ENCRYPTION_KEY", .key = "", .fallback = "", .kind = Kind::root_key},
    {.name = "METADATA_KEY", .key = "", .fallback = "", .kind = Kind::root_key},
    {.name = "ENCRYPTION_KEY_NEXT", .key = "", .fallback = "", .kind = Kind::root_key},
    {.name = "METADATA_KEY_NEXT", .key = "", .fallback = "", .kind = Kind::root_key},
    {.name = "KEY_PROVIDER", .key = "keys.provider", .fallback = "env", .kind = Kind::word, .words = "env,file,pkcs11"},
    {.name = "PKCS11_MODULE", .key = "keys.pkcs11.module", .fallback = "", .kind = Kind::path},
    {.name = "PKCS11_TOKEN", .key = "keys.pkcs11.token", .fallback = "", .kind = Kind::text},
    {.name = "PKCS11_CONTENT_LABEL", .key = "keys.pkcs11.contentLabel", .fallback = "", .kind = Kind::text},
    {.name = "PKCS11_METADATA_LABEL", .key = "keys.pkcs11.metadataLabel", .fallback = "", .kind = Kind::text},
    {.name = "PKCS11_PIN", .key = "", .fallback = "", .kind = Kind::pin, .min = 1},
    {.name = "KEY_ROTATION_DAYS", .key = "keys.rotationDays", .fallback = "90", .kind = Kind::zero_or_integer, .min = 1, .max = 3650, .unit = "days"},

    {.name = "database.private", .key = "database.private", .fallback = "false", .kind = Kind::boolean},
    {.name = "DB_HOST", .key = "database.host", .fallback = "localhost", .kind = Kind::host},
    {.name = "DB_PORT", .key = "database.port", .fallback = "5432", .kind = Kind::integer, .min = 1, .max = 65535},
    {.name = "DB_NAME", .key = "database.name", .fallback = "mcp_messenger_db", .kind = Kind::text},
    {.name = "DB_USER", .key = "database.user", .fallback = "mcp_messenger_admin", .kind = Kind::text},
    {.name = "DB_PASSWORD", .key = "", .fallback = "", .kind = Kind::secret, .min = 1},
    {.name = "DB_MIGRATION_USER", .key = "database.migrationUser", .fallback = "{DB_USER}", .kind = Kind::text},
    {.name = "DB_MIGRATION_PASSWORD", .key = "", .fallback = "", .kind = Kind::secret, .min = 1},
    {.name = "DB_SSL_MODE", .key = "database.sslMode", .fallback = "prefer", .kind = Kind::word, .words = "disable,allow,prefer,require,verify-ca,verify-full"},
    {.name = "DB_SSL_ROOT_CERT", .key = "database.sslRootCert", .fallback = "", .kind = Kind::path},
    {.name = "DB_MIN_CONNECTIONS", .key = "database.minConnections", .fallback = "5", .kind = Kind::integer, .min = 1, .max = 100},
    {.name = "DB_MAX_CONNECTIONS", .key = "database.maxConnections", .fallback = "20", .kind = Kind::integer, .min = 1, .max = 100},
    {.name = "DB_CONNECTION_TIMEOUT", .key = "database.connectionTimeout", .fallback = "5000", .kind = Kind::integer, .min = 100, .max = 60000, .unit = "ms"},
    {.name = "DB_ACQUIRE_TIMEOUT", .key = "database.acquireTimeout", .fallback = "10000", .kind = Kind::integer, .min = 100, .max = 60000, .unit = "ms"},
    {.name = "DB_IDLE_TIMEOUT", .key = "database.idleTimeout", .fallback = "30000", .kind = Kind::integer, .min = 1000, .max = 600000, .unit = "ms"},
    {.name = "DB_QUERY_TIMEOUT", .key = "database.queryTimeout", .fallback = "30000", .kind = Kind::integer, .min = 1000, .max = 600000, .unit = "ms"},

    {.name = "AUTHENTICATE_USERS", .key = "authenticateUsers", .fallback = "true", .kind = Kind::boolean},
    {.name = "ALLOWED_NETWORK_RANGE", .key = "allowedNetworkRange", .fallback = "192.168.0.0/16", .kind = Kind::networks},
    {.name = "ADMIN_NETWORK_RANGE", .key = "adminNetworkRange", .fallback = "{ALLOWED_NETWORK_RANGE}", .kind = Kind::networks},
    {.name = "TRUSTED_PROXIES", .key = "trustedProxies", .fallback = "", .kind = Kind::networks},
    {.name = "CORS_ORIGINS", .key = "corsOrigins", .fallback = "", .kind = Kind::origins},
    {.name = "CSRF_MODE", .key = "csrfMode", .fallback = "auto", .kind = Kind::word, .words = "auto,strict"},

    {.name = "HTTP_REDIRECT_PORT", .key = "http.redirectPort", .fallback = "", .kind = Kind::integer, .min = 1, .max = 65535},
    {.name = "MAX_BODY_BYTES", .key = "http.maxBodyBytes", .fallback = "102400", .kind = Kind::integer, .min = kib, .max = 10 * mib, .unit = "bytes"},
    {.name = "HTTP_HEADER_TIMEOUT", .key = "http.headerTimeout", .fallback = "10000", .kind = Kind::integer, .min = 1000, .max = 600000, .unit = "ms"},
    {.name = "HTTP_KEEPALIVE_TIMEOUT", .key = "http.keepaliveTimeout", .fallback = "60000", .kind = Kind::integer, .min = 1000, .max = 600000, .unit = "ms"},

    {.name = "MAX_CONNECTIONS", .key = "maxConnections", .fallback = "10000", .kind = Kind::integer, .min = 1, .max = 100000},
    {.name = "CONNECTION_TIMEOUT", .key = "websocket.connectionTimeout", .fallback = "120000", .kind = Kind::integer, .min = 1000, .max = 600000, .unit = "ms"},
    {.name = "HEARTBEAT_INTERVAL", .key = "websocket.heartbeatInterval", .fallback = "30000", .kind = Kind::integer, .min = 1000, .max = 300000, .unit = "ms"},
    {.name = "WS_AUTH_TIMEOUT", .key = "websocket.authTimeout", .fallback = "5000", .kind = Kind::integer, .min = 500, .max = 60000, .unit = "ms"},
    {.name = "WS_MAX_FRAME_BYTES", .key = "websocket.maxFrameBytes", .fallback = "65536", .kind = Kind::integer, .min = 8 * kib, .max = mib, .unit = "bytes"},
    {.name = "WS_REPLAY_MAX", .key = "websocket.replayMax", .fallback = "1000", .kind = Kind::integer, .min = 0, .max = 100000},
    {.name = "WS_RATE_PER_SECOND", .key = "websocket.ratePerSecond", .fallback = "20", .kind = Kind::integer, .min = 1, .max = 1000, .runtime_setting = "wsFramesPerSecond"},
    {.name = "WS_RATE_BURST", .key = "websocket.rateBurst", .fallback = "60", .kind = Kind::integer, .min = 1, .max = 5000, .runtime_setting = "wsBurst"},
    {.name = "WS_SEND_QUEUE_BYTES", .key = "websocket.sendQueueBytes", .fallback = "1048576", .kind = Kind::integer, .min = 64 * kib, .max = 64 * mib, .unit = "bytes", .runtime_setting = "wsQueueBytes"},
    {.name = "WS_SEND_QUEUE_TOTAL_BYTES", .key = "websocket.sendQueueTotalBytes", .fallback = "268435456", .kind = Kind::integer, .min = 16 * mib, .max = 1024 * gib, .unit = "bytes"},
    {.name = "WS_UNAUTH_PER_IP", .key = "websocket.unauthPerIp", .fallback = "200", .kind = Kind::integer, .min = 1, .max = 1000, .runtime_setting = "wsUnauthenticatedPerIp"},
    {.name = "WS_MAX_CONNECTIONS_PER_USER", .key = "websocket.maxPerUser", .fallback = "10", .kind = Kind::integer, .min = 1, .max = 1000},
    {.name = "WS_WRITE_TIMEOUT", .key = "websocket.writeTimeout", .fallback = "30000", .kind = Kind::integer, .min = 1000, .max = 300000, .unit = "ms"},

    {.name = "MAX_MESSAGE_LENGTH", .key = "messages.maxLength", .fallback = "4000", .kind = Kind::integer, .min = 1, .max = 10000, .unit = "code points", .runtime_setting = "maxMessageLength"},
    {.name = "MESSAGE_EDIT_WINDOW", .key = "messages.editWindowMinutes", .fallback = "0", .kind = Kind::integer, .min = 0, .max = 525600, .unit = "minutes", .runtime_setting = "editWindowMinutes"},
    {.name = "PHI_DETECTION", .key = "messages.phiDetection", .fallback = "true", .kind = Kind::boolean, .runtime_setting = "phiDetection"},
    {.name = "MESSAGE_RETENTION_DAYS", .key = "retention.messageDays", .fallback = "0", .kind = Kind::zero_or_integer, .min = 2192, .max = 36500, .unit = "days", .runtime_setting = "messageRetentionDays"},
    {.name = "AUDIT_RETENTION_DAYS", .key = "retention.auditDays", .fallback = "2192", .kind = Kind::integer, .min = 2192, .max = 36500, .unit = "days", .runtime_setting = "auditRetentionDays"},
    {.name = "EMERGENCY_ACCESS_MINUTES", .key = "emergencyAccess.minutes", .fallback = "15", .kind = Kind::integer, .min = 1, .max = 60, .unit = "minutes", .runtime_setting = "emergencyMinutesDefault"},

    {.name = "RATE_LIMIT_WINDOW_MINUTES", .key = "rateLimit.windowMinutes", .fallback = "15", .kind = Kind::integer, .min = 1, .max = 60, .unit = "minutes", .runtime_setting = "rateLimitWindowMinutes"},
    {.name = "RATE_LIMIT_AUTH", .key = "rateLimit.auth", .fallback = "10", .kind = Kind::integer, .min = 3, .max = 1000000, .runtime_setting = "rateLimitAuth"},
    {.name = "RATE_LIMIT_ANONYMOUS", .key = "rateLimit.anonymous", .fallback = "100", .kind = Kind::integer, .min = 10, .max = 1000000, .runtime_setting = "rateLimitAnonymous"},
    {.name = "RATE_LIMIT_STANDARD", .key = "rateLimit.standard", .fallback = "1000", .kind = Kind::integer, .min = 10, .max = 1000000, .runtime_setting = "rateLimitStandard"},
    {.name = "RATE_LIMIT_EXEMPT", .key = "rateLimit.exempt", .fallback = "", .kind = Kind::networks},
    {.name = "LOCKOUT_THRESHOLD", .key = "lockout.threshold", .fallback = "5", .kind = Kind::integer, .min = 3, .max = 20, .runtime_setting = "lockoutThreshold"},
    {.name = "LOCKOUT_MINUTES", .key = "lockout.minutes", .fallback = "30", .kind = Kind::integer, .min = 5, .max = 1440, .unit = "minutes", .runtime_setting = "lockoutMinutes"},

    {.name = "PASSWORD_MIN_LENGTH", .key = "password.minLength", .fallback = "12", .kind = Kind::integer, .min = 12, .max = 64, .unit = "code points", .runtime_setting = "passwordMinLength"},
    {.name = "ARGON2_MEMORY_KIB", .key = "password.argon2.memoryKib", .fallback = "19456", .kind = Kind::integer, .min = 8, .max = 1048576, .unit = "KiB"},
    {.name = "ARGON2_TIME", .key = "password.argon2.time", .fallback = "3", .kind = Kind::integer, .min = 1, .max = 16},
    {.name = "REGISTRATION", .key = "registration", .fallback = "approval", .kind = Kind::word, .words = "closed,approval,open", .runtime_setting = "registration"},

    {.name = "ADMIN_2FA", .key = "admin.twoFactor", .fallback = "{twoFactor}", .kind = Kind::word, .words = "required,optional", .runtime_setting = "admin2fa"},
    {.name = "ADMIN_SESSION_MINUTES", .key = "admin.sessionMinutes", .fallback = "60", .kind = Kind::integer, .min = 5, .max = 720, .unit = "minutes", .runtime_setting = "adminSessionMinutes"},
    {.name = "ADMIN_IDLE_MINUTES", .key = "admin.idleMinutes", .fallback = "30", .kind = Kind::integer, .min = 1, .max = 120, .unit = "minutes", .runtime_setting = "adminIdleMinutes"},
    {.name = "DASHBOARD_REFRESH_SECONDS", .key = "admin.refreshSeconds", .fallback = "5", .kind = Kind::integer, .min = 2, .max = 60, .unit = "seconds", .runtime_setting = "dashboardRefreshSeconds"},
    {.name = "INITIAL_ADMIN_USERNAME", .key = "", .fallback = "admin", .kind = Kind::username},
    {.name = "INITIAL_ADMIN_EMAIL", .key = "", .fallback = "", .kind = Kind::emails},

    {.name = "NOTIFIER", .key = "notifier.kind", .fallback = "outbox", .kind = Kind::word, .words = "smtp,outbox"},
    {.name = "SMTP_URL", .key = "", .fallback = "", .kind = Kind::smtp_url},
    {.name = "SMTP_FROM", .key = "notifier.from", .fallback = "", .kind = Kind::emails},
    {.name = "ALERT_WEBHOOK_URL", .key = "alerts.webhookUrl", .fallback = "", .kind = Kind::webhook},
    {.name = "ALERT_WEBHOOK_SECRET", .key = "", .fallback = "", .kind = Kind::secret, .min = secret_bytes_min},
    {.name = "ALERT_EMAIL_TO", .key = "alerts.emailTo", .fallback = "", .kind = Kind::emails},
    {.name = "SYSLOG_ADDRESS", .key = "syslog.address", .fallback = "", .kind = Kind::syslog},
    {.name = "SYSLOG_CA_FILE", .key = "syslog.caFile", .fallback = "", .kind = Kind::path},
    {.name = "SIEM_FORMAT", .key = "syslog.format", .fallback = "rfc5424", .kind = Kind::word, .words = "rfc5424,ndjson"},
    {.name = "METRICS_ALLOW", .key = "metrics.allow", .fallback = "127.0.0.0/8,::1/128", .kind = Kind::networks},
    {.name = "METRICS_TOKEN", .key = "", .fallback = "", .kind = Kind::secret, .min = 1},

    {.name = "AUDIT_LOG_ORIGIN", .key = "audit.origin", .fallback = "", .kind = Kind::text},
    {.name = "CHECKPOINT_WEBHOOK_URL", .key = "audit.checkpointWebhookUrl", .fallback = "", .kind = Kind::webhook},
    {.name = "AUDIT_BATCH_INTERVAL", .key = "audit.batchInterval", .fallback = "100", .kind = Kind::integer, .min = 0, .max = 1000, .unit = "ms"},
    {.name = "BACKUP_DIR", .key = "backup.dir", .fallback = "{home}/backups", .kind = Kind::path},
    {.name = "BACKUP_KEEP_DAYS", .key = "backup.keepDays", .fallback = "30", .kind = Kind::integer, .min = 1, .max = 3650, .unit = "days"},
    {.name = "BACKUP_AT", .key = "backup.at", .fallback = "", .kind = Kind::time_of_day},
});
// clang-format on

}  // namespace

std::span<const Variable> variables() { return table; }

const Variable* find_variable(std::string_view name) {
  const auto found = std::ranges::find(table, name, &Variable::name);
  return found == table.end() ? nullptr : &*found;
}

const Variable* find_variable_by_key(std::string_view key) {
  const auto found = std::ranges::find(table, key, &Variable::key);
  return found == table.end() || key.empty() ? nullptr : &*found;
}

}  // namespace mcp::config
