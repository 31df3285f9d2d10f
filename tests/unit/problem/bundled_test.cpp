#include <gtest/gtest.h>

#include "problem/problem.h"
#include "problem/signature.h"

namespace caesar {
namespace {

TEST(BundledProblems, AreThereAndSorted) {
  EXPECT_EQ(BundledProblems(),
            (std::vector<std::string>{"matmul", "relu", "softmax", "vector_add"}));
}

TEST(BundledProblems, AllLoad) {
  for (const std::string& name : BundledProblems()) {
    const auto problem = BundledProblem(name);
    ASSERT_TRUE(problem.ok()) << problem.error().message;
    EXPECT_EQ(problem.value().name, name) << "the folder is called as the problem is";
    EXPECT_EQ(problem.value().origin, "bundled");
    EXPECT_TRUE(problem.value().baseline.has_value()) << name;
    EXPECT_NE(LauncherPrototype(problem.value()).find(problem.value().launcher), std::string::npos);
  }
}

TEST(BundledProblems, AFolderOfThatNameWithoutAProblemDoesNotHideThem) {
  // The tests' own working folder holds no problem.json.
  EXPECT_EQ(LoadProblem("relu", RealFiles()).value().origin, "bundled");
}

}  // namespace
}  // namespace caesar
