// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/id.hpp"
#include "core/task.hpp"
#include "db/database.hpp"
#include "ledger/entry.hpp"

namespace mcp::audit {

// A chain as the database knows it: from its row in audit_chains, from its entries, or both.
struct ChainHead {
  ChainId chain;
  bool has_row = false;
  std::int64_t last_seq = 0;
  std::string last_hash;
};

// A row of audit_logs. `chained.entry` has neither action nor details: an entry's action is a view, and the details
// are as JSONB prints them.
struct StoredEntry {
  ledger::ChainedEntry chained;
  std::string action;
  std::string details;
  bool has_empty_text = false;  // '' where the writer stores NULL: hashes alike, so it must be noticed here
};

// Reads the trail page by page, each in a short transaction: one long snapshot would slow the writers down.
class ChainStore {
 public:
  explicit ChainStore(db::Database& database) : database_(database) {}

  Task<std::vector<ChainHead>> heads() const;
  // Ascending by seq, behind `after_seq`.
  Task<std::vector<StoredEntry>> entries(ChainId chain, std::int64_t after_seq, std::int64_t limit) const;
  // The highest seq that an entry of the chain has; 0 for none.
  Task<std::int64_t> newest_seq(ChainId chain) const;

 private:
  db::Database& database_;
};

}  // namespace mcp::audit
