// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "ledger/ledger.hpp"

#include "core/check.hpp"
#include "ledger/writer.hpp"

namespace mcp::ledger {

Ledger::Ledger(Executor executor, db::Address address, ChainIdentity identity, Clock clock)
    : writer_(std::make_shared<Writer>(executor, std::move(address), std::move(identity), std::move(clock))) {}

Ledger::~Ledger() = default;

Task<> Ledger::start() {
  const auto writer = writer_;
  co_await run_on(writer->executor(), writer->start());
}

Task<> Ledger::stop() {
  const auto writer = writer_;
  co_await run_on(writer->executor(), writer->stop());
}

Task<> Ledger::commit(std::shared_ptr<Unit> unit) {
  CHECK(unit != nullptr);
  co_await await_completion<Committed>(
      [writer = writer_, unit = std::move(unit)](Completion<Committed> waiting) mutable {
        writer->enqueue(std::move(unit), std::move(waiting));
      });
}

void Ledger::submit(std::shared_ptr<Unit> unit) { writer_->enqueue(std::move(unit), std::nullopt); }

LedgerStats Ledger::stats() const { return writer_->stats(); }

}  // namespace mcp::ledger
