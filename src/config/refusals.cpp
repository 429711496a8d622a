// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "config/refusals.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "config/private_file.hpp"
#include "config/secret_strength.hpp"
#include "config/value_text.hpp"

namespace mcp::config {
namespace {

constexpr std::size_t database_password_bytes_min = 12;
constexpr std::int64_t argon2_memory_kib_min = 19456;  // the documents' cost is the floor, contract-config 2
constexpr std::int64_t argon2_time_min = 3;
constexpr std::int64_t bytes_per_code_point = 4;
constexpr std::int64_t frame_overhead_bytes = 1024;  // the other members of a send_message frame
constexpr std::array<std::string_view, 9> connection_variables{
    "DB_HOST",     "DB_PORT",         "DB_NAME", "DB_USER", "DB_PASSWORD", "DB_MIGRATION_USER", "DB_MIGRATION_PASSWORD",
    "DB_SSL_MODE", "DB_SSL_ROOT_CERT"};

bool is_socket(std::string_view host) { return host.starts_with('/'); }

class Check {
 public:
  Check(const Joined& joined, Purpose purpose, Findings& findings)
      : values_(joined.values),
        joined_(joined),
        purpose_(purpose),
        findings_(findings),
        is_production_(values_.text("NODE_ENV") == "production") {}

  void run() {
    check_home();
    check_server();
    check_tls_files();
    check_required_secrets();
    check_keys();
    check_database();
    check_network();
    check_websocket();
    check_passwords();
    check_outgoing();
    check_secrets_differ();
    if (is_production_) check_secrets_are_strong();
  }

 private:
  bool serves() const { return purpose_ == Purpose::serve || purpose_ == Purpose::check; }
  bool needs_keys() const { return serves() || purpose_ == Purpose::operate || purpose_ == Purpose::rotate_root; }
  bool needs_database() const { return needs_keys() || purpose_ == Purpose::migrate; }

  void refuse(std::string_view variable, std::string message) {
    const auto& value = values_.of(variable);
    findings_.refuse(variable, std::move(message), value.layer, value.source);
  }
  void warn(std::string_view variable, std::string message) {
    const auto& value = values_.of(variable);
    findings_.warn(variable, std::move(message), value.layer, value.source);
  }
  void refuse_unless(bool is_good, std::string_view variable, std::string message) {
    if (!is_good) refuse(variable, std::move(message));
  }
  // A secret that was given but broke its own rule was reported already; "missing" would confuse.
  bool was_refused(std::string_view variable) const {
    const auto file = std::string(variable) + "_FILE";
    return std::ranges::any_of(findings_.problems, [&](const Problem& problem) {
      return problem.variable == variable || problem.variable == file;
    });
  }
  void require_secret(std::string_view variable, const std::string& message) {
    if (values_.secret(variable).empty() && !was_refused(variable)) refuse(variable, message);
  }

  void check_home() {
    std::error_code ignored;
    const bool exists = std::filesystem::is_directory(joined_.home, ignored);
    if (needs_keys() && !exists) {
      refuse("MESSENGER_HOME", "is not a directory; `mcp-messenger setup` makes one");
    } else if (exists && is_open_to_others(joined_.home)) {
      constexpr const char* message = "is open to others: its mode must be 0700";
      is_production_ ? refuse("MESSENGER_HOME", message) : warn("MESSENGER_HOME", message);
    }
  }

  void check_server() {
    const auto host = values_.text("HOST");
    const bool has_tls = values_.is_given("TLS_CERT_FILE");
    if (is_production_ && serves() && !is_loopback(host) && !has_tls && !values_.is_given("TRUSTED_PROXIES")) {
      refuse("TLS_CERT_FILE",
             "or TRUSTED_PROXIES is required in production, because HOST is not loopback: "
             "messages must not travel in the clear");
    }
    if (!values_.is_given("HTTP_REDIRECT_PORT")) return;
    refuse_unless(values_.text("HTTP_REDIRECT_PORT") != values_.text("PORT"), "HTTP_REDIRECT_PORT",
                  "must differ from PORT");
    refuse_unless(has_tls, "HTTP_REDIRECT_PORT", "needs TLS_CERT_FILE");
    refuse_unless(values_.is_given("PUBLIC_URL"), "HTTP_REDIRECT_PORT", "needs PUBLIC_URL");
  }

  void check_tls_files() {
    const bool has_certificate = values_.is_given("TLS_CERT_FILE");
    const bool has_key = values_.is_given("TLS_KEY_FILE");
    if (has_certificate != has_key) {
      const bool lacks_key = has_certificate;
      refuse(lacks_key ? "TLS_KEY_FILE" : "TLS_CERT_FILE",
             fmt::format("is required with {}", lacks_key ? "TLS_CERT_FILE" : "TLS_KEY_FILE"));
    }
    if (has_certificate) {
      const auto content = read_file(values_.text("TLS_CERT_FILE"), 1 << 20);
      if (!content) refuse("TLS_CERT_FILE", fmt::format("names a file that {}", explain(content.error())));
    }
    if (has_key) {
      const auto checked = check_private(values_.text("TLS_KEY_FILE"));
      if (!checked) refuse("TLS_KEY_FILE", fmt::format("names a file that {}", explain(checked.error())));
    }
  }

  void check_required_secrets() {
    if (!needs_keys()) return;
    require_secret("JWT_SECRET", joined_.has_token_secret
                                     ? "is required; TOKEN_SECRET is set, but that name is not read: call it JWT_SECRET"
                                     : "is required: at least 32 bytes; `mcp-messenger setup` makes one");
  }

  void check_keys() {
    const auto& provider = values_.text("KEY_PROVIDER");
    for (const auto* key : {"ENCRYPTION_KEY", "METADATA_KEY"}) {
      if (provider == "env" && needs_keys()) {
        require_secret(key, "is required: standard base64 of 32 bytes; `mcp-messenger setup` makes one");
      }
      if (provider != "env" && !values_.secret(key).empty()) {
        refuse(key, fmt::format("must not be set while KEY_PROVIDER is {}", provider));
      }
    }
    if (purpose_ == Purpose::rotate_root && provider == "env" && values_.secret("ENCRYPTION_KEY_NEXT").empty() &&
        values_.secret("METADATA_KEY_NEXT").empty() && !was_refused("ENCRYPTION_KEY_NEXT") &&
        !was_refused("METADATA_KEY_NEXT")) {
      refuse("ENCRYPTION_KEY_NEXT", "or METADATA_KEY_NEXT is required to rotate a root key");
    }
    if (provider != "pkcs11") return;
    for (const auto* name : {"PKCS11_MODULE", "PKCS11_TOKEN", "PKCS11_CONTENT_LABEL", "PKCS11_METADATA_LABEL"}) {
      refuse_unless(values_.is_given(name), name, "is required while KEY_PROVIDER is pkcs11");
    }
    if (needs_keys()) require_secret("PKCS11_PIN", "is required while KEY_PROVIDER is pkcs11");
  }

  void check_database() {
    refuse_unless(values_.integer("DB_MIN_CONNECTIONS") <= values_.integer("DB_MAX_CONNECTIONS"), "DB_MIN_CONNECTIONS",
                  "must not be greater than DB_MAX_CONNECTIONS");
    if (!is_external_database(values_)) return;
    if (values_.flag("database.private")) {
      warn("database.private", "is ignored because a connection variable (DB_*) is set: an external server is used");
    }
    const auto& host = values_.text("DB_HOST");
    const bool has_peer_authentication = is_socket(host);
    if (is_production_) {
      for (const auto* name : {"DB_HOST", "DB_NAME", "DB_USER"}) {
        if (!values_.is_given(name) && !was_refused(name)) {
          refuse(name, "must be given in production with an external database: nothing falls back to a default");
        }
      }
      if (!is_socket(host) && !is_loopback(host) && values_.text("DB_SSL_MODE") != "verify-full") {
        refuse("DB_SSL_MODE", "must be verify-full in production, because DB_HOST is another machine");
      }
    }
    if (!needs_database() || has_peer_authentication) return;
    const bool has_own_owner = values_.text("DB_MIGRATION_USER") != values_.text("DB_USER");
    if (purpose_ != Purpose::migrate || !has_own_owner) {
      require_secret("DB_PASSWORD",
                     "is required with an external database, save with peer authentication on a Unix socket");
    }
    if ((purpose_ == Purpose::migrate || purpose_ == Purpose::check) && has_own_owner) {
      require_secret("DB_MIGRATION_PASSWORD", "is required because DB_MIGRATION_USER is not DB_USER");
    }
  }

  void check_network() {
    if (!values_.flag("AUTHENTICATE_USERS")) {
      if (values_.text("NODE_ENV") != "development") {
        refuse("AUTHENTICATE_USERS", "may be false only in development");
      } else if (!is_loopback(values_.text("HOST"))) {
        refuse("AUTHENTICATE_USERS", "may be false only while HOST is loopback");
      } else {
        warn("AUTHENTICATE_USERS", "is false: anybody on this machine may act as anybody");
      }
    }
    if (values_.networks("ALLOWED_NETWORK_RANGE").is_open_to_all())
      warn("ALLOWED_NETWORK_RANGE", "is open to every address");
  }

  void check_websocket() {
    refuse_unless(values_.integer("HEARTBEAT_INTERVAL") < values_.integer("CONNECTION_TIMEOUT"), "HEARTBEAT_INTERVAL",
                  "must be shorter than CONNECTION_TIMEOUT");
    const auto frame = values_.integer("WS_MAX_FRAME_BYTES");
    refuse_unless(values_.integer("WS_SEND_QUEUE_BYTES") >= 2 * frame, "WS_SEND_QUEUE_BYTES",
                  "must hold at least two frames of WS_MAX_FRAME_BYTES");
    refuse_unless(values_.integer("WS_SEND_QUEUE_TOTAL_BYTES") >= values_.integer("WS_SEND_QUEUE_BYTES"),
                  "WS_SEND_QUEUE_TOTAL_BYTES", "must not be less than WS_SEND_QUEUE_BYTES");
    refuse_unless(values_.integer("MAX_MESSAGE_LENGTH") * bytes_per_code_point + frame_overhead_bytes <= frame,
                  "MAX_MESSAGE_LENGTH", "must fit one frame of WS_MAX_FRAME_BYTES (4 bytes a code point and 1024)");
    warn_about_descriptors();
  }

  void warn_about_descriptors() {
    const auto sockets = values_.integer("MAX_CONNECTIONS");
    const auto unauthenticated = std::max<std::int64_t>(sockets / 10, 20);
    const auto wanted = static_cast<rlim_t>(sockets + unauthenticated + 100);  // database, files, listeners
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max != RLIM_INFINITY && limit.rlim_max < wanted) {
      warn("MAX_CONNECTIONS",
           fmt::format("needs {} file descriptors, but the limit of this process is {}", wanted, limit.rlim_max));
    }
  }

  void check_passwords() {
    if (is_production_) {
      refuse_unless(values_.integer("ARGON2_MEMORY_KIB") >= argon2_memory_kib_min, "ARGON2_MEMORY_KIB",
                    "must be at least 19456 in production");
      refuse_unless(values_.integer("ARGON2_TIME") >= argon2_time_min, "ARGON2_TIME",
                    "must be at least 3 in production");
    }
    refuse_unless(values_.integer("ADMIN_IDLE_MINUTES") <= values_.integer("ADMIN_SESSION_MINUTES"),
                  "ADMIN_IDLE_MINUTES", "must not be greater than ADMIN_SESSION_MINUTES");
  }

  void check_outgoing() {
    if (values_.text("NOTIFIER") == "smtp") {
      if (needs_keys()) require_secret("SMTP_URL", "is required while NOTIFIER is smtp");
      refuse_unless(values_.is_given("SMTP_FROM"), "SMTP_FROM", "is required while NOTIFIER is smtp");
    }
    if (values_.is_given("ALERT_WEBHOOK_URL") && needs_keys()) {
      require_secret("ALERT_WEBHOOK_SECRET", "is required with ALERT_WEBHOOK_URL");
    }
    const auto& syslog = values_.text("SYSLOG_ADDRESS");
    if (!syslog.empty() && !is_socket(syslog) && !syslog.starts_with("tls://")) {
      const auto url = parse_url("https://" + syslog);
      if (url && !is_loopback(url->host)) warn("SYSLOG_ADDRESS", "sends audit entries to another machine without TLS");
    }
  }

  // Is the secret in force for this purpose? The next root keys are read by one command only.
  bool is_read(const Variable& variable) const {
    return variable.is_secret() && !values_.secret(variable.name).empty() &&
           (purpose_ == Purpose::rotate_root || !variable.name.ends_with("_KEY_NEXT"));
  }

  void check_secrets_differ() {
    std::vector<const Variable*> read;
    for (const auto& variable : variables()) {
      if (is_read(variable)) read.push_back(&variable);
    }
    const bool is_one_role = values_.text("DB_MIGRATION_USER") == values_.text("DB_USER");
    for (std::size_t i = 0; i < read.size(); ++i) {
      for (std::size_t j = i + 1; j < read.size(); ++j) {
        const bool is_one_password =
            read[i]->name == "DB_PASSWORD" && read[j]->name == "DB_MIGRATION_PASSWORD" && is_one_role;
        if (is_one_password || values_.secret(read[i]->name).reveal() != values_.secret(read[j]->name).reveal())
          continue;
        refuse(read[j]->name, fmt::format("must differ from {}", read[i]->name));
      }
    }
  }

  void check_secrets_are_strong() {
    for (const auto& variable : variables()) {
      if (!is_read(variable) || variable.kind == Kind::pin || variable.kind == Kind::smtp_url) continue;
      const auto text = values_.secret(variable.name).reveal();
      Secret decoded(variable.kind == Kind::root_key ? decode_root_key(text).value_or("") : std::string());
      if (auto weak = weakness(text, decoded.empty() ? text : decoded.reveal())) {
        refuse(variable.name, fmt::format("{}: refused in production", *weak));
      }
      const bool is_database_password = variable.name == "DB_PASSWORD" || variable.name == "DB_MIGRATION_PASSWORD";
      if (is_database_password && text.size() < database_password_bytes_min) {
        refuse(variable.name, "must have at least 12 characters in production");
      }
    }
  }

  const Values& values_;
  const Joined& joined_;
  Purpose purpose_;
  Findings& findings_;
  bool is_production_;
};

}  // namespace

bool is_external_database(const Values& values) {
  return std::ranges::any_of(connection_variables, [&values](std::string_view name) { return values.is_given(name); });
}

void check_together(const Joined& joined, Purpose purpose, Findings& findings) {
  Check(joined, purpose, findings).run();
}

}  // namespace mcp::config
