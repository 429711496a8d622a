// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "audit/chain_verifier.hpp"

#include <algorithm>

#include "audit/details_json.hpp"

namespace mcp::audit {
namespace {

constexpr std::int64_t entries_per_page = 1000;
constexpr std::string_view first_action = "audit_chain_started";
// What the first entry follows.
constexpr std::string_view no_hash = "0000000000000000000000000000000000000000000000000000000000000000";

std::optional<std::string> recomputed_hash(StoredEntry& stored) {
  auto details = canonical_details(stored.details);
  if (!details || stored.has_empty_text) return std::nullopt;
  stored.chained.entry.details = std::move(*details);
  stored.chained.entry.action = stored.action;
  return ledger::entry_hash(stored.chained);
}

}  // namespace

std::string_view name(ChainFault fault) {
  switch (fault) {
    case ChainFault::hash: return "hash";
    case ChainFault::gap: return "gap";
    case ChainFault::order: return "order";
    case ChainFault::truncated: return "truncated";
    case ChainFault::fork: return "fork";
  }
  return "hash";
}

bool ChainCheck::report(ChainFault fault, std::int64_t seq, std::optional<Uuid> id) {
  if (!problem_) problem_ = ChainProblem{.fault = fault, .seq = seq, .id = id};
  return false;
}

bool ChainCheck::add(StoredEntry stored) {
  if (problem_) return false;
  const auto& chained = stored.chained;
  if (chained.seq > last_seq_ + 1) return report(ChainFault::gap, last_seq_ + 1, std::nullopt);
  if (chained.seq <= last_seq_) return report(ChainFault::order, chained.seq, chained.id);
  const bool is_first = chained.seq == 1;
  if (chained.previous_hash != (is_first ? no_hash : last_hash_)) {
    return report(ChainFault::order, chained.seq, chained.id);
  }
  if (recomputed_hash(stored) != chained.current_hash) return report(ChainFault::hash, chained.seq, chained.id);
  if (is_first != (stored.action == first_action)) return report(ChainFault::order, chained.seq, chained.id);
  ++count_;
  last_seq_ = chained.seq;
  last_hash_ = chained.current_hash;
  return true;
}

void ChainCheck::finish(const ChainHead& head) {
  if (problem_) return;
  if (head.has_row && last_seq_ < head.last_seq) {
    report(ChainFault::truncated, last_seq_ + 1, std::nullopt);
  } else if (!head.has_row || head.last_hash != (last_seq_ == 0 ? no_hash : last_hash_)) {
    report(ChainFault::fork, last_seq_, std::nullopt);
  }
}

Task<std::vector<ChainReport>> ChainVerifier::verify_all() const {
  const auto heads = co_await store_.heads();
  std::vector<ChainReport> reports;
  reports.reserve(heads.size());
  for (const auto& head : heads) reports.push_back(co_await verify(head));
  co_return reports;
}

Task<ChainReport> ChainVerifier::verify(ChainHead head) const {
  ChainCheck check;
  // Without a row nothing says where the chain ends: then it is what is there.
  auto end = head.last_seq;
  if (!head.has_row) end = co_await store_.newest_seq(head.chain);
  bool is_good = true;
  while (is_good && check.last_seq() < end) {
    auto page =
        co_await store_.entries(head.chain, check.last_seq(), std::min(entries_per_page, end - check.last_seq()));
    if (page.empty()) break;
    for (auto& stored : page) {
      if (stored.chained.seq > end) break;
      is_good = is_good && check.add(std::move(stored));
    }
    if (is_good && page.back().chained.seq > end) break;
  }
  check.finish(head);
  ChainReport report{.chain = head.chain,
                     .count = check.count(),
                     .last_seq = check.last_seq(),
                     .first_problem = check.first_problem()};
  if (report.is_ok() && co_await has_forked(head)) {
    report.first_problem = ChainProblem{.fault = ChainFault::fork, .seq = head.last_seq + 1, .id = std::nullopt};
  }
  co_return report;
}

// Are there entries behind the head? The newest entry is read first: a head read later covers every entry that was
// committed together with it.
Task<bool> ChainVerifier::has_forked(ChainHead head) const {
  const auto newest = co_await store_.newest_seq(head.chain);
  if (newest <= head.last_seq) co_return false;
  const auto heads = co_await store_.heads();
  const auto now = std::ranges::find(heads, head.chain, &ChainHead::chain);
  co_return now == heads.end() || now->last_seq < newest;
}

}  // namespace mcp::audit
