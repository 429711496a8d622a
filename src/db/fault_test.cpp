// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects: what callers decide by: whether to try again, to answer "unavailable", or to report a bug.
#include "db/fault.hpp"

#include <gtest/gtest.h>

namespace mcp::db {
namespace {

struct Case {
  const char* sqlstate;
  FaultKind kind;
};

class Classify : public testing::TestWithParam<Case> {};

TEST_P(Classify, TellsWhatASqlstateMeansForTheCaller) {
  EXPECT_EQ(classify(GetParam().sqlstate), GetParam().kind) << GetParam().sqlstate;
}

INSTANTIATE_TEST_SUITE_P(, Classify,
                         testing::Values(Case{"", FaultKind::unavailable}, Case{"08006", FaultKind::unavailable},
                                         Case{"57P01", FaultKind::unavailable}, Case{"57P03", FaultKind::unavailable},
                                         Case{"25006", FaultKind::unavailable}, Case{"25P03", FaultKind::unavailable},
                                         Case{"57014", FaultKind::timeout}, Case{"55P03", FaultKind::timeout},
                                         Case{"40001", FaultKind::retry}, Case{"40P01", FaultKind::retry},
                                         Case{"23505", FaultKind::constraint}, Case{"23503", FaultKind::constraint},
                                         Case{"53100", FaultKind::resource}, Case{"53300", FaultKind::resource},
                                         Case{"58030", FaultKind::resource}, Case{"42P01", FaultKind::programming},
                                         Case{"22021", FaultKind::programming}, Case{"25P02", FaultKind::programming},
                                         Case{"XX000", FaultKind::programming}));

TEST(Fault, DescribesItselfByNamesAlone) {
  const Fault fault(FaultKind::constraint, "23505", "messages.insert", "messages_seq_key");
  EXPECT_STREQ(fault.what(), "database fault: constraint 23505 in messages.insert (messages_seq_key)");
  EXPECT_STREQ(Fault(FaultKind::unavailable, "", "", "").what(), "database fault: unavailable");
  EXPECT_FALSE(fault.outcome_unknown());
}

}  // namespace
}  // namespace mcp::db
