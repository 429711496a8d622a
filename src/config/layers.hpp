// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/variables.hpp"

namespace mcp::config {

// One variable's value in force and where it came from.
struct Effective {
  std::string text;  // not for secrets
  Secret secret;     // for secrets only
  Layer layer = Layer::fallback;
  std::string source;  // file

  // Given by an operator, and not as an empty value.
  bool is_given() const { return layer != Layer::fallback && (!text.empty() || !secret.empty()); }
};

// All variables of the table, each keeping to its own rule: one that did not was reported and replaced by its default,
// so that the checks between variables can go on.
class Values {
 public:
  void set(std::string_view name, Effective value) { values_.insert_or_assign(name, std::move(value)); }
  const Effective& of(std::string_view name) const;  // CHECKs that the table has the name

  const std::string& text(std::string_view name) const { return of(name).text; }
  const Secret& secret(std::string_view name) const { return of(name).secret; }
  bool is_given(std::string_view name) const { return of(name).is_given(); }
  std::int64_t integer(std::string_view name) const;
  template <class T>
  T integer_as(std::string_view name) const {
    return static_cast<T>(integer(name));
  }
  bool flag(std::string_view name) const { return text(name) == "true"; }
  std::chrono::seconds duration(std::string_view name) const;
  std::chrono::milliseconds milliseconds(std::string_view name) const {
    return std::chrono::milliseconds{integer(name)};
  }
  std::chrono::minutes minutes(std::string_view name) const { return std::chrono::minutes{integer(name)}; }
  NetworkRanges networks(std::string_view name) const;
  std::vector<std::string> list(std::string_view name) const;

 private:
  std::map<std::string_view, Effective> values_;  // keys point into the table
};

struct Findings {
  std::vector<Problem> problems;
  std::vector<Problem> warnings;

  void refuse(std::string_view variable, std::string message, Layer layer = Layer::fallback, std::string source = {}) {
    problems.push_back({std::string(variable), std::move(message), layer, std::move(source)});
  }
  void warn(std::string_view variable, std::string message, Layer layer = Layer::fallback, std::string source = {}) {
    warnings.push_back({std::string(variable), std::move(message), layer, std::move(source)});
  }
};

struct Joined {
  Values values;
  std::filesystem::path home;     // absolute
  bool has_token_secret = false;  // TOKEN_SECRET is set, which one sample of the documents has for JWT_SECRET
};

// Command line > environment > .env > config.json > default.
Joined join_layers(const LoadOptions& options, const Environment& environment, Findings& findings);

}  // namespace mcp::config
