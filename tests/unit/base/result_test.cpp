#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace caesar {
namespace {

Result<int> Half(int value) {
  if (value % 2 != 0) return Error{ErrorCode::kBadInput, "odd", ""};
  return value / 2;
}

Result<int> Quarter(int value) { return TRY(Half(TRY(Half(value)))); }

Status Check(int value) {
  TRY(Half(value));
  return {};
}

TEST(Result, TryPassesValuesAndErrors) {
  EXPECT_EQ(Quarter(8).value(), 2);
  ASSERT_FALSE(Quarter(6).ok());
  EXPECT_EQ(Quarter(6).error().message, "odd");
  EXPECT_TRUE(Check(2).ok());
  EXPECT_EQ(Check(3).error().code, ErrorCode::kBadInput);
}

Result<std::unique_ptr<int>> Make() { return std::make_unique<int>(3); }
Result<std::unique_ptr<int>> Pass() {
  auto made = TRY(Make());
  return made;
}

TEST(Result, HoldsMoveOnlyValues) { EXPECT_EQ(*Pass().value(), 3); }

}  // namespace
}  // namespace caesar
