// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "identity/session_service.hpp"

#include <algorithm>

#include "audit/events.hpp"
#include "crypto/digest.hpp"
#include "identity/login_unit.hpp"
#include "identity/session_ending.hpp"

namespace mcp::identity {
namespace {

constexpr std::chrono::seconds use_written_apart{60};  // contract-data 1: last_used_at at most once a minute

std::unexpected<Error> invalid_token() { return fail(ErrorCode::token_invalid, "The token is not valid"); }

// What contract-rest 1.3 leaves open to a restricted session is the routes' business; this says what it lacks.
Result<> check(bool must_change_password, bool lacks_second_factor) {
  if (must_change_password) {
    return fail(ErrorCode::password_change_required, "The password must be changed first");
  }
  if (lacks_second_factor) return fail(ErrorCode::two_factor_required, "A second factor must be enrolled first");
  return {};
}

}  // namespace

SessionService::SessionService(db::Database& database, ledger::Ledger& ledger, crypto::PasswordHasher& hasher,
                               const crypto::TokenSigner& signer, realtime::Hub& hub, SessionSettings settings,
                               Clock clock)
    : accounts_(database),
      sessions_(database),
      ledger_(ledger),
      passwords_(hasher),
      signer_(signer),
      hub_(hub),
      settings_(std::move(settings)),
      clock_(std::move(clock)) {}

Task<Result<LoggedIn>> SessionService::login(Origin origin, std::string username, Secret password) {
  const auto credentials = co_await accounts_.find_credentials(std::move(username));
  const auto compared = credentials ? credentials->password : passwords_.unknown_user();
  const auto match = co_await passwords_.verify(password.duplicate(), compared);
  if (!match) co_return std::unexpected(match.error());

  const auto now = clock_();
  const crypto::TokenClaims claims{.subject = credentials ? credentials->user : UserId(),
                                   .session = SessionId(Uuid::v7()),
                                   .role = credentials ? credentials->role_name : "",
                                   .issued_at = now,
                                   .expires_at = std::chrono::floor<std::chrono::seconds>(
                                       now + std::min(settings_.token_life, settings_.session_life_max)),
                                   .token_id = Uuid::v4()};
  auto token = signer_.sign(claims);
  LoginAttempt attempt{.origin = origin,
                       .user = claims.subject,
                       .password_fits = *match != crypto::PasswordMatch::no,
                       .compared = compared,
                       .upgraded_hash = std::nullopt,
                       .is_in_admin_network = is_admin_network(origin.ip_address),
                       .session = {.id = claims.session,
                                   .user = claims.subject,
                                   .token_hash = crypto::sha256_hex(token.reveal()),
                                   .expires_at = claims.expires_at,
                                   .max_expires_at = now + settings_.session_life_max,
                                   .ip_address = origin.ip_address,
                                   .user_agent = origin.user_agent}};
  if (*match == crypto::PasswordMatch::yes_needs_upgrade) {
    auto hash = co_await passwords_.hash(std::move(password));
    if (!hash) co_return std::unexpected(std::move(hash.error()));
    attempt.upgraded_hash = std::move(*hash);
  }
  const LockoutRule rule{.threshold = settings_.lockout_threshold, .time = settings_.lockout_time};
  const auto unit = std::make_shared<LoginUnit>(std::move(attempt), rule);
  co_await ledger_.commit(unit);
  if (!unit->account()) co_return wrong_credentials();
  co_return LoggedIn{.token = std::move(token), .expires_at = claims.expires_at, .account = *unit->account()};
}

Task<Result<>> SessionService::logout(Actor actor) {
  auto entry = audit::entry("logout", actor, {});
  const auto unit = std::make_shared<EndSessionUnit>(actor.user, actor.session, std::move(entry), hub_, "logout");
  co_await ledger_.commit(unit);
  co_return Result<>();
}

Task<Result<Identity>> SessionService::identify(std::string token) {
  const auto now = clock_();
  const auto claims = signer_.verify(token, now);
  if (!claims) co_return invalid_token();
  auto stored = co_await sessions_.find(claims->session, claims->subject);
  // A well-signed token whose session holds another hash was superseded: it never gives access.
  if (!stored || !crypto::equal_constant_time(crypto::sha256_hex(token), stored->token_hash)) co_return invalid_token();
  const auto& [account, session] = stored->identity;
  if (!stored->is_valid || session.expires_at <= now || !account.is_active()) {
    co_return invalid_token();
  }
  if (is_idle(session)) {
    auto entry = audit::entry("session_expired", account.id, Origin{}, {});
    entry.session = session.id;
    const auto unit = std::make_shared<EndSessionUnit>(account.id, session.id, std::move(entry), hub_, "expired");
    co_await ledger_.commit(unit);
    co_return invalid_token();
  }
  note_use(stored->identity);
  co_return std::move(stored->identity);
}

Task<Result<Identity>> SessionService::identity_of(Actor actor) {
  auto stored = co_await sessions_.find(actor.session, actor.user);
  if (!stored || !stored->is_valid) co_return invalid_token();
  co_return std::move(stored->identity);
}

Result<> SessionService::check_restrictions(const Actor& actor) const {
  return check(actor.must_change_password,
               settings_.admin_two_factor_required && actor.permissions.has_any_admin() && !actor.has_second_factor);
}

Result<> SessionService::check_restrictions(const Account& account) const {
  return check(account.force_password_change, settings_.admin_two_factor_required &&
                                                  account.permissions.has_any_admin() && !account.two_factor_enabled);
}

Result<> SessionService::check_network(const Actor& actor) const {
  if (!actor.permissions.has_any_admin() || is_admin_network(actor.origin.ip_address)) return {};
  return fail(ErrorCode::network_not_allowed, "Administrators cannot work from this network");
}

Actor SessionService::actor_of(const Identity& identity, Origin origin, Via via) {
  return {.user = identity.account.id,
          .session = identity.session.id,
          .role = identity.account.role_id,
          .username = identity.account.username,
          .role_name = identity.account.role_name,
          .permissions = identity.account.permissions,
          .origin = std::move(origin),
          .via = via,
          .must_change_password = identity.account.force_password_change,
          .has_second_factor = identity.account.two_factor_enabled};
}

bool SessionService::is_admin_network(std::string_view ip_address) const {
  return !settings_.is_admin_network || settings_.is_admin_network(ip_address);
}

bool SessionService::is_idle(const Session& session) const {
  return settings_.idle_max.count() > 0 && clock_() - session.last_used_at > settings_.idle_max;
}

void SessionService::note_use(const Identity& identity) {
  // With a short idle time-out a minute between two writes would end sessions that are in use.
  auto apart = use_written_apart;
  if (settings_.idle_max.count() > 0)
    apart = std::min(apart, std::max(settings_.idle_max / 4, std::chrono::seconds(1)));
  if (clock_() - identity.session.last_used_at < apart) return;
  ledger_.submit(std::make_shared<TouchSessionUnit>(identity.session.id, apart));
}

}  // namespace mcp::identity
