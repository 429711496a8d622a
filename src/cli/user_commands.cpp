// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "cli/user_commands.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "cli/terminal.hpp"
#include "crypto/password.hpp"
#include "db/database.hpp"
#include "identity/account_service.hpp"
#include "operations/failure.hpp"
#include "realtime/hub.hpp"

namespace mcp::cli {
namespace {

using operations::Failure;

db::PoolSettings small_pool(const config::Database& database) {
  db::PoolSettings settings;
  settings.min_connections = 1;
  settings.max_connections = 2;
  settings.acquire_timeout = database.acquire_timeout;
  settings.idle_timeout = database.idle_timeout;
  settings.statement_timeout = database.statement_timeout;
  return settings;
}

// What a command needs to act on accounts as the server would: the same services, on connections of its own. Nobody
// listens here, so the hub has no shards; a running server learns of the change from the database.
class Accounts {
 public:
  Accounts(Executor executor, db::Address address, const operations::Home& home, const operations::CommandLine& command,
           const config::Config& config)
      : session_(executor, address.duplicate(), home, command),
        database_(executor, std::move(address), small_pool(config.database)),
        hasher_({.memory_kib = config.password.argon2_memory_kib, .time = config.password.argon2_time}, 1),
        hub_({}),
        service_(database_, session_.ledger(), hasher_, hub_,
                 {.password = {.length_min = config.password.length_min},
                  .lockout = {.threshold = config.lockout.threshold, .time = config.lockout.time}}) {}

  identity::AccountService& service() { return service_; }
  Task<> start() {
    co_await session_.start();
    co_await database_.start();
  }
  Task<> close() {
    co_await database_.stop();
    co_await session_.close();
  }

 private:
  operations::CommandSession session_;
  db::Database database_;
  crypto::PasswordHasher hasher_;
  realtime::Hub hub_;
  identity::AccountService service_;
};

Task<Result<identity::Account>> create(std::shared_ptr<Accounts> accounts, identity::Author author,
                                       identity::NewAccount account) {
  std::exception_ptr failure;
  Result<identity::Account> made = fail(ErrorCode::internal, "");
  try {
    co_await accounts->start();
    made = co_await accounts->service().create_user(std::move(author), std::move(account));
  } catch (...) {
    failure = std::current_exception();
  }
  co_await accounts->close();
  if (failure) std::rethrow_exception(failure);
  co_return made;
}

// A refusal of the service, by field where it names some.
[[noreturn]] void refuse(const Error& error) {
  std::string text = error.message;
  for (const auto& field : error.fields) text += fmt::format("\n  {}: {}", field.field, field.message);
  throw Failure(error.code == ErrorCode::unavailable ? ExitCode::try_later : ExitCode::data, text);
}

}  // namespace

ExitCode create_user(const Session& session, const UserCreate& command, const config::Config& config) {
  identity::NewAccount account{
      .username = command.name,
      .email = command.email,
      .first_name = command.first_name,
      .last_name = command.last_name,
      .role = command.role,
      .password = read_new_password(command.password_stdin, !session.global.no_input, command.name),
      .force_password_change = command.force_password_change};
  const auto home = operations::Home::open(config.home);
  const DatabasePlace place(config, home);
  asio::io_context loop(1);
  auto accounts = std::make_shared<Accounts>(loop.get_executor(), place.access().serving, home,
                                             session.command_line(config), config);
  const auto made =
      run_task(loop, create(std::move(accounts), identity::Author{.os_user = session.os_user}, std::move(account)));
  if (!made) refuse(made.error());
  if (session.console.json()) {
    session.console.print(to_json({{"id", made->id.text()}, {"username", made->username}, {"role", made->role_name}}) +
                          "\n");
  }
  session.console.say(fmt::format("made account {} ({}), role {}", made->username, made->id.text(), made->role_name));
  return ExitCode::done;
}

}  // namespace mcp::cli
