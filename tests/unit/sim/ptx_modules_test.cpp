// What nvcc emits, reduced: kept in data/.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "unit/sim/ptx_show.h"

namespace caesar::sim::ptx {
namespace {

std::string ReadData(const std::string& name) {
  std::ifstream file(std::string(CAESAR_SIM_TEST_DATA) + "/" + name, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class NvccModules : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    auto parsed = ParseText(ReadData(GetParam()));
    ASSERT_TRUE(parsed.ok()) << parsed.error().message;
    module_ = std::move(parsed).value();
  }
  Module module_;
};
INSTANTIATE_TEST_SUITE_P(Data, NvccModules,
                         testing::Values("calls.ptx", "half.ptx", "inline_asm.ptx",
                                         "block_scan.ptx"));

// Each statement's text stands on its line, ends before its semicolon, and says the same alone.
TEST_P(NvccModules, StatementsTextsAreWhole) {
  for (const Function& function : module_.functions) {
    for (const Instruction& instruction : function.body) {
      const auto at = static_cast<std::size_t>(instruction.text.data() - module_.text->data());
      const auto newlines = std::count(
          module_.text->begin(), module_.text->begin() + static_cast<std::ptrdiff_t>(at), '\n');
      EXPECT_EQ(instruction.line, newlines + 1) << instruction.text;
      const auto next = module_.text->find_first_not_of(" \t\r\n", at + instruction.text.size());
      ASSERT_NE(next, std::string::npos);
      EXPECT_EQ((*module_.text)[next], ';') << instruction.text;
      const auto again = ParseText(Format(".version 9.0\n.func f {{ {}; }}", instruction.text));
      ASSERT_TRUE(again.ok()) << again.error().message << ": " << instruction.text;
      EXPECT_EQ(Show(again.value().functions.at(0).body.at(0)), Show(instruction));
    }
  }
}

// No statement is lost: what is left between texts, labels and braces is directives.
TEST_P(NvccModules, EverySemicolonInBodiesIsAccountedFor) {
  std::string rest = *module_.text;
  std::size_t statements = 0;
  for (const Function& function : module_.functions) {
    for (const Instruction& instruction : function.body) {
      const auto at = static_cast<std::size_t>(instruction.text.data() - module_.text->data());
      std::fill_n(rest.begin() + static_cast<std::ptrdiff_t>(at), instruction.text.size() + 1, ' ');
      ++statements;
    }
  }
  EXPECT_GT(statements, 10U);
  for (std::size_t at = 0; (at = rest.find(';', at)) != std::string::npos; ++at) {
    const std::size_t begin = rest.find_last_of(";{}\n", at - 1) + 1;
    const std::string left = rest.substr(begin, at - begin);
    const std::size_t word = left.find_first_not_of(" \t");
    const bool declaration = word == std::string::npos || left[word] == '.' ||
                             left.find(" : .callprototype") != std::string::npos;
    EXPECT_TRUE(declaration) << left;
  }
}

TEST_P(NvccModules, EveryChainEndsInTheAuthorsFile) {
  for (const Function& function : module_.functions) {
    for (const Instruction& instruction : function.body) {
      int at = instruction.location;
      ASSERT_GE(at, 0) << instruction.text;
      while (module_.locations.at(static_cast<std::size_t>(at)).inlined_at >= 0) {
        at = module_.locations[static_cast<std::size_t>(at)].inlined_at;
      }
      const int file = module_.locations[static_cast<std::size_t>(at)].file;
      EXPECT_EQ(file, 1) << instruction.text;
    }
  }
}

TEST(Calls, AreReadWhole) {
  auto parsed = ParseText(ReadData("calls.ptx"));
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  const Module& module = parsed.value();
  const auto variable = [&module](std::string_view name) {
    const auto found = std::find_if(module.variables.begin(), module.variables.end(),
                                    [name](const Variable& v) { return v.name == name; });
    return found == module.variables.end() ? "none" : Show(*found);
  };
  EXPECT_EQ(
      variable("ptrs"),
      "const u64 align 8 ptrs[3] = 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
      "00 00 00 @0: generic g0+0 @16: generic g1+0");
  EXPECT_EQ(
      variable("ft"),
      "global u64 align 8 ft[2] = 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 @0: _Z3fibi+0 "
      "@8: _Z2f1i+0");
  EXPECT_EQ(variable("mg"), "global u32 align 4 mg managed = 04 00 00 00");
  EXPECT_EQ(variable("dyn"), "shared b8 align 16 dyn[0] external");
  EXPECT_TRUE(module.Find("vprintf")->external);
  const Function& mk = *module.Find("_Z2mk1Si");
  EXPECT_EQ(Show(mk.results.at(0)), "param b8 align 8 func_retval0[24]");
  const Function& ind = *module.Find("_Z3indPii");
  EXPECT_TRUE(ind.kernel);
  ASSERT_EQ(ind.prototypes.size(), 1U);
  EXPECT_EQ(ind.prototypes[0].name, "prototype_2");
  std::vector<std::string> calls;
  for (const Instruction& instruction : ind.body) {
    if (instruction.opcode == "call") calls.push_back(Show(instruction));
  }
  EXPECT_EQ(calls, (std::vector<std::string>{
                       "call list(name:retval0), name:%rd6, list(name:param0), name:prototype_2"}));
  EXPECT_EQ(module.Find("_Z3big1SPi")->max_threads[0], 256U);
}

}  // namespace
}  // namespace caesar::sim::ptx
