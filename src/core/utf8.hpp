// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mcp::utf8 {

bool is_valid(std::string_view text);
// Unicode code points of valid UTF-8.
std::size_t code_points(std::string_view text);
// Is there a character that is neither white space (Unicode White_Space) nor a zero-width or other format character?
bool has_visible(std::string_view text);
// Trimmed of white space and in Normalization Form C.
std::string trimmed_nfc(std::string_view text);
// Equal for texts that differ in case only (Unicode simple case folding).
std::string case_folded(std::string_view text);

struct CharacterKinds {
  bool has_upper_case = false;
  bool has_lower_case = false;
  bool has_digit = false;  // decimal, of any script
};
CharacterKinds character_kinds(std::string_view text);

}  // namespace mcp::utf8
