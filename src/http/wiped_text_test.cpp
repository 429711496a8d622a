// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects passwords on their way through HTTP: no memory that a request gives back still holds one.
#include "http/wiped_text.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>

#include "http/connection.hpp"

#if !__has_feature(thread_sanitizer)  // it brings an operator new of its own, which cannot be replaced

namespace {

constexpr std::string_view password = "correct-horse-battery-staple";

// How often this thread gave back memory that holds the password; counted while it is watched.
thread_local bool is_watched = false;
thread_local int leaks = 0;

void give_back(void* memory) {
  if (is_watched && memory != nullptr) {
    const std::string_view bytes(static_cast<const char*>(memory), malloc_usable_size(memory));
    if (bytes.find(password) != std::string_view::npos) ++leaks;
  }
  std::free(memory);  // NOLINT(cppcoreguidelines-no-malloc): this is the heap
}

void* take(std::size_t size) {
  void* memory = std::malloc(std::max<std::size_t>(size, 1));  // NOLINT(cppcoreguidelines-no-malloc)
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return take(size); }
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }

namespace mcp::http {
namespace {

template <class Act>
int leaks_of(Act act) {
  leaks = 0;
  is_watched = true;
  act();
  is_watched = false;
  return leaks;
}

TEST(WipedText, SeesWhatAnOrdinaryStringLeaves) {
  EXPECT_EQ(leaks_of([] { const std::string text(password); }), 1) << "the tests below would see nothing";
}

TEST(WipedText, LeavesNothingWhenItGrowsOrEnds) {
  EXPECT_EQ(leaks_of([] {
              WipedText text(password);
              text.reserve(10'000);
              const WipedText moved = std::move(text);
            }),
            0);
}

// A body comes in pieces, in one read with its head, or behind another request: each way has buffers of its own.
TEST(WipedText, KeepsBodiesOutOfFreedMemoryHoweverTheyArrive) {
  const std::string body = R"({"username":"ada","password":")" + std::string(password) + "\"}";
  const std::string head =
      "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n";
  const std::string whole = head + body;
  const std::string two = whole + whole;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{50}, head.size(), two.size()}) {
    int requests = 0;
    const int left = leaks_of([&] {
      Connection connection(100'000);
      for (std::size_t at = 0; at < two.size(); at += piece) {
        connection.feed(std::string_view(two).substr(at, piece));
        while (connection.state() == Connection::State::complete) {
          const Request request = connection.take();
          requests += std::string_view(request.body) == body ? 1 : 0;
          connection.feed({});
        }
      }
    });
    EXPECT_EQ(requests, 2) << piece;
    EXPECT_EQ(left, 0) << "in pieces of " << piece;
  }
}

TEST(WipedText, KeepsARefusedOrAbandonedBodyOutOfFreedMemory) {
  const std::string abandoned = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n" + std::string(password);
  const std::string refused = "POST /a HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(password);
  for (const std::string& bytes : {abandoned, refused}) {
    EXPECT_EQ(leaks_of([&] {
                Connection connection(100'000);
                connection.feed(bytes);
              }),
              0)
        << bytes;
  }
}

}  // namespace
}  // namespace mcp::http

#endif
