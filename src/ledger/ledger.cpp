// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "ledger/ledger.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>

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
  const auto writer = writer_;
  const auto order_key = unit->order_key();
  std::exception_ptr failure;
  try {
    co_await await_completion<Committed>(
        [&writer, &unit](Completion<Committed> waiting) { writer->enqueue(std::move(unit), std::move(waiting)); });
    co_return;
  } catch (...) {
    failure = std::current_exception();
  }
  if (!order_key.empty()) {
    // Behind the caller's own turn with the failure: by then the caller knows, and refuses what must not overtake.
    asio::post(co_await asio::this_coro::executor, [writer, order_key] { writer->release(order_key); });
  }
  std::rethrow_exception(failure);
}

void Ledger::submit(std::shared_ptr<Unit> unit) { writer_->enqueue(std::move(unit), std::nullopt); }

LedgerStats Ledger::stats() const { return writer_->stats(); }

}  // namespace mcp::ledger
