// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// The entry point of every unit-test program.
#include <gtest/gtest.h>

#include "crypto/locked_key.hpp"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  mcp::crypto::protect_process_memory();
  return RUN_ALL_TESTS();
}
