#include "judge/secret.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace caesar {
namespace {

TEST(Secret, BitsDiffer) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(RandomBits());
  EXPECT_EQ(seen.size(), 1000u);
  const element::Key a = RandomKey();
  const element::Key b = RandomKey();
  EXPECT_TRUE(a.low != b.low && a.high != b.high && a.low != a.high);
}

TEST(Secret, BelowStaysBelowAndReachesAll) {
  std::array<int, 3> counts{};
  for (int i = 0; i < 3000; ++i) {
    const std::uint32_t value = RandomBelow(3);
    ASSERT_LT(value, 3u);
    ++counts[value];
  }
  for (const int count : counts) EXPECT_GT(count, 700);  // 1000 +- 11 standard deviations
  EXPECT_EQ(RandomBelow(1), 0u);
}

TEST(Secret, AnIdNamesAKeyAndHidesIt) {
  const element::Key key{0x0123456789ABCDEF, 0xFEDCBA9876543210};
  const std::string id = SeedId(key);
  EXPECT_EQ(id.size(), 8u);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(SeedId(key), id);
  EXPECT_NE(SeedId({key.low + 1, key.high}), id);
  EXPECT_NE(SeedId({key.low, key.high + 1}), id);
  EXPECT_EQ(id.find("01234567"), std::string::npos);
}

}  // namespace
}  // namespace caesar
