#include <gtest/gtest.h>

#include "unit/sim/ptx_show.h"

namespace caesar::sim::ptx {
namespace {

constexpr const char* kHead = ".version 9.0\n.target sm_90\n.address_size 64\n";

// The only instruction of a body that holds this statement alone.
std::string One(std::string_view statement) {
  const auto module = ParseText(Format("{}.func f {{\n{}\n}}", kHead, statement));
  if (!module.ok()) return module.error().message;
  const auto& body = module.value().functions.at(0).body;
  return body.size() == 1 ? Show(body[0]) : Format("{} instructions", body.size());
}

struct Case {
  const char* statement;
  const char* shown;
};

class Statements : public testing::TestWithParam<Case> {};
TEST_P(Statements, AreReadAs) { EXPECT_EQ(One(GetParam().statement), GetParam().shown); }

INSTANTIATE_TEST_SUITE_P(
    Operands, Statements,
    testing::Values(Case{"ret;", "ret"},
                    Case{"add.s32 %r1, %r2, -1;", "add.s32 name:%r1, name:%r2, int:-1"},
                    Case{"mov.u32 %r1, %tid.x;", "mov.u32 name:%r1, name:%tid.x"},
                    Case{"mov.u32 %r1, %laneid;", "mov.u32 name:%r1, name:%laneid"},
                    Case{"mov.u32 a, 0x1fU;", "mov.u32 name:a, int:31"},
                    Case{"mov.u32 a, 0b101;", "mov.u32 name:a, int:5"},
                    Case{"mov.u32 a, 017;", "mov.u32 name:a, int:15"},
                    Case{"mov.u32 a, 0;", "mov.u32 name:a, int:0"},
                    Case{"mov.u32 a, 0U;", "mov.u32 name:a, int:0"},
                    Case{"mov.u64 a, 0xFFFFFFFFFFFFFFFF;", "mov.u64 name:a, int:-1"},
                    Case{"mov.s64 a, -9223372036854775808;",
                         "mov.s64 name:a, int:-9223372036854775808"},
                    Case{"mov.f32 a, 0f3F800000;", "mov.f32 name:a, f32:3f800000"},
                    Case{"mov.f32 a, -0f3F800000;", "mov.f32 name:a, f32:bf800000"},
                    Case{"mov.f64 a, 0d3FF0000000000000;", "mov.f64 name:a, f64:3ff0000000000000"},
                    Case{"mov.f64 a, -1.5e-1;", "mov.f64 name:a, f64:bfc3333333333333"},
                    Case{"mov.f64 a, 2.;", "mov.f64 name:a, f64:4000000000000000"},
                    Case{"mov.u64 a, buf+4;", "mov.u64 name:a, name:buf+4"},
                    Case{"mov.u32 a, WARP_SZ;", "mov.u32 name:a, int:32"},
                    Case{"mov.u32 a, 1<<5|3;", "mov.u32 name:a, int:35"},
                    Case{"mov.u32 a, ~1+2*-3;", "mov.u32 name:a, int:-8"},
                    Case{"mov.u32 a, 2-3-4;", "mov.u32 name:a, int:-5"},
                    Case{"mov.b64 %rd1, {%r1, _};", "mov.b64 name:%rd1, vec{name:%r1, sink}"},
                    Case{"neg.f32 a, -b;", "neg.f32 name:a, -name:b"}));

INSTANTIATE_TEST_SUITE_P(
    Addresses, Statements,
    testing::Values(
        Case{"ld.global.u32 %r1, [%rd1];", "ld.global.u32 name:%r1, addr:%rd1"},
        Case{"ld.global.u32 %r1, [%rd1+-16];", "ld.global.u32 name:%r1, addr:%rd1+-16"},
        Case{"ld.global.u32 %r1, [ %rd1 - 16 ];", "ld.global.u32 name:%r1, addr:%rd1+-16"},
        Case{"ld.shared.u32 %r1, [buf+4*(2+1)];", "ld.shared.u32 name:%r1, addr:buf+12"},
        Case{"ld.shared.u32 %r1, [16];", "ld.shared.u32 name:%r1, addr:+16"},
        Case{"st.shared::cta.v2.f32 [a], {x, 0f00000000};",
             "st.shared::cta.v2.f32 addr:a, vec{name:x, f32:0}"},
        Case{"ld.global.L1::no_allocate.L2::128B.v4.u32 {a,b,c,d}, [p];",
             "ld.global.L1::no_allocate.L2::128B.v4.u32 vec{name:a, name:b, name:c, name:d}, "
             "addr:p"},
        Case{"cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [d], [m, "
             "{%r1, 8}], [b];",
             "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes addr:d, "
             "addr:m with vec{name:%r1, int:8}, addr:b"},
        Case{"tex.1d.v4.f32.s32 {a, b, c, d}, [t, s, {x}];",
             "tex.1d.v4.f32.s32 vec{name:a, name:b, name:c, name:d}, addr:t with name:s, "
             "vec{name:x}"}));

INSTANTIATE_TEST_SUITE_P(
    Predicates, Statements,
    testing::Values(Case{"@%p1 bra $L__BB0_1;", "@%p1 bra name:$L__BB0_1"},
                    Case{"@!p bra.uni L;", "@!p bra.uni name:L"},
                    Case{"setp.lt.and.s32 %p1|%p2, a, b, !%p3;",
                         "setp.lt.and.s32 pair(name:%p1|name:%p2), name:a, name:b, !name:%p3"},
                    Case{"shfl.sync.down.b32 %r1|_, %r2, 1, 31, -1;",
                         "shfl.sync.down.b32 pair(name:%r1|sink), name:%r2, int:1, int:31, int:-1"},
                    Case{"elect.sync _|%p1, -1;", "elect.sync pair(sink|name:%p1), int:-1"},
                    Case{"mbarrier.arrive.shared::cta.b64 _, [b];",
                         "mbarrier.arrive.shared::cta.b64 sink, addr:b"}));

INSTANTIATE_TEST_SUITE_P(
    Calls, Statements,
    testing::Values(Case{"call f;", "call name:f"},
                    Case{"call.uni f, (a, 1);", "call.uni name:f, list(name:a, int:1)"},
                    Case{"call.uni (r), \n f, \n (\n a \n);",
                         "call.uni list(name:r), name:f, list(name:a)"},
                    Case{"call f, ();", "call name:f, list()"},
                    Case{"call (r), %rd1, (a, b), proto;",
                         "call list(name:r), name:%rd1, list(name:a, name:b), name:proto"}));

INSTANTIATE_TEST_SUITE_P(Layout, Statements,
                         testing::Values(Case{"add .s32 // one\n a, /* two\n */ b, c ;",
                                              "add.s32 name:a, name:b, name:c"},
                                         Case{"ret;;", "ret"},
                                         Case{".pragma \"nounroll\"; ret;", "ret"}));

TEST(Body, ScopesHoldRegistersVariablesAndLabels) {
  const auto module =
      ParseText(Format("{}.func f {{\n"
                       ".reg .pred %p<3>;\n.reg.b16 h, %h<2>;\n"
                       "A: mov.u32 a, b;\n"
                       "{{ .reg .b32 t; .param .b32 q; B:\n add.s32 t, t, 1;\n"
                       "{{ ret; }} }}\n{{ .shared .align 8 .b8 s[8]; }} C: }}",
                       kHead));
  ASSERT_TRUE(module.ok()) << module.error().message;
  const Function& f = module.value().functions.at(0);
  ASSERT_EQ(f.scopes.size(), 4U);
  EXPECT_EQ(f.scopes[0].parent, -1);
  EXPECT_EQ(f.scopes[1].parent, 0);
  EXPECT_EQ(f.scopes[2].parent, 1);
  EXPECT_EQ(f.scopes[3].parent, 0);
  EXPECT_EQ(f.instruction_scopes, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(f.variable_scopes, (std::vector<int>{1, 3}));
  EXPECT_EQ(Show(f.variables.at(1)), "shared b8 align 8 s[8]");
  std::string registers, labels;
  for (const auto& r : f.registers) {
    registers += Format("{} {} {} {}; ", r.type, r.name, r.count, r.scope);
  }
  EXPECT_EQ(registers, "pred %p 3 0; b16 h -1 0; b16 %h 2 0; b32 t -1 1; ");
  for (const auto& l : f.labels) labels += Format("{} {} {}; ", l.name, l.instruction, l.scope);
  EXPECT_EQ(labels, "A 0 0; B 1 1; C 3 0; ");
  EXPECT_EQ(f.body[1].line, 9);
  EXPECT_EQ(f.body[1].text, "add.s32 t, t, 1");
}

TEST(Body, BranchTargetsAndPrototypes) {
  const auto module =
      ParseText(Format("{}.func f {{ ts: .branchtargets L0, L1; {{\n"
                       "prototype_2 : .callprototype (.param .b32 _) _ (.param .b64 "
                       "_, .param .align 8 .b8 _[24]);\n"
                       "n: .callprototype _ () .noreturn; }} }}",
                       kHead));
  ASSERT_TRUE(module.ok()) << module.error().message;
  const Function& f = module.value().functions.at(0);
  ASSERT_EQ(f.branch_targets.size(), 1U);
  EXPECT_EQ(f.branch_targets[0].name, "ts");
  EXPECT_EQ(f.branch_targets[0].labels, (std::vector<std::string_view>{"L0", "L1"}));
  ASSERT_EQ(f.prototypes.size(), 2U);
  EXPECT_EQ(f.prototypes[0].name, "prototype_2");
  EXPECT_EQ(f.prototypes[0].scope, 1);
  EXPECT_EQ(Show(f.prototypes[0].results.at(0)), "param b32 _");
  EXPECT_EQ(Show(f.prototypes[0].parameters.at(1)), "param b8 align 8 _[24]");
  EXPECT_TRUE(f.prototypes[1].no_return);
  EXPECT_TRUE(f.labels.empty());
}

}  // namespace
}  // namespace caesar::sim::ptx
