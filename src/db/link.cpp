// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "db/link.hpp"

#include "db/connection.hpp"

namespace mcp::db {

Address Address::duplicate() const {
  Address copy;
  copy.host = host;
  copy.port = port;
  copy.database = database;
  copy.user = user;
  copy.password = password.duplicate();
  copy.ssl_mode = ssl_mode;
  copy.ssl_root_cert = ssl_root_cert;
  copy.connect_timeout = connect_timeout;
  return copy;
}

Link::Link(Executor executor, Address address, SessionSettings session_settings)
    : connection_(std::make_shared<Connection>(executor, std::move(address), std::move(session_settings))) {}

Link::~Link() { connection_->close(); }

Task<> Link::connect() { return Connection::connect(connection_); }

bool Link::is_connected() const { return connection_->is_connected(); }

bool Link::is_quiet() const { return connection_->is_quiet(); }

bool Link::in_transaction() const { return connection_->in_transaction(); }

void Link::close() { connection_->close(); }

Task<std::vector<Rows>> Link::run(std::vector<Command> commands) {
  return Connection::run(connection_, std::move(commands));
}

Task<> Link::run_script(std::string sql) { return Connection::run_script(connection_, std::move(sql)); }

Task<std::vector<std::string>> Link::wait_for_notification(std::chrono::milliseconds wait) {
  return Connection::wait_for_notification(connection_, wait);
}

}  // namespace mcp::db
