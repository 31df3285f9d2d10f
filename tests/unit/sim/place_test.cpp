#include "sim/place.h"

#include <gtest/gtest.h>

#include <tuple>

namespace caesar::sim {
namespace {

// 0: kernel.cu:40; 1: in a header, inlined there; 2: a device function of the candidate, inlined
// into the header; 3: a header that nobody included; 4 and 5: each inlined into the other.
ptx::Module Example() {
  ptx::Module module;
  module.files = {"", "/tmp/w/kernel.cu", "/usr/local/cuda/targets/x86_64-linux/include/fp16.hpp"};
  module.locations = {{1, 40, 3, -1}, {2, 812, 1, 0}, {1, 7, 1, 1},
                      {2, 9, 1, -1},  {2, 1, 1, 5},   {2, 2, 1, 4}};
  return module;
}

std::tuple<std::string_view, int> At(int location) {
  static const ptx::Module module = Example();
  const Place place = PlaceIn(module, location);
  return {place.file, place.line};
}

TEST(Place, IsTheInnermostInTheCandidate) {
  EXPECT_EQ(At(0), std::tuple("kernel.cu", 40));
  EXPECT_EQ(At(1), std::tuple("kernel.cu", 40));
  EXPECT_EQ(At(2), std::tuple("kernel.cu", 7));
}

TEST(Place, IsTheInnermostWhereNoneIsInTheCandidate) {
  EXPECT_EQ(At(3), std::tuple("fp16.hpp", 9));
  EXPECT_EQ(At(4), std::tuple("fp16.hpp", 1));
}

TEST(Place, IsUnknownForWhatATextOnlyClaims) {
  EXPECT_EQ(At(-1), std::tuple("", 0));
  EXPECT_EQ(At(6), std::tuple("", 0));
  ptx::Module module = Example();
  module.locations[0].file = 99;
  EXPECT_EQ(PlaceIn(module, 0).line, 0);
}

TEST(Demangle, WritesNamesAsTheirAuthorsDid) {
  EXPECT_EQ(Demangle("_Z3addPKfPfi"), "add(float const*, float*, int)");
  EXPECT_EQ(Demangle("solve"), "solve");
  EXPECT_EQ(Demangle("f"), "f");
  EXPECT_EQ(Demangle("_Z"), "_Z");
  EXPECT_EQ(Demangle(std::string(100'000, 'x')).size(), 512U);
}

}  // namespace
}  // namespace caesar::sim
