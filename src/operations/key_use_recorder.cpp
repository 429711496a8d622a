// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "operations/key_use_recorder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <memory>
#include <vector>

#include "core/check.hpp"
#include "core/log.hpp"
#include "crypto/keyring.hpp"
#include "ledger/ledger.hpp"
#include "operations/key_use_store.hpp"

namespace mcp::operations {

KeyUseRecorder::KeyUseRecorder(Executor executor, crypto::Keyring& keys, ledger::Ledger& ledger,
                               std::chrono::milliseconds interval)
    : executor_(executor), keys_(keys), ledger_(ledger), interval_(interval), timer_(executor) {}

void KeyUseRecorder::start() {
  is_running_ = true;
  asio::co_spawn(executor_, run(), [](std::exception_ptr fault) { CHECK(!fault); });
}

Task<> KeyUseRecorder::stop() { co_await run_on(executor_, stop_here()); }

Task<> KeyUseRecorder::stop_here() {
  is_stopping_ = true;
  if (!is_running_) co_return;
  co_await await_completion<Ended>([this](Completion<Ended> ended) {
    ended_.emplace(std::move(ended));
    timer_.cancel();
  });
}

Task<> KeyUseRecorder::run() {
  while (!is_stopping_) {
    boost::system::error_code cancelled;
    timer_.expires_after(interval_);
    co_await timer_.async_wait(asio::redirect_error(use_task, cancelled));
    co_await record();
  }
  is_running_ = false;
  if (ended_) ended_->complete({});
}

Task<> KeyUseRecorder::record() {
  for (const auto& [key, made] : keys_.take_uses()) {
    if (made > 0) unwritten_[key] += made;
  }
  if (unwritten_.empty()) co_return;
  const std::vector<std::pair<KeyId, std::uint64_t>> uses(unwritten_.begin(), unwritten_.end());
  bool is_written = false;
  try {
    auto unit = std::make_shared<KeyUseUnit>(uses);
    co_await ledger_.commit(std::move(unit));
    is_written = true;
  } catch (const std::exception&) {
    log::warn("operations", "the use of the data keys could not be written; it is tried again later");
  }
  if (is_written) unwritten_.clear();
}

}  // namespace mcp::operations
