// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "crypto/password.hpp"

// The computations behind PasswordHasher: on the calling thread, tens of milliseconds and PasswordCost::memory_kib
// each.
namespace mcp::crypto {

// "$argon2id$v=19$m=...,t=...,p=1$<salt>$<hash>". Throws Fault when memory is short.
std::string hash_password(const Secret& password, PasswordCost cost);
// Knows the kinds of contract-data 1. `decoy` is hashed against where `stored` costs no Argon2id run of its own.
PasswordMatch verify_password(const Secret& password, const StoredPassword& stored, const std::string& decoy,
                              PasswordCost cost);
// A well-formed hash of the given cost whose value is random: no password fits.
std::string decoy_hash(PasswordCost cost);

}  // namespace mcp::crypto
