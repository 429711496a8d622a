// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "websocket_client.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace bench {

void give_up(const std::string& why) {
  std::fputs((why + "\n").c_str(), stderr);
  std::exit(1);
}

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Connection::Connection(Client& client, int descriptor, std::size_t index, SSL* tls)
    : client_(client), descriptor_(descriptor), index_(index), tls_(tls) {}

Connection::~Connection() { close(); }

void Connection::close() {
  if (!open_) return;
  open_ = false;
  ++client_.closed_;
  if (tls_ != nullptr) SSL_free(tls_);
  tls_ = nullptr;
  ::close(descriptor_);
}

void Connection::send_text(std::string_view payload) {
  // A zero mask is a valid mask (RFC 6455 section 5.3 asks for an unpredictable one; a load generator need not hide).
  std::string frame;
  frame.push_back(static_cast<char>(0x81));
  if (payload.size() < 126) {
    frame.push_back(static_cast<char>(0x80 | payload.size()));
  } else {
    frame.push_back(static_cast<char>(0x80 | 126));
    frame.push_back(static_cast<char>(payload.size() >> 8));
    frame.push_back(static_cast<char>(payload.size() & 0xFF));
  }
  frame.append(4, '\0');
  frame.append(payload);
  queue(std::move(frame));
}

void Connection::queue(std::string bytes) {
  out_ += bytes;
  flush();
}

void Connection::flush() {
  while (open_ && !out_.empty()) {
    const auto written = tls_ != nullptr
                             ? SSL_write(tls_, out_.data(), static_cast<int>(out_.size()))
                             : static_cast<int>(::send(descriptor_, out_.data(), out_.size(), MSG_NOSIGNAL));
    if (written <= 0) {
      const bool blocked = tls_ != nullptr ? SSL_get_error(tls_, written) == SSL_ERROR_WANT_WRITE ||
                                                 SSL_get_error(tls_, written) == SSL_ERROR_WANT_READ
                                           : errno == EAGAIN;
      if (!blocked) close();
      return;
    }
    out_.erase(0, static_cast<std::size_t>(written));
  }
}

void Connection::on_writable() { flush(); }

bool Connection::read_some() {
  std::array<char, 65536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by read
  const auto count = tls_ != nullptr ? SSL_read(tls_, buffer.data(), static_cast<int>(buffer.size()))
                                     : static_cast<int>(::recv(descriptor_, buffer.data(), buffer.size(), 0));
  if (count > 0) {
    in_.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
  }
  const bool blocked =
      tls_ != nullptr ? SSL_get_error(tls_, count) == SSL_ERROR_WANT_READ : (count < 0 && errno == EAGAIN);
  if (!blocked) close();
  return false;
}

void Connection::on_readable() {
  while (open_ && read_some()) handle_frames();
}

void Connection::handle_frames() {
  if (!upgraded_) {
    const auto end = in_.find("\r\n\r\n");
    if (end == std::string::npos) return;
    if (!in_.starts_with("HTTP/1.1 101")) give_up("upgrade refused: " + in_.substr(0, in_.find("\r\n")));
    in_.erase(0, end + 4);
    upgraded_ = true;
  }
  std::size_t at = 0;
  while (open_ && in_.size() - at >= 2) {
    const auto opcode = static_cast<unsigned char>(in_[at]) & 0x0F;
    std::size_t length = static_cast<unsigned char>(in_[at + 1]) & 0x7F;
    std::size_t header = 2;
    if (length == 126) {
      if (in_.size() - at < 4) break;
      length = (static_cast<std::size_t>(static_cast<unsigned char>(in_[at + 2])) << 8) |
               static_cast<unsigned char>(in_[at + 3]);
      header = 4;
    } else if (length == 127) {
      if (in_.size() - at < 10) break;
      length = 0;
      for (std::size_t i = 2; i < 10; ++i) length = (length << 8) | static_cast<unsigned char>(in_[at + i]);
      header = 10;
    }
    if (in_.size() - at < header + length) break;
    const std::string_view payload(in_.data() + at + header, length);
    if (opcode == 1 && on_text) on_text(*this, payload);
    if (opcode == 9) {
      std::string pong{static_cast<char>(0x8A), static_cast<char>(0x80 | length)};
      pong.append(4, '\0');
      pong.append(payload);
      queue(std::move(pong));
    }
    at += header + length;
  }
  in_.erase(0, at);
}

Client::Client(std::string host, std::uint16_t port, bool tls)
    : host_(std::move(host)), port_(port), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (tls) {
    tls_ = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_mode(tls_,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  }
}

Client::~Client() {
  connections_.clear();
  if (tls_ != nullptr) SSL_CTX_free(tls_);
  ::close(epoll_);
}

int Client::dial() const {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  inet_pton(AF_INET, host_.c_str(), &address.sin_addr);
  if (descriptor < 0 || ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    give_up(fmt::format("cannot connect to {}:{}: {}", host_, port_, std::strerror(errno)));
  }
  const int yes = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return descriptor;
}

SSL* Client::handshake(int descriptor) const {
  if (tls_ == nullptr) return nullptr;
  SSL* tls = SSL_new(tls_);
  SSL_set_fd(tls, descriptor);
  if (SSL_connect(tls) != 1) give_up("TLS handshake failed");
  return tls;
}

Connection& Client::connect() {
  const int descriptor = dial();
  SSL* tls = handshake(descriptor);
  fcntl(descriptor, F_SETFL, O_NONBLOCK);
  connections_.push_back(std::make_unique<Connection>(*this, descriptor, connections_.size(), tls));
  Connection& connection = *connections_.back();
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLET;
  event.data.ptr = &connection;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
  connection.queue(
      fmt::format("GET / HTTP/1.1\r\nHost: {}:{}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                  host_, port_));
  if (!run_until([&] { return connection.upgraded_ || !connection.open_; }, 10) || !connection.open_) {
    give_up("no answer to the upgrade");
  }
  return connection;
}

bool Client::run_until(const std::function<bool()>& done, double seconds_max) {
  const double end = now_seconds() + seconds_max;
  std::array<epoll_event, 256> events{};
  while (!done()) {
    if (now_seconds() > end) return false;
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 50);
    for (int i = 0; i < count; ++i) {
      auto* connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (events[static_cast<std::size_t>(i)].events & EPOLLOUT) connection->on_writable();
      if (events[static_cast<std::size_t>(i)].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) connection->on_readable();
    }
  }
  return true;
}

std::string Client::post_json(const std::string& path, const std::string& body) {
  const int descriptor = dial();
  SSL* tls = handshake(descriptor);
  const std::string request = fmt::format(
      "POST {} HTTP/1.1\r\nHost: {}:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: "
      "close\r\n\r\n{}",
      path, host_, port_, body.size(), body);
  std::string answer;
  std::array<char, 8192> buffer{};
  if (tls != nullptr) {
    SSL_write(tls, request.data(), static_cast<int>(request.size()));
    for (int n = 0; (n = SSL_read(tls, buffer.data(), static_cast<int>(buffer.size()))) > 0;) {
      answer.append(buffer.data(), static_cast<std::size_t>(n));
    }
    SSL_free(tls);
  } else {
    ::send(descriptor, request.data(), request.size(), MSG_NOSIGNAL);
    for (ssize_t n = 0; (n = ::recv(descriptor, buffer.data(), buffer.size(), 0)) > 0;) {
      answer.append(buffer.data(), static_cast<std::size_t>(n));
    }
  }
  ::close(descriptor);
  if (!answer.starts_with("HTTP/1.1 200")) give_up(path + ": " + answer.substr(0, answer.find("\r\n")));
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

}  // namespace bench
