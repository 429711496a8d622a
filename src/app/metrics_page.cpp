// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "app/metrics_page.hpp"

#include <array>
#include <string_view>

#include "core/log.hpp"
#include "monitoring/exposition.hpp"

namespace mcp::app {
namespace {

double number(std::uint64_t value) { return static_cast<double>(value); }

void add_process(monitoring::Exposition& page, const Figures& figures) {
  const auto usage = monitoring::read_process_usage();
  page.gauge("mcp_uptime_seconds", "Time since the server became ready.").sample(figures.uptime_seconds);
  page.gauge("mcp_process_resident_memory_bytes", "Memory in use.").sample(usage.resident_bytes);
  page.counter("mcp_process_cpu_seconds_total", "User and system time used.").sample(usage.cpu_seconds);
  page.gauge("mcp_process_open_descriptors", "Open file descriptors.").sample(usage.open_descriptors);
  page.counter("mcp_log_lines_dropped_total", "Log lines lost because the writer could not keep up.")
      .sample(number(log::dropped_lines()));
}

void add_database(monitoring::Exposition& page, const db::PoolStats& pool) {
  page.gauge("mcp_db_pool_connections", "Connections of the pool by state.")
      .sample(number(pool.idle), {{"state", "idle"}})
      .sample(number(pool.in_use), {{"state", "used"}});
  page.gauge("mcp_db_pool_waiting", "Callers waiting for a connection.").sample(number(pool.waiting));
  page.counter("mcp_db_pool_acquired_total", "Connections handed out.").sample(number(pool.acquired_total));
  page.counter("mcp_db_pool_timeouts_total", "Callers that got none in time.").sample(number(pool.timeouts_total));
  page.counter("mcp_db_pool_broken_total", "Connections replaced after a failure.").sample(number(pool.broken_total));
}

void add_ledger(monitoring::Exposition& page, const ledger::LedgerStats& ledger) {
  page.gauge("mcp_ledger_writable", "1 while acts and their audit entries can be committed.")
      .sample(ledger.is_writable ? 1 : 0);
  page.gauge("mcp_ledger_queued_units", "Acts waiting for a batch.").sample(number(ledger.queued));
  page.counter("mcp_ledger_batches_total", "Transactions committed.").sample(number(ledger.batches));
  page.counter("mcp_ledger_units_total", "Acts committed.").sample(number(ledger.units));
  page.counter("mcp_ledger_replays_total", "Batches tried again in halves.").sample(number(ledger.replays));
  page.counter("mcp_ledger_failed_units_total", "Acts that were not committed.").sample(number(ledger.failed_units));
  page.gauge("mcp_audit_chain_last_seq", "Number of the newest audit entry of this instance.")
      .sample(static_cast<double>(ledger.last_seq));
}

void add_sockets(monitoring::Exposition& page, const Figures& figures) {
  page.gauge("mcp_websocket_connections", "Open sockets by state.")
      .sample(number(figures.gateway.authenticated), {{"state", "authenticated"}})
      .sample(number(figures.gateway.unauthenticated), {{"state", "unauthenticated"}});
  page.gauge("mcp_websocket_queued_bytes", "Bytes waiting in all outgoing queues.")
      .sample(number(figures.gateway.queued_bytes));
  page.counter("mcp_websocket_frames_in_total", "Frames received.").sample(number(figures.gateway.frames_in));
  page.counter("mcp_websocket_slow_consumers_total", "Connections ended because they did not read.")
      .sample(number(figures.gateway.slow_consumers));
  page.counter("mcp_events_published_total", "Events published to channels.").sample(number(figures.hub.published));
  page.counter("mcp_events_delivered_total", "Events handed to connections.").sample(number(figures.hub.delivered));
  page.counter("mcp_connections_refused_total", "Connections closed at once for want of descriptors.")
      .sample(number(figures.refused_connections));
}

void add_requests(monitoring::Exposition& page, const http::Stats& stats) {
  static constexpr std::array<std::string_view, 6> classes{"", "1xx", "2xx", "3xx", "4xx", "5xx"};
  page.counter("mcp_http_responses_total", "Answers by status class.");
  for (std::size_t i = 1; i < classes.size(); ++i)
    page.sample(number(stats.by_class.at(i).load()), {{"class", classes.at(i)}});
  page.histogram("mcp_http_response_seconds", "Time from the complete request to its answer.");
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < http::Stats::bounds.size(); ++i) {
    below += stats.by_duration.at(i).load();
    page.bucket(std::chrono::duration<double>(http::Stats::bounds.at(i)).count(), number(below));
  }
  below += stats.by_duration.back().load();
  page.sum_and_count(number(stats.duration_us.load()) / 1e6, number(below));
  page.counter("mcp_http_refused_requests_total", "Requests the gate refused.")
      .sample(number(stats.refused_by_gate.load()));
  page.counter("mcp_websocket_upgrades_total", "Upgrades by outcome.")
      .sample(number(stats.upgrades.load()), {{"outcome", "accepted"}})
      .sample(number(stats.upgrades_refused.load()), {{"outcome", "refused"}});
}

}  // namespace

std::string metrics_page(const Figures& figures, const http::Stats& requests) {
  monitoring::Exposition page;
  add_process(page, figures);
  add_database(page, figures.pool);
  add_ledger(page, figures.ledger);
  add_sockets(page, figures);
  add_requests(page, requests);
  return page.text();
}

}  // namespace mcp::app
