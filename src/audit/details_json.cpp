// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "audit/details_json.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "core/json.hpp"

namespace mcp::audit {
namespace {

bool has_only_integers(const boost::json::value& value) {
  if (value.is_double()) return false;
  if (const auto* array = value.if_array()) return std::ranges::all_of(*array, has_only_integers);
  if (const auto* object = value.if_object()) {
    return std::ranges::all_of(*object, [](const auto& member) { return has_only_integers(member.value()); });
  }
  return true;
}

}  // namespace

std::optional<std::string> canonical_details(std::string_view jsonb_text) {
  const auto value = json::parse(jsonb_text);
  if (!value || !value->is_object() || !has_only_integers(*value)) return std::nullopt;
  return json::canonical(*value);
}

}  // namespace mcp::audit
