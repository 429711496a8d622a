// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "net/listener.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>
#include <cstring>
#include <exception>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include "core/log.hpp"
#include "net/address_ranges.hpp"
#include "net/socket_stream.hpp"
#include "net/tls_stream.hpp"

namespace mcp::net {
namespace {

using asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using SteadyClock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor>;

constexpr std::chrono::seconds cut_grace{5};           // for tasks whose stream was closed under them
constexpr std::chrono::milliseconds accept_pause{20};  // when the system has no memory or descriptors to give
constexpr std::chrono::seconds burst_gap{10};          // refusals further apart are separate bursts in the log
constexpr int accepted_in_a_row_max = 64;              // then other work of the shard gets its turn
constexpr int backlog = 4096;                          // cut to net.core.somaxconn by the kernel

// Connections may take the descriptor limit less this: the database pool (20 by default), logs, home and certificates.
std::size_t descriptors_reserved(std::size_t limit) { return std::min<std::size_t>(256, limit / 4); }

std::size_t descriptors_for_connections() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
  const auto descriptors = static_cast<std::size_t>(limit.rlim_cur);
  return descriptors - descriptors_reserved(descriptors);
}

std::system_error system_error(int error, const std::string& what) {
  return std::system_error(error, std::system_category(), what);
}

void close_descriptor(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

int open_reserve() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

std::vector<tcp::endpoint> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int outcome = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (outcome != 0) {
    throw std::system_error(std::make_error_code(std::errc::address_not_available),
                            "cannot resolve the host to listen on, " + host + ": " + gai_strerror(outcome));
  }
  std::vector<tcp::endpoint> endpoints;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    tcp::endpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), entry->ai_addr, entry->ai_addrlen);
    endpoint.resize(entry->ai_addrlen);
    if (std::ranges::find(endpoints, endpoint) == endpoints.end()) endpoints.push_back(endpoint);
  }
  freeaddrinfo(found);
  return endpoints;
}

void set_option(int descriptor, int level, int name, int value) {
  if (::setsockopt(descriptor, level, name, &value, sizeof value) != 0) throw system_error(errno, "setsockopt");
}

// With SO_REUSEPORT a second server of the same user would share the port instead of failing. A socket without it shows
// whether somebody listens there.
void refuse_shared_port(const tcp::endpoint& endpoint, bool only_ipv6) {
  int probe = ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) throw system_error(errno, "socket");
  const int on = 1;
  ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (only_ipv6) ::setsockopt(probe, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  const int outcome = ::bind(probe, endpoint.data(), static_cast<socklen_t>(endpoint.size()));
  const int error = errno;
  close_descriptor(probe);
  if (outcome != 0) throw system_error(error, "cannot listen on port " + std::to_string(endpoint.port()));
}

Acceptor bind_acceptor(const Executor& executor, const tcp::endpoint& endpoint, bool only_ipv6) {
  Acceptor acceptor(executor, endpoint.protocol());
  set_option(acceptor.native_handle(), SOL_SOCKET, SO_REUSEADDR, 1);
  set_option(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, 1);
  if (endpoint.address().is_v6()) set_option(acceptor.native_handle(), IPPROTO_IPV6, IPV6_V6ONLY, only_ipv6 ? 1 : 0);
  if (::bind(acceptor.native_handle(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) {
    throw system_error(errno, "cannot listen on port " + std::to_string(endpoint.port()));
  }
  return acceptor;
}

std::string address_of(const sockaddr_storage& peer) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = peer.ss_family == AF_INET6
                          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr)
                          : static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(peer).sin_addr);
  if (inet_ntop(peer.ss_family, bytes, text.data(), text.size()) == nullptr) return {};
  return canonical_address(text.data()).value_or(std::string());
}

enum class Accepted : std::uint8_t {
  connection,
  lost,     // the peer gave up in the queue, or its network failed (accept(2))
  refused,  // accepted and closed because there is no room
  nothing,  // the queue is empty
  starved,  // the system has nothing to accept or to serve with
};

}  // namespace

struct Listener::Impl {
  // Touched on its shard only, but for start() before anything runs.
  struct Shard {
    Executor executor;
    std::shared_ptr<OpenStreams> open_streams = std::make_shared<OpenStreams>();
    std::vector<Acceptor> acceptors;
    int reserve = -1;
    SteadyClock::time_point last_refusal{};

    explicit Shard(Executor where) : executor(std::move(where)) {}
    ~Shard() { close_descriptor(reserve); }
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;
  };

  ConnectionHandler handler;
  std::shared_ptr<Tls> tls;
  std::chrono::milliseconds handshake_timeout{};
  std::vector<std::unique_ptr<Shard>> shards;
  std::uint16_t port = 0;
  std::size_t connections_max = SIZE_MAX;
  std::atomic<bool> is_stopping{false};
  std::atomic<std::size_t> connections{0};
  std::atomic<std::uint64_t> refused{0};

  // Accept loops and connections that have not ended. Guards the waiter, which is woken when none is left.
  std::mutex tasks_mutex;
  std::size_t tasks = 0;
  std::shared_ptr<Timer> waiter;

  void bind(const std::string& host, std::uint16_t wanted);
  void task_begins();
  void task_ends();
  bool has_tasks();
  Accepted accept_one(Shard& shard, Acceptor& acceptor, int& descriptor, sockaddr_storage& peer);
  Accepted refuse_one(Shard& shard, Acceptor& acceptor);
  void count_refusal(Shard& shard);
  void connection_begins();
  void connection_ends();

  static Task<> accept_loop(std::shared_ptr<Impl> self, std::size_t shard_index, std::size_t acceptor_index);
  static Accepted accept_some(const std::shared_ptr<Impl>& self, std::size_t shard_index, Acceptor& acceptor,
                              int at_most);
  static Task<> pause(Executor executor);
  static Accepted begin_connection(const std::shared_ptr<Impl>& self, std::size_t shard_index, int descriptor,
                                   const sockaddr_storage& peer);
  static void spawn_connection(const std::shared_ptr<Impl>& self, std::size_t shard_index, Socket socket,
                               const sockaddr_storage& peer);
  static Task<> secure_connection(std::shared_ptr<Impl> self, std::unique_ptr<TlsStream> stream);
  static Task<bool> wait_for_tasks(std::shared_ptr<Impl> self, Deadline deadline);
};

void Listener::Impl::bind(const std::string& host, std::uint16_t wanted) {
  std::vector<tcp::endpoint> endpoints = resolve(host, wanted);
  port = wanted;
  for (tcp::endpoint& endpoint : endpoints) {
    endpoint.port(port);
    // "::" alone serves IPv4 as well, as mapped addresses; beside an IPv4 endpoint it must leave that to it.
    const bool only_ipv6 = endpoint.address().is_v6() && (endpoints.size() > 1 || !endpoint.address().is_unspecified());
    if (port != 0) refuse_shared_port(endpoint, only_ipv6);
    for (const auto& shard : shards) {
      shard->acceptors.push_back(bind_acceptor(shard->executor, endpoint, only_ipv6));
      if (port == 0) {
        port = shard->acceptors.back().local_endpoint().port();
        endpoint.port(port);
      }
    }
  }
}

void Listener::Impl::task_begins() {
  const std::lock_guard lock(tasks_mutex);
  ++tasks;
}

void Listener::Impl::task_ends() {
  const std::lock_guard lock(tasks_mutex);
  if (--tasks > 0 || !waiter) return;
  const Executor executor = waiter->get_executor();
  asio::post(executor, [timer = std::move(waiter)] { timer->cancel(); });
}

bool Listener::Impl::has_tasks() {
  const std::lock_guard lock(tasks_mutex);
  return tasks > 0;
}

void Listener::Impl::count_refusal(Shard& shard) {
  refused.fetch_add(1, std::memory_order_relaxed);
  const auto now = SteadyClock::now();
  if (now - shard.last_refusal > burst_gap) {
    log::error(
        "net", "no room for more connections: new ones are closed at once",
        {{log::Field::count, connections.load(std::memory_order_relaxed)}, {log::Field::limit, connections_max}});
  }
  shard.last_refusal = now;
}

// Gives up the reserve for as long as it takes to accept and close one connection.
Accepted Listener::Impl::refuse_one(Shard& shard, Acceptor& acceptor) {
  close_descriptor(shard.reserve);
  int descriptor = ::accept4(acceptor.native_handle(), nullptr, nullptr, SOCK_CLOEXEC);
  const bool closed_one = descriptor >= 0;
  close_descriptor(descriptor);
  shard.reserve = open_reserve();
  count_refusal(shard);
  return closed_one ? Accepted::refused : Accepted::starved;  // another thread took the descriptor
}

Accepted Listener::Impl::accept_one(Shard& shard, Acceptor& acceptor, int& descriptor, sockaddr_storage& peer) {
  socklen_t length = sizeof peer;
  descriptor =
      ::accept4(acceptor.native_handle(), reinterpret_cast<sockaddr*>(&peer), &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (descriptor >= 0) {
    if (connections.load(std::memory_order_relaxed) < connections_max) return Accepted::connection;
    close_descriptor(descriptor);
    count_refusal(shard);
    return Accepted::refused;
  }
  switch (errno) {
    case EAGAIN: return Accepted::nothing;
    case EMFILE:
    case ENFILE: return refuse_one(shard, acceptor);
    case ENOBUFS:
    case ENOMEM: return Accepted::starved;
    case EBADF:
    case EINVAL: return Accepted::nothing;  // closed meanwhile
    default: return Accepted::lost;
  }
}

Task<> Listener::Impl::pause(Executor executor) {
  Timer timer(executor, accept_pause);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(use_task, ignored));
}

Accepted Listener::Impl::accept_some(const std::shared_ptr<Impl>& self, std::size_t shard_index, Acceptor& acceptor,
                                     int at_most) {
  Accepted last = Accepted::nothing;
  for (int i = 0; i < at_most; ++i) {
    int descriptor = -1;
    sockaddr_storage peer{};
    last = self->accept_one(*self->shards[shard_index], acceptor, descriptor, peer);
    if (last == Accepted::connection) last = begin_connection(self, shard_index, descriptor, peer);
    if (last == Accepted::nothing || last == Accepted::starved) break;
  }
  return last;
}

Task<> Listener::Impl::accept_loop(std::shared_ptr<Impl> self, std::size_t shard_index, std::size_t acceptor_index) {
  Acceptor& acceptor = self->shards[shard_index]->acceptors[acceptor_index];
  boost::system::error_code error;
  while (!self->is_stopping) {
    co_await acceptor.async_wait(Acceptor::wait_read, asio::redirect_error(use_task, error));
    if (self->is_stopping) break;
    const Accepted last = accept_some(self, shard_index, acceptor, accepted_in_a_row_max);
    if (last == Accepted::starved || last == Accepted::refused) co_await pause(self->shards[shard_index]->executor);
  }
  accept_some(self, shard_index, acceptor, backlog);  // closing the port would reset those who wait in the queue
  acceptor.close(error);
}

void Listener::Impl::connection_begins() {
  task_begins();
  connections.fetch_add(1, std::memory_order_relaxed);
}

void Listener::Impl::connection_ends() {
  connections.fetch_sub(1, std::memory_order_relaxed);
  task_ends();
}

// An exception here must end the one connection: it would end the accept loop, and whoever the kernel sends to this
// shard's socket would then wait for ever.
Accepted Listener::Impl::begin_connection(const std::shared_ptr<Impl>& self, std::size_t shard_index, int descriptor,
                                          const sockaddr_storage& peer) {
  Shard& shard = *self->shards[shard_index];
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  bool is_owned = false;  // by the socket, which closes it
  self->connection_begins();
  try {
    Socket socket(shard.executor);
    boost::system::error_code error;
    socket.assign(peer.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), descriptor, error);
    is_owned = !error;
    if (is_owned) {
      spawn_connection(self, shard_index, std::move(socket), peer);
      return Accepted::connection;
    }
  } catch (const std::exception&) {  // no memory: OpenSSL's, or ours
  }
  if (!is_owned) close_descriptor(descriptor);  // epoll's own limit, or no memory
  self->connection_ends();
  self->count_refusal(shard);
  return Accepted::starved;
}

void Listener::Impl::spawn_connection(const std::shared_ptr<Impl>& self, std::size_t shard_index, Socket socket,
                                      const sockaddr_storage& peer) {
  const Shard& shard = *self->shards[shard_index];
  const auto ended = [self](std::exception_ptr fault) {
    if (fault) log::error("net", "a connection's task ended by an exception");
    self->connection_ends();
  };
  if (!self->tls) {
    auto stream = std::make_unique<SocketStream>(std::move(socket), address_of(peer), shard_index, shard.open_streams);
    asio::co_spawn(shard.executor, self->handler(std::move(stream)), ended);
    return;
  }
  auto stream =
      std::make_unique<TlsStream>(*self->tls, std::move(socket), address_of(peer), shard_index, shard.open_streams);
  asio::co_spawn(shard.executor, secure_connection(self, std::move(stream)), ended);
}

Task<> Listener::Impl::secure_connection(std::shared_ptr<Impl> self, std::unique_ptr<TlsStream> stream) {
  const Deadline deadline = SteadyClock::now() + self->handshake_timeout;
  if (co_await stream->handshake(deadline)) co_await self->handler(std::move(stream));
}

Task<bool> Listener::Impl::wait_for_tasks(std::shared_ptr<Impl> self, Deadline deadline) {
  const Executor executor = co_await asio::this_coro::executor;
  const auto timer = std::make_shared<Timer>(executor, deadline);
  {
    const std::lock_guard lock(self->tasks_mutex);
    if (self->tasks == 0) co_return true;
    self->waiter = timer;
  }
  boost::system::error_code ignored;
  co_await timer->async_wait(asio::redirect_error(use_task, ignored));
  co_return !self->has_tasks();
}

Listener::Listener(Shards& shards, const std::string& host, std::uint16_t port, std::shared_ptr<Tls> tls,
                   ConnectionHandler handler, ListenerSettings settings)
    : impl_(std::make_shared<Impl>()) {
  impl_->handler = std::move(handler);
  impl_->tls = std::move(tls);
  impl_->handshake_timeout = settings.handshake_timeout;
  impl_->connections_max = descriptors_for_connections();
  if (settings.connections_max > 0) impl_->connections_max = std::min(impl_->connections_max, settings.connections_max);
  for (const Executor& executor : shards.executors()) {
    impl_->shards.push_back(std::make_unique<Impl::Shard>(executor));
    impl_->shards.back()->reserve = open_reserve();
  }
  impl_->bind(host, port);
}

Listener::~Listener() = default;

std::uint16_t Listener::port() const { return impl_->port; }

void Listener::start() {
  for (std::size_t i = 0; i < impl_->shards.size(); ++i) {
    Impl::Shard& shard = *impl_->shards[i];
    for (std::size_t j = 0; j < shard.acceptors.size(); ++j) {
      const int descriptor = shard.acceptors[j].native_handle();
      if (::fcntl(descriptor, F_SETFL, O_NONBLOCK) != 0 || ::listen(descriptor, backlog) != 0) {
        throw system_error(errno, "cannot listen on port " + std::to_string(impl_->port));
      }
    }
  }
  for (std::size_t i = 0; i < impl_->shards.size(); ++i) {
    for (std::size_t j = 0; j < impl_->shards[i]->acceptors.size(); ++j) {
      impl_->task_begins();
      asio::co_spawn(impl_->shards[i]->executor, Impl::accept_loop(impl_, i, j),
                     [self = impl_](std::exception_ptr fault) {
                       if (fault) log::error("net", "accepting connections ended by an exception");
                       self->task_ends();
                     });
    }
  }
}

void Listener::stop_accepting() {
  if (impl_->is_stopping.exchange(true)) return;
  for (const auto& shard : impl_->shards) {
    asio::post(shard->executor, [self = impl_, &acceptors = shard->acceptors] {
      boost::system::error_code ignored;
      for (Acceptor& acceptor : acceptors) acceptor.cancel(ignored);
    });
  }
}

Task<bool> Listener::wait_for_connections(Deadline deadline) {
  const bool ended = co_await Impl::wait_for_tasks(impl_, deadline);
  if (ended) co_return true;
  for (const auto& shard : impl_->shards) {
    asio::post(shard->executor, [open_streams = shard->open_streams] { open_streams->close_all(); });
  }
  const Deadline grace = SteadyClock::now() + cut_grace;
  const bool noticed = co_await Impl::wait_for_tasks(impl_, grace);
  if (!noticed) {
    log::warn("net", "connections did not end in time", {{log::Field::count, connections()}});
  }
  co_return false;
}

void Listener::cut_connections() {
  const std::lock_guard lock(impl_->tasks_mutex);
  if (!impl_->waiter) return;
  const Executor executor = impl_->waiter->get_executor();
  asio::post(executor, [timer = std::move(impl_->waiter)] { timer->cancel(); });
}

std::size_t Listener::connections() const { return impl_->connections.load(std::memory_order_relaxed); }

std::uint64_t Listener::refused_connections() const { return impl_->refused.load(std::memory_order_relaxed); }

}  // namespace mcp::net
