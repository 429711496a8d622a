// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects what Prometheus reads: the text format, and that this process' figures are really read.
#include "monitoring/exposition.hpp"

#include <gtest/gtest.h>

namespace mcp::monitoring {
namespace {

TEST(Exposition, WritesFamiliesWithHelpTypeAndLabels) {
  Exposition page;
  page.gauge("mcp_db_connections", "Connections of the pool.")
      .sample(3, {{"state", "idle"}})
      .sample(1, {{"state", "used"}});
  page.counter("mcp_units_total", "Units committed.").sample(12);
  EXPECT_EQ(page.text(),
            "# HELP mcp_db_connections Connections of the pool.\n# TYPE mcp_db_connections gauge\n"
            "mcp_db_connections{state=\"idle\"} 3\nmcp_db_connections{state=\"used\"} 1\n"
            "# HELP mcp_units_total Units committed.\n# TYPE mcp_units_total counter\nmcp_units_total 12\n");
}

TEST(Exposition, WritesHistograms) {
  Exposition page;
  page.histogram("mcp_response_seconds", "Time.").bucket(0.5, 2).sum_and_count(1.25, 3);
  EXPECT_EQ(page.text(),
            "# HELP mcp_response_seconds Time.\n# TYPE mcp_response_seconds histogram\n"
            "mcp_response_seconds_bucket{le=\"0.5\"} 2\nmcp_response_seconds_bucket{le=\"+Inf\"} 3\n"
            "mcp_response_seconds_sum 1.25\nmcp_response_seconds_count 3\n");
}

TEST(ProcessUsage, IsRead) {
  const auto usage = read_process_usage();
  EXPECT_GT(usage.resident_bytes, 1e6);
  EXPECT_GT(usage.open_descriptors, 2);
}

}  // namespace
}  // namespace mcp::monitoring
