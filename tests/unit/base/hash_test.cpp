#include "base/hash.h"

#include <gtest/gtest.h>

namespace caesar {
namespace {

TEST(Hash, IsXxh3With128Bits) {
  EXPECT_EQ(
      HashHex(""),
      "99aa06d3014798d86001c324468d497f");  // XXH3_128bits of nothing, from xxHash's test vectors
}

TEST(Hash, FieldsDoNotRunTogether) {
  EXPECT_NE(Hasher().Add("ab").Add("c").Hex(), Hasher().Add("a").Add("bc").Hex());
  EXPECT_NE(Hasher().Add("").Hex(), Hasher().Hex());
}

}  // namespace
}  // namespace caesar
