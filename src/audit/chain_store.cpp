// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "audit/chain_store.hpp"

#include <array>

#include "core/check.hpp"

namespace mcp::audit {
namespace {

// Chains are found among the entries, too (one index probe each): a removed row must not hide its chain.
constexpr db::Statement select_heads{"audit.chain_heads", R"sql(
    WITH RECURSIVE seen (chain_id) AS (
      SELECT * FROM (SELECT chain_id FROM audit_logs ORDER BY chain_id LIMIT 1) AS first
      UNION ALL
      SELECT (SELECT l.chain_id FROM audit_logs l WHERE l.chain_id > seen.chain_id ORDER BY l.chain_id LIMIT 1)
      FROM seen WHERE seen.chain_id IS NOT NULL)
    SELECT COALESCE(c.chain_id, s.chain_id), c.chain_id IS NOT NULL, COALESCE(c.last_seq, 0),
           COALESCE(c.last_hash::text, '')
    FROM audit_chains c
    FULL JOIN (SELECT chain_id FROM seen WHERE chain_id IS NOT NULL) s ON s.chain_id = c.chain_id
    ORDER BY 1
    LIMIT 100000)sql"};

constexpr db::Statement select_entries{"audit.chain_entries", R"sql(
    SELECT id, seq, timestamp, hostname, process_id, previous_log_hash::text, current_log_hash::text, action::text,
           severity, outcome, user_id, session_id, host(ip_address), user_agent, request_id, details::text
    FROM audit_logs WHERE chain_id = $1 AND seq > $2 ORDER BY seq LIMIT $3)sql"};

constexpr db::Statement select_newest{"audit.newest_seq", R"sql(
    SELECT COALESCE((SELECT seq FROM audit_logs WHERE chain_id = $1 ORDER BY seq DESC LIMIT 1), 0))sql"};

template <class Word, std::size_t Count>
Word parse_word(std::string_view text, const std::array<Word, Count>& words) {
  for (const auto word : words) {
    if (ledger::name(word) == text) return word;
  }
  CHECK(false);  // the column's CHECK allows these words only
}

constexpr std::array severities{ledger::Severity::info, ledger::Severity::notice, ledger::Severity::warning,
                                ledger::Severity::critical};
constexpr std::array outcomes{ledger::Outcome::success, ledger::Outcome::failure, ledger::Outcome::denied};

// Empty for NULL; notes a stored ''.
std::string read_text(const db::Row& row, int column, bool& has_empty_text) {
  if (row.is_null(column)) return {};
  if (row.view(column).empty()) has_empty_text = true;
  return row.get<std::string>(column);
}

StoredEntry read_entry(const db::Row& row, ChainId chain) {
  StoredEntry stored;
  ledger::ChainedEntry& chained = stored.chained;
  chained.id = row.get<Uuid>(0);
  chained.chain = chain;
  chained.seq = row.get<std::int64_t>(1);
  chained.time = row.get<Timestamp>(2);
  chained.hostname = row.get<std::string>(3);
  chained.process_id = row.get<std::int64_t>(4);
  chained.previous_hash = row.get<std::string>(5);
  chained.current_hash = row.get<std::string>(6);
  stored.action = row.get<std::string>(7);
  ledger::Entry& entry = chained.entry;
  entry.severity = parse_word(row.view(8), severities);
  entry.outcome = parse_word(row.view(9), outcomes);
  entry.user = row.get<std::optional<UserId>>(10);
  entry.session = row.get<std::optional<SessionId>>(11);
  entry.origin.ip_address = read_text(row, 12, stored.has_empty_text);
  entry.origin.user_agent = read_text(row, 13, stored.has_empty_text);
  entry.origin.request_id = read_text(row, 14, stored.has_empty_text);
  stored.details = row.get<std::string>(15);
  return stored;
}

}  // namespace

Task<std::vector<ChainHead>> ChainStore::heads() const {
  const auto rows = co_await database_.query(select_heads, {});
  std::vector<ChainHead> heads;
  for (const auto row : rows) {
    heads.push_back({.chain = row.get<ChainId>(0),
                     .has_row = row.get<bool>(1),
                     .last_seq = row.get<std::int64_t>(2),
                     .last_hash = row.get<std::string>(3)});
  }
  co_return heads;
}

Task<std::vector<StoredEntry>> ChainStore::entries(ChainId chain, std::int64_t after_seq, std::int64_t limit) const {
  const auto rows = co_await database_.query(select_entries, db::Params::of(chain, after_seq, limit));
  std::vector<StoredEntry> entries;
  entries.reserve(rows.size());
  for (const auto row : rows) entries.push_back(read_entry(row, chain));
  co_return entries;
}

Task<std::int64_t> ChainStore::newest_seq(ChainId chain) const {
  const auto rows = co_await database_.query(select_newest, db::Params::of(chain));
  co_return rows[0].get<std::int64_t>(0);
}

}  // namespace mcp::audit
