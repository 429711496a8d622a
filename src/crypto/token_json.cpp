// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "crypto/token_json.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <chrono>

#include "core/json.hpp"

namespace mcp::crypto {
namespace {

constexpr std::size_t claim_count = 6;
constexpr std::int64_t seconds_max = 253402300799;  // end of the year 9999: what ISO 8601 on the wire can hold

std::int64_t seconds(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

const boost::json::string* text(const boost::json::object& claims, std::string_view name) {
  const auto* const claim = claims.if_contains(name);
  return claim == nullptr ? nullptr : claim->if_string();
}

template <class SomeId>
std::optional<SomeId> id(const boost::json::object& claims, std::string_view name) {
  const auto* const claim = text(claims, name);
  if (claim == nullptr) return std::nullopt;
  const auto parsed = SomeId::parse(std::string_view(*claim));
  if (!parsed || parsed->text() != std::string_view(*claim)) return std::nullopt;
  return parsed;
}

std::optional<Timestamp> time(const boost::json::object& claims, std::string_view name) {
  const auto* const claim = claims.if_contains(name);
  const auto* const number = claim == nullptr ? nullptr : claim->if_int64();
  if (number == nullptr || *number < 0 || *number > seconds_max) return std::nullopt;
  return Timestamp(std::chrono::seconds(*number));
}

}  // namespace

std::string claims_to_json(const TokenClaims& claims) {
  std::string json = R"({"sub":")";
  json.append(claims.subject.text()).append(R"(","sid":")").append(claims.session.text());
  json.append(R"(","role":)").append(json::quoted(claims.role));
  json.append(R"(,"iat":)").append(std::to_string(seconds(claims.issued_at)));
  json.append(R"(,"exp":)").append(std::to_string(seconds(claims.expires_at)));
  json.append(R"(,"jti":")").append(claims.token_id.text()).append(R"("})");
  return json;
}

std::optional<TokenClaims> claims_from_json(std::string_view json) {
  const auto value = json::parse(json);
  if (!value || !value->is_object()) return std::nullopt;
  const auto& claims = value->get_object();
  const auto subject = id<UserId>(claims, "sub");
  const auto session = id<SessionId>(claims, "sid");
  const auto* const role = text(claims, "role");
  const auto issued_at = time(claims, "iat");
  const auto expires_at = time(claims, "exp");
  const auto token_id = id<Uuid>(claims, "jti");
  if (claims.size() != claim_count || !subject || !session || role == nullptr || !issued_at || !expires_at ||
      !token_id) {
    return std::nullopt;
  }
  return TokenClaims{.subject = *subject,
                     .session = *session,
                     .role = std::string(std::string_view(*role)),
                     .issued_at = *issued_at,
                     .expires_at = *expires_at,
                     .token_id = *token_id};
}

}  // namespace mcp::crypto
