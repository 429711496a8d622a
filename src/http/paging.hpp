// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "http/message.hpp"
#include "http/query_reader.hpp"

namespace mcp::http {

// A place in a list: the values it is sorted by, as text.
using PlaceInList = std::vector<std::string>;

// An opaque cursor (contract-rest 1.6). It is not secret and not signed: it only says where to go on in a list whose
// rows are checked for each caller anyway. `bound_to` names caller, filters and sort, so that a cursor of another list
// is noticed.
std::string encode_cursor(std::string_view bound_to, const PlaceInList& place);
std::optional<PlaceInList> decode_cursor(std::string_view cursor, std::string_view bound_to, std::size_t values);

// limit, after and before of a list request.
struct PageRequest {
  std::size_t limit = 0;
  std::optional<PlaceInList> after;   // the page behind this place ...
  std::optional<PlaceInList> before;  // ... or the one in front of it; never both
};
// Reads the three parameters through `query`; call query.finish() afterwards.
//   values  how many values a place of this list has
//   fails   bad_request: both cursors, or one that is not of this list
Result<PageRequest> read_page(QueryReader& query, std::string_view bound_to, std::size_t values);

struct PageLinks {
  std::optional<std::string> next;  // cursors
  std::optional<std::string> prev;
};
// The Link header (RFC 8288) with ready-made URLs: the request's own path and parameters, its cursor replaced. Empty
// when there is neither page.
std::string link_header(const Request& request, const PageLinks& links);

}  // namespace mcp::http
