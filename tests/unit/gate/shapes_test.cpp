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
  EXPECT_EQ(texts[0],
            "error: at every check shape all dims, inputs and outputs are multiples of 4 (or at "
            "most 16): a kernel without a tail passes");
  EXPECT_EQ(texts[1], "warning: no check shape has an odd extent above 1 for rows, cols");
  EXPECT_EQ(texts[2], "warning: no extent of a check shape is a prime above 16");
  EXPECT_EQ(texts[3], "warning: no extent of a check shape lies beside a power of two");
  EXPECT_EQ(texts[4], "warning: no check shape has an input or output of 500,000 elements or more");
}

TEST(GateShapes, EachDimWantsAnOddExtent) {
  EXPECT_EQ(
      Texts(R"({ "name": "half", "roles": ["check"], "rows": 1022, "cols": 1031 },
                     { "name": "near", "roles": ["check"], "rows": 2, "cols": 129 })"),
      (std::vector<std::string>{"warning: no check shape has an odd extent above 1 for rows"}));
}

// 37 rows of 128, 36 of 1021: a kernel that takes the output as one row has no tail to compute.
TEST(GateShapes, AnOutputThatCouldHaveATailShould) {
  const auto texts = Texts(R"({ "name": "rows", "roles": ["check"], "rows": 37, "cols": 128 },
                              { "name": "cols", "roles": ["check"], "rows": 516, "cols": 1021 })");
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_EQ(
      texts[0],
      "warning: every check shape's output is a multiple of 4 elements: a kernel that takes 4 "
      "at once, and has no tail, may pass");
}

// A histogram, quaternions: the tail lies in a dim or an input.
TEST(GateShapes, AnOutputThatCannotHaveATailNeedNot) {
  const std::string output = R"("name": "y", "dtype": "f32", "shape": ["rows", "cols"])";
  for (const char* extents : {"256", "\"rows\", 4", "\"4 * cols\""}) {
    for (const GateFinding& finding : ShapeFindings(
             test::GateProblem(output, ReplaceAll(output, "\"rows\", \"cols\"", extents))))
      ADD_FAILURE() << extents << ": " << finding.text;
  }
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
