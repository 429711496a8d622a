// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/id.hpp"
#include "ledger/unit.hpp"

namespace mcp::operations {

// Adds the encryptions made since the last time to encryption_keys.uses (rotation at 2^28, contract-data 4). A count,
// not an act of anybody: it leaves no audit entry.
class KeyUseUnit : public ledger::Unit {
 public:
  explicit KeyUseUnit(std::vector<std::pair<KeyId, std::uint64_t>> uses) : uses_(std::move(uses)) {}
  void acquire(ledger::Acquisition&) const override {}
  void build(ledger::Work& work) override;

 private:
  std::vector<std::pair<KeyId, std::uint64_t>> uses_;
};

}  // namespace mcp::operations
