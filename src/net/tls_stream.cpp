// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "net/tls_stream.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "net/tls_context.hpp"

namespace mcp::net {
namespace {

constexpr std::size_t record_bytes_max = SSL3_RT_MAX_PLAIN_LENGTH;

// Where the pieces of one record are gathered. Shared by all streams of a shard; wiped after each use.
std::array<std::uint8_t, record_bytes_max>& gathering_space() {
  thread_local std::array<std::uint8_t, record_bytes_max> space;
  return space;
}

std::span<const std::uint8_t> bytes_of(const iovec& piece) {
  return {static_cast<const std::uint8_t*>(piece.iov_base), piece.iov_len};
}

// Copies pieces into `space`, skipping `offset` bytes. Ends no record one byte into a piece: when the socket is full
// the record's last byte is reported later than the rest, and a piece must then count as begun (see TlsStream::held_).
std::size_t gather(std::span<const iovec> pieces, std::size_t offset, std::span<std::uint8_t> space) {
  std::size_t filled = 0;
  std::size_t filled_by_last = 0;
  for (const iovec& piece : pieces) {
    auto bytes = bytes_of(piece);
    const std::size_t skipped = std::min(offset, bytes.size());
    offset -= skipped;
    bytes = bytes.subspan(skipped);
    bytes = bytes.first(std::min(bytes.size(), space.size() - filled));
    if (bytes.empty()) continue;
    if (filled_by_last == 1 && bytes.size() == 1) break;  // two lone bytes in a row: end before the second
    std::ranges::copy(bytes, space.begin() + static_cast<std::ptrdiff_t>(filled));
    filled += bytes.size();
    filled_by_last = bytes.size();
  }
  return filled > 1 && filled_by_last == 1 ? filled - 1 : filled;
}

}  // namespace

TlsStream::TlsStream(const Tls& tls, Socket socket, std::string peer_address, std::size_t shard,
                     std::shared_ptr<OpenStreams> open_streams)
    : SocketStream(std::move(socket), std::move(peer_address), shard, std::move(open_streams)),
      ssl_(SSL_new(tls.impl_->current().get())) {  // SSL_new keeps the context alive itself
  if (ssl_ == nullptr || SSL_set_fd(ssl_, descriptor()) != 1) {
    SSL_free(ssl_);
    throw std::bad_alloc();
  }
  SSL_set_accept_state(ssl_);
}

TlsStream::~TlsStream() {
  if (held_) OPENSSL_cleanse(held_->data(), held_->size());
  SSL_free(ssl_);
}

// Classifies what an SSL_ function returned. ERR_clear_error() must have been called before that function.
IoStatus TlsStream::status_of(int outcome) {
  switch (SSL_get_error(ssl_, outcome)) {
    case SSL_ERROR_NONE: return IoStatus::done;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return IoStatus::would_block;
    case SSL_ERROR_ZERO_RETURN: return IoStatus::end_of_stream;
    default:
      is_broken_ = true;
      ERR_clear_error();
      return IoStatus::failed;
  }
}

Task<bool> TlsStream::handshake(Deadline deadline) {
  while (is_open()) {
    ERR_clear_error();
    const int outcome = SSL_do_handshake(ssl_);
    if (outcome == 1) co_return true;
    if (status_of(outcome) != IoStatus::would_block) co_return false;
    const auto readiness = SSL_want_write(ssl_) ? Socket::wait_write : Socket::wait_read;
    if (co_await wait(readiness, deadline) != IoStatus::done) co_return false;
  }
  co_return false;
}

IoResult TlsStream::try_read(std::span<std::uint8_t> into) {
  if (!is_open() || is_broken_) return {.status = IoStatus::failed, .bytes = 0};
  ERR_clear_error();
  std::size_t got = 0;
  const int outcome = SSL_read_ex(ssl_, into.data(), into.size(), &got);
  read_wants_write_ = false;
  if (outcome == 1) return {.status = IoStatus::done, .bytes = got};
  const IoStatus status = status_of(outcome);
  read_wants_write_ = status == IoStatus::would_block && SSL_want_write(ssl_);
  return {.status = status, .bytes = 0};
}

IoResult TlsStream::try_write(std::span<const iovec> pieces) {
  if (!is_open() || is_broken_) return {.status = IoStatus::failed, .bytes = 0};
  std::size_t offered = 0;
  for (const iovec& piece : pieces) offered += piece.iov_len;
  if (offered == 0) return {.status = IoStatus::done, .bytes = 0};
  std::size_t written = 0;
  if (held_) {
    const IoResult flushed = flush_held();
    if (flushed.status != IoStatus::done) return flushed;
    written = flushed.bytes;
  }
  while (written < offered) {
    const IoResult record = write_record(pieces, written);
    written += record.bytes;
    if (record.status == IoStatus::failed) return record;
    if (record.status == IoStatus::would_block) break;
  }
  return {.status = written > 0 ? IoStatus::done : IoStatus::would_block, .bytes = written};
}

// Seals and sends one record. When the socket does not take it, the record is held and all but its last byte are
// reported, with would_block.
IoResult TlsStream::write_record(std::span<const iovec> pieces, std::size_t offset) {
  auto& space = gathering_space();
  const std::size_t length = gather(pieces, offset, space);
  ERR_clear_error();
  std::size_t sent = 0;
  const int outcome = SSL_write_ex(ssl_, space.data(), length, &sent);
  IoResult result{.status = IoStatus::done, .bytes = sent};
  if (outcome != 1) {
    result.status = status_of(outcome);
    if (result.status == IoStatus::end_of_stream) result.status = IoStatus::failed;
    if (result.status == IoStatus::would_block) {
      write_wants_read_ = SSL_want_read(ssl_);
      held_ = std::make_unique<std::string>(space.begin(), space.begin() + static_cast<std::ptrdiff_t>(length));
      result.bytes = length - 1;
    }
  }
  OPENSSL_cleanse(space.data(), length);
  return result;
}

// Offers the held record again; once it is out, its last byte counts as written.
IoResult TlsStream::flush_held() {
  ERR_clear_error();
  std::size_t sent = 0;
  const int outcome = SSL_write_ex(ssl_, held_->data(), held_->size(), &sent);
  write_wants_read_ = false;
  if (outcome != 1) {
    const IoStatus status = status_of(outcome);
    write_wants_read_ = status == IoStatus::would_block && SSL_want_read(ssl_);
    return {.status = status == IoStatus::end_of_stream ? IoStatus::failed : status, .bytes = 0};
  }
  OPENSSL_cleanse(held_->data(), held_->size());
  held_.reset();
  return {.status = IoStatus::done, .bytes = 1};
}

Task<IoStatus> TlsStream::wait_readable(Deadline deadline) {
  // Decrypted bytes wait inside OpenSSL, where the socket's readiness does not show them.
  if (is_open() && SSL_pending(ssl_) > 0) {
    return []() -> Task<IoStatus> { co_return IoStatus::done; }();
  }
  return wait(read_wants_write_ ? Socket::wait_write : Socket::wait_read, deadline);
}

Task<IoStatus> TlsStream::wait_writable(Deadline deadline) {
  return wait(write_wants_read_ ? Socket::wait_read : Socket::wait_write, deadline);
}

void TlsStream::shutdown_write() {
  if (is_open() && !is_broken_ && SSL_is_init_finished(ssl_)) {
    ERR_clear_error();
    SSL_shutdown(ssl_);  // close_notify; what the full socket does not take is lost, and so is the connection then
    ERR_clear_error();
  }
  SocketStream::shutdown_write();
}

}  // namespace mcp::net
