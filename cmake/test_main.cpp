// The main of every test program. GoogleTest calls a program passed in which every test was
// skipped; here a skip is said aloud: exit code 77, which ctest shows as "Skipped". With
// CAESAR_REQUIRE_GPU in the environment (set by scripts/test --gpu), a skip in a program with the
// ctest label `gpu` is a failure.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const int result = RUN_ALL_TESTS();
  const testing::UnitTest& unit = *testing::UnitTest::GetInstance();
  if (result != 0 || unit.skipped_test_count() == 0) return result;
  if (std::getenv("CAESAR_GPU_TEST") != nullptr && std::getenv("CAESAR_REQUIRE_GPU") != nullptr) {
    std::fputs("A GPU test was skipped, and CAESAR_REQUIRE_GPU asks for all of them.\n", stderr);
    return 1;
  }
  return unit.successful_test_count() == 0 ? 77 : 0;
}
