// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "net/stream.hpp"

namespace mcp::net {

using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

class SocketStream;

// The streams of one shard that are open, so that a listener can close them all. On that shard only.
class OpenStreams {
 public:
  void close_all();

 private:
  friend class SocketStream;
  SocketStream* first_ = nullptr;  // not owned; linked through the streams themselves
};

// What plain and TLS streams share: the socket's readiness, deadlines and end. TCP as it is; TLS overrides the bytes.
class SocketStream : public Stream {
 public:
  SocketStream(Socket socket, std::string peer_address, std::size_t shard, std::shared_ptr<OpenStreams> open_streams);
  ~SocketStream() override;
  SocketStream(const SocketStream&) = delete;
  SocketStream& operator=(const SocketStream&) = delete;

  IoResult try_read(std::span<std::uint8_t> into) override;
  IoResult try_write(std::span<const iovec> pieces) override;
  Task<IoStatus> wait_readable(Deadline deadline) override { return wait(Socket::wait_read, deadline); }
  Task<IoStatus> wait_writable(Deadline deadline) override { return wait(Socket::wait_write, deadline); }
  void cancel() override;
  void shutdown_write() override;
  void close() override;

  bool is_tls() const override { return false; }
  const std::string& peer_address() const override { return peer_address_; }
  Executor executor() const override { return executor_; }
  std::size_t shard() const override { return shard_; }

 protected:
  Task<IoStatus> wait(Socket::wait_type what, Deadline deadline);
  int descriptor();
  bool is_open() const { return socket_.is_open(); }

 private:
  friend class OpenStreams;
  Task<IoStatus> wait_forever(Socket::wait_type what);
  Task<IoStatus> wait_until(Socket::wait_type what, Deadline deadline);
  void wake_waiters();

  Executor executor_;
  Socket socket_;
  std::string peer_address_;
  std::shared_ptr<OpenStreams> open_streams_;
  SocketStream* previous_ = nullptr;
  SocketStream* next_ = nullptr;
  std::uint32_t shard_;
  std::uint32_t cancellations_ = 0;  // tells a wait that was cancelled from one that was only woken
};

}  // namespace mcp::net
