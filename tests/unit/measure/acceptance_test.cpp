#include "measure/acceptance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace caesar {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

bool Alone(double claimed_us, double trusted_us) {
  return ClaimStands(claimed_us, {.single_us = trusted_us, .batch_us = trusted_us});
}

bool InBatch(double claimed_us, double batch_us, int calls) {
  return ClaimStands(
      claimed_us,
      {.single_us = claimed_us, .alone_us = claimed_us, .batch_us = batch_us, .calls = calls});
}

double NullUs(std::vector<double> beside_us, std::vector<double> without_us, int calls) {
  return NullTimeOf(beside_us, without_us, calls).us;
}

TEST(NullTimeOf, IsALowerQuartileOfThoseBesideTheCandidate) {
  EXPECT_EQ(NullUs({500, 410, 430, 420, 440}, {415}, 1), 420);
  EXPECT_EQ(NullUs({430}, {415, 425}, 1), 430);
  EXPECT_EQ(NullUs({400}, {500}, 1), 400) << "shorter is no gain";
}

TEST(NullTimeOf, LongerThanHonestOnesAreNotBelieved) {
  const std::vector<double> without{420, 421, 422, 500, 500};
  EXPECT_EQ(NullUs({441}, without, 1), 441);
  EXPECT_EQ(NullUs({441.1}, without, 1), 421);
  EXPECT_EQ(NullUs({441 + 3.0 * 19}, without, 20), 441 + 3.0 * 19);
  EXPECT_EQ(NullUs({441.1 + 3.0 * 19}, without, 20), 421);
  EXPECT_EQ(NullUs({521}, without, 64), 521);
  EXPECT_EQ(NullUs({521.1}, without, 64), 421) << "one kernel in a large batch would fit";
}

TEST(NullTimeOf, NoneCountsInPart) {
  EXPECT_EQ(NullUs({420, 420, 560, 560, 560, 560, 560, 560}, {420}, 1), 420);
}

TEST(NullTimeOf, NoClaimStandsWithoutAny) {
  EXPECT_EQ(NullUs({420}, {}, 1), 0);
  EXPECT_EQ(NullUs({}, {420}, 1), 0);
}

TEST(NullTimeOf, TheSpreadIsThatOfThoseThatAreBelieved) {
  const std::vector<double> calm{420, 420, 420, 421, 422};
  const std::vector<double> stretched{420, 600, 600, 600, 600};
  EXPECT_EQ(NullTimeOf(std::vector{420.0, 421.0, 423.0, 424.0, 440.0}, calm, 1).spread_us, 3);
  EXPECT_EQ(NullTimeOf(stretched, calm, 1).spread_us, 1);
  EXPECT_EQ(NullTimeOf(calm, stretched, 1).spread_us, 1);
  EXPECT_EQ(NullTimeOf(std::vector{420.0, 420.0, 421.0, 480.0, 480.0}, calm, 1).spread_us, 5)
      << "bounded";
}

TEST(ClaimStands, UpToFifteenMicrosecondsOrThreePercent) {
  EXPECT_TRUE(Alone(100, 115));
  EXPECT_FALSE(Alone(100, 115.1));
  EXPECT_TRUE(Alone(500, 515)) << "both rules agree at 500";
  EXPECT_TRUE(Alone(1000, 1030));
  EXPECT_FALSE(Alone(1000, 1030.1));
  EXPECT_TRUE(Alone(1000, 900)) << "more than the judge saw is no gain";
}

TEST(ClaimStands, BothTimesMustBearItOut) {
  EXPECT_FALSE(ClaimStands(100, {.single_us = 116, .batch_us = 100, .calls = 20}));
  EXPECT_FALSE(ClaimStands(100, {.single_us = 100, .batch_us = 104, .calls = 20}));
  EXPECT_TRUE(ClaimStands(100, {.single_us = 115, .batch_us = 103, .calls = 20}));
}

TEST(ClaimStands, ACallAloneIsKnownAsWellAsANullCall) {
  EXPECT_TRUE(ClaimStands(100, {.single_us = 118, .spread_us = 3, .batch_us = 100}));
  EXPECT_FALSE(ClaimStands(100, {.single_us = 118.1, .spread_us = 3, .batch_us = 100}));
  EXPECT_FALSE(ClaimStands(100, {.single_us = 100, .spread_us = 3, .batch_us = 117}));
}

TEST(ClaimStands, ACallOfABatchHasItsShareOfTheSlack) {
  EXPECT_TRUE(InBatch(100, 104.9, 3));
  EXPECT_FALSE(InBatch(100, 105.1, 3));
  EXPECT_TRUE(InBatch(20, 21.9, 64)) << "gaps between launches are no lies";
  EXPECT_FALSE(InBatch(20, 22.1, 64));
  EXPECT_TRUE(InBatch(200, 205.9, 64)) << "3 % are more";
  EXPECT_FALSE(InBatch(10, 25.1, 0)) << "no batch has fewer than one call";
}

TEST(ClaimStands, DirtyLinesAreGrantedAsMeasured) {
  TrustedTimes trusted{.single_us = 72, .batch_us = 69.9, .calls = 33};
  trusted.dirty_us = 8;
  EXPECT_FALSE(ClaimStands(60, trusted)) << "there can be none";
  trusted.dirty_max_us = 17;
  EXPECT_TRUE(ClaimStands(60, trusted));
  trusted.batch_us = 70.1;
  EXPECT_FALSE(ClaimStands(60, trusted));
  trusted.dirty_us = 100;
  trusted.batch_us = 78.9;
  EXPECT_TRUE(ClaimStands(60, trusted)) << "as far as they can explain it";
  trusted.batch_us = 79.1;
  EXPECT_FALSE(ClaimStands(60, trusted));
  trusted.dirty_us = -100;
  trusted.batch_us = 61.9;
  EXPECT_TRUE(ClaimStands(60, trusted)) << "noise takes nothing away";
}

TEST(ClaimStands, WhatTheyMayExplainACallAloneMustConfirm) {
  TrustedTimes trusted{.single_us = 77, .alone_us = 70, .batch_us = 90, .calls = 30};
  trusted.dirty_us = 7;
  trusted.dirty_max_us = 17;
  EXPECT_TRUE(ClaimStands(67, trusted));
  trusted.single_us = 77.1;
  EXPECT_FALSE(ClaimStands(67, trusted));
  trusted.spread_us = 3;
  EXPECT_FALSE(ClaimStands(67, trusted)) << "and the spread is no excuse";
  trusted.single_us = 76.9;
  trusted.alone_us = 73;
  EXPECT_TRUE(ClaimStands(67, trusted)) << "8 us on average";
  trusted.alone_us = 73.2;
  EXPECT_FALSE(ClaimStands(67, trusted));
  trusted.single_us = trusted.alone_us = 67;
  trusted.batch_us = 67 + 2 + 2 * 17 + 0.1;
  EXPECT_FALSE(ClaimStands(67, trusted)) << "more than they can explain";
}

// Work in the delay kernel's place, and calls of a batch side by side, or those with a dirty L2
// made longer: all that is seen of any is a call without.
TEST(ClaimStands, NotWithoutACallAloneThatNeedsNoDelay) {
  TrustedTimes trusted{.spread_us = 3, .alone_us = 72, .batch_us = 40, .calls = 50};
  EXPECT_FALSE(ClaimStands(40, trusted));
  EXPECT_FALSE(ClaimStands(53.9, trusted));
  EXPECT_TRUE(ClaimStands(54, trusted)) << "what a call alone may exceed it by";
  trusted.alone_us = kInf;
  EXPECT_FALSE(ClaimStands(54, trusted)) << "none was undisturbed";
  trusted.alone_us = NAN;
  EXPECT_FALSE(ClaimStands(54, trusted));
  trusted.calls = 1;
  EXPECT_TRUE(ClaimStands(54, trusted)) << "that of `batch_us` is one";
}

TEST(ClaimStands, InDoubtWorkInTheDelaysPlaceIsNoGain) {
  TrustedTimes trusted{.spread_us = 5, .alone_us = 70, .batch_us = 80, .calls = 34};
  trusted.dirty_max_us = 17;
  EXPECT_TRUE(ClaimStands(60, trusted));
  trusted.alone_us = 70.1;
  EXPECT_FALSE(ClaimStands(60, trusted)) << "however short the others are";
}

TEST(ClaimStands, NoNumberThatIsNoTimeStands) {
  EXPECT_FALSE(Alone(0, 1));
  EXPECT_FALSE(Alone(-5, 1));
  EXPECT_FALSE(Alone(NAN, 100));
  EXPECT_FALSE(Alone(100, NAN));
  EXPECT_FALSE(Alone(kInf, 100));
  EXPECT_FALSE(Alone(kInf, kInf));
  EXPECT_FALSE(Alone(100, kInf));
  EXPECT_FALSE(InBatch(100, NAN, 2));
  EXPECT_FALSE(InBatch(100, kInf, 2));
}

TEST(BatchSize, MoreForShorterWork) {
  EXPECT_EQ(BatchSize(1, 100), 64);
  EXPECT_EQ(BatchSize(20, 100), 64);
  EXPECT_EQ(BatchSize(100, 100), 20);
  EXPECT_EQ(BatchSize(299, 100), 7);
  EXPECT_EQ(BatchSize(999, 100), 4);
  EXPECT_EQ(BatchSize(0, 100), 64);
}

TEST(BatchSize, ASlowBaselineIsCalledLessOften) {
  EXPECT_EQ(BatchSize(20, 15'625), 64);
  EXPECT_EQ(BatchSize(20, 50'000), 20);
  EXPECT_EQ(BatchSize(20, 1e7), 8) << "15 us / 8 are no more than the least slack";
  EXPECT_EQ(BatchSize(200, 1e7), 8);
  EXPECT_EQ(BatchSize(299, 1e7), 7);
  EXPECT_EQ(BatchSize(0, 1e7), 8);
  EXPECT_EQ(BatchSize(20, 0), 64) << "unknown";
}

}  // namespace
}  // namespace caesar
