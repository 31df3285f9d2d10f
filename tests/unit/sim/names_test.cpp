#include "sim/names.h"

#include <gtest/gtest.h>

namespace caesar::sim {
namespace {

using Kind = Names::Entity::Kind;

ptx::Function Body() {
  ptx::Function function;
  function.scopes = {{-1}, {0}, {0}};
  function.registers = {{"b32", "%r", 20, 0}, {"b32", "%r1", 3, 0}, {"pred", "p", -1, 0},
                        {"b64", "%r", 2, 1},  {"f64", "x", -1, 1},  {"b16", "x", -1, 2}};
  return function;
}

TEST(Names, RangesAndSinglesAreFound) {
  const ptx::Function function = Body();
  const auto made = Names::Make(function);
  ASSERT_TRUE(made.ok());
  const Names& names = made.value();
  EXPECT_EQ(names.register_count(), 28U);
  EXPECT_EQ(names.Find("%r0", 0).index, 0U);
  EXPECT_EQ(names.Find("%r19", 0).index, 19U);
  EXPECT_EQ(names.Find("%r20", 0).kind, Kind::kNone);
  EXPECT_EQ(names.Find("%r01", 0).kind, Kind::kNone);
  EXPECT_EQ(names.Find("%r", 0).kind, Kind::kNone);
  EXPECT_EQ(names.Find("%r99999999999999999999", 0).kind, Kind::kNone);
  EXPECT_EQ(names.Find("", 0).kind, Kind::kNone);
  EXPECT_EQ(names.register_type(names.Find("p", 2).index), Type::kPred);
  EXPECT_EQ(names.Find("p0", 0).kind, Kind::kNone);
}

TEST(Names, LongerNamesAndSinglesComeFirst) {
  ptx::Function function = Body();
  EXPECT_EQ(Names::Make(function).value().Find("%r12", 0).index, 22U);  // number 2 of %r1
  EXPECT_EQ(Names::Make(function).value().Find("%r13", 0).index, 13U);
  function.registers.push_back({"f32", "%r7", -1, 0});
  const Names names = Names::Make(function).value();
  EXPECT_EQ(names.register_type(names.Find("%r7", 0).index), Type::kF32);
  EXPECT_EQ(names.register_type(names.Find("%r7", 2).index), Type::kF32);
  EXPECT_EQ(names.Find("%r8", 0).index, 8U);
}

TEST(Names, ScopesHideAndEnd) {
  const ptx::Function function = Body();
  const auto made = Names::Make(function);
  ASSERT_TRUE(made.ok());
  const Names& names = made.value();
  EXPECT_EQ(names.register_type(names.Find("%r1", 0).index), Type::kB32);
  EXPECT_EQ(names.register_type(names.Find("%r1", 1).index), Type::kB64);
  EXPECT_EQ(names.register_type(names.Find("%r5", 1).index), Type::kB32);
  EXPECT_EQ(names.register_type(names.Find("x", 1).index), Type::kF64);
  EXPECT_EQ(names.register_type(names.Find("x", 2).index), Type::kB16);
  EXPECT_EQ(names.Find("x", 0).kind, Kind::kNone);
}

TEST(Names, RefusesWhatNoCompilerEmits) {
  ptx::Function function;
  function.registers = {{"b31", "%r", 4, 0}};
  const auto strange = Names::Make(function);
  ASSERT_FALSE(strange.ok());
  EXPECT_EQ(strange.error().message, "not simulated: registers of type .b31 (%r)");
  function.registers = {{"b32", "%r", 2'000'000'000, 0}};
  const auto many = Names::Make(function);
  ASSERT_FALSE(many.ok());
  EXPECT_NE(many.error().message.find("more than 1048576 registers"), std::string::npos);
}

}  // namespace
}  // namespace caesar::sim
