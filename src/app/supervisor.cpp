// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "app/supervisor.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "core/log.hpp"

namespace mcp::app {

Supervisor::Supervisor(Executor executor, operations::PrivateCluster* cluster)
    : cluster_(cluster), signals_(executor, SIGTERM, SIGINT, SIGHUP), children_(executor), cluster_timer_(executor) {
  if (cluster_ != nullptr) {
    children_.add(SIGCHLD);
    watch_cluster();
    poll_cluster();
  }
}

void Supervisor::watch_cluster() {
  children_.async_wait([this](const boost::system::error_code& error, int) {
    if (error || is_finished_) return;
    watch_cluster();
    poll_cluster();
  });
}

void Supervisor::poll_cluster() {
  const auto again = cluster_->poll();
  if (!again) return;
  cluster_timer_.expires_after(*again);
  cluster_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !is_finished_) poll_cluster();
  });
}

Task<std::string> Supervisor::wait_for_stop(std::function<void()> reload) {
  while (true) {
    const int signal = co_await signals_.async_wait(use_task);
    if (signal != SIGHUP) co_return signal == SIGINT ? "SIGINT" : "SIGTERM";
    log::reopen();
    log::info("app", "the log file was opened anew");
    reload();
  }
}

void Supervisor::on_next_signal(std::function<void()> cut) {
  signals_.async_wait([this, cut = std::move(cut)](const boost::system::error_code& error, int signal) mutable {
    if (error || is_finished_) return;
    if (signal == SIGHUP) return on_next_signal(std::move(cut));
    log::warn("app", "a second signal: what is left is cut");
    cut();
  });
}

void Supervisor::finish() {
  is_finished_ = true;
  signals_.cancel();
  children_.cancel();
  cluster_timer_.cancel();
}

void Supervisor::notify_ready() const {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  if (path == nullptr || std::strlen(path) < 2 || std::strlen(path) >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path, std::strlen(path));
  if (path[0] == '@') address.sun_path[0] = '\0';  // abstract socket
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return;
  static constexpr std::string_view state = "READY=1";
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
  sendto(socket, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), length);
  close(socket);
}

}  // namespace mcp::app
