// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
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

// One range of phi_access: {channelId, seqRanges, count}.
struct ChannelRanges {
  ChannelId channel;
  std::vector<std::pair<std::int64_t, std::optional<std::int64_t>>> ranges;  // no end: open
  std::optional<std::int64_t> count;                                        // null: open-ended live delivery
};
// {via, channels:[...]} for phi_access.
Details phi_access(std::string_view via, const std::vector<ChannelRanges>& channels);

}  // namespace mcp::audit
