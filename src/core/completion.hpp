// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <functional>
#include <optional>
#include <utility>

#include "core/task.hpp"

namespace mcp {

// The answering half of one awaited value: whoever holds it calls complete or fail once, from any thread. The waiting
// coroutine is resumed by exactly one post to its own executor, so what one thread completes and posts to a shard
// arrives there in that order. Dropped unanswered, the waiting coroutine is never resumed: always answer.
template <class T>
class Completion {
 public:
  using Resume = std::move_only_function<void(std::exception_ptr, std::optional<T>)>;

  explicit Completion(Resume resume) : resume_(std::move(resume)) {}

  void complete(T value) { std::exchange(resume_, nullptr)(nullptr, std::optional<T>(std::move(value))); }
  void fail(std::exception_ptr why) { std::exchange(resume_, nullptr)(std::move(why), std::nullopt); }

 private:
  Resume resume_;
};

// Suspends the calling coroutine, hands `start` a Completion<T>, and returns what it is completed with.
//   start   void(Completion<T>), called before the suspension is over, on the caller's thread; must not block
//   throws  what the Completion was failed with
template <class T, class Start>
Task<T> await_completion(Start start) {
  std::optional<T> value =
      co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void(std::exception_ptr, std::optional<T>)>(
          [](auto handler, Start begin) {
            const Executor executor = asio::get_associated_executor(handler);
            begin(Completion<T>([executor, work = asio::make_work_guard(executor), resume = std::move(handler)](
                                    std::exception_ptr why, std::optional<T> result) mutable {
              asio::post(executor,
                         [resume = std::move(resume), why = std::move(why), result = std::move(result)]() mutable {
                           std::move(resume)(std::move(why), std::move(result));
                         });
            }));
          },
          use_task, std::move(start));
  co_return std::move(*value);
}

// Runs a task on another shard and returns its result on the caller's.
template <class T>
Task<T> run_on(Executor where, Task<T> task) {
  co_return co_await asio::co_spawn(where, std::move(task), use_task);
}

}  // namespace mcp
