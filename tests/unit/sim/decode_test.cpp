// Operands become slots: what each kind of name and number gives, and what is refused.
#include "sim/decode.h"

#include <gtest/gtest.h>

#include "unit/sim/op_harness.h"
#include "unit/sim/toy_family.h"

namespace caesar::sim {
namespace {

using U32 = std::uint32_t;
using U64 = std::uint64_t;

struct Toy : OpHarness {
  Toy() : OpHarness(ToyFamily, Isa::kPortable) {}
};

struct ImmediateCase {
  const char* instruction;
  const char* destination;
  U64 expected;
};

TEST(Immediates, AreConvertedToTheTypeOfTheOperand) {
  for (const ImmediateCase& c : std::vector<ImmediateCase>{
           {"mov.u32 %r0, 42;", "%r0", 42},
           {"mov.s32 %r0, -1;", "%r0", 0xFFFF'FFFF},
           {"mov.b32 %r0, 0f3F800000;", "%r0", 0x3F80'0000},
           {"mov.f32 %f0, 0f7FC00001;", "%f0", 0x7FC0'0001},
           {"mov.f32 %f0, 0d3FF8000000000000;", "%f0", 0x3FC0'0000},
           {"mov.f32 %f0, 1.5;", "%f0", 0x3FC0'0000},
           {"mov.f64 %d0, 1.5;", "%d0", 0x3FF8'0000'0000'0000},
           {"mov.f64 %d0, 0f3FC00000;", "%d0", 0x3FF8'0000'0000'0000},
           {"mov.b64 %rd0, 0d3FF0000000000000;", "%rd0", 0x3FF0'0000'0000'0000},
           {"mov.s64 %rd0, -2;", "%rd0", 0xFFFF'FFFF'FFFF'FFFE},
           {"mov.u64 %rd0, 0xFFFFFFFFFFFFFFFF;", "%rd0", 0xFFFF'FFFF'FFFF'FFFF},
           {"mov.u32 %r0, 4294967297;", "%r0", 1},
           {"mov.b16 %h0, 0x13C00;", "%h0", 0x3C00},
           {"mov.b16 %h0, -1;", "%h0", 0xFFFF},
           {"mov.u32 %r0, WARP_SZ;", "%r0", 32},
       }) {
    Toy toy;
    ASSERT_EQ(toy.Run(c.instruction), "") << c.instruction;
    const std::string name = c.destination;
    const U64 value = name[1] == 'h'                     ? toy.Get<std::uint16_t>(name)[31]
                      : name[1] == 'r' && name[2] != 'd' ? toy.Get<U32>(name)[31]
                      : name[1] == 'f'                   ? toy.Get<U32>(name)[31]
                                                         : toy.Get<U64>(name)[31];
    EXPECT_EQ(value, c.expected) << c.instruction;
  }
}

TEST(Immediates, OfPredicatesAreAllOrNone) {
  Toy toy;
  ASSERT_EQ(toy.Run("mov.pred %p0, 1; mov.pred %p1, 0; mov.pred %p2, 6;"), "");
  EXPECT_EQ(toy.GetPredicate("%p0"), kAllLanes);
  EXPECT_EQ(toy.GetPredicate("%p1"), 0U);
  EXPECT_EQ(toy.GetPredicate("%p2"), kAllLanes);
}

TEST(Refusals, NameTheInstructionTheLineAndTheReason) {
  const std::pair<const char*, const char*> cases[] = {
      {"frob.u32 %r0, %r1;", "the simulated GPU does not know this instruction"},
      {"add.sat.u32 %r0, %r1, %r2;", "modifier .sat"},
      {"mov.u32 %r0, %rd1;", "register %rd1 of type .b64 where a .u32 is needed"},
      {"mov.u64 %r0, %rd1;", "register %r0 of type .b32 where a .u64 is needed"},
      {"mov.u32 5, %r0;", "a destination that is no register"},
      {"mov.u32 %nix, %r0;", "a destination that is no register: %nix"},
      {"mov.u32 %r0, %nix;", "unknown register %nix"},
      {"mov.u32 %r0, nix;", "unknown name nix"},
      {"mov.u32 %r0, %clock;", "a clock as an operand: %clock"},
      {"mov.f32 %f0, 1;", "integer 1 as a .f32"},
      {"mov.b16 %h0, 1.5;", "a floating-point number as a .b16"},
      {"mov.u64 %rd0, %tid.x;", "%tid.x as a .u64"},
      {"mov.pred %p0, %tid.x;", "%tid.x as a .pred"},
      {"bra nowhere;", "no label nowhere is seen here"},
      {"call nobody;", "no function nobody is declared"},
      {"st.u32 [nix], %r0;", "no variable nix is seen here"},
      {"st.u32 [%h1], %r0;", "register %h1 of 16 bits as an address"},
      {"st.u32 [%p1], %r0;", "register %p1 of 1 bits as an address"},
      {"ld.param.u64 %rd0, [n+4];", "reads parameters at offset 12 of 12"},
  };
  for (const auto& [text, why] : cases) {
    Toy toy;
    toy.parameters = ".param .u64 p, .param .u32 n";
    const std::string error = toy.Run(text);
    EXPECT_NE(error.find("not simulated: "), std::string::npos) << error;
    EXPECT_NE(error.find(" of the PTX: "), std::string::npos) << error;
    EXPECT_NE(error.find(why), std::string::npos) << text << " -> " << error;
  }
}

TEST(SpecialRegisters, AreSlotsFilledInBeforehand) {
  Toy toy;
  ASSERT_EQ(
      toy.Run("mov.u32 %r0, %tid.x; mov.u32 %r1, %lanemask_lt; mov.u16 %h0, %tid.x;"
              "mov.u64 %rd0, %gridid; mov.u32 %r2, %gridid; mov.pred %p0, %is_explicit_cluster;"
              "mov.u32 %r3, %envreg31;"),
      "");
  EXPECT_EQ(toy.Get<U32>("%r0")[17], 17U);
  EXPECT_EQ(toy.Get<U32>("%r1")[4], 15U);
  EXPECT_EQ(toy.Get<std::uint16_t>("%h0")[31], 31U);
}

TEST(Guards, HoldForAllOperationsOfAnInstruction) {
  Toy toy;
  toy.SetPredicate("%p1", 0x0000'FFFF);
  toy.SetAll<U32>("%r1", 5);
  toy.SetAll<U32>("%r2", 7);
  toy.SetAll<U32>("%r0", 1);
  ASSERT_EQ(toy.Run("@!%p1 twice.u32 %r0, %r1, %r2;"), "");
  EXPECT_EQ(toy.Get<U32>("%r0")[15], 1U);
  EXPECT_EQ(toy.Get<U32>("%r0")[16], 12U);
}

TEST(Guards, AreReadBeforeTheInstructionOverwritesThem) {
  Toy toy;
  toy.SetPredicate("%p1", 0x0F);
  toy.SetPredicate("%p2", 0);
  toy.SetPredicate("%p3", kAllLanes);
  // p1 = p2, then p1 = p3, where p1 was set: without a copy the second would see no lane.
  ASSERT_EQ(toy.Run("@%p1 twice.pred %p1, %p2, %p3;"), "");
  EXPECT_EQ(toy.GetPredicate("%p1"), 0x0FU);
  toy.SetPredicate("%p3", 0x05);
  ASSERT_EQ(toy.Run("@%p1 twice.pred %p1, %p2, %p3;"), "");
  EXPECT_EQ(toy.GetPredicate("%p1"), 0x05U);
}

TEST(Labels, LeadForwardsBackwardsAndOutOfScopes) {
  Toy toy;
  toy.SetAll<U32>("%r0", 0);
  ASSERT_EQ(toy.Run("again: scratch.u32 %r0, %r0, 1; setp.lt.u32 %p1, %r0, 10;\n"
                    "{ @!%p1 bra done; bra again; }\n"
                    "mov.u32 %r0, 99;\n"
                    "done:"),
            "");
  EXPECT_EQ(toy.Get<U32>("%r0")[0], 10U);
}

TEST(Scopes, InnerNamesHideOuterOnes) {
  Toy toy;
  toy.SetAll<U32>("%r1", 1);
  ASSERT_EQ(toy.Run("{ .reg .b32 %r<4>; .reg .b32 x; mov.u32 %r1, 50; mov.u32 x, %r1;\n"
                    "  { .reg .b64 x; mov.u64 x, 5; } mov.u32 %r9, x; }\n"
                    "mov.u32 %r0, %r1;"),
            "");
  EXPECT_EQ(toy.Get<U32>("%r0")[0], 1U);
  EXPECT_EQ(toy.Get<U32>("%r9")[0], 50U);
  EXPECT_NE(toy.Run("{ .reg .b32 x; } mov.u32 %r0, x;").find("unknown name x"), std::string::npos);
}

TEST(Parameters, AreExtendedAsTheirTypeSays) {
  Toy toy;
  toy.parameters = ".param .u64 p, .param .b8 c, .param .u16 h, .param .align 4 .b8 s[8]";
  toy.params.resize(20);
  for (std::size_t i = 0; i < 20; ++i) toy.params[i] = static_cast<std::byte>(0x80 + i);
  ASSERT_EQ(toy.Run("ld.param.u64 %rd0, [p]; ld.param.s8 %r0, [c]; ld.param.u8 %r1, [c];"
                    "ld.param.s16 %rd1, [h]; ld.param.u32 %r2, [s+4]; ld.param.b8 %h0, [s+7];"),
            "");
  EXPECT_EQ(toy.Get<U64>("%rd0")[5], 0x8786'8584'8382'8180U);
  EXPECT_EQ(toy.Get<U32>("%r0")[5], 0xFFFF'FF88U);
  EXPECT_EQ(toy.Get<U32>("%r1")[5], 0x88U);
  EXPECT_EQ(toy.Get<U64>("%rd1")[5], 0xFFFF'FFFF'FFFF'8B8AU);
  EXPECT_EQ(toy.Get<U32>("%r2")[5], 0x9392'9190U);
  EXPECT_EQ(toy.Get<std::uint16_t>("%h0")[5], 0x93U);
}

TEST(Variables, LieInTheirSpace) {
  Toy toy;
  toy.module_text =
      ".global .align 4 .u32 g[4] = {1, 2};\n.shared .align 4 .b8 a[10];\n"
      ".extern .shared .align 32 .b8 dyn[];\n.shared .align 16 .b8 b[4];";
  toy.local_text = ".local .align 8 .b8 depot[24]; .shared .align 4 .f32 own;";
  ASSERT_EQ(toy.Run("mov.u64 %rd0, g+4; mov.u32 %r0, a; mov.u64 %rd1, b; mov.u32 %r1, own;"
                    "mov.u64 %rd2, dyn; mov.u64 %rd3, depot+8; st.u32 [b+8], %r0;"
                    "st.u32 [%r1+-4], %r0;"),
            "");
  const auto at = toy.Get<U64>("%rd0")[3];
  U32 second = 0;
  std::memcpy(&second, toy.arena().Host(at), sizeof second);
  EXPECT_EQ(second, 2U);
  EXPECT_EQ(toy.arena().Find(at)->name, "__device__ g");
  EXPECT_EQ(toy.Get<U32>("%r0")[0], 0U);
  EXPECT_EQ(toy.Get<U64>("%rd1")[0], 16U);
  EXPECT_EQ(toy.Get<U32>("%r1")[0], 20U);
  EXPECT_EQ(toy.Get<U64>("%rd2")[0], 32U);  // behind 24 bytes, aligned to 32
  EXPECT_EQ(toy.Get<U64>("%rd3")[0], 8U);
  const Function& kernel = *toy.grid().kernel;
  EXPECT_EQ(kernel.shared_bytes, 24U);
  EXPECT_EQ(kernel.shared_alignment, 32U);
  EXPECT_EQ(kernel.local_bytes, 32U);
  EXPECT_EQ(toy.ops[6].immediate, 8);
  EXPECT_EQ(toy.ops[7].immediate, -4);
  EXPECT_EQ(toy.ops[7].flags, 1);
}

TEST(Places, NameTheSourceLineAndWhereItWasInlined) {
  Toy toy;
  toy.module_text = ".file 1 \"kernel.cu\"\n.file 2 \"helper.h\"";
  EXPECT_NE(toy.Run(".loc 1 40 3\nfrob.u32 %r0;").find("(kernel.cu:40)"), std::string::npos);
}

}  // namespace
}  // namespace caesar::sim
