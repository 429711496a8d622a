// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects keys in memory: locked, kept out of dumps, wiped when they die, and nowhere else after they were used.
#include "crypto/locked_key.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "crypto/aead.hpp"
#include "crypto/digest.hpp"
#include "crypto/keyring.hpp"

namespace {
std::atomic<int> freed_wiped{0};
std::atomic<int> freed_unwiped{0};
}  // namespace

// Stands before libsodium's in the order of symbols: looks at what is given back, then gives it back.
extern "C" void sodium_free(void* memory) {
  if (memory != nullptr) {
    const auto* const bytes = static_cast<const unsigned char*>(memory);
    const bool is_wiped = std::all_of(bytes, bytes + 32, [](unsigned char byte) { return byte == 0; });
    ++(is_wiped ? freed_wiped : freed_unwiped);
  }
  using Free = void (*)(void*);
  static const auto real = reinterpret_cast<Free>(dlsym(RTLD_NEXT, "sodium_free"));
  real(memory);
}

namespace mcp::crypto {
namespace {

// Flags of the mapping that holds an address, from /proc/self/smaps ("rd mr mw me dd lo ...").
std::string mapping_flags(const void* address) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  std::ifstream maps("/proc/self/smaps");
  bool is_inside = false;
  for (std::string line; std::getline(maps, line);) {
    unsigned long begin = 0;
    unsigned long end = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2) is_inside = begin <= wanted && wanted < end;
    if (is_inside && line.starts_with("VmFlags:")) return line;
  }
  return {};
}

struct Mapping {
  std::uintptr_t begin;
  std::uintptr_t end;
};

std::vector<Mapping> writable_mappings() {
  std::vector<Mapping> mappings;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    unsigned long begin = 0;
    unsigned long end = 0;
    char mode[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, mode) != 3 || std::string_view(mode) != "rw-p") continue;
    if (end - begin <= 256UL << 20) mappings.push_back({begin, end});  // larger ones are a sanitizer's bookkeeping
  }
  return mappings;
}

// Is the key anywhere in this process's writable memory? The pattern is kept inverted, so that it cannot find itself.
bool is_in_memory(const std::array<std::uint8_t, 32>& inverted) {
  static std::array<std::uint8_t, 1 << 16> window;
  const auto matches = [&inverted](std::size_t at) {
    for (std::size_t i = 0; i < inverted.size(); ++i) {
      if (static_cast<std::uint8_t>(~window[at + i]) != inverted[i]) return false;
    }
    return true;
  };
  for (const auto& mapping : writable_mappings()) {
    for (auto at = mapping.begin; at < mapping.end; at += window.size() - inverted.size()) {
      window.fill(0);
      const iovec local{window.data(), std::min<std::size_t>(window.size(), mapping.end - at)};
      const iovec remote{reinterpret_cast<void*>(at), local.iov_len};
      const auto got = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
      if (got < static_cast<ssize_t>(inverted.size())) continue;
      for (std::size_t i = 0; i + inverted.size() <= static_cast<std::size_t>(got); ++i) {
        if (matches(i)) return true;
      }
    }
  }
  window.fill(0);
  return false;
}

std::array<std::uint8_t, 32> inverted_copy(const LockedKey& key) {
  std::array<std::uint8_t, 32> inverted;
  for (std::size_t i = 0; i < inverted.size(); ++i) inverted[i] = static_cast<std::uint8_t>(~key.bytes()[i]);
  return inverted;
}

TEST(LockedKey, IsLockedAndKeptOutOfDumps) {
  const auto key = LockedKey::random();
  const auto flags = mapping_flags(key.bytes().data());
  EXPECT_NE(flags.find(" dd"), std::string::npos) << flags;
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)  // they turn mlock into nothing
  EXPECT_NE(flags.find(" lo"), std::string::npos) << flags;
#endif
  EXPECT_EQ(flags.find(" wr"), std::string::npos) << "written once, then read only: " << flags;
}

TEST(LockedKey, IsWipedBeforeItsMemoryIsGivenBack) {
  freed_wiped = 0;
  freed_unwiped = 0;
  {
    const auto first = LockedKey::random();
    auto second = LockedKey::from(std::array<std::uint8_t, 32>{1, 2, 3});
    second = LockedKey::random();  // swapped, then both die
    const LockedKey moved(std::move(second));
  }
  EXPECT_EQ(freed_wiped, 3);
  EXPECT_EQ(freed_unwiped, 0);
}

TEST(LockedKey, MovesItsBytes) {
  auto source = LockedKey::from(std::array<std::uint8_t, 32>{1, 2, 3});
  const LockedKey target(std::move(source));
  EXPECT_EQ(target.bytes()[1], 2);
  EXPECT_FALSE(std::ranges::equal(LockedKey::random().bytes(), LockedKey::random().bytes()));
}

// First that the search would find a copy, then that none is left.
TEST(LockedKey, LeavesNoCopyBehindWhenUsed) {
  const auto key = LockedKey::random();
  const auto inverted = inverted_copy(key);
  {
    std::vector<std::uint8_t> copy(key.bytes().begin(), key.bytes().end());
    ASSERT_TRUE(is_in_memory(inverted));
    explicit_bzero(copy.data(), copy.size());
  }
  const auto sealed = seal(key, {}, "text");
  ASSERT_TRUE(open(key, {}, sealed));
  EXPECT_FALSE(is_in_memory(inverted)) << "left by the cipher";
  hmac_sha256(key.bytes(), "text");
  EXPECT_FALSE(is_in_memory(inverted)) << "left by the MAC";
}

TEST(LockedKey, LeavesNoCopyOfADataKeyBehindWhenUnwrapped) {
  const RootKeys roots(RootKey(LockedKey::random()), RootKey(LockedKey::random()), Uuid::v4());
  const auto row = roots.wrap_new(KeyPurpose::message);
  const auto data_key = roots.unwrap(row);
  ASSERT_TRUE(data_key);
  EXPECT_FALSE(is_in_memory(inverted_copy(*data_key)));
  EXPECT_FALSE(
      is_in_memory(inverted_copy(roots.content().key_encryption_key(KeyPurpose::message, roots.installation()))));
}

TEST(ProcessMemory, LeavesNoCoreAndCannotBeInspected) {
  protect_process_memory();
  rlimit limit{1, 1};
  getrlimit(RLIMIT_CORE, &limit);
  EXPECT_EQ(limit.rlim_cur, 0U);
  EXPECT_EQ(limit.rlim_max, 0U);
  EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
}

}  // namespace
}  // namespace mcp::crypto
