// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "crypto/locked_key.hpp"

#include <sodium.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "core/check.hpp"
#include "crypto/fault.hpp"
#include "crypto/random.hpp"

namespace mcp::crypto {
namespace {

constexpr std::size_t key_bytes = 32;

std::uint8_t* allocate() {
  CHECK(sodium_init() >= 0);  // may be called again and from any thread
  auto* const memory = static_cast<std::uint8_t*>(sodium_malloc(key_bytes));
  // sodium_malloc locks, too, but hands out unlocked memory without a word when the kernel refuses.
  if (memory == nullptr || mlock(memory, key_bytes) != 0) {
    sodium_free(memory);
    throw Fault("no locked memory for a key (RLIMIT_MEMLOCK)");
  }
  return memory;
}

}  // namespace

LockedKey LockedKey::random() {
  LockedKey key(allocate());
  random_fill({key.memory_, key_bytes});
  sodium_mprotect_readonly(key.memory_);
  return key;
}

LockedKey LockedKey::from(std::span<const std::uint8_t, 32> bytes) {
  LockedKey key(allocate());
  std::ranges::copy(bytes, key.memory_);
  sodium_mprotect_readonly(key.memory_);
  return key;
}

LockedKey::LockedKey(LockedKey&& other) noexcept : memory_(std::exchange(other.memory_, nullptr)) {}

LockedKey& LockedKey::operator=(LockedKey&& other) noexcept {
  std::swap(memory_, other.memory_);
  return *this;
}

LockedKey::~LockedKey() {
  if (memory_ == nullptr) return;
  sodium_mprotect_readwrite(memory_);
  sodium_memzero(memory_, key_bytes);
  sodium_free(memory_);
}

std::span<const std::uint8_t, 32> LockedKey::bytes() const {
  CHECK(memory_ != nullptr);  // moved from
  return std::span<const std::uint8_t, 32>(memory_, key_bytes);
}

void protect_process_memory() {
  CHECK(sodium_init() >= 0);
  const rlimit none{0, 0};
  CHECK(setrlimit(RLIMIT_CORE, &none) == 0);
  CHECK(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
}

}  // namespace mcp::crypto
