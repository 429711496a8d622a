// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "net/socket_stream.hpp"
#include "net/tls.hpp"

struct ssl_st;

namespace mcp::net {

// TLS by OpenSSL on the socket's own descriptor.
class TlsStream final : public SocketStream {
 public:
  TlsStream(const Tls& tls, Socket socket, std::string peer_address, std::size_t shard,
            std::shared_ptr<OpenStreams> open_streams);
  ~TlsStream() override;

  // Must succeed before anything else is called.
  Task<bool> handshake(Deadline deadline);

  IoResult try_read(std::span<std::uint8_t> into) override;
  IoResult try_write(std::span<const iovec> pieces) override;
  Task<IoStatus> wait_readable(Deadline deadline) override;
  Task<IoStatus> wait_writable(Deadline deadline) override;
  void shutdown_write() override;
  bool is_tls() const override { return true; }

 private:
  IoResult write_record(std::span<const iovec> pieces, std::size_t offset);
  IoResult flush_held();
  IoStatus status_of(int outcome);

  ssl_st* ssl_;
  // Bytes of a record that OpenSSL has sealed but the socket did not take; OpenSSL wants them offered again unchanged.
  // The last of them was not yet reported as written, so that the caller comes back with it.
  std::unique_ptr<std::string> held_;
  bool read_wants_write_ = false;  // a key update's answer does not fit into the socket
  bool write_wants_read_ = false;
  bool is_broken_ = false;  // after a fatal error OpenSSL forbids further use, SSL_shutdown included
};

}  // namespace mcp::net
