// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/link.hpp"
#include "ledger/entry.hpp"
#include "ledger/ledger.hpp"

// The SQL of the ledger itself: channel counters and the audit chain. Everything else a batch runs comes from its
// units.
namespace mcp::ledger::chain {

struct Head {
  std::int64_t seq = 0;
  std::string hash;  // 64 zeros before the first entry
};

// Locks the given channels in id order; rows {id, last_seq, last_rev}.
db::Command lock_channels(const std::vector<ChannelId>& sorted);
// Locks the chain's row; one row {last_seq, last_hash}. FOR NO KEY UPDATE, so that foreign-key checks pass beside it.
db::Command lock_head(ChainId chain);
Head read_head(const db::Rows& rows);

// Continues the chain: gives every entry its id, seq, time and hashes; `head` becomes the new head.
std::vector<ChainedEntry> link_entries(std::vector<Entry> entries, const ChainIdentity& identity, Timestamp time,
                                       Head& head);
// The multi-row insert of the entries, and the update of the chain's row.
db::Command insert_entries(const std::vector<ChainedEntry>& entries);
db::Command store_head(ChainId chain, const Head& head);
// Is the chain's entry number head.seq there, with that hash? One row {bool}.
db::Command has_entry(ChainId chain, const Head& head);
// Fails as writing an entry would where the right to is missing; writes nothing.
db::Command try_to_write();

struct Counter {
  ChannelId channel;
  std::int64_t seq;
  std::int64_t rev;
};
db::Command store_counters(const std::vector<Counter>& counters, Timestamp now);

// Makes the chain's row if it is missing. Answers one row when it was made.
db::Command create_chain(const ChainIdentity& identity, Timestamp now);

db::Command try_instance_lock(std::int64_t key);  // one row {bool}

}  // namespace mcp::ledger::chain
