// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string.h>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace mcp {

// A password, token or key as text or bytes. Cannot be copied, compared, printed, logged or formatted; wiped when it
// dies. reveal() is the one way in, and easy to search for.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) { wipe(value); }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { wipe(other.value_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe(value_);
      value_ = std::move(other.value_);
      wipe(other.value_);
    }
    return *this;
  }
  ~Secret() { wipe(value_); }

  std::string_view reveal() const { return value_; }  // valid while this lives; never store or pass on by value
  bool empty() const { return value_.empty(); }
  std::size_t size() const { return value_.size(); }
  Secret duplicate() const { return Secret(std::string(value_)); }

 private:
  static void wipe(std::string& text) {
    explicit_bzero(text.data(), text.capacity());  // short-string buffer included
    text.clear();
  }

  std::string value_;
};

static_assert(!std::is_aggregate_v<Secret> && !std::is_copy_constructible_v<Secret>);

// The text of a message: moved, never copied or logged by accident. Wiped like a Secret because it is PHI.
class MessageText {
 public:
  MessageText() = default;
  explicit MessageText(std::string text) : text_(std::move(text)) {}

  std::string_view reveal() const { return text_.reveal(); }
  bool empty() const { return text_.empty(); }
  std::size_t size_bytes() const { return text_.size(); }
  MessageText duplicate() const { return MessageText(std::string(text_.reveal())); }

 private:
  Secret text_;
};

}  // namespace mcp
