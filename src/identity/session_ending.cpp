// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/session_ending.hpp"

#include <algorithm>

#include "identity/session_json.hpp"

namespace mcp::identity {

void SessionEnding::end(ledger::Work& work, const std::vector<SessionId>& sessions) {
  ended_ = sessions;
  at_ = work.now();
  for (const auto& session : ended_) write_session_end(work, session, reason_);
}

void SessionEnding::close_sockets() {
  if (ended_.empty()) return;
  const realtime::Ending ending{.last_frame = realtime::text_frame(session_terminated_event(reason_, at_)),
                                .close_code = 1008,
                                .close_reason = "session terminated"};
  for (const auto& session : ended_) hub_.end_session(session, ending);
}

void EndSessionUnit::build(ledger::Work& work) {
  std::vector<SessionId> ended;
  const auto live = read_live_sessions(work);
  if (std::ranges::find(live, session_) != live.end()) {
    ended.push_back(session_);
    work.audit(entry_);
  }
  ending_.end(work, ended);
}

}  // namespace mcp::identity
