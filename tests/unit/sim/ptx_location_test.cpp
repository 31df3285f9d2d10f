#include <gtest/gtest.h>

#include "unit/sim/ptx_show.h"

namespace caesar::sim::ptx {
namespace {

// Chain of each instruction of f: "file:line:column < call site < ...".
std::vector<std::string> Chains(std::string_view body) {
  const auto module = ParseText(Format(".version 9.0\n.func f {{\n{}\n}}", body));
  if (!module.ok()) return {module.error().message};
  std::vector<std::string> chains;
  for (const Instruction& instruction : module.value().functions.at(0).body) {
    std::string chain;
    for (int at = instruction.location; at >= 0;) {
      const Location& location = module.value().locations.at(static_cast<std::size_t>(at));
      if (!chain.empty()) chain += " < ";
      chain += Format("{}:{}:{}", location.file, location.line, location.column);
      at = location.inlined_at;
    }
    chains.push_back(chain);
  }
  return chains;
}
using Lines = std::vector<std::string>;

TEST(Locations, NoneBeforeTheFirst) {
  EXPECT_EQ(Chains("ret; .loc 1 2 3\n ret; .loc 1 0 3\n ret;"), (Lines{"", "1:2:3", "1:0:3"}));
}

TEST(Locations, ChainsLinkThroughTheMostRecentPosition) {
  EXPECT_EQ(Chains(".loc 1 20 48\n.loc 2 4744 51, function_name $a, inlined_at 1 20 48\n"
                   ".loc 3 1017 1, function_name $b, inlined_at 2 4744 51\nret;\n"
                   ".loc 1 20 48\nret;"),
            (Lines{"3:1017:1 < 2:4744:51 < 1:20:48", "1:20:48"}));
}

TEST(Locations, OneHelperInlinedFromTwoLines) {
  EXPECT_EQ(Chains(".loc 1 5 1\n.loc 2 7 1, function_name $a, inlined_at 1 5 1\n"
                   ".loc 3 9 1, function_name $b, inlined_at 2 7 1\nret;\n"
                   ".loc 1 6 1\n.loc 2 7 1, function_name $a, inlined_at 1 6 1\n"
                   ".loc 3 9 1, function_name $b, inlined_at 2 7 1\nret;"),
            (Lines{"3:9:1 < 2:7:1 < 1:5:1", "3:9:1 < 2:7:1 < 1:6:1"}));
}

// As CUB's raking loops: instances of one template inlined into each other at one position. A
// location of an outer instance later on does not hang below the inner ones.
TEST(Locations, InstancesOfOneTemplateAtOnePosition) {
  EXPECT_EQ(Chains(".loc 1 2 30\n.loc 2 211 5, function_name $a, inlined_at 1 2 30\n"
                   ".loc 2 190 5, function_name $b, inlined_at 2 211 5\n"
                   ".loc 2 190 5, function_name $c, inlined_at 2 190 5\n"
                   ".loc 2 190 5, function_name $d, inlined_at 2 190 5\nret;\n"
                   ".loc 2 189 5, function_name $c, inlined_at 2 190 5\nret;\n"
                   ".loc 2 189 5, function_name $b, inlined_at 2 211 5\nret;"),
            (Lines{"2:190:5 < 2:190:5 < 2:190:5 < 2:211:5 < 1:2:30",
                   "2:189:5 < 2:190:5 < 2:211:5 < 1:2:30", "2:189:5 < 2:211:5 < 1:2:30"}));
}

TEST(Locations, CallSiteThatNoDirectiveNames) {
  EXPECT_EQ(Chains(".loc 2 7 1, function_name $a, inlined_at 1 5 2\nret;"),
            (Lines{"2:7:1 < 1:5:2"}));
}

TEST(Locations, RepetitionNeitherGrowsChainsNorTheTable) {
  std::string body;
  for (int i = 0; i < 1000; ++i) body += ".loc 1 5 5, function_name $a, inlined_at 1 5 5\nret;\n";
  const auto module = ParseText(Format(".version 9.0\n.func f {{\n{}}}", body));
  ASSERT_TRUE(module.ok()) << module.error().message;
  EXPECT_EQ(module.value().locations.size(), 2U);
}

TEST(Locations, OfOneFunctionAloneAreLinked) {
  const auto module = ParseText(
      ".version 9.0\n.func f { .loc 1 1 1\n .loc 1 5 5, function_name $a, inlined_at 1 1 1\n ret; "
      "}\n"
      ".func g { .loc 2 6 6, function_name $a, inlined_at 1 5 5\n ret; }");
  ASSERT_TRUE(module.ok()) << module.error().message;
  const Module& m = module.value();
  const auto at = static_cast<std::size_t>(m.functions.at(1).body.at(0).location);
  const Location& site = m.locations.at(static_cast<std::size_t>(m.locations.at(at).inlined_at));
  EXPECT_EQ(site.line, 5);
  EXPECT_EQ(site.inlined_at, -1);
}

TEST(Locations, DepthIsLimited) {
  std::string body = ".loc 1 1 0\n";
  for (int i = 1; i <= 257; ++i) {
    body += Format(".loc 1 1 {}, function_name $a{}, inlined_at 1 1 {}\n", i, i, i - 1);
  }
  EXPECT_EQ(ErrorOf(Format(".version 9.0\n.func f {{\n{}}}", body)),
            "PTX line 260: functions inlined more than 256 deep");
}

}  // namespace
}  // namespace caesar::sim::ptx
