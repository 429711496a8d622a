// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "ledger/entry.hpp"

#include "core/json.hpp"
#include "crypto/digest.hpp"

namespace mcp::ledger {
namespace {

std::string quoted_or_null(std::string_view text) { return text.empty() ? "null" : json::quoted(text); }

template <class T>
std::string id_or_null(const std::optional<T>& id) {
  return id ? '"' + id->text() + '"' : "null";
}

}  // namespace

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::info: return "info";
    case Severity::notice: return "notice";
    case Severity::warning: return "warning";
    case Severity::critical: return "critical";
  }
  return "info";
}

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::success: return "success";
    case Outcome::failure: return "failure";
    case Outcome::denied: return "denied";
  }
  return "success";
}

std::string canonical_bytes(const ChainedEntry& chained) {
  const Entry& entry = chained.entry;
  // Members in the order RFC 8785 section 3.2.3 asks for; ids, hashes, names and numbers need no escapes.
  return fmt::format(
      R"({{"action":"{}","chainId":"{}","details":{},"hostname":{},"id":"{}","ipAddress":{},"outcome":"{}",)"
      R"("previousLogHash":"{}","processId":{},"requestId":{},"seq":{},"sessionId":{},"severity":"{}",)"
      R"("timestamp":"{}","userAgent":{},"userId":{},"v":1}})",
      entry.action, chained.chain.text(), entry.details, json::quoted(chained.hostname), chained.id.text(),
      quoted_or_null(entry.origin.ip_address), name(entry.outcome), chained.previous_hash, chained.process_id,
      quoted_or_null(entry.origin.request_id), chained.seq, id_or_null(entry.session), name(entry.severity),
      to_iso8601(chained.time), quoted_or_null(entry.origin.user_agent), id_or_null(entry.user));
}

std::string entry_hash(const ChainedEntry& chained) {
  return crypto::sha256_hex("mcp-audit-v1\n" + canonical_bytes(chained));
}

}  // namespace mcp::ledger
