// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "ledger/chain.hpp"

#include "core/check.hpp"

namespace mcp::ledger::chain {
namespace {

constexpr db::Statement lock_channels_statement{"ledger.lock_channels", R"sql(
    SELECT id, last_seq, last_rev FROM channels WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE)sql"};

constexpr db::Statement lock_head_statement{"ledger.lock_head", R"sql(
    SELECT last_seq, last_hash::text FROM audit_chains WHERE chain_id = $1 FOR NO KEY UPDATE)sql"};

constexpr db::Statement store_head_statement{"ledger.store_head", R"sql(
    UPDATE audit_chains SET last_seq = $2, last_hash = $3 WHERE chain_id = $1)sql"};

constexpr db::Statement store_counters_statement{"ledger.store_counters", R"sql(
    UPDATE channels c
    SET last_seq = n.seq, last_rev = n.rev, last_activity = CASE WHEN n.seq > c.last_seq THEN $4 ELSE c.last_activity END
    FROM unnest($1::uuid[], $2::int8[], $3::int8[]) AS n(id, seq, rev)
    WHERE c.id = n.id)sql"};

constexpr db::Statement create_chain_statement{"ledger.create_chain", R"sql(
    INSERT INTO audit_chains (chain_id, instance_name, hostname, started_at, last_seq, last_hash)
    VALUES ($1, $2, $3, $4, 0, repeat('0', 64))
    ON CONFLICT (chain_id) DO NOTHING RETURNING chain_id)sql"};

constexpr db::Statement insert_entries_statement{"ledger.insert_entries", R"sql(
    INSERT INTO audit_logs (id, user_id, action, details, ip_address, user_agent, timestamp, chain_id, seq,
                            previous_log_hash, current_log_hash, hostname, process_id, request_id, session_id, outcome,
                            severity)
    SELECT id, user_id, action, details::jsonb, ip_address::inet, user_agent, at, chain_id, seq,
           previous_hash, current_hash, hostname, process_id, request_id, session_id, outcome, severity
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::uuid[],
                $9::int8[], $10::text[], $11::text[], $12::text[], $13::int4[], $14::text[], $15::uuid[], $16::text[],
                $17::text[])
      AS e(id, user_id, action, details, ip_address, user_agent, at, chain_id, seq, previous_hash, current_hash, hostname,
           process_id, request_id, session_id, outcome, severity))sql"};

constexpr db::Statement has_entry_statement{"ledger.has_entry", R"sql(
    SELECT EXISTS (SELECT 1 FROM audit_logs WHERE chain_id = $1 AND seq = $2 AND current_log_hash = $3::text))sql"};

constexpr db::Statement try_to_write_statement{"ledger.try_to_write", R"sql(
    INSERT INTO audit_logs (id) SELECT id FROM audit_logs WHERE false)sql"};

constexpr db::Statement instance_lock_statement{"ledger.instance_lock", R"sql(
    SELECT pg_try_advisory_lock($1))sql"};

std::optional<std::string_view> text_or_null(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

}  // namespace

db::Command lock_channels(const std::vector<ChannelId>& sorted) {
  db::Params params;
  params.add_array(sorted);
  return {&lock_channels_statement, std::move(params)};
}

db::Command has_entry(ChainId chain, const Head& head) {
  return {&has_entry_statement, db::Params::of(chain, head.seq, head.hash)};
}

db::Command try_to_write() { return {&try_to_write_statement, {}}; }

db::Command lock_head(ChainId chain) { return {&lock_head_statement, db::Params::of(chain)}; }

Head read_head(const db::Rows& rows) {
  CHECK(rows.size() == 1);  // the chain's row is made at start and never deleted
  return {rows[0].get<std::int64_t>(0), rows[0].get<std::string>(1)};
}

std::vector<ChainedEntry> link_entries(std::vector<Entry> entries, const ChainIdentity& identity, Timestamp time,
                                       Head& head) {
  std::vector<ChainedEntry> chained;
  chained.reserve(entries.size());
  for (auto& entry : entries) {
    ChainedEntry next{.id = Uuid::v7(),
                      .chain = identity.chain,
                      .seq = head.seq + 1,
                      .time = time,
                      .hostname = identity.hostname,
                      .process_id = identity.process_id,
                      .previous_hash = std::move(head.hash),
                      .current_hash = {},
                      .entry = std::move(entry)};
    next.current_hash = entry_hash(next);
    head = {next.seq, next.current_hash};
    chained.push_back(std::move(next));
  }
  return chained;
}

db::Command insert_entries(const std::vector<ChainedEntry>& entries) {
  db::Columns rows;
  for (const auto& chained : entries) {
    const Entry& entry = chained.entry;
    rows.add_row(chained.id, entry.user, entry.action, entry.details, text_or_null(entry.origin.ip_address),
                 text_or_null(entry.origin.user_agent), chained.time, chained.chain, chained.seq, chained.previous_hash,
                 chained.current_hash, chained.hostname, static_cast<std::int32_t>(chained.process_id),
                 text_or_null(entry.origin.request_id), entry.session, name(entry.outcome), name(entry.severity));
  }
  return {&insert_entries_statement, rows.params()};
}

db::Command store_head(ChainId chain, const Head& head) {
  return {&store_head_statement, db::Params::of(chain, head.seq, head.hash)};
}

db::Command store_counters(const std::vector<Counter>& counters, Timestamp now) {
  db::Columns rows;
  for (const auto& counter : counters) rows.add_row(counter.channel, counter.seq, counter.rev);
  db::Params params = rows.params();
  params.add(now);
  return {&store_counters_statement, std::move(params)};
}

db::Command create_chain(const ChainIdentity& identity, Timestamp now) {
  return {&create_chain_statement, db::Params::of(identity.chain, identity.instance_name, identity.hostname, now)};
}

db::Command try_instance_lock(std::int64_t key) { return {&instance_lock_statement, db::Params::of(key)}; }

}  // namespace mcp::ledger::chain
