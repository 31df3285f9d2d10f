#include "report/table.h"

#include <gtest/gtest.h>

namespace caesar {
namespace {

using Align = TextTable::Align;

TEST(FitLine, CutsAtColumnsNotBytes) {
  EXPECT_EQ(FitLine("abcdef", 6), "abcdef");
  EXPECT_EQ(FitLine("abcdefg", 6), "abc...");
  EXPECT_EQ(FitLine("äöüäöü", 6), "äöüäöü");
  EXPECT_EQ(FitLine("äöüäöüä", 6), "äöü...");
  EXPECT_EQ(FitLine("abc", 2), "..");
  EXPECT_EQ(FitLine("abc", 0), "");
}

TEST(FitLine, MakesModelTextSafe) {
  EXPECT_EQ(FitLine("\x1b[31mred\x1b[0m\r\nnext\tcell", 80), "red next cell");
  EXPECT_EQ(FitLine("\x1b]0;owned\x07title", 80), "title");
  EXPECT_EQ(FitLine("a\xff"
                    "b",
                    80),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(FitLine, LooksAtTheBeginningOfHugeTextsOnly) {
  EXPECT_EQ(FitLine(std::string(10'000'000, 'x'), 8), "xxxxx...");
}

TEST(TextTable, AlignsAndTrims) {
  TextTable table({{"name", Align::kLeft}, {"us", Align::kRight}, {"note", Align::kLeft}});
  table.AddRow({"a", "1.0", ""});
  table.AddRow({"long", "100.0", "x"});
  EXPECT_EQ(table.Text(),
            "name     us  note\n"
            "a       1.0\n"
            "long  100.0  x\n");
  EXPECT_EQ(table.Text("  ").substr(0, 6), "  name");
}

TEST(TextTable, CutsWideCellsAndFillsMissingOnes) {
  TextTable table({{"a", Align::kLeft, 5}, {"b", Align::kLeft}});
  table.AddRow({"123456"});
  EXPECT_EQ(table.Text(), "a      b\n12...\n");
}

TEST(TextTable, WithoutTitlesHasNoTitleLine) {
  TextTable table({{"", Align::kLeft}, {"", Align::kRight}});
  table.AddRow({"x", "1"});
  EXPECT_EQ(table.Text(), "x  1\n");
}

}  // namespace
}  // namespace caesar
