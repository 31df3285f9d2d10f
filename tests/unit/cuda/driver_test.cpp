// What is said where there is no GPU.
#include "cuda/driver.h"

#include <gtest/gtest.h>

namespace caesar {
namespace {

TEST(Driver, WithoutAGpuTheSimulatedOneIsNamed) {
  const Result<const Driver*> driver = Driver::Load();
  if (driver.ok()) GTEST_SKIP() << "there is a GPU";
  EXPECT_EQ(driver.error().code, ErrorCode::kEnvironment);
  EXPECT_NE(driver.error().detail.find("--device sim"), std::string::npos) << driver.error().detail;
}

}  // namespace
}  // namespace caesar
