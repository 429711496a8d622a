// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "monitoring/exposition.hpp"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <iterator>

namespace mcp::monitoring {

Exposition& Exposition::gauge(std::string_view name, std::string_view help) { return family(name, help, "gauge"); }

Exposition& Exposition::counter(std::string_view name, std::string_view help) { return family(name, help, "counter"); }

Exposition& Exposition::histogram(std::string_view name, std::string_view help) {
  return family(name, help, "histogram");
}

Exposition& Exposition::bucket(double bound, double count_below) {
  fmt::format_to(std::back_inserter(text_), "{}_bucket{{le=\"{}\"}} {}\n", name_, bound, count_below);
  return *this;
}

Exposition& Exposition::sum_and_count(double sum, double count) {
  fmt::format_to(std::back_inserter(text_), "{0}_bucket{{le=\"+Inf\"}} {2}\n{0}_sum {1}\n{0}_count {2}\n", name_, sum,
                 count);
  return *this;
}

Exposition& Exposition::family(std::string_view name, std::string_view help, std::string_view type) {
  name_ = name;
  fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  return *this;
}

Exposition& Exposition::sample(double value, Labels labels) {
  text_ += name_;
  char separator = '{';
  for (const auto& [label, word] : labels) {
    fmt::format_to(std::back_inserter(text_), "{}{}=\"{}\"", separator, label, word);
    separator = ',';
  }
  if (separator == ',') text_ += '}';
  fmt::format_to(std::back_inserter(text_), " {}\n", value);
  return *this;
}

ProcessUsage read_process_usage() {
  ProcessUsage usage;
  if (std::FILE* statm = std::fopen("/proc/self/statm", "re")) {
    unsigned long total = 0;
    unsigned long resident = 0;
    if (std::fscanf(statm, "%lu %lu", &total, &resident) == 2) {
      usage.resident_bytes = static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
    }
    std::fclose(statm);
  }
  rusage times{};
  if (getrusage(RUSAGE_SELF, &times) == 0) {
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    usage.cpu_seconds = seconds(times.ru_utime) + seconds(times.ru_stime);
  }
  if (DIR* descriptors = opendir("/proc/self/fd")) {
    while (readdir(descriptors) != nullptr) usage.open_descriptors += 1;
    usage.open_descriptors -= 3;  // ".", ".." and the folder being read
    closedir(descriptors);
  }
  return usage;
}

}  // namespace mcp::monitoring
