// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "db/host_lookup.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "core/log.hpp"
#include "db/fault.hpp"

namespace mcp::db {
namespace {

using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;

// Shared with the resolver's callback: a look-up cannot be stopped, so it may end long after its deadline.
struct Lookup {
  explicit Lookup(Executor executor) : resolver(executor), timer(executor) {}

  Resolver resolver;
  Timer timer;
  bool is_done = false;
  std::string addresses;
};

bool needs_lookup(const std::string& host) {
  if (host.empty() || host.starts_with('/') || host.starts_with('@')) return false;
  boost::system::error_code not_an_address;
  asio::ip::make_address(host, not_an_address);
  return not_an_address.failed();
}

}  // namespace

Task<std::string> look_up_host(Executor executor, std::string host, Readiness::Deadline deadline) {
  if (!needs_lookup(host)) co_return std::string();
  const auto lookup = std::make_shared<Lookup>(executor);
  lookup->resolver.async_resolve(host, "",
                                 [lookup](boost::system::error_code error, const Resolver::results_type& found) {
                                   lookup->is_done = true;
                                   if (!error) {
                                     for (const auto& entry : found) {
                                       if (!lookup->addresses.empty()) lookup->addresses += ',';
                                       lookup->addresses += entry.endpoint().address().to_string();
                                     }
                                   }
                                   lookup->timer.cancel();
                                 });
  lookup->timer.expires_at(deadline);
  co_await lookup->timer.async_wait(asio::as_tuple(use_task));
  if (lookup->addresses.empty()) {
    log::warn("db", "the database host does not resolve",
              {{log::Field::address, host}, {log::Field::reason, lookup->is_done ? "unknown name" : "time-out"}});
    throw Fault(FaultKind::unavailable, "", "connect", "");
  }
  co_return lookup->addresses;
}

}  // namespace mcp::db
