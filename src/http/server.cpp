// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "http/server.hpp"

#include <string.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/post.hpp>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include "core/log.hpp"
#include "http/connection.hpp"
#include "http/error_response.hpp"
#include "http/request_origin.hpp"
#include "http/response_head.hpp"
#include "net/address_ranges.hpp"

namespace mcp::http {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t read_bytes_max = 16 * 1024;     // fed to a connection at a time: bounds what it buffers
constexpr std::size_t linger_bytes_max = 256 * 1024;  // read and dropped behind the last answer

// What a socket gives is read here and copied to where it belongs at once, so that no connection owns a read buffer.
std::span<std::uint8_t> reading_space() {
  thread_local std::array<std::uint8_t, read_bytes_max> space;
  return space;
}

// "https://chat.example.org/path" -> "https://chat.example.org"
std::vector<std::string> origins_of(const std::string& url) {
  const std::size_t authority = url.find("://");
  if (authority == std::string::npos) return {};
  return {url.substr(0, url.find('/', authority + 3))};
}

}  // namespace

struct Server::State {
  ServerSettings settings;
  const Router& router;
  UpgradeHandler upgrade;
  UpgradeRules upgrade_rules;
  net::AddressRanges trusted_proxies;
  std::atomic<bool> is_draining{false};
  Stats stats;

  // Streams that wait for the next request, by shard. A stream is added, removed and cancelled on its own shard only;
  // the lock is for drain(), which reads from another thread.
  struct Idle {
    std::mutex mutex;
    std::vector<net::Stream*> streams;
  };
  std::array<Idle, 16> idle;  // shards share an entry when there are more of them

  State(ServerSettings wanted, const Router& routes) : settings(std::move(wanted)), router(routes) {}
  Idle& idle_of(const net::Stream& stream) { return idle[stream.shard() % idle.size()]; }
};

namespace {

// Keeps a stream among the idle ones.
class IdleEntry {
 public:
  IdleEntry(Server::State::Idle& idle, net::Stream& stream) : idle_(idle), stream_(stream) {
    const std::lock_guard lock(idle_.mutex);
    idle_.streams.push_back(&stream_);
  }
  ~IdleEntry() {
    const std::lock_guard lock(idle_.mutex);
    std::erase(idle_.streams, &stream_);
  }
  IdleEntry(const IdleEntry&) = delete;
  IdleEntry& operator=(const IdleEntry&) = delete;

 private:
  Server::State::Idle& idle_;
  net::Stream& stream_;
};

// The requests of one connection. Lives in the frame of run(), so it is gone before an upgraded connection is served.
class Conversation {
 public:
  Conversation(Server::State& state, net::Stream& stream)
      : state_(state), stream_(stream), connection_(state.settings.body_bytes_max) {
    state_.stats.connections.fetch_add(1, std::memory_order_relaxed);
  }
  ~Conversation() { state_.stats.connections.fetch_sub(1, std::memory_order_relaxed); }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  // Answers requests until the connection ends (then the result is empty) or a WebSocket may begin.
  Task<std::unique_ptr<Upgrade>> run();

 private:
  Task<bool> read_request();
  Task<bool> wait_for_first_byte(net::Deadline deadline);
  Task<bool> read_more(net::Deadline deadline);
  Task<> answer_refused();
  Task<std::unique_ptr<Upgrade>> answer_upgrade(Request request, AnswerContext context);
  Task<bool> write(const Response& response, const AnswerContext& context);
  Task<bool> write_all(std::string_view head, std::string_view body);
  Task<> linger();
  AnswerContext context_of(Request& request) const;

  Server::State& state_;
  net::Stream& stream_;
  Connection connection_;
  bool is_first_ = true;
};

Task<std::unique_ptr<Upgrade>> Conversation::run() {
  while (co_await read_request()) {
    is_first_ = false;
    if (connection_.state() == Connection::State::refused) {
      co_await answer_refused();
      break;
    }
    const auto begun = SteadyClock::now();
    Request request = connection_.take();
    AnswerContext context = context_of(request);
    if (is_upgrade_attempt(request)) co_return co_await answer_upgrade(std::move(request), std::move(context));
    const Response response = co_await state_.router.respond(std::move(request));
    if (state_.is_draining) context.keep_alive = false;
    state_.stats.count_answer(response.status, SteadyClock::now() - begun);
    if (!co_await write(response, context)) break;
    if (context.keep_alive) continue;
    co_await linger();
    break;
  }
  co_return nullptr;
}

// True when connection_ has a complete or a refused request, false when the client is gone or was idle for too long.
Task<bool> Conversation::read_request() {
  const auto opened = SteadyClock::now();
  connection_.feed({});
  if (!connection_.has_begun()) {
    const auto patience = is_first_ ? state_.settings.header_timeout : state_.settings.keepalive_timeout;
    if (!co_await wait_for_first_byte(opened + patience)) co_return false;
  }
  const net::Deadline head_deadline = (is_first_ ? opened : SteadyClock::now()) + state_.settings.header_timeout;
  while (connection_.state() == Connection::State::head) {
    if (!co_await read_more(head_deadline)) co_return false;
  }
  const net::Deadline body_deadline = SteadyClock::now() + state_.settings.body_timeout;
  while (connection_.state() == Connection::State::body) {
    if (connection_.take_continue() && !co_await write_all("HTTP/1.1 100 Continue\r\n\r\n", {})) co_return false;
    if (!co_await read_more(body_deadline)) co_return false;
  }
  co_return true;
}

Task<bool> Conversation::wait_for_first_byte(net::Deadline deadline) {
  const IdleEntry entry(state_.idle_of(stream_), stream_);
  if (state_.is_draining) co_return false;  // looked at behind the entry: drain() either sees it or is seen
  const net::IoStatus status = co_await stream_.wait_readable(deadline);
  co_return status == net::IoStatus::done;
}

// Feeds what the socket has to connection_. False when the client is gone; running out of time refuses the request.
Task<bool> Conversation::read_more(net::Deadline deadline) {
  const auto space = reading_space();
  const net::IoResult got = stream_.try_read(space);
  if (got.status == net::IoStatus::done) {
    connection_.feed({reinterpret_cast<const char*>(space.data()), got.bytes});
    explicit_bzero(space.data(), got.bytes);  // passwords and tokens
    // A client that always has another byte ready must not outlast the deadline.
    if (SteadyClock::now() > deadline && connection_.state() <= Connection::State::body) connection_.time_out();
    co_return true;
  }
  if (got.status != net::IoStatus::would_block) co_return false;
  const net::IoStatus status = co_await stream_.wait_readable(deadline);
  if (status == net::IoStatus::timed_out) {
    if (!connection_.has_begun()) co_return false;
    connection_.time_out();
  }
  co_return status == net::IoStatus::done || status == net::IoStatus::timed_out;
}

AnswerContext Conversation::context_of(Request& request) const {
  identify_origin(request, stream_.peer_address(), stream_.is_tls(), state_.trusted_proxies);
  return answer_context(request, state_.settings.cors_origins, state_.settings.hsts);
}

Task<> Conversation::answer_refused() {
  Request request = connection_.take_refused();
  const AnswerContext context = context_of(request);
  const Response response = error_response(connection_.refusal(), context.request_id);
  state_.stats.refused_by_gate.fetch_add(1, std::memory_order_relaxed);
  state_.stats.count_answer(response.status, {});
  log::debug("http", "request refused by the gate",
             {{log::Field::request_id, context.request_id},
              {log::Field::ip_address, request.origin.ip_address},
              {log::Field::error_code, connection_.refusal().code}});
  if (co_await write(response, context)) co_await linger();
}

// The Upgrade when the WebSocket may begin; else the refusal has been answered.
Task<std::unique_ptr<Upgrade>> Conversation::answer_upgrade(Request request, AnswerContext context) {
  auto refusal = refuse_upgrade(request, state_.upgrade_rules, state_.is_draining);
  if (!refusal) {
    state_.stats.upgrades.fetch_add(1, std::memory_order_relaxed);
    auto upgrade = std::make_unique<Upgrade>();
    upgrade->websocket_key = request.header("sec-websocket-key").value_or(std::string_view());
    upgrade->leftover = connection_.take_rest();
    upgrade->answer_headers = common_headers(context);
    upgrade->request = std::move(request);
    co_return upgrade;
  }
  std::exception_ptr fault;
  if (refusal->error.code == ErrorCode::forbidden && state_.upgrade_rules.guards.record_refusal) {
    try {
      co_await state_.upgrade_rules.guards.record_refusal(request, refusal->error);
    } catch (...) {
      fault = std::current_exception();
    }
  }
  if (fault) {
    log::error("http", "the refusal of a WebSocket could not be recorded",
               {{log::Field::request_id, context.request_id}});
    *refusal = {.error = Error{.code = ErrorCode::unavailable, .message = "the service is unavailable", .fields = {}}};
  }
  context.keep_alive = false;
  const Response response = refusal_response(*refusal, context.request_id);
  state_.stats.upgrades_refused.fetch_add(1, std::memory_order_relaxed);
  state_.stats.count_answer(response.status, {});
  if (co_await write(response, context)) co_await linger();
  co_return nullptr;
}

Task<bool> Conversation::write(const Response& response, const AnswerContext& context) {
  const std::string head = response_head(response, context);
  co_return co_await write_all(head,
                               has_body(response, context) ? std::string_view(response.body) : std::string_view());
}

Task<bool> Conversation::write_all(std::string_view head, std::string_view body) {
  while (!head.empty() || !body.empty()) {
    const std::array<iovec, 2> pieces{iovec{.iov_base = const_cast<char*>(head.data()), .iov_len = head.size()},
                                      iovec{.iov_base = const_cast<char*>(body.data()), .iov_len = body.size()}};
    const net::IoResult written = stream_.try_write(pieces);
    if (written.status == net::IoStatus::would_block) {
      const net::Deadline deadline = SteadyClock::now() + state_.settings.write_timeout;
      if (co_await stream_.wait_writable(deadline) != net::IoStatus::done) co_return false;
      continue;
    }
    if (written.status != net::IoStatus::done) co_return false;
    const std::size_t of_head = std::min(written.bytes, head.size());
    head.remove_prefix(of_head);
    body.remove_prefix(written.bytes - of_head);
  }
  co_return true;
}

// Closing a socket with unread bytes resets it, and the client may lose the answer (RFC 9112 section 9.6): sends FIN,
// then reads and drops what still comes, within bounds.
Task<> Conversation::linger() {
  stream_.shutdown_write();
  const net::Deadline deadline = SteadyClock::now() + state_.settings.linger_timeout;
  std::size_t dropped = 0;
  while (dropped < linger_bytes_max && SteadyClock::now() < deadline) {
    const net::IoResult got = stream_.try_read(reading_space());
    dropped += got.bytes;
    if (got.status == net::IoStatus::done) continue;
    if (got.status != net::IoStatus::would_block) break;
    if (co_await stream_.wait_readable(deadline) != net::IoStatus::done) break;
  }
}

Task<std::unique_ptr<Upgrade>> converse(Server::State* state, net::Stream* stream) {
  Conversation conversation(*state, *stream);
  co_return co_await conversation.run();
}

}  // namespace

Server::Server(ServerSettings settings, const Router& router, UpgradeHandler upgrade, UpgradeGuards guards)
    : state_(std::make_shared<State>(std::move(settings), router)) {
  state_->upgrade = std::move(upgrade);
  state_->trusted_proxies = net::AddressRanges(state_->settings.trusted_proxies);
  state_->upgrade_rules = {.own_origins = origins_of(state_->settings.public_url),
                           .other_origins = state_->settings.cors_origins,
                           .guards = std::move(guards)};
}

Task<> Server::serve(std::unique_ptr<net::Stream> stream) const {
  const std::shared_ptr<State> state = state_;
  std::unique_ptr<Upgrade> upgrade = co_await converse(state.get(), stream.get());
  if (!upgrade) co_return;
  Task<> session = state->upgrade(std::move(stream), std::move(*upgrade));
  upgrade.reset();
  co_await std::move(session);
}

void Server::drain() {
  if (state_->is_draining.exchange(true)) return;
  for (State::Idle& idle : state_->idle) {
    const std::lock_guard lock(idle.mutex);
    std::vector<Executor> executors;
    for (net::Stream* stream : idle.streams) {
      if (std::ranges::find(executors, stream->executor()) == executors.end()) executors.push_back(stream->executor());
    }
    for (const Executor& executor : executors) {
      asio::post(executor, [state = state_, &idle, executor] {
        const std::lock_guard on_shard(idle.mutex);
        for (net::Stream* stream : idle.streams) {
          if (stream->executor() == executor) stream->cancel();
        }
      });
    }
  }
}

const Stats& Server::stats() const { return state_->stats; }

}  // namespace mcp::http
