// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "app/serve.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <vector>

#include "app/foundations.hpp"
#include "app/server.hpp"
#include "app/supervisor.hpp"
#include "core/log.hpp"
#include "operations/external_database.hpp"
#include "operations/failure.hpp"
#include "operations/home.hpp"
#include "operations/private_cluster.hpp"

namespace mcp::app {
namespace {

using operations::ExitCode;
using operations::Failure;

constexpr std::chrono::minutes cluster_patience{2};  // recovery after a crash may take its time

// What the configuration can say and this version cannot do. Ignoring it in silence would be worse than not starting.
void refuse_unavailable(const config::Config& config) {
  const auto refuse = [](std::string_view variable, std::string_view value) {
    throw Failure(ExitCode::configuration, fmt::format("{}: {} is not available in this version", variable, value));
  };
  if (config.keys.provider == config::KeyProvider::file) refuse("KEY_PROVIDER", "file");
  if (config.keys.provider == config::KeyProvider::pkcs11) refuse("KEY_PROVIDER", "pkcs11");
  if (config.network.csrf_mode == config::CsrfMode::strict) refuse("CSRF_MODE", "strict");
  if (!config.network.authenticate_users) refuse("AUTHENTICATE_USERS", "false");
  if (config.server.redirect_port) refuse("HTTP_REDIRECT_PORT", "a redirecting port");
  if (config.outgoing.notifier == config::Notifier::smtp) refuse("NOTIFIER", "smtp");
  if (!config.outgoing.syslog_address.empty()) refuse("SYSLOG_ADDRESS", "forwarding of audit entries");
  if (!config.outgoing.alert_webhook_url.empty()) refuse("ALERT_WEBHOOK_URL", "a webhook for alerts");
  if (!config.audit.checkpoint_webhook_url.empty()) refuse("CHECKPOINT_WEBHOOK_URL", "a webhook for checkpoints");
}

// Sockets need descriptors: as many as the hard limit gives.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

log::Settings log_settings(const config::Log& config, const std::string& instance) {
  log::Settings settings;
  settings.level = config.level;
  settings.to_stdout = config.to_stdout;
  settings.pretty = isatty(STDOUT_FILENO) == 1;
  settings.directory = config.directory.string();
  settings.file_bytes_max = config.file_bytes_max;
  settings.keep_days = config.keep_days;
  settings.instance = instance;
  return settings;
}

void log_warnings(const config::Config& config) {
  for (const auto& warning : config.warnings) {
    log::warn("config", "check this setting",
              {{log::Field::variable, warning.variable}, {log::Field::reason, warning.message}});
  }
}

// Runs a task to its end on the main thread's loop.
template <class T>
T run(asio::io_context& context, Task<T> task) {
  std::exception_ptr failure;
  std::optional<T> result;
  asio::co_spawn(context.get_executor(), std::move(task), [&](std::exception_ptr why, T value) {
    failure = std::move(why);
    result.emplace(std::move(value));
    context.stop();  // signals and timers may still be waited for when it fails
  });
  context.restart();
  context.run();
  if (failure) std::rethrow_exception(failure);
  return std::move(*result);
}

// Starts everything, waits, stops everything. The answer: was the stop clean?
Task<bool> run_server(const config::Config* config, operations::ServingLock* lock, operations::Home home,
                      operations::DatabaseAccess access, bool migrate, Supervisor* supervisor) {
  auto foundations = co_await lay_foundations(*config, std::move(home), std::move(access), migrate);
  Server server(*config, std::move(foundations), lock->previous_stop_was_unclean());
  lock->starts_serving();
  co_await server.start();
  log::info("app", "listening", {{log::Field::address, config->server.host}, {log::Field::port, server.port()}});
  fmt::print("listening on {}://{}:{}\n", config->server.tls.certificate_file.empty() ? "http" : "https",
             config->server.host, server.port());
  std::fflush(stdout);
  supervisor->notify_ready();
  const std::string reason = co_await supervisor->wait_for_stop([&server] { server.reload_certificate(); });
  log::info("app", "stopping", {{log::Field::reason, reason}});
  supervisor->on_next_signal([&server] { server.cut(); });
  const auto deadline = std::chrono::steady_clock::now() + config->server.shutdown_grace;
  const auto stop = co_await server.stop(reason, deadline);
  if (stop.is_written) lock->stopped_cleanly();
  supervisor->finish();
  co_return !stop.has_cut && stop.is_written;
}

}  // namespace

int serve(const config::Config& config, bool migrate) {
  refuse_unavailable(config);
  raise_descriptor_limit();
  std::signal(SIGPIPE, SIG_IGN);
  auto home = operations::Home::open(config.home);
  operations::ServingLock lock(home);
  log::start(log_settings(config.log, config.server.instance_name));
  log_warnings(config);

  std::optional<operations::PrivateCluster> cluster;
  if (config.database.is_private) {
    cluster.emplace(operations::PrivateCluster::open(home));
    cluster->start();
    cluster->wait_ready(cluster_patience);
  }
  asio::io_context context(1);
  bool is_clean = false;
  {
    Supervisor supervisor(context.get_executor(), cluster ? &*cluster : nullptr);
    auto access = cluster ? operations::DatabaseAccess{.owner = cluster->owner(), .serving = cluster->serving()}
                          : operations::external_access(config.database);
    is_clean = run(context, run_server(&config, &lock, home, std::move(access), migrate, &supervisor));
  }
  if (cluster) cluster->stop();
  log::info("app", "stopped");
  log::stop();
  return static_cast<int>(is_clean ? ExitCode::done : ExitCode::negative);
}

}  // namespace mcp::app
