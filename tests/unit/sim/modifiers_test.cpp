#include <gtest/gtest.h>

#include "sim/binder.h"

namespace caesar::sim {
namespace {

ptx::Instruction Make(std::string_view opcode, std::vector<std::string_view> modifiers) {
  ptx::Instruction instruction;
  instruction.opcode = opcode;
  instruction.modifiers = std::move(modifiers);
  instruction.line = 12;
  return instruction;
}

TEST(Types, NameAndTypeOfAreInverse) {
  for (int i = 1; i <= static_cast<int>(Type::kE5M2x2); ++i) {
    const auto type = static_cast<Type>(i);
    ASSERT_FALSE(Name(type).empty());
    EXPECT_EQ(TypeOf(Name(type)), type) << Name(type);
  }
  for (const char* none : {"", "rn", "x", "f8", "b256", "shared::cta"}) {
    EXPECT_FALSE(TypeOf(none).has_value()) << none;
  }
}

TEST(Types, WidthsAndNatures) {
  EXPECT_EQ(BitsOf(Type::kPred), 1);
  EXPECT_EQ(BitsOf(Type::kE4M3), 8);
  EXPECT_EQ(BitsOf(Type::kBF16), 16);
  EXPECT_EQ(BitsOf(Type::kF16x2), 32);
  EXPECT_EQ(BitsOf(Type::kTF32), 32);
  EXPECT_EQ(BitsOf(Type::kF32x2), 64);
  EXPECT_EQ(BitsOf(Type::kB128), 128);
  EXPECT_TRUE(IsSigned(Type::kS16x2));
  EXPECT_FALSE(IsSigned(Type::kB32));
  EXPECT_TRUE(IsFloat(Type::kE5M2x2));
  EXPECT_FALSE(IsFloat(Type::kU32));
}

TEST(Modifiers, AreTakenWhereverTheyStand) {
  const auto instruction = Make("cvt", {"rn", "ftz", "f16", "f32"});
  Modifiers modifiers(instruction);
  EXPECT_FALSE(modifiers.Take("sat"));
  EXPECT_TRUE(modifiers.Take("ftz"));
  EXPECT_FALSE(modifiers.Take("ftz"));
  EXPECT_EQ(modifiers.TakeAny({"rz", "rn"}), "rn");
  EXPECT_EQ(modifiers.TakeAny({"rz", "rn"}), "");
  EXPECT_EQ(modifiers.TakeType(), Type::kF16);
  EXPECT_FALSE(modifiers.Empty());
  EXPECT_EQ(modifiers.TakeType(), Type::kF32);
  EXPECT_EQ(modifiers.TakeType(), Type::kNone);
  EXPECT_TRUE(modifiers.Empty());
  EXPECT_TRUE(modifiers.Done().ok());
}

TEST(Modifiers, TheLastTypeIsTakenBeforeTheFirst) {
  const auto instruction = Make("set", {"eq", "u32", "f32"});
  Modifiers modifiers(instruction);
  EXPECT_EQ(modifiers.TakeLastType(), Type::kF32);
  EXPECT_EQ(modifiers.TakeLastType(), Type::kU32);
  EXPECT_EQ(modifiers.TakeLastType(), Type::kNone);
  EXPECT_EQ(modifiers.Next(), "eq");
  EXPECT_EQ(modifiers.Next(), std::nullopt);
}

TEST(Modifiers, WhatIsLeftIsNamed) {
  const auto instruction = Make("add", {"weird", "u32"});
  Modifiers modifiers(instruction);
  EXPECT_EQ(modifiers.TakeType(), Type::kU32);
  const Status done = modifiers.Done();
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(done.error().message,
            "not simulated: add.weird.u32 at line 12 of the PTX: modifier .weird");
}

TEST(NotSimulated, SaysTheStatementOnOneBoundedLine) {
  auto instruction = Make("wgmma", {"mma_async"});
  EXPECT_EQ(NotSimulated(instruction).message,
            "not simulated: wgmma.mma_async at line 12 of the PTX");
  instruction.text = "  wgmma.mma_async\n\t{%f1,  %f2};";
  EXPECT_EQ(NotSimulated(instruction).message,
            "not simulated: wgmma.mma_async {%f1, %f2}; at line 12 of the PTX");
  const std::string large(100'000, 'x');
  instruction.text = large;
  EXPECT_LT(NotSimulated(instruction).message.size(), 250U);
}

TEST(Isa, PortableCanBeAskedFor) {
  ASSERT_EQ(setenv("CAESAR_SIM_ISA", "portable", 1), 0);
  EXPECT_EQ(BestIsa(), Isa::kPortable);
  ASSERT_EQ(unsetenv("CAESAR_SIM_ISA"), 0);
  EXPECT_EQ(BestIsa() == Isa::kAvx2,
            __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                __builtin_cpu_supports("f16c") && __builtin_cpu_supports("bmi2"));
}

}  // namespace
}  // namespace caesar::sim
