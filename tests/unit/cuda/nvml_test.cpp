#include "cuda/nvml.h"

#include <gtest/gtest.h>

namespace caesar {
namespace {

TEST(Nvml, KnowsNoGpuThatIsNotThere) {
  EXPECT_FALSE(Nvml::Open("GPU-00000000-0000-0000-0000-000000000000").has_value());
}

}  // namespace
}  // namespace caesar
