#include <gtest/gtest.h>

#include "unit/sim/ptx_show.h"

namespace caesar::sim::ptx {
namespace {

constexpr const char* kHead = ".version 9.0\n.target sm_90\n.address_size 64\n";

std::string One(std::string_view declaration) {
  const auto module = ParseText(Format("{}{}", kHead, declaration));
  if (!module.ok()) return module.error().message;
  const auto& variables = module.value().variables;
  return variables.size() == 1 ? Show(variables[0]) : Format("{} variables", variables.size());
}

struct Case {
  const char* declaration;
  const char* shown;
};
class Declarations : public testing::TestWithParam<Case> {};
TEST_P(Declarations, AreReadAs) { EXPECT_EQ(One(GetParam().declaration), GetParam().shown); }

INSTANTIATE_TEST_SUITE_P(Plain, Declarations,
                         testing::Values(Case{".global .u32 g;", "global u32 g"},
                                         Case{".visible .global .align 4 .u32 g = 7;",
                                              "global u32 align 4 g visible = 07 00 00 00"},
                                         Case{".extern .shared .align 16 .b8 dyn[];",
                                              "shared b8 align 16 dyn[0] external"},
                                         Case{".shared .align 4 .b8 s[2][3];",
                                              "shared b8 align 4 s[6]"},
                                         Case{".weak .const .f64 c[3];", "const f64 c[3] visible"},
                                         Case{".common .global .u32 g;", "global u32 g visible"},
                                         Case{".global .attribute(.managed) .align 4 .u32 m = 4;",
                                              "global u32 align 4 m managed = 04 00 00 00"},
                                         Case{".global .texref t;", "global texref t"},
                                         Case{".global .v4 .f32 v;", "global f32 v4 v"}));

// Plain numbers in a list are read in a way of their own.
INSTANTIATE_TEST_SUITE_P(
    Lists, Declarations,
    testing::Values(Case{".global .b8 x[7] = {1, 017,\n3 , 0x4,5u, 6+1,0};",
                         "global b8 x[7] = 01 0f 03 04 05 07 00"},
                    Case{".global .b8 x[3] = {7 /* , */, 8 // 9,\n, 9};",
                         "global b8 x[3] = 07 08 09"},
                    Case{".global .b8 x[7] = {00, 007,100 ,255,\n10, 08-1, 9};",
                         "PTX line 5: expected a number, found 08"},
                    Case{".global .b8 x[6] = {00, 007,100 ,255,\n10, 9};",
                         "global b8 x[6] = 00 07 64 ff 0a 09"},
                    Case{".global .u16 x[] = {300,2,};", "global u16 x[2] = 2c 01 02 00"},
                    Case{".global .b8 x[2][2] = {{1,2},{3},};", "global b8 x[4] = 01 02 03"},
                    Case{".global .f32 x[2] = {1,2};", "global f32 x[2] = 00 00 80 3f 00 00 00 40"},
                    Case{".global .u64 x[2] = {18446744073709551615,1};",
                         "global u64 x[2] = ff ff ff ff ff ff ff ff 01 00 00 00 00 00 00 00"}));

INSTANTIATE_TEST_SUITE_P(
    Values, Declarations,
    testing::Values(
        Case{".global .s8 c = -3;", "global s8 c = fd"},
        Case{".global .f32 f = 0f3F800000;", "global f32 f = 00 00 80 3f"},
        Case{".global .f32 f = 1.5;", "global f32 f = 00 00 c0 3f"},
        Case{".global .f32 f = 1.0e300;", "global f32 f = 00 00 80 7f"},
        Case{".global .f32 f = 2;", "global f32 f = 00 00 00 40"},
        Case{".global .f64 d = 0d4004000000000000;", "global f64 d = 00 00 00 00 00 00 04 40"},
        Case{".global .f64 d = -0f3F800000;", "global f64 d = 00 00 00 00 00 00 f0 bf"},
        Case{".global .b8 s[4] = {104, 0x69};", "global b8 s[4] = 68 69"},
        Case{".global .b8 s[] = {1, 2, 3};", "global b8 s[3] = 01 02 03"},
        Case{".global .b8 s[][2] = {{1}, {2, 3}, {4}};", "global b8 s[6] = 01 00 02 03 04"},
        Case{".global .b8 s[2][3] = {{1}, {2, 3}};", "global b8 s[6] = 01 00 00 02 03"},
        Case{".global .b8 s[2][2] = {1, 2, 3};", "global b8 s[4] = 01 02 03"},
        Case{".global .v2 .b8 s[2] = {{1, 2}, {3}};", "global b8 v2 s[2] = 01 02 03"},
        Case{".global .v2 .u16 s = {1, 2};", "global u16 v2 s = 01 00 02 00"},
        Case{".global .u32 s[1] = {(1+2)*3};", "global u32 s[1] = 09 00 00 00"},
        Case{".global .u64 p = generic(x);",
             "global u64 p = 00 00 00 00 00 00 00 00 @0: generic x+0"},
        Case{
            ".global .u64 p[2] = {f, generic(a)+20};",
            "global u64 p[2] = 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 @0: f+0 @8: generic "
            "a+20"},
        Case{".global .u32 p = x+4;", "global u32 p = 00 00 00 00 @0: x+4 in 4"},
        Case{".global .u8 q[3] = {1, 0XFF(generic(d)), 0xFF00(d+4)};",
             "global u8 q[3] = 01 00 00 @1: generic d+0 in 1 mask ff @2: d+4 in 1 mask ff00"}));

TEST(Module, Directives) {
  const auto module = ParseText(
      ".version 8.7\n.target sm_90a, texmode_independent\n.address_size 32\n.pragma \"x\", \"y\";\n"
      ".file 2 \"b.cu\", 1, 2\n.file 1 \"a.cu\"\n.alias g, f;\n"
      ".section .debug_str\n{\n$L: .b8 1,2\n.b32 .debug_abbrev { }\n}\n");
  ASSERT_TRUE(module.ok()) << module.error().message;
  const Module& m = module.value();
  EXPECT_EQ(m.version_major, 8);
  EXPECT_EQ(m.version_minor, 7);
  EXPECT_EQ(m.target, "sm_90a");
  EXPECT_EQ(m.address_size, 32);
  EXPECT_EQ(m.files, (std::vector<std::string_view>{"", "a.cu", "b.cu"}));
  ASSERT_EQ(m.aliases.size(), 1U);
  EXPECT_EQ(m.aliases[0].name, "g");
  EXPECT_EQ(m.aliases[0].target, "f");
}

TEST(Module, KernelHead) {
  const auto module = ParseText(Format(
      "{}.visible .entry k(\n.param .u64 .ptr .global .align 16 p,\n.param .align 8 .b8 s[24]\n)\n"
      ".maxntid 256, 2\n.reqntid 128, 1, 1\n.minnctapersm 2 .maxnreg 64\n.explicitcluster\n"
      ".reqnctapercluster 2, 1, 1\n.maxclusterrank 4\n.pragma \"x\";\n{{ ret; }}",
      kHead));
  ASSERT_TRUE(module.ok()) << module.error().message;
  const Function& k = *module.value().Find("k");
  EXPECT_TRUE(k.kernel && k.defined && k.explicit_cluster && !k.external && !k.no_return);
  EXPECT_EQ(Show(k.parameters.at(0)), "param u64 p pointer");
  EXPECT_EQ(Show(k.parameters.at(1)), "param b8 align 8 s[24]");
  const auto triple = [](const unsigned(&t)[3]) { return Format("{} {} {}", t[0], t[1], t[2]); };
  EXPECT_EQ(triple(k.max_threads), "256 2 1");
  EXPECT_EQ(triple(k.required_threads), "128 1 1");
  EXPECT_EQ(triple(k.cluster), "2 1 1");
  EXPECT_EQ(k.max_cluster, 4U);
  EXPECT_EQ(k.min_blocks, 2U);
  EXPECT_EQ(k.max_registers, 64U);
  EXPECT_EQ(k.line, 4);
}

TEST(Module, DeclarationBeforeDefinition) {
  const auto module =
      ParseText(Format("{}.func (.param .b32 r) f (.param .b32 a)\n;\n.extern .func g .noreturn;\n"
                       ".func (.reg .b32 r) f (.reg .b32 a) {{ ret; }}",
                       kHead));
  ASSERT_TRUE(module.ok()) << module.error().message;
  ASSERT_EQ(module.value().functions.size(), 3U);
  const Function& f = *module.value().Find("f");
  EXPECT_TRUE(f.defined);
  EXPECT_EQ(f.line, 7);
  EXPECT_EQ(Show(f.results.at(0)), "reg b32 r");
  const Function& g = *module.value().Find("g");
  EXPECT_TRUE(g.external && g.no_return && !g.defined);
}

}  // namespace
}  // namespace caesar::sim::ptx
