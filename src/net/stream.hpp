// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/uio.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/task.hpp"

namespace mcp::net {

using Deadline = std::chrono::steady_clock::time_point;

enum class IoStatus : std::uint8_t {
  done,
  would_block,
  end_of_stream,  // orderly end (FIN, close_notify)
  failed,         // reset, TLS failure, closed
  timed_out,
};

struct IoResult {
  IoStatus status = IoStatus::done;
  std::size_t bytes = 0;
};

// A connected TCP socket, plain or TLS 1.2/1.3 (OpenSSL on the descriptor itself, SSL_MODE_RELEASE_BUFFERS; no
// asio::ssl). Non-blocking; on its shard only. Holds no read buffer: wait until it is readable, then read into a buffer
// that the shard shares. Idle, it costs a descriptor, this object and, for TLS, about 15 kB of OpenSSL's.
class Stream {
 public:
  virtual ~Stream() = default;  // nobody may be waiting on it

  // Reads what is there without waiting.
  virtual IoResult try_read(std::span<std::uint8_t> into) = 0;
  // Writes what fits without waiting; for TLS the pieces are gathered into records. What was not taken may be offered
  // differently next time, save for a piece of which some bytes were taken: its rest must come first.
  virtual IoResult try_write(std::span<const iovec> pieces) = 0;

  // Suspend until the next try_read / try_write may make progress. `deadline` max() = none, and then no timer is used.
  // cancel() ends both waits with `failed`. At most one reader and one writer wait at a time.
  virtual Task<IoStatus> wait_readable(Deadline deadline) = 0;
  virtual Task<IoStatus> wait_writable(Deadline deadline) = 0;

  virtual void cancel() = 0;          // waits in progress only; the stream stays usable
  virtual void shutdown_write() = 0;  // FIN, or close_notify and FIN
  virtual void close() = 0;           // at once; idempotent; everything after it fails

  virtual bool is_tls() const = 0;
  virtual const std::string& peer_address() const = 0;  // text without port; IPv4-mapped as IPv4
  virtual Executor executor() const = 0;
  virtual std::size_t shard() const = 0;
};

}  // namespace mcp::net
