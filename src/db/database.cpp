// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "db/database.hpp"

#include <utility>

#include "core/check.hpp"
#include "core/completion.hpp"
#include "db/pool.hpp"

namespace mcp::db {

Database::Database(Executor executor, Address address, PoolSettings settings)
    : pool_(std::make_shared<Pool>(executor, std::move(address), settings)) {}

Database::~Database() { pool_->abandon(); }

Task<> Database::start() { return run_on(pool_->executor(), Pool::start(pool_)); }

Task<> Database::stop() { return run_on(pool_->executor(), Pool::stop(pool_)); }

Task<Rows> Database::query(Statement statement, Params params) {
  return run_on(pool_->executor(), Pool::query(pool_, statement, std::move(params)));
}

Task<> Database::ping() {
  static constexpr Statement ping_statement{"db.ping", "SELECT 1"};
  co_await query(ping_statement, {});
}

Task<Rows> Database::execute(Statement statement, Params params) {
  return run_on(pool_->executor(), Pool::execute(pool_, statement, std::move(params)));
}

Task<Transaction> Database::begin() {
  auto opening = Pool::begin(pool_);
  std::shared_ptr<Held> held = co_await run_on(pool_->executor(), std::move(opening));
  co_return Transaction(std::move(held));
}

PoolStats Database::stats() const { return pool_->stats(); }

Database::Held::~Held() {
  if (link) pool->give_back_later(std::move(link));
}

Transaction::Transaction(std::shared_ptr<Database::Held> held) : held_(std::move(held)) {}
Transaction::Transaction(Transaction&&) noexcept = default;
Transaction& Transaction::operator=(Transaction&&) noexcept = default;
Transaction::~Transaction() = default;

Task<Rows> Transaction::query(Statement statement, Params params) {
  CHECK(held_);
  return run_on(held_->pool->executor(), Database::Pool::query_held(held_, statement, std::move(params)));
}

Task<std::vector<Rows>> Transaction::run(std::vector<Command> commands) {
  CHECK(held_);
  return run_on(held_->pool->executor(), Database::Pool::run(held_, std::move(commands)));
}

Task<> Transaction::commit() {
  CHECK(held_);
  const Executor executor = held_->pool->executor();
  return run_on(executor, Database::Pool::commit(std::move(held_)));
}

}  // namespace mcp::db
