#include "problem/json_tree.h"

#include <gtest/gtest.h>

namespace caesar {
namespace {

JsonTree Tree(std::string_view text) {
  auto tree = ParseJsonTree(text, "f.json");
  EXPECT_TRUE(tree.ok()) << (tree.ok() ? "" : tree.error().message);
  return tree.ok() ? std::move(tree).value() : JsonTree();
}

std::string Error(std::string_view text) {
  const auto tree = ParseJsonTree(text, "f.json");
  return tree.ok() ? "no error" : tree.error().message;
}

TEST(JsonTree, EveryValueKnowsItsLine) {
  const JsonTree tree = Tree(
      "// head\n{\n\"a\": 1,\n\"b\":\n[2\n,\n3.5,\ntrue, null],  /* x\n*/ \"c\": {\n\"d\": \"e\" "
      "}\n}");
  EXPECT_EQ(tree.line, 2);
  ASSERT_EQ(tree.children.size(), 3u);
  const JsonTree& b = tree.children[1];
  EXPECT_EQ(tree.children[0].line, 3);
  EXPECT_EQ(tree.children[0].integer, 1);
  EXPECT_EQ(b.key, "b");
  EXPECT_EQ(b.line, 4) << "a member stands where its key does";
  EXPECT_EQ(b.children[0].line, 5) << "the end of line after a number is not before it";
  EXPECT_EQ(b.children[1].line, 7);
  EXPECT_EQ(b.children[1].number, 3.5);
  EXPECT_EQ(b.children[2].line, 8);
  EXPECT_EQ(tree.children[2].line, 9);
  EXPECT_EQ(tree.children[2].children[0].line, 10);
  EXPECT_EQ(tree.children[2].children[0].text, "e");
}

TEST(JsonTree, KeepsIntegersAndNumbersApart) {
  const JsonTree tree =
      Tree("[9223372036854775807, -9223372036854775808, 9223372036854775808, 1.0, 1e2]");
  EXPECT_EQ(tree.children[0].kind, JsonTree::Kind::kInteger);
  EXPECT_EQ(tree.children[0].integer, INT64_MAX);
  EXPECT_EQ(tree.children[1].integer, INT64_MIN);
  EXPECT_EQ(tree.children[2].kind, JsonTree::Kind::kNumber);
  EXPECT_EQ(tree.children[3].kind, JsonTree::Kind::kNumber);
  EXPECT_EQ(tree.children[4].number, 100);
}

TEST(JsonTree, SyntaxErrorsNameFileLineAndColumn) {
  EXPECT_EQ(Error("").substr(0, 10), "f.json:1:1");
  EXPECT_EQ(Error("{\n  \"a\" 1\n}").substr(0, 11), "f.json:2:7:") << Error("{\n  \"a\" 1\n}");
  EXPECT_EQ(Error("{} {}").substr(0, 11), "f.json:1:4:");
  EXPECT_NE(Error("[\n1e999]").find("f.json:2"), std::string::npos) << Error("[\n1e999]");
  EXPECT_NE(Error("[1e999]").find("overflow"), std::string::npos);
  EXPECT_NE(Error("\"\xff\""), "no error");
  EXPECT_NE(Error("/* no end"), "no error");
  EXPECT_NE(Error("[NaN]"), "no error");
}

TEST(JsonTree, RefusesAFieldGivenTwice) {
  EXPECT_EQ(Error("{\"a\": 1,\n\"b\": {\"a\": 2},\n\"a\": 3}"),
            "f.json:3: the field 'a' is given twice");
}

TEST(JsonTree, LimitsDepthAndWidth) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(Error(nested(32)), "no error");
  EXPECT_EQ(Error(nested(33)), "f.json:1: values are nested deeper than 32 levels");
  EXPECT_EQ(Error(nested(500'000)), "f.json:1: values are nested deeper than 32 levels");
  std::string wide = "{";
  for (int i = 0; i < 257; ++i) wide += "\"" + std::to_string(i) + "\":0,";
  EXPECT_EQ(Error(wide), "f.json:1: an object has more than 256 fields");
}

}  // namespace
}  // namespace caesar
