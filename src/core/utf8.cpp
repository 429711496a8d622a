// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "core/utf8.hpp"

#include <simdjson.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>

namespace mcp::utf8 {
namespace {

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_white_space(UChar32 character) { return u_hasBinaryProperty(character, UCHAR_WHITE_SPACE) != 0; }

// The character that starts at `at`, which moves behind it; negative for malformed UTF-8.
UChar32 next(std::string_view text, std::size_t& at) {
  UChar32 character = 0;
  auto index = static_cast<std::int32_t>(at);  // ICU counts in 32 bits; no text of ours comes near
  const auto size = static_cast<std::int32_t>(text.size());
  U8_NEXT(text.data(), index, size, character);  // NOLINT(cppcoreguidelines-pro-bounds-pointer-arithmetic)
  at = static_cast<std::size_t>(index);
  return character;
}

UChar32 previous(std::string_view text, std::size_t& at) {
  UChar32 character = 0;
  auto index = static_cast<std::int32_t>(at);
  U8_PREV(text.data(), 0, index, character);  // NOLINT(cppcoreguidelines-pro-bounds-pointer-arithmetic)
  at = static_cast<std::size_t>(index);
  return character;
}

std::string_view trimmed(std::string_view text) {
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size() && is_white_space(next(text, at));) begin = at;
  std::size_t end = text.size();
  for (std::size_t at = end; at > begin && is_white_space(previous(text, at));) end = at;
  return text.substr(begin, end - begin);
}

}  // namespace

bool is_valid(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool has_visible(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const UChar32 character = next(text, at);
    // Default_Ignorable catches what renders as nothing without being a format character: the Hangul fillers, variation
    // selectors, U+034F.
    const bool is_hidden = character < 0 || is_white_space(character) || u_charType(character) == U_FORMAT_CHAR ||
                           u_charType(character) == U_CONTROL_CHAR ||
                           u_hasBinaryProperty(character, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0;
    if (!is_hidden) return true;
  }
  return false;
}

std::string trimmed_nfc(std::string_view text) {
  const auto inner = trimmed(text);
  if (is_ascii(inner)) return std::string(inner);
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);  // ICU's own, never freed
  std::string normalised;
  icu::StringByteSink<std::string> sink(&normalised, static_cast<std::int32_t>(inner.size()));
  if (U_SUCCESS(status)) {
    nfc->normalizeUTF8(0, icu::StringPiece(inner.data(), static_cast<std::int32_t>(inner.size())), sink, nullptr,
                       status);
  }
  if (U_FAILURE(status)) throw std::runtime_error("ICU cannot normalise text");
  return normalised;
}

std::string case_folded(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const UChar32 character = u_foldCase(next(text, at), U_FOLD_CASE_DEFAULT);
    char bytes[U8_MAX_LENGTH];
    std::int32_t size = 0;
    UBool is_error = 0;
    U8_APPEND(bytes, size, U8_MAX_LENGTH, character, is_error);
    if (is_error == 0) folded.append(bytes, static_cast<std::size_t>(size));
  }
  return folded;
}

CharacterKinds character_kinds(std::string_view text) {
  CharacterKinds kinds;
  for (std::size_t at = 0; at < text.size();) {
    const UChar32 character = next(text, at);
    kinds.has_upper_case = kinds.has_upper_case || u_isUUppercase(character) != 0;
    kinds.has_lower_case = kinds.has_lower_case || u_isULowercase(character) != 0;
    kinds.has_digit = kinds.has_digit || u_charType(character) == U_DECIMAL_DIGIT_NUMBER;
  }
  return kinds;
}

}  // namespace mcp::utf8
