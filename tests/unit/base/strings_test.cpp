#include "base/strings.h"

#include <gtest/gtest.h>

namespace caesar {
namespace {

TEST(Strings, SplitKeepsEmptyParts) {
  EXPECT_EQ(Split("a,,b", ',').size(), 3U);
  EXPECT_EQ(Split("", ',').size(), 1U);
}

TEST(Strings, LinesTakesBothLineEnds) {
  const auto lines = Lines("a\r\nb\n\nc");
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0], "a");
  EXPECT_EQ(lines[3], "c");
  EXPECT_TRUE(Lines("").empty());
}

TEST(Strings, ReplaceAllDoesNotLookAtItsOwnOutput) {
  EXPECT_EQ(ReplaceAll("aaa", "a", "aa"), "aaaaaa");
  EXPECT_EQ(ReplaceAll("abc", "", "x"), "abc");
}

TEST(Strings, ToValidUtf8ReplacesWhatIsInvalid) {
  EXPECT_EQ(ToValidUtf8("a\xC3\xA4"), "a\xC3\xA4");
  EXPECT_EQ(ToValidUtf8("\xC0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD");          // overlong
  EXPECT_EQ(ToValidUtf8("x\xE2\x82"), "x\xEF\xBF\xBD\xEF\xBF\xBD");        // cut short
  EXPECT_EQ(ToValidUtf8("\xED\xA0\x80").find("\xED"), std::string::npos);  // surrogate
}

TEST(Strings, ForTerminalRemovesEscapes) {
  EXPECT_EQ(ForTerminal("a\x1b[31mred\x1b[0m"), "ared");
  EXPECT_EQ(ForTerminal("\x1b]0;title\x07x"), "x");
  EXPECT_EQ(ForTerminal("\x1b]8;;http://x\x1b\\y"), "y");
  EXPECT_EQ(ForTerminal("a\r\nb\tc\x07"), "a\nb\tc");
  EXPECT_EQ(ForTerminal("\xC2\x9B"
                        "31m"),
            "31m");  // C1 control sequence introducer
  EXPECT_EQ(ForTerminal("\x1b"), "");
}

TEST(Strings, ShortenKeepsHeadAndTailAndSaysHowMuchIsGone) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "line " + std::to_string(i) + "\n";
  const std::string cut = Shorten(text, 600);
  EXPECT_LE(cut.size(), 600U);
  EXPECT_NE(cut.find("line 0\n"), std::string::npos);
  EXPECT_NE(cut.find("line 999\n"), std::string::npos);
  EXPECT_NE(cut.find("bytes left out"), std::string::npos);
  EXPECT_EQ(Shorten("short", 600), "short");
}

TEST(Strings, ShortenNeverCutsACharacter) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "\xE2\x82\xAC";
  for (std::size_t limit = 60; limit < 90; ++limit)
    EXPECT_EQ(ToValidUtf8(Shorten(text, limit)), Shorten(text, limit));
}

TEST(Strings, CountsHaveCommas) {
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1'000), "1,000");
  EXPECT_EQ(FormatCount(1'610'612'736), "1,610,612,736");
  EXPECT_EQ(FormatCount(-1'234), "-1,234");
  EXPECT_EQ(FormatCount(-123), "-123");
}

TEST(Strings, NearestFindsTypingMistakes) {
  EXPECT_EQ(Nearest("sofmax", {"relu", "softmax"}), "softmax");
  EXPECT_EQ(Nearest("zzzzzz", {"relu", "softmax"}), std::nullopt);
  EXPECT_EQ(Nearest("", {"relu"}), std::nullopt);
  EXPECT_EQ(Nearest("r", {"relu"}), std::nullopt);
}

TEST(Strings, NearestKnowsSwappedLettersAsOneMistake) {
  EXPECT_EQ(Nearest("rnu", {"run", "eval"}), "run");
  EXPECT_EQ(Nearest("sofmtax", {"relu", "softmax"}), "softmax");
}

}  // namespace
}  // namespace caesar
