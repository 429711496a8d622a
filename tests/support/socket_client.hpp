// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace mcp::test {

// A blocking TCP client on loopback that writes exactly what a test gives it. Every wait ends after patience() at the
// latest, with a thrown std::runtime_error: a test that would hang fails.
class SocketClient {
 public:
  struct TlsOptions {
    int max_version = 0;           // 0: newest; else OpenSSL's TLS1_2_VERSION and so on
    std::string ciphers_1_2 = {};  // empty: OpenSSL's own choice at security level 0
    std::string protocol = {};     // offered by ALPN; empty: none
  };

  // A socket that is not connected yet: its descriptor exists already, so connect() works when no other is left.
  SocketClient();
  explicit SocketClient(std::uint16_t port, const char* address = "127.0.0.1");
  ~SocketClient();
  SocketClient(SocketClient&&) noexcept;
  SocketClient& operator=(SocketClient&&) = delete;

  static std::chrono::seconds patience() { return std::chrono::seconds{20}; }

  void connect(std::uint16_t port, const char* address = "127.0.0.1");
  // From here on everything is inside TLS; the certificate is not verified. False when the handshake fails.
  bool start_tls(const TlsOptions& options);
  bool start_tls() { return start_tls(TlsOptions()); }

  // False when the server has closed.
  bool send(std::string_view bytes);
  // What comes next, at most `bytes_max`; empty at the end of the stream or after a reset.
  std::string receive(std::size_t bytes_max = 65536);
  std::string receive_exactly(std::size_t bytes);
  std::string receive_to_end();
  bool has_ended();  // waits for the end; false when a byte comes instead

  void shut_down_sending();  // FIN
  void end();                // FIN, after close_notify under TLS
  void reset();              // close with RST
  void set_receive_buffer(int bytes);

  // Of the TLS connection.
  std::string certificate_name() const;  // common name of the server's certificate
  std::string tls_version() const;
  std::string cipher() const;
  std::string protocol() const;  // agreed by ALPN
  bool has_session_ticket() const;
  bool renegotiates();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mcp::test
