// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "db/link.hpp"
#include "ledger/chain.hpp"
#include "ledger/ledger.hpp"
#include "ledger/unit.hpp"

namespace mcp::ledger {

// One attempt to commit some units in one transaction: what the first trip asks, what each unit makes of the answers,
// what the second trip writes. Knows no connection; Writer carries its commands.
class Batch {
 public:
  Batch(const ChainIdentity& identity, Timestamp now, const std::vector<std::shared_ptr<Unit>>& units);

  // First trip: BEGIN, the channels' locks, the look-ups by order, the chain head's lock.
  std::vector<db::Command> acquire_commands();
  void take_answers(const std::vector<db::Rows>& answers);

  // Builds the units one after the other. Returns, per unit, the exception its build() threw, or null.
  std::vector<std::exception_ptr> build();

  // Second trip: the units' writes by order, counters, entries, head, COMMIT.
  std::vector<db::Command> commit_commands();
  // The chain's head as commit_commands() leaves it.
  const chain::Head& head() const { return head_; }
  // Does it leave entries, by which its commit can be recognised?
  bool has_entries() const { return has_entries_; }

 private:
  friend class Work;

  struct AskedTogether {
    const Lookup* lookup = nullptr;
    db::Columns rows;
    db::Rows answers;  // kept alive: Row points into it
    std::unordered_map<std::int32_t, std::vector<db::Row>> by_unit;
  };
  // What one unit does, kept apart until its build() has succeeded.
  struct Staged {
    std::vector<std::pair<const Write*, std::vector<db::Value>>> writes;
    std::vector<Entry> entries;
    std::map<ChannelId, ChannelNumbers> numbers;
    std::vector<std::string> marks;
  };

  void ask(std::size_t unit, const Lookup* lookup, const std::vector<db::Value>& row);
  void merge(Staged staged);

  const ChainIdentity& identity_;
  Timestamp now_;
  const std::vector<std::shared_ptr<Unit>>& units_;

  std::vector<ChannelId> channels_;
  std::map<std::pair<int, std::string_view>, AskedTogether> asked_;
  bool locks_channels_ = false;

  std::map<ChannelId, ChannelNumbers> numbers_;  // as locked, then as taken
  std::set<ChannelId> counted_;                  // channels whose numbers were taken
  std::map<std::pair<int, std::string_view>, std::pair<const Write*, db::Columns>> writes_;
  std::vector<Entry> entries_;
  std::set<std::string, std::less<>> marks_;
  Staged staged_;
  chain::Head head_;
  bool has_entries_ = false;
};

}  // namespace mcp::ledger
