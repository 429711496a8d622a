// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "db/readiness.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>

namespace mcp::db {
namespace {

using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
using Descriptor = asio::posix::basic_stream_descriptor<Executor>;

}  // namespace

struct Readiness::State {
  explicit State(Executor executor) : descriptor(executor), timer(executor) {}

  Descriptor descriptor;
  Timer timer;                // the coroutine sleeps on it; a callback cancels it
  std::uint64_t watched = 0;  // counts watch() and close(): callbacks of an earlier socket are ignored
  bool read_armed = false;
  bool write_armed = false;
  bool is_readable = false;
  bool is_writable = false;
};

Readiness::Readiness(Executor executor) : state_(std::make_shared<State>(executor)) {}

Readiness::~Readiness() { close(); }

void Readiness::watch(int socket) {
  close();
  const int duplicate = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) {
    throw boost::system::system_error(errno, boost::system::system_category(), "watch a database socket");
  }
  try {
    state_->descriptor.assign(duplicate);
  } catch (...) {
    ::close(duplicate);
    throw;
  }
}

void Readiness::close() {
  ++state_->watched;
  state_->read_armed = state_->write_armed = state_->is_readable = state_->is_writable = false;
  boost::system::error_code ignored;
  state_->descriptor.close(ignored);
  state_->timer.cancel();
}

void Readiness::arm(const std::shared_ptr<State>& state, bool for_reading) {
  (for_reading ? state->read_armed : state->write_armed) = true;
  state->descriptor.async_wait(for_reading ? Descriptor::wait_read : Descriptor::wait_write,
                               [state, for_reading, watched = state->watched](boost::system::error_code) {
                                 if (state->watched != watched) return;
                                 // An error counts as ready: libpq finds out what it is.
                                 (for_reading ? state->read_armed : state->write_armed) = false;
                                 (for_reading ? state->is_readable : state->is_writable) = true;
                                 state->timer.cancel();
                               });
}

Task<Readiness::Woken> Readiness::wait(bool read, bool write, Deadline deadline) {
  const std::shared_ptr<State> state = state_;
  if (!state->descriptor.is_open()) co_return Woken::closed;
  const std::uint64_t watched = state->watched;
  // A wait is level-triggered when armed, so an event remembered from before is dropped and asked for again. One that
  // is still armed stays so: a wait for writing may outlive the trip that wanted it.
  state->is_readable = state->is_writable = false;
  if (read && !state->read_armed) arm(state, true);
  if (write && !state->write_armed) arm(state, false);
  while (true) {
    state->timer.expires_at(deadline);
    const auto [error] = co_await state->timer.async_wait(asio::as_tuple(use_task));
    if (state->watched != watched) co_return Woken::closed;
    if ((read && state->is_readable) || (write && state->is_writable)) co_return Woken::ready;
    if (!error) co_return Woken::deadline;
    if (!state->is_readable && !state->is_writable) co_return Woken::cancelled;
    state->is_readable = state->is_writable = false;  // an event nobody waits for any more
  }
}

}  // namespace mcp::db
