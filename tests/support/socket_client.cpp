// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "support/socket_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace mcp::test {

struct SocketClient::Impl {
  int descriptor = -1;
  SSL_CTX* context = nullptr;
  SSL* ssl = nullptr;

  ~Impl() {
    SSL_free(ssl);
    SSL_CTX_free(context);
    if (descriptor >= 0) ::close(descriptor);
  }

  void wait(short events) const {
    pollfd waiting{.fd = descriptor, .events = events, .revents = 0};
    const auto patience = static_cast<int>(std::chrono::milliseconds(SocketClient::patience()).count());
    if (::poll(&waiting, 1, patience) != 1) throw std::runtime_error("the server keeps a test client waiting");
  }
};

namespace {

// Both families through one IPv6 socket, so that the descriptor may exist before the address is known.
sockaddr_in6 endpoint(const char* address, std::uint16_t port) {
  sockaddr_in6 result{};
  result.sin6_family = AF_INET6;
  result.sin6_port = htons(port);
  const std::string text(address);
  const std::string mapped = text.find(':') == std::string::npos ? "::ffff:" + text : text;
  if (inet_pton(AF_INET6, mapped.c_str(), &result.sin6_addr) != 1) throw std::runtime_error("no address: " + text);
  return result;
}

}  // namespace

SocketClient::SocketClient() : impl_(std::make_unique<Impl>()) {
  ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  impl_->descriptor = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (impl_->descriptor < 0) throw std::runtime_error("no socket for a test client");
  const int off = 0;
  const int on = 1;
  ::setsockopt(impl_->descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  ::setsockopt(impl_->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

SocketClient::SocketClient(std::uint16_t port, const char* address) : SocketClient() { connect(port, address); }

SocketClient::~SocketClient() = default;
SocketClient::SocketClient(SocketClient&&) noexcept = default;

void SocketClient::connect(std::uint16_t port, const char* address) {
  const sockaddr_in6 to = endpoint(address, port);
  if (::connect(impl_->descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
  }
}

bool SocketClient::start_tls(const TlsOptions& options) {
  impl_->context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_security_level(impl_->context, 0);  // a client that offers what the server must refuse
  SSL_CTX_set_min_proto_version(impl_->context, TLS1_VERSION);
  if (options.max_version != 0) SSL_CTX_set_max_proto_version(impl_->context, options.max_version);
  if (!options.ciphers_1_2.empty()) SSL_CTX_set_cipher_list(impl_->context, options.ciphers_1_2.c_str());
  impl_->ssl = SSL_new(impl_->context);
  if (!options.protocol.empty()) {
    std::string wire(1, static_cast<char>(options.protocol.size()));
    wire += options.protocol;
    SSL_set_alpn_protos(impl_->ssl, reinterpret_cast<const unsigned char*>(wire.data()),
                        static_cast<unsigned>(wire.size()));
  }
  SSL_set_fd(impl_->ssl, impl_->descriptor);
  const bool connected = SSL_connect(impl_->ssl) == 1;
  ERR_clear_error();
  return connected;
}

bool SocketClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t sent = 0;
    if (impl_->ssl != nullptr) {
      if (SSL_write_ex(impl_->ssl, bytes.data(), bytes.size(), &sent) != 1) return false;
    } else {
      impl_->wait(POLLOUT);
      const ssize_t outcome = ::send(impl_->descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (outcome < 0) return false;
      sent = static_cast<std::size_t>(outcome);
    }
    bytes.remove_prefix(sent);
  }
  return true;
}

std::string SocketClient::receive(std::size_t bytes_max) {
  std::string bytes(bytes_max, '\0');
  if (impl_->ssl == nullptr || SSL_pending(impl_->ssl) == 0) impl_->wait(POLLIN);
  std::size_t got = 0;
  if (impl_->ssl != nullptr) {
    if (SSL_read_ex(impl_->ssl, bytes.data(), bytes.size(), &got) != 1) got = 0;
  } else {
    const ssize_t outcome = ::recv(impl_->descriptor, bytes.data(), bytes.size(), 0);
    got = outcome < 0 ? 0 : static_cast<std::size_t>(outcome);
  }
  bytes.resize(got);
  return bytes;
}

std::string SocketClient::receive_exactly(std::size_t bytes) {
  std::string all;
  while (all.size() < bytes) {
    const std::string more = receive(std::min<std::size_t>(bytes - all.size(), 65536));
    if (more.empty()) break;
    all += more;
  }
  return all;
}

std::string SocketClient::receive_to_end() {
  std::string all;
  for (std::string more = receive(); !more.empty(); more = receive()) all += more;
  return all;
}

bool SocketClient::has_ended() { return receive(1).empty(); }

void SocketClient::shut_down_sending() { ::shutdown(impl_->descriptor, SHUT_WR); }

void SocketClient::end() {
  if (impl_->ssl != nullptr) SSL_shutdown(impl_->ssl);
  shut_down_sending();
}

void SocketClient::reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(impl_->descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(impl_->descriptor);
  impl_->descriptor = -1;
}

void SocketClient::set_receive_buffer(int bytes) {
  ::setsockopt(impl_->descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

std::string SocketClient::certificate_name() const {
  X509* const certificate = SSL_get1_peer_certificate(impl_->ssl);
  if (certificate == nullptr) return {};
  std::string name(256, '\0');
  const int length = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                                               static_cast<int>(name.size()));
  X509_free(certificate);
  name.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
  return name;
}

std::string SocketClient::tls_version() const { return SSL_get_version(impl_->ssl); }
std::string SocketClient::cipher() const { return SSL_get_cipher_name(impl_->ssl); }

std::string SocketClient::protocol() const {
  const unsigned char* data = nullptr;
  unsigned int length = 0;
  SSL_get0_alpn_selected(impl_->ssl, &data, &length);
  return {reinterpret_cast<const char*>(data), length};
}

bool SocketClient::has_session_ticket() const {
  const SSL_SESSION* const session = SSL_get_session(impl_->ssl);
  return session != nullptr && SSL_SESSION_has_ticket(session) == 1;
}

bool SocketClient::renegotiates() {
  if (SSL_renegotiate(impl_->ssl) != 1) return false;
  const bool done = SSL_do_handshake(impl_->ssl) == 1;
  ERR_clear_error();
  return done;
}

}  // namespace mcp::test
