// Expected texts in tests/golden. With CAESAR_UPDATE_GOLDEN=1 in the environment they are written
// instead of compared.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace caesar {

inline void ExpectGolden(const std::string& name, const std::string& text) {
  const std::string path = std::string(CAESAR_GOLDEN_DIR) + "/" + name;
  if (std::getenv("CAESAR_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << text;
    return;
  }
  std::ifstream file(path);
  ASSERT_TRUE(file.good()) << path << " is missing";
  std::stringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(text, expected.str()) << "differs from " << path
                                  << "; if that is meant: CAESAR_UPDATE_GOLDEN=1";
}

}  // namespace caesar
