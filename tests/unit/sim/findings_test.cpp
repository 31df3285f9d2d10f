#include "sim/findings.h"

#include <gtest/gtest.h>

namespace caesar::sim {
namespace {

Finding Of(FindingKind kind) {
  Finding finding;
  finding.kind = kind;
  return finding;
}

TEST(Findings, CountsTheSameFindingAndKeepsTheFirstError) {
  Findings findings;
  EXPECT_TRUE(findings.Empty());
  findings.Add(1, Of(FindingKind::kRace));
  findings.Add(1, Of(FindingKind::kRace));
  EXPECT_EQ(findings.error(), 0);
  findings.Add(1, Of(FindingKind::kMisaligned));
  findings.Add(2, Of(FindingKind::kTrap));
  EXPECT_EQ(findings.error(), 716);
  const auto found = findings.Take();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].count, 2U);
  EXPECT_TRUE(findings.Empty());
}

TEST(Findings, CountsWhatIsFoundAgainWithoutItsText) {
  Findings findings;
  EXPECT_FALSE(findings.Again(FindingKind::kRace, 1)) << "the first one needs its text";
  findings.Add(1, Of(FindingKind::kRace));
  EXPECT_TRUE(findings.Again(FindingKind::kRace, 1));
  EXPECT_FALSE(findings.Again(FindingKind::kRace, 2));
  EXPECT_FALSE(findings.Again(FindingKind::kTrap, 1));
  const auto found = findings.Take();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].count, 2U);
  EXPECT_FALSE(findings.Again(FindingKind::kRace, 1)) << "taken";
}

TEST(Findings, HasALimitAndRoomForTheErrorsReason) {
  Findings findings;
  for (std::uint64_t key = 0; key < 100; ++key) findings.Add(key, Of(FindingKind::kRace));
  findings.Add(0, Of(FindingKind::kDivergentBarrier));
  findings.Add(0, Of(FindingKind::kOutOfBounds));
  std::uint64_t dropped = 0;
  const auto found = findings.Take(&dropped);
  EXPECT_EQ(dropped, 100 - Findings::kMax);
  ASSERT_EQ(found.size(), Findings::kMax + 2);
  EXPECT_EQ(found[Findings::kMax].kind, FindingKind::kDivergentBarrier);
  EXPECT_EQ(found.back().kind, FindingKind::kOutOfBounds);
}

}  // namespace
}  // namespace caesar::sim
