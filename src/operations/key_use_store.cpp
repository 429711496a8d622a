// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "operations/key_use_store.hpp"

namespace mcp::operations {
namespace {

constexpr ledger::Write add_uses{.statement = {"operations.add_key_uses", R"sql(
        UPDATE encryption_keys k SET uses = k.uses + n.made
        FROM (SELECT key_id, sum(made)::int8 AS made FROM unnest($1::uuid[], $2::int8[]) AS m(key_id, made)
              GROUP BY key_id) AS n
        WHERE k.key_id = n.key_id)sql"},
                                 .order = 90};

}  // namespace

void KeyUseUnit::build(ledger::Work& work) {
  for (const auto& [key, made] : uses_) work.write(add_uses, key, static_cast<std::int64_t>(made));
}

}  // namespace mcp::operations
