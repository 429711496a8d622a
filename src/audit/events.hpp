// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/actor.hpp"
#include "core/id.hpp"
#include "ledger/entry.hpp"

namespace mcp::audit {

// The details of an entry: members are ids, counts and words of ours; never message text, secrets, e-mail addresses or
// search words (contract-data 5.4). text() renders canonical JSON.
class Details {
 public:
  template <class Tag>
  Details& id(std::string_view member, const Id<Tag>& id) {
    return word(member, id.text());
  }
  Details& word(std::string_view member, std::string_view value);
  Details& number(std::string_view member, std::int64_t value);
  Details& flag(std::string_view member, bool value);
  Details& null(std::string_view member);
  // Already canonical JSON: nested lists of ranges.
  Details& json(std::string_view member, std::string canonical);
  std::string text() const;

 private:
  std::map<std::string, std::string, std::less<>> members_;
};

// The closed list of actions (contract-rest 9.3) with their criticality. A name that is not in it is a bug: CHECK.
// Severity follows contract-rest 9.2: critical as listed; warning for failure and denied; notice for changes, info for
// reads and logins.
struct Action {
  std::string_view name;
  bool critical;
  bool is_change;
};
const Action& action(std::string_view name);
const std::vector<Action>& all_actions();

// An entry of an actor, of an anonymous request, or of the server itself.
ledger::Entry entry(std::string_view action, const Actor& actor, Details details,
                    ledger::Outcome outcome = ledger::Outcome::success);
ledger::Entry entry(std::string_view action, std::optional<UserId> user, const Origin& origin, Details details,
                    ledger::Outcome outcome = ledger::Outcome::success);
ledger::Entry server_entry(std::string_view action, Details details);

// Marks an entry critical that is so only in some cases (message_deleted unless own).
ledger::Entry critical(ledger::Entry entry);

// "rest" or "websocket", as the `via` of messages and memberships.
std::string_view name(Via via);

// What was asked, by its REST route and by its frame type; the entry names the one the actor used.
struct Operation {
  std::string_view route;       // "POST /api/messages"
  std::string_view frame_type;  // "send_message"
};
// authorization_failure: `lacking` is a permission's name.
ledger::Entry permission_denied(const Actor& actor, Operation operation, std::string_view lacking,
                                std::optional<Uuid> target);
// authorization_failure for another cause than a permission; `reason` is a word of ours ("not_member").
ledger::Entry access_denied(const Actor& actor, Operation operation, std::string_view reason,
                            std::optional<Uuid> target);
// authentication_failure of a caller whose session or account ended before the act was committed.
ledger::Entry session_refused(const Actor& actor, Operation operation, std::string_view reason);

// One range of phi_access: {channelId, seqRanges, count}.
struct ChannelRanges {
  ChannelId channel;
  std::vector<std::pair<std::int64_t, std::optional<std::int64_t>>> ranges;  // no end: open
  std::optional<std::int64_t> count;  // null: live delivery, which decrypts nothing
};
// {via, channels:[...]} for phi_access.
Details phi_access(std::string_view via, const std::vector<ChannelRanges>& channels);

// Ascending numbers as closed ranges without overlap: 3 4 5 9 -> [3,5] [9,9].
std::vector<std::pair<std::int64_t, std::optional<std::int64_t>>> to_ranges(const std::vector<std::int64_t>& ascending);

}  // namespace mcp::audit
