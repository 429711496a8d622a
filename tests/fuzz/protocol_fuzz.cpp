// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// The reader of client frames over arbitrary text, as the codec would give it.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/limits.hpp"
#include "core/utf8.hpp"
#include "gateway/protocol.hpp"

namespace {

void require(bool claim) {
  if (!claim) std::abort();
}

bool is_echo(std::string_view text) {
  return text.size() <= mcp::limits::request_id_max && std::ranges::all_of(text, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                  c == ':' || c == '-';
         });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!mcp::utf8::is_valid(text)) return 0;
  const auto frame = mcp::gateway::read_frame(text);
  require(is_echo(frame.request_id));  // it is written into answers as it is
  if (!frame.command) {
    const auto code = frame.command.error().code;
    require(code == mcp::ErrorCode::bad_request || code == mcp::ErrorCode::unknown_type ||
            code == mcp::ErrorCode::validation_failed);
    require((code == mcp::ErrorCode::validation_failed) == !frame.command.error().fields.empty());
    return 0;
  }
  if (const auto* send = std::get_if<mcp::gateway::SendMessage>(&*frame.command)) {
    require(mcp::utf8::is_valid(send->draft.text.reveal()));
    require(send->draft.metadata.value_or("").size() <= mcp::limits::metadata_bytes_max);
  }
  return 0;
}
