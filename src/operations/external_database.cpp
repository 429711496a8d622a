// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "operations/external_database.hpp"

#include "core/check.hpp"

namespace mcp::operations {
namespace {

db::Address address_as(const config::Database& database, const std::string& user, const Secret& password) {
  db::Address address;
  address.host = database.host;
  address.port = database.port;
  address.database = database.name;
  address.user = user;
  address.password = password.duplicate();
  address.ssl_mode = database.ssl_mode;
  address.ssl_root_cert = database.ssl_root_cert;
  address.connect_timeout = database.connect_timeout;
  return address;
}

}  // namespace

DatabaseAccess external_access(const config::Database& database) {
  CHECK(!database.is_private);
  return {.owner = address_as(database, database.migration_user, database.migration_password),
          .serving = address_as(database, database.user, database.password)};
}

}  // namespace mcp::operations
