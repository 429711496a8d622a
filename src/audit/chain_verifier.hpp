// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/chain_store.hpp"
#include "core/id.hpp"
#include "core/task.hpp"

namespace mcp::audit {

// What is wrong with a chain (contract-data 5.3).
enum class ChainFault : std::uint8_t {
  hash,       // an entry is not what was hashed
  gap,        // a seq is missing
  order,      // an entry does not follow its predecessor, or the first one does not begin a chain
  truncated,  // the chain ends before its head
  fork,       // the head does not belong to the chain's last entry, or is missing
};
std::string_view name(ChainFault fault);

struct ChainProblem {
  ChainFault fault = ChainFault::hash;
  std::int64_t seq = 0;    // where it shows
  std::optional<Uuid> id;  // of the entry there, if there is one
};

// Checks entries one after the other, in constant memory.
class ChainCheck {
 public:
  // False when the entry is wrong; then first_problem() is set and later entries are not looked at.
  bool add(StoredEntry stored);
  // The end of what the head promises.
  void finish(const ChainHead& head);

  std::int64_t count() const { return count_; }
  std::int64_t last_seq() const { return last_seq_; }
  const std::optional<ChainProblem>& first_problem() const { return problem_; }

 private:
  bool report(ChainFault fault, std::int64_t seq, std::optional<Uuid> id);

  std::int64_t count_ = 0;
  std::int64_t last_seq_ = 0;
  std::string last_hash_;
  std::optional<ChainProblem> problem_;
};

struct ChainReport {
  ChainId chain;
  std::int64_t count = 0;
  std::int64_t last_seq = 0;
  std::optional<ChainProblem> first_problem;

  bool is_ok() const { return !first_problem; }
};

// Recomputes every hash of every chain from the columns. Looks at what was committed when a chain's turn began; what is
// appended meanwhile is the next run's.
class ChainVerifier {
 public:
  explicit ChainVerifier(const ChainStore& store) : store_(store) {}

  Task<std::vector<ChainReport>> verify_all() const;
  Task<ChainReport> verify(ChainHead head) const;

 private:
  Task<bool> has_forked(ChainHead head) const;

  const ChainStore& store_;
};

}  // namespace mcp::audit
