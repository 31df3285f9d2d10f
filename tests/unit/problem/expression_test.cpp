#include "problem/expression.h"

#include <gtest/gtest.h>

#include <limits>

namespace caesar {
namespace {

const std::map<std::string, std::int64_t> kDims = {{"rows", 12}, {"cols", 5}, {"_n2", -7}};

std::string Error(std::string_view text) {
  const auto expression = Expression::Parse(text);
  if (!expression.ok()) return expression.error().message;
  const auto value = expression.value().Evaluate(kDims);
  return value.ok() ? "no error" : value.error().message;
}

TEST(Expression, FollowsTheUsualPrecedence) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"0", 0},
      {" 42\t", 42},
      {"rows", 12},
      {"_n2", -7},
      {"2+3*4", 14},
      {"(2+3)*4", 20},
      {"20-3-4", 13},
      {"24/4/2", 3},
      {"24/4*2", 12},
      {"rows%cols", 2},
      {"-7%4", -3},
      {"-rows+1", -11},
      {"--3", 3},
      {"2*-3", -6},
      {"min(rows,cols)", 5},
      {"max(rows, cols*3) + 1", 16},
      {"min(max(1,2),max(3,4))", 2},
      {"5*rows*cols", 300},
      {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
      {"-9223372036854775807-1", std::numeric_limits<std::int64_t>::min()},
      {"(-9223372036854775807-1)%-1", 0},
  };
  for (const auto& [text, want] : cases) {
    const auto expression = Expression::Parse(text);
    ASSERT_TRUE(expression.ok()) << text << ": " << expression.error().message;
    const auto value = expression.value().Evaluate(kDims);
    ASSERT_TRUE(value.ok()) << text << ": " << value.error().message;
    EXPECT_EQ(value.value(), want) << text;
    EXPECT_EQ(expression.value().text(), text);
  }
}

TEST(Expression, ErrorsShowTheExpressionTheColumnAndTheReason) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "expression \"\", column 1: ends where a number, a dim or '(' is due"},
      {"rows*", "expression \"rows*\", column 6: ends where a number, a dim or '(' is due"},
      {"rows cols", "expression \"rows cols\", column 6: 'c' where an operator or the end is due"},
      {"(rows", "expression \"(rows\", column 6: ends where ')' is due"},
      {"rows)", "expression \"rows)\", column 5: ')' where an operator or the end is due"},
      {"2**3", "expression \"2**3\", column 3: '*' where a number, a dim or '(' is due"},
      {"1.5", "expression \"1.5\", column 2: '.' where a digit is due"},
      {"2x", "expression \"2x\", column 2: 'x' where a digit is due"},
      {"+1", "expression \"+1\", column 1: '+' where a number, a dim or '(' is due"},
      {"min(1)", "expression \"min(1)\", column 6: ')' where ',' is due"},
      {"min(1,2,3)", "expression \"min(1,2,3)\", column 8: ',' where ')' is due"},
      {"pow(2,3)",
       "expression \"pow(2,3)\", column 1: unknown function 'pow'; there are min and max"},
      {"9223372036854775808",
       "expression \"9223372036854775808\", column 1: the number does not fit 64 bits"},
      {"rows*depth", "expression \"rows*depth\", column 6: unknown dim 'depth'"},
      {"rows/0", "expression \"rows/0\", column 5: division by zero"},
      {"rows%(cols-5)", "expression \"rows%(cols-5)\", column 5: division by zero"},
      {"rows/cols", "expression \"rows/cols\", column 5: 12 is not a multiple of 5"},
      {"9223372036854775807+1",
       "expression \"9223372036854775807+1\", column 20: the value does not fit 64 bits"},
      {"-9223372036854775807-2",
       "expression \"-9223372036854775807-2\", column 21: the value does not fit 64 bits"},
      {"4611686018427387904*2",
       "expression \"4611686018427387904*2\", column 20: the value does not fit 64 bits"},
      {"-(-9223372036854775807-1)",
       "expression \"-(-9223372036854775807-1)\", column 1: the value does not fit 64 bits"},
      {"(-9223372036854775807-1)/-1",
       "expression \"(-9223372036854775807-1)/-1\", column 25: the value does not fit 64 bits"},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(Error(text), want);
}

TEST(Expression, RefusesBytesThatNoExpressionHas) {
  EXPECT_NE(Error("rows\n"), "no error");
  EXPECT_NE(Error(std::string_view("1\0", 2)), "no error");
  EXPECT_NE(Error("\xff"), "no error");
  EXPECT_NE(Error("rows;system"), "no error");
}

TEST(Expression, LimitsLengthAndDepth) {
  EXPECT_EQ(Error(std::string(256, '1')), "expression \"" + std::string(256, '1') +
                                              "\", column 1: the number does not fit 64 bits");
  EXPECT_EQ(Error(std::string(257, '1')), "expression of 257 characters; at most 256 are allowed");
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '(') + "1" +
           std::string(static_cast<std::size_t>(depth), ')');
  };
  EXPECT_EQ(Error(nested(31)), "no error");
  EXPECT_NE(Error(nested(32)).find("is nested deeper than 32 levels"), std::string::npos);
  EXPECT_NE(Error(std::string(200, '-') + "1").find("is nested deeper"), std::string::npos);
}

TEST(Expression, NamesAreSortedAndDistinctWithoutFunctions) {
  const auto expression = Expression::Parse("min(rows, cols) * rows + 3");
  ASSERT_TRUE(expression.ok());
  EXPECT_EQ(expression.value().Names(), (std::vector<std::string>{"cols", "rows"}));
}

TEST(Expression, DefaultIsZero) {
  EXPECT_EQ(Expression().Evaluate({}).value(), 0);
  EXPECT_TRUE(Expression().Names().empty());
}

}  // namespace
}  // namespace caesar
