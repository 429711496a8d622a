// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the door: no token but a well-formed, unexpired one that this server signed is accepted, whatever an
// attacker writes into it.
#include "crypto/token.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"

namespace mcp::crypto {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::string_view secret_text = "0123456789abcdef0123456789abcdef";
constexpr std::string_view former_text = "fedcba9876543210fedcba9876543210";
const Timestamp now = *parse_iso8601("2026-01-31T12:00:00.000Z");
constexpr std::string_view good_header = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::string_view good_claims =
    R"({"sub":"11111111-1111-4111-8111-111111111111","sid":"22222222-2222-7222-8222-222222222222","role":"user",)"
    R"("iat":1769860000,"exp":1769900000,"jti":"33333333-3333-4333-8333-333333333333"})";

std::string base64url(std::string_view text) {
  return to_base64url(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

std::string mac(std::string_view secret, std::string_view text) {
  const auto digest = hmac_sha256(std::span(reinterpret_cast<const std::uint8_t*>(secret.data()), secret.size()), text);
  return to_base64url(digest);
}

// Correctly signed with our own secret: what is refused is refused for its content.
std::string signed_token(std::string_view header, std::string_view claims, std::string_view secret = secret_text) {
  const std::string text = base64url(header) + "." + base64url(claims);
  return text + "." + mac(secret, text);
}

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string changed(text);
  const auto at = changed.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return changed.replace(at, what.size(), by);
}
std::string claims_with(std::string_view what, std::string_view by) { return replaced(good_claims, what, by); }

TokenSigner signer() { return {Secret(std::string(secret_text)), std::nullopt}; }

TokenClaims some_claims() {
  return {.subject = *UserId::parse("11111111-1111-4111-8111-111111111111"),
          .session = *SessionId::parse("22222222-2222-7222-8222-222222222222"),
          .role = "super_admin",
          .issued_at = now,
          .expires_at = now + hours(24),
          .token_id = *Uuid::parse("33333333-3333-4333-8333-333333333333")};
}

TEST(TokenSigner, VerifiesWhatItSigned) {
  const auto claims = signer().verify(signer().sign(some_claims()).reveal(), now);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->subject, some_claims().subject);
  EXPECT_EQ(claims->session, some_claims().session);
  EXPECT_EQ(claims->role, "super_admin");
  EXPECT_EQ(claims->issued_at, now);
  EXPECT_EQ(claims->expires_at, now + hours(24));
  EXPECT_EQ(claims->token_id, some_claims().token_id);
}

TEST(TokenSigner, AcceptsTheControlsThatTheAttacksAreMadeFrom) {
  EXPECT_TRUE(signer().verify(signed_token(good_header, good_claims), now));
  EXPECT_TRUE(signer().verify(signed_token(R"({"typ":"JWT","alg":"HS256"})", good_claims), now));
}

TEST(TokenSigner, KeepsTheTimesOfAToken) {
  const auto token = signer().sign(some_claims());
  EXPECT_TRUE(signer().verify(token.reveal(), now + hours(24) - seconds(1)));
  EXPECT_FALSE(signer().verify(token.reveal(), now + hours(24)));
  EXPECT_TRUE(signer().verify(token.reveal(), now - seconds(5)));
  EXPECT_FALSE(signer().verify(token.reveal(), now - seconds(6)));
}

TEST(TokenSigner, VerifiesButNeverSignsWithTheSecretOfBefore) {
  const TokenSigner changed{Secret(std::string(secret_text)), Secret(std::string(former_text))};
  const TokenSigner before{Secret(std::string(former_text)), std::nullopt};
  EXPECT_TRUE(changed.verify(before.sign(some_claims()).reveal(), now));
  EXPECT_FALSE(signer().verify(before.sign(some_claims()).reveal(), now));
  EXPECT_FALSE(before.verify(changed.sign(some_claims()).reveal(), now));
}

TEST(TokenSigner, DoesNotAcceptAnyBitChanged) {
  const std::string token(signer().sign(some_claims()).reveal());
  for (std::size_t bit = 0; bit < token.size() * 8; ++bit) {
    std::string changed = token;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(signer().verify(changed, now)) << changed;
  }
}

struct Forgery {
  std::string name;
  std::string token;
};

void forge_headers(std::vector<Forgery>& forgeries) {
  for (const std::string_view header : {R"({"alg":"none","typ":"JWT"})",
                                        R"({"alg":"None","typ":"JWT"})",
                                        R"({"alg":"NONE","typ":"JWT"})",
                                        R"({"alg":"nOnE","typ":"JWT"})",
                                        R"({"alg":"HS384","typ":"JWT"})",
                                        R"({"alg":"HS512","typ":"JWT"})",
                                        R"({"alg":"RS256","typ":"JWT"})",
                                        R"({"alg":"ES256","typ":"JWT"})",
                                        R"({"alg":"EdDSA","typ":"JWT"})",
                                        R"({"alg":"hs256","typ":"JWT"})",
                                        R"({"alg":"HS256 ","typ":"JWT"})",
                                        R"({"alg":"","typ":"JWT"})",
                                        R"({"alg":null,"typ":"JWT"})",
                                        R"({"alg":256,"typ":"JWT"})",
                                        R"({"alg":["HS256"],"typ":"JWT"})",
                                        R"({"typ":"JWT"})",
                                        R"({"alg":"HS256"})",
                                        R"({"alg":"HS256","typ":"jwt"})",
                                        R"({"alg":"HS256","typ":"JWE"})",
                                        R"({"alg":"HS256","alg":"none","typ":"JWT"})",
                                        R"({"alg":"none","alg":"HS256","typ":"JWT"})",
                                        R"({"alg":"HS256","typ":"JWT","kid":"1"})",
                                        R"({"alg":"HS256","typ":"JWT","kid":"../../dev/null"})",
                                        R"({"alg":"HS256","typ":"JWT","jku":"https://evil.example/jwks"})",
                                        R"({"alg":"HS256","typ":"JWT","jwk":{"kty":"oct","k":"AAAA"}})",
                                        R"({"alg":"HS256","typ":"JWT","x5u":"x"})",
                                        R"({"alg":"HS256","typ":"JWT","crit":["exp"]})",
                                        R"({"alg":"HS256","typ":"JWT","b64":false,"crit":["b64"]})",
                                        R"({"alg":"HS256","typ":"JWT","zip":"DEF"})",
                                        R"({"alg": "HS256","typ":"JWT"})",
                                        R"( {"alg":"HS256","typ":"JWT"})",
                                        R"({"alg":"\u0048S256","typ":"JWT"})",
                                        R"({"ALG":"HS256","typ":"JWT"})",
                                        R"(["HS256"])",
                                        R"("HS256")",
                                        "null",
                                        "",
                                        "{}",
                                        "{",
                                        "\xFF\xFE"}) {
    forgeries.push_back({"header " + std::string(header), signed_token(header, good_claims)});
    // Unsigned, as "none" would have it.
    forgeries.push_back({"unsigned " + std::string(header), base64url(header) + "." + base64url(good_claims) + "."});
  }
}

void forge_claims(std::vector<Forgery>& forgeries) {
  const std::string exp = R"("exp":1769900000)";
  const std::string iat = R"("iat":1769860000)";
  const std::string sub = R"("sub":"11111111-1111-4111-8111-111111111111")";
  const std::string role = R"("role":"user")";
  for (const auto& claims :
       {// time
        claims_with("," + exp, ""), claims_with(exp, R"("exp":"1769900000")"),
        claims_with(exp, R"("exp":1769900000.5)"), claims_with(exp, R"("exp":1769900000.0)"),
        claims_with(exp, R"("exp":1e30)"), claims_with(exp, R"("exp":1.7699e9)"),
        claims_with(exp, R"("exp":9223372036854775807)"), claims_with(exp, R"("exp":18446744073709551615)"),
        claims_with(exp, R"("exp":99999999999999999999999)"), claims_with(exp, R"("exp":253402300800)"),
        claims_with(exp, R"("exp":-1)"), claims_with(exp, R"("exp":0)"), claims_with(exp, R"("exp":null)"),
        claims_with(exp, R"("exp":true)"), claims_with(exp, R"("exp":[1769900000])"), claims_with(exp, R"("exp":{})"),
        claims_with(exp, R"("exp":1769860799)"), claims_with(exp, R"("exp":1769860800)"),
        claims_with(exp, R"("exp":NaN)"), claims_with(exp, R"("exp":Infinity)"), claims_with(exp, exp + "," + exp),
        claims_with(exp, R"("exp":1,)" + exp), claims_with(exp, R"("EXP":1769900000)"), claims_with("," + iat, ""),
        claims_with(iat, R"("iat":1769860806)"), claims_with(iat, R"("iat":"1769860000")"),
        claims_with(iat, R"("iat":1769860000.1)"), claims_with(iat, R"("iat":-5)"), claims_with(iat, R"("iat":null)"),
        // identity
        claims_with(sub + ",", ""), claims_with(sub, R"("sub":"")"), claims_with(sub, R"("sub":null)"),
        claims_with(sub, R"("sub":1)"), claims_with(sub, R"("sub":"admin")"),
        claims_with(sub, R"("sub":"11111111-1111-4111-8111-11111111111")"),
        claims_with(sub, R"("sub":" 11111111-1111-4111-8111-111111111111")"),
        claims_with(sub, R"("sub":"11111111-1111-4111-8111-111111111111\u0000")"),
        claims_with(sub, R"("sub":["11111111-1111-4111-8111-111111111111"])"), claims_with(sub, sub + "," + sub),
        claims_with(R"("sid":"22222222-2222-7222-8222-222222222222",)", ""),
        claims_with("22222222-2222-7222-8222-222222222222", "22222222-2222-7222-8222-22222222222g"),
        claims_with(R"("jti":"33333333-3333-4333-8333-333333333333")", R"("jti":"x")"),
        claims_with(R"(,"jti":"33333333-3333-4333-8333-333333333333")", ""), claims_with(role + ",", ""),
        claims_with(role, R"("role":null)"), claims_with(role, R"("role":["user"])"),
        claims_with(role, role + R"(,"role":"super_admin")"),
        // more than our six
        claims_with(role, role + R"(,"admin":true)"), claims_with(role, role + R"(,"nbf":1)"),
        claims_with(role, role + R"(,"aud":"mcp")"), claims_with(role, role + R"(,"iss":"evil")"),
        claims_with(role, role + R"(,"":0)"),
        // shape
        std::string("null"), std::string("[]"), std::string(R"("x")"), std::string("{}"), std::string("1"),
        std::string(), std::string(good_claims) + "x", std::string(good_claims) + std::string(good_claims),
        std::string(good_claims.substr(0, good_claims.size() - 1)), "[" + std::string(good_claims) + "]",
        claims_with(R"("user")", "'user'"),
        claims_with("user",
                    "us\xFF"
                    "er"),
        claims_with("user", std::string("us\0er", 5)), claims_with(R"({"sub")", R"({/**/"sub")"),
        claims_with(R"("})", R"(",})"), claims_with("user", std::string(1000, 'r')),
        claims_with("user", std::string(100'000, 'r'))}) {
    forgeries.push_back({"claims " + claims.substr(0, 300), signed_token(good_header, claims)});
  }
}

void forge_spellings(std::vector<Forgery>& forgeries) {
  const std::string good = signed_token(good_header, good_claims);
  const auto dot = good.rfind('.');
  const std::string text = good.substr(0, dot);
  const std::string signature = good.substr(dot + 1);
  const auto add = [&forgeries](std::string name, std::string token) {
    forgeries.push_back({std::move(name), std::move(token)});
  };
  add("empty", "");
  add("dots", "..");
  add("one dot", ".");
  add("many dots", std::string(1000, '.'));
  add("no signature", text);
  add("empty signature", text + ".");
  add("empty payload", base64url(good_header) + ".." + signature);
  add("empty header", "." + base64url(good_claims) + "." + signature);
  add("fourth part", good + ".x");
  add("empty fourth part", good + ".");
  add("five parts", good + ".." + signature);
  add("padded signature", good + "=");
  add("padded payload", replaced(good, ".", "=."));
  add("space before", " " + good);
  add("space behind", good + " ");
  add("line feed behind", good + "\n");
  add("tab inside", replaced(good, ".", ".\t"));
  add("NUL behind", good + std::string(1, '\0'));
  add("Bearer twice", "Bearer " + good);
  add("quoted", "\"" + good + "\"");
  add("percent encoded", replaced(good, ".", "%2E"));
  add("cut signature", good.substr(0, good.size() - 1));
  add("half signature", text + "." + signature.substr(0, 22));
  add("longer signature", good + "AAAA");
  add("signature twice", text + "." + signature + signature);
  add("hexadecimal signature", text + "." + std::string(64, 'a'));
  add("zero signature", text + "." + base64url(std::string(32, '\0')));
  add("signature of nothing", text + "." + mac(secret_text, ""));
  add("signature of the payload", text + "." + mac(secret_text, base64url(good_claims)));
  add("empty secret", signed_token(good_header, good_claims, ""));
  add("public secret", signed_token(good_header, good_claims, "secret"));
  add("secret of zeros", signed_token(good_header, good_claims, std::string(32, '\0')));
  add("secret in base64", signed_token(good_header, good_claims, base64url(secret_text)));
  add("secret cut", signed_token(good_header, good_claims, secret_text.substr(0, 31)));
  add("signature of another token", text + "." + mac(secret_text, base64url(good_header) + "." + base64url("{}")));
  add("100 KB of letters", std::string(102'400, 'A'));
  add("100 KB payload", base64url(good_header) + "." + std::string(102'400, 'A') + "." + signature);
  add("100 KB signature", text + "." + std::string(102'400, 'A'));
  add("standard alphabet", text + "." + std::string(43, '+'));
  for (const char last : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")) {
    std::string other = good;
    other.back() = last;
    if (other != good) add("last character", other);
  }
}

TEST(TokenSigner, AcceptsNoForgedToken) {
  std::vector<Forgery> forgeries;
  forge_headers(forgeries);
  forge_claims(forgeries);
  forge_spellings(forgeries);
  EXPECT_GE(forgeries.size(), 200U);
  const TokenSigner ours{Secret(std::string(secret_text)), Secret(std::string(former_text))};
  for (const auto& forgery : forgeries) EXPECT_FALSE(ours.verify(forgery.token, now)) << forgery.name;
}

TEST(TokenSigner, NeverGetsTheRoleOutOfItsQuotes) {
  TokenClaims claims = some_claims();
  claims.role = R"(user","sub":"x)";
  const auto verified = signer().verify(signer().sign(claims).reveal(), now);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->role, claims.role);
  EXPECT_EQ(verified->subject, claims.subject);
}

}  // namespace
}  // namespace mcp::crypto
