// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/id.hpp"
#include "identity/session_store.hpp"
#include "ledger/entry.hpp"
#include "ledger/unit.hpp"
#include "realtime/hub.hpp"

namespace mcp::identity {

// The sessions that a unit ends: in the database with the unit's commit, on the sockets before it is acknowledged.
class SessionEnding {
 public:
  //   reason   a literal of contract-realtime 5, session_terminated
  SessionEnding(realtime::Hub& hub, std::string_view reason) : hub_(hub), reason_(reason) {}

  // In build(). The unit has asked for the user's live sessions.
  void end(ledger::Work& work, const std::vector<SessionId>& sessions);
  // In committed().
  void close_sockets();

 private:
  realtime::Hub& hub_;
  std::string_view reason_;
  Timestamp at_;
  std::vector<SessionId> ended_;
};

// Ends one session with its audit entry. Ended already: nothing happens, nothing is written.
class EndSessionUnit : public ledger::Unit {
 public:
  EndSessionUnit(UserId user, SessionId session, ledger::Entry entry, realtime::Hub& hub, std::string_view reason)
      : user_(user), session_(session), entry_(std::move(entry)), ending_(hub, reason) {}

  void acquire(ledger::Acquisition& acquisition) const override { ask_live_sessions(acquisition, user_); }
  void build(ledger::Work& work) override;
  void committed() override { ending_.close_sockets(); }

 private:
  UserId user_;
  SessionId session_;
  ledger::Entry entry_;
  SessionEnding ending_;
};

// Writes the time of a session's last use; no act of anybody, so no entry.
class TouchSessionUnit : public ledger::Unit {
 public:
  TouchSessionUnit(SessionId session, std::chrono::seconds apart) : session_(session), apart_(apart) {}

  void acquire(ledger::Acquisition&) const override {}
  void build(ledger::Work& work) override { write_session_use(work, session_, apart_); }

 private:
  SessionId session_;
  std::chrono::seconds apart_;
};

}  // namespace mcp::identity
