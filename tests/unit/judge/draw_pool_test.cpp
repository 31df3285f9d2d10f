#include "judge/draw_pool.h"

#include <gtest/gtest.h>

#include <set>

namespace caesar {
namespace {

std::uint32_t First(std::uint32_t) { return 0; }
std::uint32_t Last(std::uint32_t bound) { return bound - 1; }

Draw Named(const std::string& seed_id) {
  Draw draw;
  draw.seed_id = seed_id;
  return draw;
}

TEST(DrawPool, AnEmptyOneHasNothing) {
  DrawPool pool(100);
  EXPECT_EQ(pool.Take("kind", First), nullptr);
}

TEST(DrawPool, ACandidateSeesADrawOnce) {
  DrawPool pool(100);
  ASSERT_TRUE(pool.HasRoom("reference", 10));
  pool.Add("kind", Named("a"), 10);
  pool.Add("kind", Named("b"), 10);
  EXPECT_EQ(pool.Take("kind", First), nullptr);  // it was there when they were made
  pool.NextCandidate(true);
  std::set<std::string> seen;
  for (int i = 0; i < 2; ++i) seen.insert(pool.Take("kind", Last)->seed_id);
  EXPECT_EQ(seen, (std::set<std::string>{"a", "b"}));
  EXPECT_EQ(pool.Take("kind", First), nullptr);
  pool.NextCandidate(true);
  EXPECT_NE(pool.Take("kind", First), nullptr);
}

TEST(DrawPool, WhatMayHaveBeenToldIsForgotten) {
  DrawPool pool(20);
  pool.Add("kind", Named("a"), 10);
  pool.NextCandidate(true);
  pool.Add("kind", Named("b"), 10);
  ASSERT_FALSE(pool.HasRoom("", 1));
  pool.NextCandidate(false);
  EXPECT_EQ(pool.Take("kind", First)->seed_id, "a") << "the last candidate had not seen it";
  EXPECT_EQ(pool.Take("kind", First), nullptr);
  EXPECT_TRUE(pool.HasRoom("", 10)) << "its room is free again";
}

TEST(DrawPool, KindsAreApart) {
  DrawPool pool(100);
  pool.Add("small", Named("a"), 10);
  pool.NextCandidate(true);
  EXPECT_EQ(pool.Take("large", First), nullptr);
  EXPECT_NE(pool.Take("small", First), nullptr);
}

TEST(DrawPool, TheDiceChoose) {
  DrawPool pool(100);
  pool.Add("kind", Named("a"), 10);
  pool.Add("kind", Named("b"), 10);
  pool.NextCandidate(true);
  EXPECT_EQ(pool.Take("kind", Last)->seed_id, "b");
  pool.NextCandidate(true);
  EXPECT_EQ(pool.Take("kind", First)->seed_id, "a");
}

TEST(DrawPool, HoldsNoMoreThanItMay) {
  DrawPool pool(25);
  ASSERT_TRUE(pool.HasRoom("reference", 25));
  EXPECT_FALSE(pool.HasRoom("reference", 26));
  pool.Add("kind", Named("a"), 20);
  EXPECT_FALSE(pool.HasRoom("reference", 6));
  EXPECT_TRUE(pool.HasRoom("reference", 5));
  EXPECT_FALSE(DrawPool(0).HasRoom("reference", 1));
}

TEST(DrawPool, AnotherReferenceTakesThePlace) {
  DrawPool pool(25);
  ASSERT_TRUE(pool.HasRoom("one", 20));
  pool.Add("kind", Named("a"), 20);
  pool.NextCandidate(true);
  EXPECT_TRUE(pool.HasRoom("other", 20));
  EXPECT_EQ(pool.Take("kind", First), nullptr);
}

}  // namespace
}  // namespace caesar
