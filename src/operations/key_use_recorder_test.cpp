// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the count that rotation depends on: encryptions made by a server are not forgotten when it stops.
#include "operations/key_use_recorder.hpp"

#include <gtest/gtest.h>

#include "crypto/envelope.hpp"
#include "crypto/keyring.hpp"
#include "db/link.hpp"
#include "ledger/ledger.hpp"
#include "support/database.hpp"

namespace mcp::operations {
namespace {

TEST(KeyUseRecorder, WritesWhatWasUsedWhenItStops) {
  const test::TestDatabase database;
  test::Loop loop;
  crypto::Keyring keys;
  const KeyId key(Uuid::v4());
  keys.add({.id = key,
            .purpose = crypto::KeyPurpose::message,
            .state = crypto::KeyState::active,
            .wrapped = {},
            .root_id = ""},
           crypto::LockedKey::random());
  database.run_as_superuser(
      "INSERT INTO encryption_keys (key_id, purpose, state, wrapped_key, wrap_iv, wrap_tag, root_id, uses)"
      " VALUES ('" +
      key.text() +
      "', 'message', 'active', '\\x00', decode(repeat('00', 12), 'hex'),"
      " decode(repeat('00', 16), 'hex'), 'root', 40)");
  ledger::Ledger ledger(
      loop.executor(), database.address(),
      {.chain = ChainId(Uuid::v4()), .instance_name = "test", .hostname = "host", .process_id = 1, .instance_lock = {}},
      system_now);
  loop.run(ledger.start());
  KeyUseRecorder recorder(loop.executor(), keys, ledger);
  recorder.start();
  for (int i = 0; i < 3; ++i) crypto::seal_envelope(keys, crypto::Place{}, "text");
  loop.run(recorder.stop());
  loop.run(ledger.stop());
  EXPECT_EQ(database.ask_as_superuser("SELECT uses::text FROM encryption_keys WHERE key_id = '" + key.text() + "'"),
            "43");
}

}  // namespace
}  // namespace mcp::operations
