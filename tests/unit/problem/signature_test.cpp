#include "problem/signature.h"

#include <gtest/gtest.h>

#include "unit/problem/example.h"

namespace caesar {
namespace {

Problem Example() { return ParseProblem(test::kExample, "problem.json").value(); }

TEST(LauncherPrototype, ListsInputsOutputsDimsScalarsStream) {
  EXPECT_EQ(LauncherPrototype(Example()),
            "extern \"C\" void solve(const float* x, const int64_t* index, __half* y, uint32_t* "
            "count, int64_t rows, "
            "int64_t cols, float eps, int32_t k, bool causal, cudaStream_t stream);");
}

TEST(EntrySource, PassesEachArgumentAsItsType) {
  const std::string source = EntrySource(Example(), "int candidate;", "kernel.cu");
  for (const char* part :
       {"*static_cast<const float* const*>(args[0]), ",
        "*static_cast<const int64_t* const*>(args[1]), ", "*static_cast<__half* const*>(args[2]), ",
        "*static_cast<int64_t const*>(args[5]), ", "*static_cast<float const*>(args[6]), ",
        "*static_cast<bool const*>(args[8]), ", "static_cast<cudaStream_t>(stream));"}) {
    EXPECT_NE(source.find(part), std::string::npos) << part;
  }
}

TEST(EntrySource, NumbersTheCandidatesLinesFromOne) {
  const std::string source = EntrySource(Example(), "first\nsecond", "kernel.cu");
  EXPECT_NE(source.find("\n#line 1 \"kernel.cu\"\nfirst\nsecond\n"), std::string::npos);
  EXPECT_NE(EntrySource(Example(), "", "a\"b\\c").find("#line 1 \"a\\\"b\\\\c\""),
            std::string::npos);
}

TEST(EntrySource, StandsBeforeTheCandidateSoThatItCannotBeChanged) {
  const std::string source =
      EntrySource(Example(), "#define cudaGetLastError() cudaSuccess\n/* no end", "kernel.cu");
  EXPECT_LT(source.find("int caesar_entry("), source.find("#define cudaGetLastError"));
  EXPECT_LT(source.find("extern \"C\" void solve("), source.find("int caesar_entry("));
}

TEST(EntrySource, IncludesOnlyTheHeadersOfTheDTypes) {
  const std::string half = EntrySource(Example(), "", "kernel.cu");
  EXPECT_NE(half.find("#include <cuda_fp16.h>"), std::string::npos);
  EXPECT_EQ(half.find("#include <cuda_bf16.h>"), std::string::npos);
  const Problem plain = ParseProblem(test::With("\"f16\"", "\"bf16\""), "problem.json").value();
  const std::string bf16 = EntrySource(plain, "", "kernel.cu");
  EXPECT_EQ(bf16.find("#include <cuda_fp16.h>"), std::string::npos);
  EXPECT_NE(bf16.find("#include <cuda_bf16.h>"), std::string::npos);
}

TEST(EntrySource, DropsAByteOrderMark) {
  EXPECT_NE(EntrySource(Example(), "\xEF\xBB\xBFint x;", "kernel.cu").find("\"kernel.cu\"\nint x;"),
            std::string::npos);
}

}  // namespace
}  // namespace caesar
