// The generator's values, held fast: tests/golden/elementwise.txt was computed by g++, and the GPU
// is held to the same file. With CAESAR_UPDATE_GOLDEN=1 in the environment the file is written
// instead.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "device/host_elements.h"
#include "golden/elementwise_cases.h"

namespace caesar {
namespace {

const std::string kPath = CAESAR_GOLDEN_FOLDER "/elementwise.txt";

std::string LineOf(const ElementwiseCase& item) {
  std::vector<unsigned char> tensor(static_cast<std::size_t>(item.elements * SizeOf(item.dtype)));
  FillElements(tensor.data(), item.dtype, item.Order(), 0, item.Order().elements);
  return item.Line(HashBytes(tensor.data(), tensor.size()));
}

TEST(Golden, TheGeneratorGivesTheSameBitsAsEver) {
  if (std::getenv("CAESAR_UPDATE_GOLDEN") != nullptr) {
    std::ofstream file(kPath);
    for (const ElementwiseCase& item : ElementwiseCases()) file << LineOf(item) << "\n";
  }
  std::ifstream file(kPath);
  std::string line;
  for (const ElementwiseCase& item : ElementwiseCases()) {
    ASSERT_TRUE(std::getline(file, line)) << "the file is too short";
    EXPECT_EQ(LineOf(item), line);
  }
  EXPECT_FALSE(std::getline(file, line)) << "the file is too long";
}

TEST(Golden, NoTwoCasesHaveTheSameContent) {
  std::vector<std::string> hashes;
  for (const ElementwiseCase& item : ElementwiseCases()) {
    const std::string line = LineOf(item);
    hashes.push_back(line.substr(line.rfind(' ')));
  }
  std::sort(hashes.begin(), hashes.end());
  // Of equal size: bool, i8 and u8 share bits where their values do; likewise the other integers.
  const auto end = std::unique(hashes.begin(), hashes.end());
  EXPECT_GT(std::distance(hashes.begin(), end), 55);
}

}  // namespace
}  // namespace caesar
