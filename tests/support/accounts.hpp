// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/actor.hpp"
#include "crypto/password.hpp"
#include "crypto/token.hpp"
#include "db/database.hpp"
#include "identity/account_service.hpp"
#include "identity/session_service.hpp"
#include "ledger/ledger.hpp"
#include "realtime/hub.hpp"
#include "support/chat.hpp"

namespace mcp::test {

// Where the people of these tests sit: documentation networks of RFC 5737.
Origin from(std::string_view ip_address);

// The identity services on a database of the test's own, with a hasher that is cheap and real.
class Accounts {
 public:
  explicit Accounts(identity::SessionSettings settings = {});

  static constexpr std::string_view password = "Correct-Horse-Battery-9";

  // An account with the password above, hashed as `kind` (argon2id, pbkdf2, sha256, other_cost, unusable).
  UserId add(std::string_view username, std::string_view role = "user", std::string_view kind = "argon2id");
  void set(UserId user, const std::string& assignments);  // SQL behind SET

  Result<identity::LoggedIn> login(std::string_view username, std::string_view with = password,
                                   std::string_view ip_address = "192.0.2.7");
  Result<Actor> identify(std::string_view token);
  // Logs in and identifies: what a request of that person would run as.
  Actor actor(std::string_view username, std::string_view ip_address = "192.0.2.7");
  // Of the newest entry of an action; empty when there is none.
  std::string newest(std::string_view action, std::string_view column);
  // Waits until what was submitted to the ledger is written.
  void flush();

  // The services' clock; the database and the ledger keep the system's.
  Timestamp now() const { return system_now() + *ahead_; }
  void advance(std::chrono::milliseconds by) { *ahead_ += by; }

 private:
  std::shared_ptr<std::chrono::milliseconds> ahead_ = std::make_shared<std::chrono::milliseconds>(0);

 public:
  Chat chat;
  crypto::PasswordHasher hasher{{.memory_kib = 64, .time = 1}, 2};
  crypto::TokenSigner signer{Secret(std::string(32, 'k')), std::nullopt};
  identity::SessionService sessions;
  identity::AccountService accounts;
};

// A socket of a session that writes down how it was ended.
class EndedListener : public realtime::Listener {
 public:
  EndedListener(Chat& chat, const Actor& actor);
  ~EndedListener() override;
  EndedListener(const EndedListener&) = delete;
  EndedListener& operator=(const EndedListener&) = delete;

  void deliver(const realtime::ChannelEvent&) override {}
  void joined(ChannelId, std::int64_t) override {}
  void left(ChannelId, const realtime::Frame&) override {}
  void end(const realtime::Ending& ending) override { endings.push_back(ending); }
  UserId user() const override { return user_; }
  SessionId session() const override { return session_; }

  std::vector<realtime::Ending> endings;

 private:
  Chat& chat_;
  UserId user_;
  SessionId session_;
  realtime::ConnectionRef connection_;
};

}  // namespace mcp::test
