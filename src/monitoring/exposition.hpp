// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace mcp::monitoring {

// Builds a page in Prometheus' text format 0.0.4. Names carry the prefix mcp_ and their unit; counters end in _total.
// Labels are words of ours from a closed set: never an id or name of a user, channel or message.
class Exposition {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // Opens a family; the samples that follow belong to it.
  Exposition& gauge(std::string_view name, std::string_view help);
  Exposition& counter(std::string_view name, std::string_view help);
  Exposition& sample(double value, Labels labels = {});
  // A histogram: its buckets in rising order, each with the count at or below its bound, then sum and count of all.
  Exposition& histogram(std::string_view name, std::string_view help);
  Exposition& bucket(double bound, double count_below);
  Exposition& sum_and_count(double sum, double count);
  const std::string& text() const { return text_; }

 private:
  Exposition& family(std::string_view name, std::string_view help, std::string_view type);
  std::string text_;
  std::string name_;
};

struct ProcessUsage {
  double resident_bytes = 0;
  double cpu_seconds = 0;
  double open_descriptors = 0;
};

// Of this process, from /proc. Zeros where it cannot be read.
ProcessUsage read_process_usage();

}  // namespace mcp::monitoring
