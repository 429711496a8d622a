// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace mcp::crypto {

// A 32-byte key in memory that is locked, excluded from core dumps, guarded, and wiped when it dies (libsodium's
// sodium_malloc). Moved, never copied.
class LockedKey {
 public:
  static LockedKey random();
  static LockedKey from(std::span<const std::uint8_t, 32> bytes);
  LockedKey(LockedKey&& other) noexcept;
  LockedKey& operator=(LockedKey&& other) noexcept;
  LockedKey(const LockedKey&) = delete;
  LockedKey& operator=(const LockedKey&) = delete;
  ~LockedKey();

  std::span<const std::uint8_t, 32> bytes() const;

 private:
  explicit LockedKey(std::uint8_t* memory) : memory_(memory) {}
  std::uint8_t* memory_;
};

// Called once at start: no core dumps (RLIMIT_CORE 0), not dumpable (PR_SET_DUMPABLE 0), libsodium initialised.
void protect_process_memory();

}  // namespace mcp::crypto
