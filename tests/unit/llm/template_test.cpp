#include "llm/template.h"

#include <gtest/gtest.h>

namespace caesar {
namespace {

TEST(Template, PutsValuesIn) {
  EXPECT_EQ(Render("t.md", "a {{x}} b {{y_2}}\n{{x}}", {{"x", "1"}, {"y_2", "2"}}).value(),
            "a 1 b 2\n1\n");
}

TEST(Template, ValuesAreNotExpandedAgain) {
  EXPECT_EQ(Render("t.md", "{{x}} {{y}}", {{"x", "{{y}}"}, {"y", "{{ {{{"}}).value(),
            "{{y}} {{ {{{\n");
}

TEST(Template, UnknownPlaceholderNamesFileLineAndChoices) {
  const auto result = Render("p/t.md", "ok {{x}}\n{{z}}", {{"x", ""}});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "p/t.md:2: unknown placeholder {{z}}.");
  EXPECT_EQ(result.error().detail, "Known here: x.");
}

TEST(Template, MissingPlaceholderIsAnError) {
  const auto result = Render("t.md", "text", {{"x", "1"}});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "t.md: the placeholder {{x}} is missing.");
}

TEST(Template, BracesThatAreNoPlaceholder) {
  for (const char* text : {"{{ x }}", "{{x}", "{{", "{{X}}", "{{}}"}) {
    const auto result = Render("t.md", text, {{"x", "1"}});
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_EQ(result.error().message, "t.md:1: \"{{\" begins no placeholder.");
  }
}

TEST(Template, EmptyOptionalLineLeavesNoGap) {
  EXPECT_EQ(Render("t.md", "a\n\n{{x}}\n\nb\n", {{"x", ""}}).value(), "a\n\nb\n");
  EXPECT_EQ(Render("t.md", "a\n\n{{x}}\n\nb\n", {{"x", "X"}}).value(), "a\n\nX\n\nb\n");
}

TEST(Template, BlankLinesOfValuesStay) {
  EXPECT_EQ(Render("t.md", "{{x}}\nb", {{"x", "1\n\n\n2\n"}}).value(), "1\n\n\n2\nb\n");
}

TEST(Template, CheckFindsBoth) {
  EXPECT_TRUE(CheckTemplate("t", "{{a}}", {"a"}).ok());
  EXPECT_FALSE(CheckTemplate("t", "{{a}}", {}).ok());
  EXPECT_FALSE(CheckTemplate("t", "", {"a"}).ok());
}

TEST(Template, FenceIsLongerThanAnyInside) {
  EXPECT_EQ(Fenced("a", "cuda"), "```cuda\na\n```\n");
  EXPECT_EQ(Fenced("a\n```\nb\n", ""), "````\na\n```\nb\n````\n");
}

}  // namespace
}  // namespace caesar
