#include "gate/shapes.h"

#include <gtest/gtest.h>

#include "unit/gate/gate_problem.h"

namespace caesar {
namespace {

constexpr const char* kShapes =
    R"({ "name": "one", "roles": ["check", "sim"], "rows": 1, "cols": 1 },
             { "name": "odd", "roles": ["check", "sim"], "rows": 37, "cols": 129 },
             { "name": "large", "roles": ["check"], "rows": 1021, "cols": 1023 })";

std::vector<std::string> Texts(const std::string& shapes) {
  std::vector<std::string> texts;
  for (const GateFinding& finding : ShapeFindings(test::GateProblem(kShapes, shapes)))
    texts.push_back(finding.level + ": " + finding.text);
  return texts;
}

TEST(GateShapes, ThoseOfAGoodProblemAreFine) { EXPECT_TRUE(Texts(kShapes).empty()); }

TEST(GateShapes, BundledOnesAreFine) {
  for (const std::string& name : BundledProblems()) {
    const auto problem = BundledProblem(name);
    ASSERT_TRUE(problem.ok()) << name;
    for (const GateFinding& finding : ShapeFindings(problem.value()))
      ADD_FAILURE() << name << ": " << finding.text;
  }
}

TEST(GateShapes, SomethingMustHaveATail) {
  const auto texts = Texts(R"({ "name": "even", "roles": ["check"], "rows": 128, "cols": 1024 })");
  ASSERT_EQ(texts.size(), 5U);
  EXPECT_EQ(
      texts[0],
      "error: every check shape's output is a multiple of 4 elements: a kernel without a tail "
      "passes");
  EXPECT_EQ(texts[1], "warning: no check shape has an odd extent above 1 for rows, cols");
  EXPECT_EQ(texts[2], "warning: no extent of a check shape is a prime above 16");
  EXPECT_EQ(texts[3], "warning: no extent of a check shape lies beside a power of two");
  EXPECT_EQ(texts[4], "warning: no check shape has an output of 500,000 elements or more");
}

TEST(GateShapes, EachDimWantsAnOddExtent) {
  EXPECT_EQ(
      Texts(R"({ "name": "half", "roles": ["check"], "rows": 1022, "cols": 1031 },
                     { "name": "near", "roles": ["check"], "rows": 2, "cols": 129 })"),
      (std::vector<std::string>{"warning: no check shape has an odd extent above 1 for rows"}));
}

// A tail of one element in a tensor of one element is none.
TEST(GateShapes, TinyShapesShowNothing) {
  const auto texts = Texts(R"({ "name": "one", "roles": ["check"], "rows": 1, "cols": 1 },
                              { "name": "even", "roles": ["check"], "rows": 1024, "cols": 1024 })");
  ASSERT_FALSE(texts.empty());
  EXPECT_EQ(texts[0].substr(0, 6), "error:");
}

}  // namespace
}  // namespace caesar
