// Device queries, errors by name, and what is not simulated.
#include <dlfcn.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "sim/runtime/errors.h"
#include "sim/runtime/properties.h"
#include "unit/sim/runtime_fake.h"

namespace caesar::sim::test {
namespace {

using Queries = Runtime;

TEST_F(Queries, KnowOneDevice) {
  int count = 0;
  ASSERT_EQ(cudaGetDeviceCount(&count), abi::kSuccess);
  EXPECT_EQ(count, 1);
  EXPECT_EQ(cudaSetDevice(0), abi::kSuccess);
  EXPECT_EQ(cudaSetDevice(1), abi::kInvalidDevice);
  EXPECT_EQ(cudaSetDevice(-1), abi::kInvalidDevice);
  int value = 0;
  ASSERT_EQ(cudaDeviceGetAttribute(&value, 16, 0), abi::kSuccess);
  EXPECT_EQ(value, 132);
  EXPECT_EQ(cudaDeviceGetAttribute(&value, 4711, 0), abi::kInvalidValue);
  EXPECT_EQ(cudaDeviceGetAttribute(nullptr, 16, 0), abi::kInvalidValue);
  std::vector<char> properties(kProperties13Bytes + 8, 'x');
  ASSERT_EQ(cudaGetDeviceProperties(properties.data(), 0), abi::kSuccess);
  EXPECT_NE(std::strstr(properties.data(), "simulated"), nullptr);
  EXPECT_EQ(properties[kProperties13Bytes], 'x') << "nothing behind it";
}

TEST_F(Queries, NameErrors) {
  EXPECT_EQ(DescribeCudaError(700),
            "cudaErrorIllegalAddress: an illegal memory access was encountered");
  EXPECT_EQ(DescribeCudaError(0), "cudaSuccess: no error");
  EXPECT_STREQ(cudaGetErrorName(12345), "unrecognized error code");
  EXPECT_STREQ(cudaGetErrorName(-1), "unrecognized error code");
}

TEST_F(Queries, SayWhatIsNotSimulated) {
  EXPECT_EQ(cudaMallocArray(), abi::kNotSupported);
  EXPECT_EQ(cudaGetLastError(), abi::kNotSupported);
  const std::vector<Finding> findings = Findings();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].text, "not simulated: cudaMallocArray (CUDA arrays)");
}

// Each name of the list is defined, so that an object that passed the linker loads.
TEST(Exports, AreAllThere) {
  std::ifstream file(CAESAR_SIM_EXPORTS);
  std::string line;
  int names = 0;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    if (name.empty() || name.back() != ';' || name == "};") continue;
    name.pop_back();
    ++names;
    EXPECT_NE(::dlsym(RTLD_DEFAULT, name.c_str()), nullptr) << name;
  }
  EXPECT_GT(names, 300);
}

}  // namespace
}  // namespace caesar::sim::test
