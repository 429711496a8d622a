// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "net/socket_stream.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>
#include <utility>

namespace mcp::net {
namespace {

using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

constexpr std::size_t pieces_max = 64;  // of one sendmsg; IOV_MAX is 1024

IoResult failure_of(int error) {
  const bool again = error == EAGAIN || error == EWOULDBLOCK;
  return {.status = again ? IoStatus::would_block : IoStatus::failed, .bytes = 0};
}

}  // namespace

void OpenStreams::close_all() {
  for (SocketStream* stream = first_; stream != nullptr; stream = stream->next_) stream->close();
}

SocketStream::SocketStream(Socket socket, std::string peer_address, std::size_t shard,
                           std::shared_ptr<OpenStreams> open_streams)
    : executor_(socket.get_executor()),
      socket_(std::move(socket)),
      peer_address_(std::move(peer_address)),
      open_streams_(std::move(open_streams)),
      next_(open_streams_->first_),
      shard_(static_cast<std::uint32_t>(shard)) {
  if (next_ != nullptr) next_->previous_ = this;
  open_streams_->first_ = this;
}

SocketStream::~SocketStream() {
  if (next_ != nullptr) next_->previous_ = previous_;
  (previous_ != nullptr ? previous_->next_ : open_streams_->first_) = next_;
}

int SocketStream::descriptor() { return socket_.native_handle(); }

IoResult SocketStream::try_read(std::span<std::uint8_t> into) {
  if (!socket_.is_open()) return {.status = IoStatus::failed, .bytes = 0};
  for (;;) {
    const ssize_t got = ::recv(descriptor(), into.data(), into.size(), MSG_DONTWAIT);
    if (got > 0) return {.status = IoStatus::done, .bytes = static_cast<std::size_t>(got)};
    if (got == 0) return {.status = IoStatus::end_of_stream, .bytes = 0};
    if (errno != EINTR) return failure_of(errno);
  }
}

IoResult SocketStream::try_write(std::span<const iovec> pieces) {
  if (!socket_.is_open()) return {.status = IoStatus::failed, .bytes = 0};
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());  // sendmsg only reads it
  message.msg_iovlen = std::min(pieces.size(), pieces_max);
  for (;;) {
    const ssize_t sent = ::sendmsg(descriptor(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) return {.status = IoStatus::done, .bytes = static_cast<std::size_t>(sent)};
    if (errno != EINTR) return failure_of(errno);
  }
}

Task<IoStatus> SocketStream::wait(Socket::wait_type what, Deadline deadline) {
  return deadline == Deadline::max() ? wait_forever(what) : wait_until(what, deadline);
}

Task<IoStatus> SocketStream::wait_forever(Socket::wait_type what) {
  const std::uint32_t cancellations = cancellations_;
  while (socket_.is_open()) {
    boost::system::error_code error;
    co_await socket_.async_wait(what, asio::redirect_error(use_task, error));
    if (!error) co_return IoStatus::done;
    if (error != asio::error::operation_aborted || cancellations != cancellations_) break;
  }
  co_return IoStatus::failed;
}

Task<IoStatus> SocketStream::wait_until(Socket::wait_type what, Deadline deadline) {
  struct Expiry {
    SocketStream* waiting;  // null once the wait has ended: the timer's handler may still be queued then
    bool has_come = false;
  };
  const auto expiry = std::make_shared<Expiry>(Expiry{.waiting = this});
  Timer timer(executor_, deadline);
  timer.async_wait([expiry](boost::system::error_code error) {
    if (error || expiry->waiting == nullptr) return;
    expiry->has_come = true;
    expiry->waiting->wake_waiters();
  });
  const std::uint32_t cancellations = cancellations_;
  IoStatus status = IoStatus::failed;
  while (socket_.is_open()) {
    boost::system::error_code error;
    co_await socket_.async_wait(what, asio::redirect_error(use_task, error));
    if (!error) {
      status = IoStatus::done;
      break;
    }
    if (error != asio::error::operation_aborted || cancellations != cancellations_) break;
    if (expiry->has_come) {
      status = socket_.is_open() ? IoStatus::timed_out : IoStatus::failed;
      break;
    }
  }
  expiry->waiting = nullptr;
  co_return status;
}

// Ends the pending waits of both directions; one that was meant by neither cancel() nor its own deadline waits again.
void SocketStream::wake_waiters() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void SocketStream::cancel() {
  ++cancellations_;
  wake_waiters();
}

void SocketStream::shutdown_write() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void SocketStream::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace mcp::net
