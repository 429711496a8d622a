// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/environment.hpp"
#include "config/network_range.hpp"
#include "core/log.hpp"
#include "core/secret.hpp"

// The configuration of one process: all layers of contract-config 1 read, checked and joined into one value.
namespace mcp::config {

enum class Mode : std::uint8_t { development, production, test };  // NODE_ENV
enum class KeyProvider : std::uint8_t { environment, file, pkcs11 };
enum class CsrfMode : std::uint8_t { automatic, strict };
enum class Registration : std::uint8_t { closed, approval, open };
enum class Notifier : std::uint8_t { outbox, smtp };

struct Tls {
  std::string certificate_file;  // both empty: plain HTTP
  std::string key_file;
};

struct Server {
  std::string host;
  std::uint16_t port = 3000;  // 0: any free port
  std::size_t threads = 0;    // 0: one per core
  std::string instance_name;
  std::string public_url;  // origin as users see it; empty: not known
  Tls tls;
  std::optional<std::uint16_t> redirect_port;
  std::chrono::milliseconds shutdown_grace{20000};
  bool docs = true;
};

struct Log {
  log::Level level = log::Level::info;
  std::filesystem::path directory;
  std::uint64_t file_bytes_max = 0;
  int keep_days = 0;
  bool to_stdout = true;
};

struct Session {
  Secret jwt_secret;
  Secret jwt_secret_previous;  // verifies only; empty: none
  std::chrono::seconds token_life{};
  std::chrono::seconds life_max{};
  std::chrono::seconds idle_max{};  // 0: off
};

struct Pkcs11 {
  std::string module;
  std::string token;
  std::string content_label;
  std::string metadata_label;
  Secret pin;
};

struct Keys {
  KeyProvider provider = KeyProvider::environment;
  Secret content;       // 32 raw bytes of ENCRYPTION_KEY; empty when the provider is another
  Secret metadata;      // 32 raw bytes of METADATA_KEY
  Secret content_next;  // only for `keys rotate --root`; empty: none
  Secret metadata_next;
  Pkcs11 pkcs11;
  int rotation_days = 90;  // 0: by hand
};

struct Database {
  // True: the private cluster of this home, whose address and passwords operations/ knows; the connection fields below
  // are then empty. Contract-config 2 "Which database".
  bool is_private = true;
  std::string host;
  std::uint16_t port = 5432;
  std::string name;
  std::string user;
  Secret password;  // empty: peer authentication on a socket
  std::string migration_user;
  Secret migration_password;
  std::string ssl_mode;
  std::string ssl_root_cert;
  std::size_t min_connections = 5;
  std::size_t max_connections = 20;
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds acquire_timeout{10000};
  std::chrono::milliseconds idle_timeout{30000};
  std::chrono::milliseconds statement_timeout{30000};
};

struct Network {
  bool authenticate_users = true;
  NetworkRanges allowed;  // loopback is inside, whatever they say
  NetworkRanges admin_allowed;
  NetworkRanges trusted_proxies;
  std::vector<std::string> cors_origins;
  CsrfMode csrf_mode = CsrfMode::automatic;
};

struct Http {
  std::size_t body_bytes_max = 102400;
  std::chrono::milliseconds header_timeout{10000};
  std::chrono::milliseconds keepalive_timeout{60000};
};

struct WebSocket {
  std::size_t connections_max = 10000;  // authenticated
  std::chrono::milliseconds connection_timeout{120000};
  std::chrono::milliseconds heartbeat_interval{30000};
  std::chrono::milliseconds auth_timeout{5000};
  std::size_t frame_bytes_max = 65536;
  std::size_t replay_max = 1000;
  std::uint32_t frames_per_second = 20;
  std::uint32_t frames_burst = 60;
  std::size_t send_queue_bytes_max = 1 << 20;
  std::uint64_t send_queue_total_bytes_max = 256U << 20;
  std::size_t unauthenticated_per_ip = 200;
  std::size_t connections_per_user = 10;
  std::chrono::milliseconds write_timeout{30000};
};

struct Messages {
  std::size_t text_code_points_max = 4000;
  std::chrono::minutes edit_window{0};  // 0: no limit
  bool phi_detection = true;
  int message_retention_days = 0;  // 0: for ever
  int audit_retention_days = 2192;
  std::chrono::minutes emergency_access{15};
};

struct RateLimit {
  std::chrono::minutes window{15};
  std::uint32_t auth = 10;
  std::uint32_t anonymous = 100;
  std::uint32_t standard = 1000;
  NetworkRanges exempt;
};

struct Lockout {
  int threshold = 5;
  std::chrono::minutes time{30};
};

struct Password {
  std::size_t length_min = 12;  // code points
  std::uint32_t argon2_memory_kib = 19456;
  std::uint32_t argon2_time = 3;
};

struct Admin {
  bool two_factor_required = false;
  std::chrono::minutes session{60};
  std::chrono::minutes idle{30};
  std::chrono::seconds refresh{5};
  std::string initial_username = "admin";
  std::string initial_email;  // empty: none
};

struct Outgoing {
  Notifier notifier = Notifier::outbox;
  Secret smtp_url;
  std::string smtp_from;
  std::string alert_webhook_url;
  Secret alert_webhook_secret;
  std::vector<std::string> alert_email_to;
  std::string syslog_address;
  std::string syslog_ca_file;
  std::string siem_format;
};

struct Metrics {
  NetworkRanges allow;
  Secret token;  // empty: none
};

struct Audit {
  std::string origin;  // empty: mcp-messenger/<installation id>
  std::string checkpoint_webhook_url;
  std::chrono::milliseconds batch_interval{100};
};

struct Backup {
  std::filesystem::path directory;
  int keep_days = 30;
  std::optional<std::chrono::minutes> at;  // since midnight UTC; none: by hand
};

// Nearest to the operator first; that is also their precedence.
enum class Layer : std::uint8_t { command_line, environment, dotenv, file, fallback };
std::string_view name(Layer layer);  // "command line", "environment", ".env", "config.json", "default"

// A finding. Never holds a value: `message` names the rule.
struct Problem {
  std::string variable;  // "DB_HOST", or the key in config.json that is none of ours
  std::string message;
  Layer layer = Layer::fallback;
  std::string source = {};  // file, where the layer has one
};

// One variable as it is in force, for `config show --origin` and GET /api/admin/config.
struct Described {
  std::string variable;
  std::string key;
  std::string value;  // of a secret: "set" or "missing"
  bool is_secret = false;
  Layer layer = Layer::fallback;
  std::string source;
  std::string runtime_setting;
};

struct Config {
  Mode mode = Mode::development;
  std::filesystem::path home;
  Server server;
  Log log;
  Session session;
  Keys keys;
  Database database;
  Network network;
  Http http;
  WebSocket websocket;
  Messages messages;
  RateLimit rate_limit;
  Lockout lockout;
  Password password;
  Registration registration = Registration::approval;
  Admin admin;
  Outgoing outgoing;
  Metrics metrics;
  Audit audit;
  Backup backup;

  std::vector<Problem> warnings;     // not refused, worth a line in the log
  std::vector<Described> described;  // every variable of contract-config 2, in its order

  bool is_production() const { return mode == Mode::production; }
};

// What the configuration is for decides which secrets must be there.
enum class Purpose : std::uint8_t {
  serve,        // everything
  check,        // everything, as serve would want it
  operate,      // commands on the database of a running installation: everything, too
  migrate,      // the owner's way to the database; no keys
  rotate_root,  // as operate; the only one that reads ENCRYPTION_KEY_NEXT and METADATA_KEY_NEXT
  setup,        // nothing: it makes what is missing
  show,         // nothing
};

struct LoadOptions {
  Purpose purpose = Purpose::serve;
  std::map<std::string, std::string> flags = {};          // command line: variable -> value. Never a secret.
  std::optional<std::filesystem::path> config_file = {};  // --config
  std::filesystem::path working_directory = ".";
};

// Reads all layers. Every problem is reported at once.
std::expected<Config, std::vector<Problem>> load(const LoadOptions& options, const Environment& environment);

// MESSENGER_HOME alone, absolute: the process becomes the home's owner before it reads the rest.
std::filesystem::path home_directory(const LoadOptions& options, const Environment& environment);

}  // namespace mcp::config
