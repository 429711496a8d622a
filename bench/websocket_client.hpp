// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// A lean WebSocket client for load: many connections on one epoll, on one thread. It trusts the server's handshake and
// frames; conformance is the tests' business.
namespace bench {

class Client;

class Connection {
 public:
  Connection(Client& client, int descriptor, std::size_t index, SSL* tls);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send_text(std::string_view payload);
  std::size_t index() const { return index_; }
  bool is_open() const { return open_; }

  // Set by the scenario. Called for each text message; the view lives during the call.
  std::function<void(Connection&, std::string_view)> on_text;

 private:
  friend class Client;
  void on_readable();
  void on_writable();
  bool read_some();
  void handle_frames();
  void queue(std::string bytes);
  void flush();
  void close();

  Client& client_;
  int descriptor_;
  std::size_t index_;
  SSL* tls_;
  bool upgraded_ = false;
  bool open_ = true;
  std::string in_;
  std::string out_;
};

class Client {
 public:
  Client(std::string host, std::uint16_t port, bool tls);
  ~Client();

  // Connects and upgrades; returns when the upgrade is answered. Ends the program when it is refused.
  Connection& connect();
  // Handles events until `done` says so or the time is over; false when it is over.
  bool run_until(const std::function<bool()>& done, double seconds_max);
  std::vector<std::unique_ptr<Connection>>& connections() { return connections_; }
  std::size_t closed() const { return closed_; }

  // One HTTP request on a connection of its own; returns the body, ends the program unless the status is 200.
  std::string post_json(const std::string& path, const std::string& body);

 private:
  friend class Connection;
  int dial() const;
  SSL* handshake(int descriptor) const;

  std::string host_;
  std::uint16_t port_;
  SSL_CTX* tls_ = nullptr;
  int epoll_;
  std::size_t closed_ = 0;
  std::vector<std::unique_ptr<Connection>> connections_;
};

[[noreturn]] void give_up(const std::string& why);
double now_seconds();  // steady

}  // namespace bench
