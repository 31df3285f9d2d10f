// Every error says its line, what was expected and what was found.
#include <gtest/gtest.h>

#include "unit/sim/ptx_show.h"

namespace caesar::sim::ptx {
namespace {

struct Case {
  const char* text;
  const char* error;
};
class Modules : public testing::TestWithParam<Case> {};
TEST_P(Modules, AreRefused) {
  EXPECT_EQ(ErrorOf(Format(".version 9.0\n{}", GetParam().text)),
            Format("PTX line {}", GetParam().error));
}
INSTANTIATE_TEST_SUITE_P(
    Directives, Modules,
    testing::Values(
        Case{".version 9", "2: expected a version such as 9.0, found 9"},
        Case{".target 90", "2: expected a target such as sm_90, found 90"},
        Case{".address_size 16", "2: expected 32 or 64, found 16"},
        Case{".file 1 a", "2: expected the name of a file in quotes, found a"},
        Case{".file 99999999 \"a\"",
             "2: expected the number of a file of at most 65536, found 99999999"},
        Case{"\n.section .x { {}", "3: expected }, found the end of the text"},
        Case{".section .x {\n.b8 1 \"}\" // }\n/* } */ .b8 2\n{ ( ) }\n}\n.alias f;",
             "7: expected ,, found ;"},
        Case{".section .x {\n.b8 1 /* }", "3: expected }, found a comment without an end"},
        Case{".alias f;", "2: expected ,, found ;"},
        Case{".pragma x;", "2: expected a string, found x"},
        Case{".pragma \"x\n;", "2: expected a string, found a string without an end"},
        Case{"\n\n/* x",
             "4: expected a directive, a function or a variable, found a comment without an end"},
        Case{".param .b32 x;", "2: expected a directive, a function or a variable, found .param"},
        Case{".visible x", "2: expected a directive, a function or a variable, found x"},
        Case{"\x01", "2: expected a directive, a function or a variable, found the byte 0x01"}));
INSTANTIATE_TEST_SUITE_P(
    Variables, Modules,
    testing::Values(
        Case{".global x;", "2: expected a type, found x"},
        Case{".global .b9 x;", "2: expected a type or a name, found .b9"},
        Case{".global .b8 .b8 x;", "2: expected a type or a name, found .b8"},
        Case{".global .align 3 .b8 x;", "2: expected an alignment that is a power of two, found 3"},
        Case{".global .attribute(.x) .b8 x;", "2: expected .managed or .unified, found .x"},
        Case{".global .b8 x[2][];", "2: expected an array length above zero, found ]"},
        Case{".global .b64 x[1099511627776];", "2: variable x is larger than 1099511627776 bytes"},
        Case{".global .b64 x[99999999][99999999];",
             "2: variable x is larger than 1099511627776 bytes"},
        Case{".global .b8 x[2] = {1,2,3};",
             "2: expected no more values than the variable has elements, found 3"},
        Case{".global .b8 x[2] = {1,\n2,\n3,\n4};",
             "4: expected no more values than the variable has elements, found 3"},
        Case{".global .b8 x[9] = {1\n,2\n,3.5,4};", "4: expected an initial value of type .b8"},
        Case{".global .b8 x[2] = 1;", "2: expected {, found 1"},
        Case{".global .b8 x[2] = {{1}};", "2: expected a value, found {"},
        Case{".global .u32 x = 1.5;", "2: expected an initial value of type .u32"},
        Case{".global .f32 x = y;", "2: expected a number, found y"},
        Case{".global .b8 x[2][1000000000] = {{1},{2}};",
             "2: initial values of more than 268,435,456 bytes"},
        Case{".shared .b8 x = 1;", "2: expected ;, found ="},
        Case{".global .b128 x = 1;", "2: expected a type that has initial values, found 1"}));
INSTANTIATE_TEST_SUITE_P(
    Functions, Modules,
    testing::Values(
        Case{".func (.b32 x) f;", "2: expected .param or .reg, found .b32"},
        Case{".entry (.param .b32 x) f;", "2: expected the name of a function, found ("},
        Case{".entry f x", "2: expected a body or ;, found x"},
        Case{".entry f .maxthreads 2 {}",
             "2: expected a function's directive or body, found .maxthreads"},
        Case{".entry f .maxntid 1,2,3,4 {}", "2: expected at most three numbers, found 4"},
        Case{".entry f .maxnreg 99999999999 {}",
             "2: expected a number of at most 2147483647, found 99999999999"}));

class Bodies : public testing::TestWithParam<Case> {};
TEST_P(Bodies, AreRefused) {
  EXPECT_EQ(ErrorOf(Format(".version 9.0\n.func f {{\n{}\n}}\n", GetParam().text)),
            Format("PTX line {}", GetParam().error));
}
INSTANTIATE_TEST_SUITE_P(
    Statements, Bodies,
    testing::Values(
        Case{"add a, b", "4: expected ;, found }"},
        Case{"add a,, b;", "3: expected an operand, found ,"},
        Case{"add a b;", "3: expected ;, found b"}, Case{"ld a, [b;", "3: expected ], found ;"},
        Case{"ld a, [b+c];", "3: expected an integer of 64 bits, found c"},
        Case{"mov a, {b, c;", "3: expected }, found ;"},
        Case{"call (a, f;", "3: expected ), found ;"},
        Case{"mov a, 0x;", "3: expected a number, found 0x"},
        Case{"mov a, 0f3F8;", "3: expected a number, found 0f3F8"},
        Case{"mov a, 09;", "3: expected a number, found 09"},
        Case{"mov a, 18446744073709551616;", "3: expected a number, found 18446744073709551616"},
        Case{"mov a, 1<<64;", "3: a shift by more than 63 bits"},
        Case{"mov a, -[b];", "3: expected a number or a name, found ["},
        Case{"mov a, {{{{{{b}}}}}};", "3: expected an operand nested less deeply, found {"},
        Case{"@ ;", "3: expected a predicate, found ;"},
        Case{"@1 bra L;", "3: expected a predicate, found 1"},
        Case{"\n42;", "4: expected a statement or }, found 42"},
        Case{"{", "5: expected a statement or }, found the end of the text"},
        Case{".reg b;", "3: expected the type of a register, found b"},
        Case{".reg .b32 %r<9999999>;",
             "3: expected a number of registers of at most 1048576, found 9999999"},
        Case{".reg .b32 %r<2;", "3: expected >, found ;"},
        Case{".loc 1 2", "4: expected the number of a column, found }"},
        Case{".loc 1 2 3, inlined 4", "3: expected function_name or inlined_at, found inlined"},
        Case{".foo", "3: expected a declaration or an instruction, found .foo"},
        Case{"t: .branchtargets 1;", "3: expected a label, found 1"},
        Case{"p: .callprototype (.param .b32 _);", "3: expected _, found ;"}));

TEST(Errors, EmptyText) {
  EXPECT_EQ(ErrorOf(""), "PTX line 1: expected .version, found the end of the text");
}

std::string Repeat(std::string_view part, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += part;
  return text;
}
std::string InBody(std::string_view body) { return Format(".version 9.0\n.func f {{ {} }}", body); }

TEST(Limits, HoldAndSayWhere) {
  EXPECT_EQ(ErrorOf(InBody(Repeat("{", 255) + Repeat("}", 255))), "");
  EXPECT_EQ(ErrorOf(InBody(Repeat("{", 256) + "ret;")),
            "PTX line 2: expected braces nested less deeply, found ret");
  EXPECT_EQ(ErrorOf(InBody("x a" + Repeat(",a", 63) + ";")), "");
  EXPECT_EQ(ErrorOf(InBody("x a" + Repeat(",a", 64) + ";")),
            "PTX line 2: expected fewer operands, found a");
  EXPECT_EQ(ErrorOf(InBody("x {a" + Repeat(",a", 1024) + "};")),
            "PTX line 2: expected a shorter list, found a");
  EXPECT_EQ(ErrorOf(InBody("x" + Repeat(".a", 33) + ";")),
            "PTX line 2: expected fewer modifiers, found .a");
  EXPECT_EQ(ErrorOf(InBody(Repeat("a", 65537) + ";")),
            "PTX line 2: a name of 65537 bytes; at most 65536 are read");
  EXPECT_EQ(ErrorOf(InBody("mov a, b+" + Repeat("(", 100) + "1")),
            "PTX line 2: expected a simpler expression, found (");
}

TEST(Limits, ItemsBoundTheTree) {
  const std::string error = ErrorOf(InBody(Repeat("a;", (std::size_t{1} << 21) + 8)));
  EXPECT_EQ(error, "PTX line 2: more than 4,194,304 instructions, operands and declarations");
}

}  // namespace
}  // namespace caesar::sim::ptx
