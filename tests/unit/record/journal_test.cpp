#include "record/journal.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "unit/record/corrupt.h"

namespace caesar {
namespace {

JournalLine Line(std::int64_t seq) {
  JournalLine line;
  line.seq = seq;
  line.utc = "2025-01-02T03:04:05Z";
  line.round = 2;
  line.from = "Compile";
  line.outcome = "CompileFailed";
  line.to = "Start";
  line.ms = 1312;
  line.data = R"({"errors":3,"text":"a\nb"})";
  line.files = {{"compile.log", {512, HashHex("log")}}, {"kernel.cu", {7, HashHex("k")}}};
  return line;
}

std::string Three() { return ToJsonLine(Line(1)) + ToJsonLine(Line(2)) + ToJsonLine(Line(3)); }

Journal Parsed(const std::string& text) {
  const auto journal = ParseJournal(text, "journal.jsonl");
  EXPECT_TRUE(journal.ok()) << (journal.ok() ? "" : journal.error().message);
  return journal.ok() ? journal.value() : Journal();
}

std::string ErrorOf(const std::string& text) {
  const auto journal = ParseJournal(text, "j");
  EXPECT_FALSE(journal.ok());
  if (journal.ok()) return "";
  EXPECT_EQ(journal.error().code, ErrorCode::kBadInput);
  return journal.error().message;
}

TEST(Journal, ALineIsOneLine) {
  EXPECT_EQ(
      ToJsonLine(Line(7)),
      R"({"v":1,"seq":7,"utc":"2025-01-02T03:04:05Z","round":2,"from":"Compile","outcome":"CompileFailed","to":"Start",)"
      R"("ms":1312,"data":{"errors":3,"text":"a\nb"},"files":{"compile.log":{"bytes":512,"xxh":")" +
          HashHex("log") + R"("},"kernel.cu":{"bytes":7,"xxh":")" + HashHex("k") + "\"}}}\n");
}

TEST(Journal, RoundTrips) {
  const Journal journal = Parsed(Three());
  ASSERT_EQ(journal.lines.size(), 3u);
  EXPECT_FALSE(journal.torn);
  EXPECT_EQ(journal.good_bytes, Three().size());
  EXPECT_EQ(journal.lines[2].seq, 3);
  EXPECT_EQ(journal.lines[2].data, Line(3).data);
  EXPECT_EQ(journal.lines[2].files.at("compile.log").bytes, 512u);
  EXPECT_EQ(ToJsonLine(journal.lines[1]), ToJsonLine(Line(2)));
}

TEST(Journal, EmptyIsAJournal) {
  const Journal journal = Parsed("");
  EXPECT_TRUE(journal.lines.empty());
  EXPECT_FALSE(journal.torn);
  EXPECT_EQ(journal.good_bytes, 0u);
}

TEST(Journal, EveryTruncationDropsOnlyTheTornLine) {
  const std::string text = Three();
  const std::size_t line = ToJsonLine(Line(1)).size();
  for (std::size_t length = 0; length < text.size(); ++length) {
    const Journal journal = Parsed(text.substr(0, length));
    EXPECT_EQ(journal.lines.size(), length / line);
    EXPECT_EQ(journal.good_bytes, length / line * line);
    EXPECT_EQ(journal.torn, length % line != 0);
  }
}

TEST(Journal, ALastLineThatIsNoJsonIsTorn) {
  const std::vector<std::string> tails = {"{\"v\":1,\"se\n", "\n", std::string("\0\0\0\0\n", 5)};
  for (const std::string& tail : tails) {
    const Journal journal = Parsed(Three() + tail);
    EXPECT_EQ(journal.lines.size(), 3u);
    EXPECT_EQ(journal.good_bytes, Three().size());
    EXPECT_TRUE(journal.torn);
  }
  EXPECT_TRUE(Parsed(Three() + std::string(8, '\0')).torn)
      << "what a file system may leave after a power cut";
}

TEST(Journal, OtherDamageNamesLineAndByte) {
  const std::string one = ToJsonLine(Line(1));
  const std::string at2 = "j: line 2 (byte " + std::to_string(one.size()) + ")";
  EXPECT_EQ(ErrorOf(one + "{\"v\":1,\n" + ToJsonLine(Line(2))), at2 + " is not valid JSON");
  EXPECT_EQ(ErrorOf(one + "\n" + ToJsonLine(Line(2))), at2 + " is not valid JSON");
  EXPECT_EQ(ErrorOf(one + ToJsonLine(Line(3))),
            at2 + " has seq 3, but 2 is due: lines are missing or out of order");
  EXPECT_EQ(ErrorOf(one + ToJsonLine(Line(1))),
            at2 + " has seq 1, but 2 is due: lines are missing or out of order");
  EXPECT_EQ(ErrorOf(one + "[]\n"), at2 + " must be an object, not array");
  const auto changed = [&](const std::string& from, const std::string& to) {
    return ErrorOf(one + test::Replaced(ToJsonLine(Line(2)), from, to));
  };
  EXPECT_EQ(changed("\"v\":1", "\"v\":2"),
            at2 + ": field v is 2, but this caesar reads versions up to 1: use a newer caesar");
  EXPECT_EQ(changed("\"round\":2", "\"round\":0"), at2 + ": field round must be at least 1");
  EXPECT_EQ(changed("\"round\":2", "\"round\":99999999999"), at2 + ": field round is too large");
  EXPECT_EQ(changed("\"seq\":2", "\"seq\":-2"), at2 + ": field seq must be at least 1");
  EXPECT_EQ(changed("\"ms\":1312", "\"ms\":-1"), at2 + ": field ms must be at least 0");
  EXPECT_EQ(changed("\"Compile\"", "\"\""), at2 + ": field from is empty");
  EXPECT_EQ(changed("\"outcome\"", "\"outcom\""), at2 + ": field outcome is missing");
  EXPECT_EQ(changed("{\"errors\":3,\"text\":\"a\\nb\"}", "[]"),
            at2 + ": field data must be an object, not array");
  EXPECT_EQ(changed("\"bytes\":512", "\"bytes\":-1"),
            at2 + ": field files.compile.log.bytes must be an integer of at least 0, not -1");
  EXPECT_EQ(changed(HashHex("log"), "XYZ"),
            at2 + ": field files.compile.log.xxh must be 32 hexadecimal digits");
  EXPECT_EQ(changed("\"compile.log\"", "\"../../secret\""),
            at2 + ": field files names '../../secret', which is no plain file name");
}

TEST(Journal, DataWithInvalidTextIsStillWritten) {
  JournalLine line = Line(1);
  line.data = "{\"text\":\"\xff\"}";
  line.utc = "\xfe";
  EXPECT_EQ(Parsed(ToJsonLine(line)).lines[0].data, "{\"text\":\"\xEF\xBF\xBD\"}");
}

TEST(Journal, DeepDataIsRefusedBeforeItCanOverflowAStack) {
  std::string line = ToJsonLine(Line(1));
  line = test::Replaced(line, "{\"errors\":3,\"text\":\"a\\nb\"}",
                        "{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}");
  EXPECT_EQ(ErrorOf(line), "j: line 1 (byte 0) is nested deeper than 64 levels");
}

TEST(Journal, NoChangedByteCrashes) {
  const std::string text = Three();
  int refused = 0;
  test::ForEachChangedByte(text, [&refused](const std::string& changed) {
    const auto journal = ParseJournal(changed, "j");
    refused += !journal.ok() || journal.value().torn;
  });
  EXPECT_GT(refused, static_cast<int>(text.size() / 4));
}

}  // namespace
}  // namespace caesar
