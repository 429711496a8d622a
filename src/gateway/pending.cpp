// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "gateway/pending.hpp"

#include <utility>

#include "core/check.hpp"

namespace mcp::gateway {

void Pending::end() {
  CHECK(count_ > 0);
  --count_;
  if (waiter_ && count_ <= awaited_count_) {
    Waiter waiter = std::move(*waiter_);
    waiter_.reset();
    waiter.complete({});
  }
}

Task<> Pending::at_most(std::size_t count) {
  while (count_ > count) {  // more may have begun between the completion and our turn
    CHECK(!waiter_);
    awaited_count_ = count;
    co_await await_completion<std::monostate>([this](Waiter waiter) { waiter_.emplace(std::move(waiter)); });
  }
}

}  // namespace mcp::gateway
