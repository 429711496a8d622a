// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "app/server.hpp"

#include <sys/statvfs.h>

#include <atomic>
#include <optional>

#include "app/guards.hpp"
#include "app/metrics_page.hpp"
#include "audit/events.hpp"
#include "channels/channel_routes.hpp"
#include "channels/channel_service.hpp"
#include "channels/membership_service.hpp"
#include "core/log.hpp"
#include "core/version.hpp"
#include "crypto/digest.hpp"
#include "crypto/password.hpp"
#include "crypto/token.hpp"
#include "db/database.hpp"
#include "gateway/gateway.hpp"
#include "http/server.hpp"
#include "http/service_routes.hpp"
#include "http/static_files.hpp"
#include "identity/account_service.hpp"
#include "identity/auth_routes.hpp"
#include "identity/session_service.hpp"
#include "identity/user_routes.hpp"
#include "messages/message_routes.hpp"
#include "messages/message_service.hpp"
#include "net/listener.hpp"
#include "net/shards.hpp"
#include "operations/key_use_recorder.hpp"
#include "realtime/hub.hpp"

namespace mcp::app {
namespace {

constexpr std::uint64_t free_disk_bytes_min = 64ULL
                                              << 20;  // below it /ready turns red: logs and the database need room

db::PoolSettings pool_settings(const config::Database& config) {
  return {.min_connections = config.min_connections,
          .max_connections = config.max_connections,
          .acquire_timeout = config.acquire_timeout,
          .idle_timeout = config.idle_timeout,
          .statement_timeout = config.statement_timeout};
}

identity::SessionSettings session_settings(const config::Config& config) {
  identity::SessionSettings settings;
  settings.token_life = config.session.token_life;
  settings.session_life_max = config.session.life_max;
  settings.idle_max = config.session.idle_max;
  settings.lockout_threshold = config.lockout.threshold;
  settings.lockout_time = config.lockout.time;
  settings.admin_two_factor_required = config.admin.two_factor_required;
  settings.is_admin_network = [&network = config.network](std::string_view address) {
    return network.admin_allowed.contains(address) || config::is_loopback(address);
  };
  return settings;
}

identity::AccountSettings account_settings(const config::Config& config) {
  identity::AccountSettings settings;
  settings.password.length_min = config.password.length_min;
  settings.lockout = {.threshold = config.lockout.threshold, .time = config.lockout.time};
  return settings;
}

gateway::Settings gateway_settings(const config::Config& config, std::string epoch) {
  const auto& websocket = config.websocket;
  gateway::Settings settings;
  settings.admission = {.connections_max = websocket.connections_max,
                        .connections_per_user_max = websocket.connections_per_user,
                        .unauthenticated_per_address_max = websocket.unauthenticated_per_ip};
  settings.frame_bytes_max = websocket.frame_bytes_max;
  settings.text_code_points_max = config.messages.text_code_points_max;
  settings.rate_per_second = static_cast<int>(websocket.frames_per_second);
  settings.rate_burst = static_cast<int>(websocket.frames_burst);
  settings.send_queue_bytes = websocket.send_queue_bytes_max;
  settings.send_queue_total_bytes = websocket.send_queue_total_bytes_max;
  settings.authentication_timeout = websocket.auth_timeout;
  settings.heartbeat_interval = websocket.heartbeat_interval;
  settings.idle_timeout = websocket.connection_timeout;
  settings.write_timeout = websocket.write_timeout;
  settings.replay_max = websocket.replay_max;
  settings.epoch = std::move(epoch);
  settings.classify_fault = classify_fault;
  return settings;
}

http::ServerSettings http_settings(const config::Config& config) {
  http::ServerSettings settings;
  settings.body_bytes_max = config.http.body_bytes_max;
  settings.header_timeout = config.http.header_timeout;
  settings.keepalive_timeout = config.http.keepalive_timeout;
  settings.trusted_proxies = config.network.trusted_proxies.texts();
  settings.cors_origins = config.network.cors_origins;
  settings.public_url = config.server.public_url;
  settings.hsts = !config.server.tls.certificate_file.empty();
  return settings;
}

// Room for all WebSockets that may be there, known and unknown, and beside them for plain requests, health checks and
// upgrades that are being refused.
net::ListenerSettings listener_settings(const config::Config& config) {
  constexpr std::size_t for_requests = 1024;
  const gateway::AdmissionLimits places{.connections_max = config.websocket.connections_max};
  return {.connections_max = places.connections_max + places.unauthenticated_max() + for_requests};
}

std::optional<Secret> previous_secret(const Secret& secret) {
  return secret.empty() ? std::nullopt : std::optional<Secret>(secret.duplicate());
}

std::shared_ptr<net::Tls> load_tls(const config::Tls& tls) {
  return tls.certificate_file.empty() ? nullptr : net::Tls::load(tls.certificate_file, tls.key_file);
}

// What is in force, secrets as set or missing: tells an auditor that the configuration changed between two starts.
std::string config_digest(const config::Config& config) {
  std::string text;
  for (const auto& described : config.described) text += described.variable + '=' + described.value + '\n';
  return crypto::sha256_hex(text);
}

bool has_disk_space(const std::filesystem::path& home) {
  struct statvfs disk{};
  return statvfs(home.c_str(), &disk) == 0 && disk.f_bavail * disk.f_frsize >= free_disk_bytes_min;
}

}  // namespace

struct Server::Parts {
  Parts(const config::Config& configuration, Foundations laid, bool unclean)
      : config(configuration),
        previous_stop_was_unclean(unclean),
        foundations(std::move(laid)),
        ledger(*foundations.ledger),
        keys(*foundations.keys),
        io(config.server.threads),
        database(foundations.background->executor(0), foundations.database.duplicate(), pool_settings(config.database)),
        key_uses(foundations.background->executor(0), keys, ledger),
        hasher({.memory_kib = config.password.argon2_memory_kib, .time = config.password.argon2_time}, io.size()),
        signer(config.session.jwt_secret.duplicate(), previous_secret(config.session.jwt_secret_previous)),
        hub(io.executors()),
        sessions(database, ledger, hasher, signer, hub, session_settings(config), system_now),
        accounts(database, ledger, hasher, hub, account_settings(config)),
        channels(database, ledger, keys),
        memberships(ledger, hub),
        messages(database, ledger, keys, hub, {.text_code_points_max = config.messages.text_code_points_max}),
        gateway(io.executors(), {sessions, memberships, messages, hub, ledger},
                gateway_settings(config, foundations.epoch)),
        router(make_guards(config.network, sessions, ledger)),
        web(
            http_settings(config), router,
            [this](std::unique_ptr<net::Stream> stream, http::Upgrade upgrade) {
              return gateway.serve(std::move(stream), std::move(upgrade));
            },
            make_upgrade_guards(config.network, ledger,
                                [this](const http::Request& request) { return gateway.admit_upgrade(request); })),
        tls(load_tls(config.server.tls)),
        listener(
            io, config.server.host, config.server.port, tls,
            [this](std::unique_ptr<net::Stream> stream) { return web.serve(std::move(stream)); },
            listener_settings(config)) {
    router.add(identity::auth_routes(sessions, accounts, live_view()));
    router.add(identity::user_routes(sessions, live_view()));
    router.add(channels::channel_routes(channels, live_view()));
    router.add(messages::message_routes(messages));
    router.add(http::static_routes(http::embedded_files()));
    router.add(http::service_routes(service_settings()));
  }

  // Presence here is whether somebody is connected; what people set themselves travels over sockets.
  identity::LiveView live_view() {
    identity::LiveView live;
    live.connections_of = [this](SessionId session) { return gateway.connections_of(session); };
    live.presence_of = [this](UserId user) -> std::string_view {
      return gateway.connections_of(user) > 0 ? "online" : "offline";
    };
    return live;
  }

  http::ServiceSettings service_settings() {
    http::ServiceSettings settings;
    settings.check_readiness = [this] { return check_readiness(this); };
    settings.is_draining = [this] { return draining.load(); };
    settings.metrics_allow = config.metrics.allow.texts();
    if (!config.metrics.token.empty()) {
      settings.is_metrics_token = [this](std::string_view token) {
        return crypto::equal_constant_time(config.metrics.token.reveal(), token);
      };
    }
    settings.metrics_text = [this] {
      const std::chrono::duration<double> uptime = std::chrono::steady_clock::now() - started_at;
      return metrics_page({.pool = database.stats(),
                           .ledger = ledger.stats(),
                           .hub = hub.stats(),
                           .gateway = gateway.stats(),
                           .refused_connections = listener.refused_connections(),
                           .uptime_seconds = uptime.count()},
                          web.stats());
    };
    return settings;
  }

  static Task<http::Readiness> check_readiness(Parts* parts) {
    http::Readiness readiness;
    readiness.migrations = true;  // serve() has not got here with a schema that does not fit
    readiness.keys = parts->keys.active(crypto::KeyPurpose::message).has_value() &&
                     parts->keys.active(crypto::KeyPurpose::metadata).has_value();
    readiness.audit_writer = parts->ledger.stats().is_writable;
    readiness.disk = has_disk_space(parts->config.home);
    try {
      co_await parts->database.ping();
      readiness.database = true;
    } catch (const db::Fault&) {
      readiness.database = false;
    }
    co_return readiness;
  }

  const config::Config& config;
  std::atomic<bool> draining{false};
  std::chrono::steady_clock::time_point started_at = std::chrono::steady_clock::now();
  bool previous_stop_was_unclean;
  Foundations foundations;
  ledger::Ledger& ledger;
  crypto::Keyring& keys;
  net::Shards io;
  db::Database database;
  operations::KeyUseRecorder key_uses;
  crypto::PasswordHasher hasher;
  crypto::TokenSigner signer;
  realtime::Hub hub;
  identity::SessionService sessions;
  identity::AccountService accounts;
  channels::ChannelService channels;
  channels::MembershipService memberships;
  messages::MessageService messages;
  gateway::Gateway gateway;
  http::Router router;
  http::Server web;
  std::shared_ptr<net::Tls> tls;
  net::Listener listener;
};

Server::Server(const config::Config& config, Foundations foundations, bool previous_stop_was_unclean)
    : parts_(std::make_unique<Parts>(config, std::move(foundations), previous_stop_was_unclean)) {}

Server::~Server() {
  parts_->io.stop(true);
  parts_->foundations.background->stop(true);
}

Task<> Server::start() {
  Parts& parts = *parts_;
  parts.io.start();
  co_await parts.database.start();
  audit::Details details;
  details.word("version", version)
      .word("configDigest", config_digest(parts.config))
      .word("previousStop", parts.previous_stop_was_unclean ? "unclean" : "clean");
  auto started = std::make_shared<ledger::AuditUnit>(audit::server_entry("server_started", std::move(details)));
  co_await parts.ledger.commit(std::move(started));
  parts.key_uses.start();
  parts.gateway.start();
  parts.listener.start();
}

std::uint16_t Server::port() const { return parts_->listener.port(); }

void Server::reload_certificate() {
  if (!parts_->tls) return;
  try {
    parts_->tls->reload();
    log::info("app", "the certificate was read anew");
  } catch (const std::exception&) {
    log::error("app", "the new certificate and key cannot be used; the old ones stay in force",
               {{log::Field::path, parts_->config.server.tls.certificate_file}});
  }
}

void Server::cut() { parts_->listener.cut_connections(); }

Task<Server::Stop> Server::stop(std::string reason, net::Deadline deadline) {
  Parts& parts = *parts_;
  parts.draining = true;
  parts.listener.stop_accepting();
  parts.web.drain();
  parts.gateway.shut_down();
  const bool is_clean = co_await parts.listener.wait_for_connections(deadline);
  co_await parts.gateway.stop();
  co_await parts.key_uses.stop();
  bool is_written = true;
  try {
    auto stopped = std::make_shared<ledger::AuditUnit>(
        audit::server_entry("server_stopped", audit::Details{}.word("reason", reason)));
    co_await parts.ledger.commit(std::move(stopped));
  } catch (const std::exception&) {
    is_written = false;
    log::error("app", "the stop could not be written to the audit trail");
  }
  co_await parts.ledger.stop();
  co_await parts.database.stop();
  parts.io.stop(!is_clean);
  parts.foundations.background->stop(false);
  co_return Stop{.has_cut = !is_clean, .is_written = is_written};
}

}  // namespace mcp::app
