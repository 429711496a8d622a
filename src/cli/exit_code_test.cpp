// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

#include "db/fault.hpp"
#include "db/migrations.hpp"
#include "ledger/ledger.hpp"

namespace mcp::cli {
namespace {

std::system_error system_error(std::errc code) { return std::system_error(std::make_error_code(code)); }

// Protects supervisors and scripts: the same failure ends with the same code (contract-config 4).
struct EndingCase {
  const char* name;
  std::exception_ptr failure;
  int code;
};
class EndingOf : public testing::TestWithParam<EndingCase> {};

TEST_P(EndingOf, HasItsCode) { EXPECT_EQ(static_cast<int>(exit_code_of(GetParam().failure)), GetParam().code); }

INSTANTIATE_TEST_SUITE_P(
    , EndingOf,
    testing::Values(
        EndingCase{"failure", std::make_exception_ptr(operations::Failure(ExitCode::not_permitted, "x")), 77},
        EndingCase{"already_served", std::make_exception_ptr(ledger::AlreadyServed()), 75},
        EndingCase{"schema_newer", std::make_exception_ptr(db::SchemaMismatch(db::SchemaState::newer, 9)), 78},
        EndingCase{"schema_foreign", std::make_exception_ptr(db::SchemaMismatch(db::SchemaState::foreign, 0)), 78},
        EndingCase{"schema_changed", std::make_exception_ptr(db::SchemaMismatch(db::SchemaState::changed, 2)), 65},
        EndingCase{"database_away", std::make_exception_ptr(db::Fault(db::FaultKind::unavailable, "08006", "", "")),
                   69},
        EndingCase{"database_full", std::make_exception_ptr(db::Fault(db::FaultKind::resource, "53100", "", "")), 69},
        EndingCase{"database_slow", std::make_exception_ptr(db::Fault(db::FaultKind::timeout, "57014", "", "")), 75},
        EndingCase{"database_password", std::make_exception_ptr(db::Fault(db::FaultKind::unavailable, "28P01", "", "")),
                   77},
        EndingCase{"database_rights", std::make_exception_ptr(db::Fault(db::FaultKind::programming, "42501", "x", "")),
                   77},
        EndingCase{"database_bug", std::make_exception_ptr(db::Fault(db::FaultKind::programming, "42601", "x", "")),
                   70},
        EndingCase{"out_of_memory", std::make_exception_ptr(std::bad_alloc()), 71},
        EndingCase{"address_in_use", std::make_exception_ptr(system_error(std::errc::address_in_use)), 71},
        EndingCase{"descriptors", std::make_exception_ptr(system_error(std::errc::too_many_files_open)), 71},
        EndingCase{"permission", std::make_exception_ptr(system_error(std::errc::permission_denied)), 77},
        EndingCase{"disk_full", std::make_exception_ptr(system_error(std::errc::no_space_on_device)), 74},
        EndingCase{"missing_file", std::make_exception_ptr(system_error(std::errc::no_such_file_or_directory)), 66},
        EndingCase{"anything_else", std::make_exception_ptr(std::runtime_error("x")), 70},
        EndingCase{"no_exception_at_all", std::make_exception_ptr(42), 70}),
    [](const auto& test) { return test.param.name; });

TEST(EndingText, ShowsNothingOfAnUnexpectedException) {
  testing::internal::CaptureStderr();
  const auto ending = ending_of(std::make_exception_ptr(std::runtime_error("canary: a patient's name")));
  const auto logged = testing::internal::GetCapturedStderr();
  EXPECT_EQ((ending.text + logged).find("canary"), std::string::npos);
  const auto reference = ending.text.substr(ending.text.rfind(' ') + 1);
  EXPECT_EQ(reference.size(), 36U);
  EXPECT_NE(logged.find(reference), std::string::npos);
  EXPECT_NE(logged.find("std::runtime_error"), std::string::npos);
}

}  // namespace
}  // namespace mcp::cli
