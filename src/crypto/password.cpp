// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "crypto/password.hpp"

#include <sodium.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "core/check.hpp"
#include "core/completion.hpp"
#include "core/limits.hpp"
#include "crypto/password_hash.hpp"

namespace mcp::crypto {

class PasswordHasher::Pool {
 public:
  Pool(PasswordCost cost, std::size_t threads) : cost_(cost), decoy_(decoy_hash(cost)) {
    CHECK(threads > 0);
    CHECK(sodium_init() >= 0);
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  ~Pool() {
    std::deque<Job> waiting;
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
      waiting.swap(waiting_);
    }
    something_to_do_.notify_all();
    for (auto& thread : threads_) thread.join();
    for (auto& job : waiting) job(std::make_exception_ptr(Fault("the password hasher is going down")));
  }

  // Runs `compute` on a thread of the pool and completes `done` with its result, or with what it threw.
  template <class T, class Compute>
  void run(Completion<T> done, Compute compute) {
    Job job = [done = std::move(done), compute = std::move(compute)](std::exception_ptr refusal) mutable {
      if (refusal) return done.fail(std::move(refusal));
      std::optional<T> result;
      try {
        result = compute();
      } catch (...) {
        return done.fail(std::current_exception());
      }
      done.complete(std::move(*result));
    };
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() < limits::password_hashes_waiting_max && !is_stopping_) {
        waiting_.push_back(std::move(job));
        job = nullptr;
      }
    }
    if (job) return job(std::make_exception_ptr(HasherOverloaded()));
    something_to_do_.notify_one();
  }

  PasswordCost cost() const { return cost_; }
  const std::string& decoy() const { return decoy_; }

 private:
  // Called once: with null to compute, with an exception to pass it on instead.
  using Job = std::move_only_function<void(std::exception_ptr)>;

  void work() {
    for (;;) {
      Job job;
      {
        std::unique_lock lock(mutex_);
        something_to_do_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
        if (is_stopping_) return;
        job = std::move(waiting_.front());
        waiting_.pop_front();
      }
      job(nullptr);
    }
  }

  const PasswordCost cost_;
  const std::string decoy_;
  std::mutex mutex_;
  std::condition_variable something_to_do_;
  std::deque<Job> waiting_;  // at most limits::password_hashes_waiting_max
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

PasswordHasher::PasswordHasher(PasswordCost cost, std::size_t threads) : pool_(std::make_unique<Pool>(cost, threads)) {}

PasswordHasher::~PasswordHasher() = default;

Task<std::string> PasswordHasher::hash(Secret password) {
  auto start = [pool = pool_.get(), password = std::move(password)](Completion<std::string> done) mutable {
    pool->run(std::move(done),
              [cost = pool->cost(), password = std::move(password)] { return hash_password(password, cost); });
  };
  co_return co_await await_completion<std::string>(std::move(start));
}

Task<PasswordMatch> PasswordHasher::verify(Secret password, StoredPassword stored) {
  auto start = [pool = pool_.get(), password = std::move(password),
                stored = std::move(stored)](Completion<PasswordMatch> done) mutable {
    pool->run(std::move(done), [pool, password = std::move(password), stored = std::move(stored)] {
      return verify_password(password, stored, pool->decoy(), pool->cost());
    });
  };
  co_return co_await await_completion<PasswordMatch>(std::move(start));
}

StoredPassword PasswordHasher::unknown_user() const {
  return StoredPassword{.hash = pool_->decoy(), .type = "argon2id", .salt = {}};
}

}  // namespace mcp::crypto
