// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects accounts and I/O threads: hashes interoperate, old kinds verify, nothing tells account states apart by a
// missing hash run, and no hash runs on the thread that asked for it.
#include "crypto/password.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <ctime>
#include <exception>
#include <string>
#include <vector>

#include "core/limits.hpp"
#include "crypto/password_hash.hpp"

namespace mcp::crypto {
namespace {

constexpr PasswordCost cheap{.memory_kib = 64, .time = 1};

template <class T>
T run(asio::io_context& io, Task<T> task) {
  std::optional<T> result;
  std::exception_ptr failure;
  asio::co_spawn(io.get_executor(), std::move(task), [&](std::exception_ptr why, T value) {
    failure = why;
    if (!why) result = std::move(value);
  });
  io.restart();
  io.run();
  if (failure) std::rethrow_exception(failure);
  return std::move(*result);
}

class PasswordHasherTest : public testing::Test {
 protected:
  std::string hash(std::string password) { return run(io_, hasher_.hash(Secret(std::move(password)))); }
  PasswordMatch verify(std::string password, StoredPassword stored) {
    return run(io_, hasher_.verify(Secret(std::move(password)), std::move(stored)));
  }
  asio::io_context io_;
  PasswordHasher hasher_{cheap, 2};
};

TEST_F(PasswordHasherTest, WritesAPhcStringOfTheConfiguredCost) {
  const auto phc = hash("correct horse battery staple");
  EXPECT_TRUE(phc.starts_with("$argon2id$v=19$m=64,t=1,p=1$")) << phc;
  EXPECT_NE(phc, hash("correct horse battery staple")) << "each hash has its own salt";
  EXPECT_EQ(verify("correct horse battery staple", {phc, "argon2id", ""}), PasswordMatch::yes);
  EXPECT_EQ(verify("correct horse battery stapler", {phc, "argon2id", ""}), PasswordMatch::no);
  EXPECT_EQ(verify("", {phc, "argon2id", ""}), PasswordMatch::no);
}

struct StoredCase {
  const char* name;
  StoredPassword stored;
  std::string_view password;
};

// The Argon2 ones were made with the argon2 command, the others with Python's hashlib.
const StoredCase known[] = {
    {"argon2 command, configured cost of production",
     {"$argon2id$v=19$m=19456,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$BbtX+7WM0BqvxgP4kcQiYIv8J8Ljuv2Zwm5L0QnN9WA", "argon2id",
      ""},
     "correct horse battery staple"},
    {"argon2 command, four lanes",
     {"$argon2id$v=19$m=19456,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$+R6tWJ3X5nlNwnlRKUhbwTc+TG4DVI3VylzuKIL2n7g", "argon2id",
      ""},
     "correct horse battery staple"},
    {"argon2 command, another cost",
     {"$argon2id$v=19$m=4096,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$RYBmfaY2k3Lz3OGQbN0L5PrGQLaVEEnj4b+RLC0pyDk", "argon2id",
      ""},
     "correct horse battery staple"},
    {"PBKDF2 with SHA-512",
     {"a3fc93d792923800d561d2da52cc2c33250b157d7936175e7406d2ac5942c8f631f97252f3615e3bb7755177599b3f391306994a8fb07802"
      "d1"
      "0d586e7c419b78",
      "pbkdf2", "abcdef"},
     "legacy pass"},
    {"PBKDF2 with SHA-256 and its own count",
     {"1200$3b5bd7c93c7043856231a5f3a650e325900e7338c468a43985e8ae949ec5b9ea", "pbkdf2", "abcdef"},
     "legacy pass"},
    {"salted SHA-256",
     {"24ede589266c34cf576791e50bb7d6cf1830641ad5e26e2f44cb0f6c941d59b3", "sha256", "abcdef"},
     "legacy pass"}};

TEST_F(PasswordHasherTest, VerifiesHashesOfOthersAndAsksForTheirUpgrade) {
  for (const auto& one : known) {
    EXPECT_EQ(verify(std::string(one.password), one.stored), PasswordMatch::yes_needs_upgrade) << one.name;
    EXPECT_EQ(verify(std::string(one.password) + "x", one.stored), PasswordMatch::no) << one.name;
    StoredPassword other_salt = one.stored;
    other_salt.salt += "x";
    if (one.stored.type != "argon2id") {
      EXPECT_EQ(verify(std::string(one.password), other_salt), PasswordMatch::no) << one.name;
    }
    for (const char* other_type : {"", "plain", "ARGON2ID", "argon2i"}) {
      StoredPassword other = one.stored;
      other.type = other_type;
      EXPECT_EQ(verify(std::string(one.password), other), PasswordMatch::no) << one.name << other_type;
    }
  }
}

TEST(PasswordHash, IsCurrentAtItsOwnCost) {
  const std::string decoy = decoy_hash(PasswordCost{});
  const StoredPassword stored = known[0].stored;
  const Secret password{std::string(known[0].password)};
  EXPECT_EQ(verify_password(password, stored, decoy, PasswordCost{}), PasswordMatch::yes);
  EXPECT_EQ(verify_password(password, stored, decoy, PasswordCost{.memory_kib = 19456, .time = 4}),
            PasswordMatch::yes_needs_upgrade);
}

TEST_F(PasswordHasherTest, NeverVerifiesAnUnusableOrMalformedHash) {
  for (const char* hash :
       {"", "!", "!!", "*", "$argon2id$", "$argon2id$v=19$m=64,t=1,p=1$", "$argon2id$v=19$m=64,t=1,p=1$c2FsdA$",
        "$argon2id$v=16$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$BbtX+7WM0BqvxgP4kcQiYIv8J8Ljuv2Zwm5L0QnN9WA",
        "$argon2id$v=19$m=99999999,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$BbtX+7WM0BqvxgP4kcQiYIv8J8Ljuv2Zwm5L0QnN9WA",
        "$argon2id$v=19$m=64,t=1000,p=1$c29tZXNhbHRzb21lc2FsdA$BbtX+7WM0BqvxgP4kcQiYIv8J8Ljuv2Zwm5L0QnN9WA",
        "$argon2id$v=19$m=64,t=1,p=0$c29tZXNhbHRzb21lc2FsdA$BbtX+7WM0BqvxgP4kcQiYIv8J8Ljuv2Zwm5L0QnN9WA",
        "24ede589266c34cf576791e50bb7d6cf1830641ad5e26e2f44cb0f6c941d59b", "zz", "0$00", "-1$00"}) {
    for (const char* type : {"argon2id", "pbkdf2", "sha256", "none"}) {
      for (const char* password : {"", "!", "password", "$argon2id$"}) {
        EXPECT_EQ(verify(password, {hash, type, ""}), PasswordMatch::no) << hash << type;
      }
    }
  }
}

TEST_F(PasswordHasherTest, GivesAnUnknownUserAHashOfTheSameCostThatNothingFits) {
  const auto unknown = hasher_.unknown_user();
  EXPECT_TRUE(unknown.hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
  EXPECT_EQ(unknown.hash.size(), hash("x").size());
  EXPECT_EQ(verify("", unknown), PasswordMatch::no);
  EXPECT_EQ(verify("password", unknown), PasswordMatch::no);
}

// The processor time of the whole process is compared, which does not depend on how busy the machine is.
TEST(PasswordHash, CostsTheSameForUnusableAndLegacyHashes) {
  const PasswordCost cost{.memory_kib = 4096, .time = 3};
  const std::string decoy = decoy_hash(cost);
  const Secret password(std::string("wrong"));
  const auto seconds = [&](const StoredPassword& stored) {
    const auto began = std::clock();
    for (int i = 0; i < 5; ++i) verify_password(password, stored, decoy, cost);
    return static_cast<double>(std::clock() - began);
  };
  const double usual = seconds({decoy, "argon2id", ""});
  for (const auto& stored : {StoredPassword{"!", "argon2id", ""}, StoredPassword{"", "none", ""}, known[5].stored}) {
    EXPECT_GT(seconds(stored), usual * 0.5) << stored.type;
  }
}

TEST(PasswordHasher, DoesNotHashOnTheThreadThatAsks) {
  asio::io_context io;
  PasswordHasher hasher(PasswordCost{.memory_kib = 65536, .time = 3}, 1);
  bool is_done = false;
  asio::co_spawn(io.get_executor(), hasher.hash(Secret(std::string("password"))),
                 [&](const std::exception_ptr&, const std::string&) { is_done = true; });
  io.poll();  // everything this thread can do without waiting for another
  EXPECT_FALSE(is_done);
  io.run();
  EXPECT_TRUE(is_done);
}

TEST(PasswordHasher, RefusesMoreThanItsQueueHoldsAndAnswersEveryoneWhenItGoesDown) {
  asio::io_context io;
  std::size_t overloaded = 0;
  std::size_t failed = 0;
  std::size_t hashed = 0;
  const std::size_t asked = limits::password_hashes_waiting_max + 50;
  {
    PasswordHasher hasher(PasswordCost{.memory_kib = 19456, .time = 3}, 1);
    for (std::size_t i = 0; i < asked; ++i) {
      asio::co_spawn(io.get_executor(), hasher.hash(Secret(std::string("password"))),
                     [&](const std::exception_ptr& why, const std::string&) {
                       if (!why) {
                         ++hashed;
                         return;
                       }
                       try {
                         std::rethrow_exception(why);
                       } catch (const HasherOverloaded&) {
                         ++overloaded;
                       } catch (const Fault&) {
                         ++failed;
                       }
                     });
    }
    io.poll();
    EXPECT_GE(overloaded, 1U);
  }
  io.run();
  EXPECT_GE(failed, 1U);
  EXPECT_EQ(overloaded + failed + hashed, asked);
}

}  // namespace
}  // namespace mcp::crypto
