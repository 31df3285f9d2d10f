#include "llm/sse.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace caesar {
namespace {

using Events = std::vector<std::pair<std::string, std::string>>;

// Feeds `stream` in pieces of `step` bytes.
Events Parse(std::string_view stream, std::size_t step) {
  Events events;
  SseParser parser(1000);
  for (std::size_t at = 0; at < stream.size(); at += step) {
    const Status status =
        parser.Feed(stream.substr(at, step), [&](const SseEvent& event) -> Status {
          events.emplace_back(event.name, event.data);
          return {};
        });
    EXPECT_TRUE(status.ok());
  }
  return events;
}

// The result must not depend on where the network cuts.
void ExpectEvents(std::string_view stream, const Events& expected) {
  for (const std::size_t step : {1, 2, 3, 5, 1000})
    EXPECT_EQ(Parse(stream, step), expected) << "step " << step;
}

TEST(Sse, EveryLineEnd) {
  ExpectEvents("data: a\n\ndata: b\r\n\r\ndata: c\r\rdata: d\r\n\n",
               {{"", "a"}, {"", "b"}, {"", "c"}, {"", "d"}});
}

TEST(Sse, ReturnAtChunkEndAndNewlineAtNextStartAreOneLineEnd) {
  ExpectEvents("data: a\r\ndata: b\r\n\r\n", {{"", "a\nb"}});
}

TEST(Sse, CommentsAreIgnored) {
  ExpectEvents(": OPENROUTER PROCESSING\n\n:\n\ndata: a\n: ping\ndata: b\n\n", {{"", "a\nb"}});
}

TEST(Sse, OnlyOneLeadingSpaceIsDropped) {
  ExpectEvents("data:a\n\ndata:  b\n\n", {{"", "a"}, {"", " b"}});
}

TEST(Sse, EmptyDataLinesJoin) { ExpectEvents("data\ndata:\ndata: x\n\n", {{"", "\n\nx"}}); }

TEST(Sse, EventNameGoesWithItsEventOnly) {
  ExpectEvents("event: error\ndata: a\n\ndata: b\n\n", {{"error", "a"}, {"", "b"}});
}

TEST(Sse, EventWithoutDataIsNone) { ExpectEvents("event: ping\n\ndata: b\n\n", {{"", "b"}}); }

TEST(Sse, OtherFieldsAreIgnored) {
  ExpectEvents("id: 7\nretry: 10\nfoo: x\ndata: a\n\n", {{"", "a"}});
}

TEST(Sse, UnclosedEventIsNeverDispatched) { ExpectEvents("data: a\n\ndata: b\n", {{"", "a"}}); }

TEST(Sse, ByteOrderMarkAtTheStart) {
  ExpectEvents(
      "\xEF\xBB\xBF"
      "data: a\n\n",
      {{"", "a"}});
}

TEST(Sse, PartOfAByteOrderMarkIsText) {
  ExpectEvents(
      "\xEF\xBB"
      "data: a\n\ndata: b\n\n",
      {{"", "b"}});
}

TEST(Sse, Utf8IsNotTouchedByCuts) {
  ExpectEvents("data: \u00fc\u2713\n\n", {{"", "\u00fc\u2713"}});
}

TEST(Sse, LineEndsOfAllKindsMixed) {
  ExpectEvents("data: a\rdata: b\ndata: c\r\ndata: d\r\r\n\ndata: e\n\r\ndata: f\r\n\r",
               {{"", "a\nb\nc\nd"}, {"", "e"}, {"", "f"}});
}

// The bytes that were fed are gone by the time that the event's end comes.
TEST(Sse, EventsOutliveTheBytesTheyCameIn) {
  SseParser parser(1000);
  Events events;
  for (const std::string_view part :
       {"event: first\ndata: a longer value than fits inside a string object\n", "data: b\n", "\n",
        "event: second\n", "data: c", "\n\nda", "ta: d\n", "\n"}) {
    auto bytes = std::make_unique<std::string>(part);
    const Status status = parser.Feed(*bytes, [&](const SseEvent& event) -> Status {
      events.emplace_back(event.name, event.data);
      return {};
    });
    EXPECT_TRUE(status.ok());
    bytes->assign(bytes->size(), '#');
  }
  EXPECT_EQ(events, (Events{{"first", "a longer value than fits inside a string object\nb"},
                            {"second", "c"},
                            {"", "d"}}));
}

TEST(Sse, LongLineIsAnError) {
  SseParser parser(10);
  const auto ignore = [](const SseEvent&) -> Status { return {}; };
  EXPECT_TRUE(parser.Feed("data: 1234", ignore).ok());
  const Status status = parser.Feed("5", ignore);
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("10 bytes"), std::string::npos);
}

TEST(Sse, LongEventOfShortLinesIsAnError) {
  SseParser parser(20);
  const auto ignore = [](const SseEvent&) -> Status { return {}; };
  Status status;
  for (int i = 0; i < 10 && status.ok(); ++i) status = parser.Feed("data: abcd\n", ignore);
  EXPECT_FALSE(status.ok());
}

TEST(Sse, ErrorOfTheCallbackComesBack) {
  SseParser parser(100);
  const Status status = parser.Feed("data: a\n\n", [](const SseEvent&) -> Status {
    return Error{ErrorCode::kIo, "disk full", ""};
  });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "disk full");
}

std::string StrayOf(std::string_view stream, std::size_t step) {
  SseParser parser(std::size_t{1} << 20);
  for (std::size_t at = 0; at < stream.size(); at += step)
    EXPECT_TRUE(
        parser.Feed(stream.substr(at, step), [](const SseEvent&) { return Status(); }).ok());
  return parser.Stray();
}

TEST(Sse, TextThatIsNoFieldIsKept) {
  for (const std::size_t step : {1, 3, 1000}) {
    EXPECT_EQ(StrayOf("data: a\n\n{\r\n \"error\": {}\r\n}", step), "{\n \"error\": {}\n}\n");
    EXPECT_EQ(StrayOf("[1]\n: ping\ndata: a\nid: 1\nevent: e\n\n[2]\n", step), "[1]\n[2]\n");
    EXPECT_EQ(StrayOf("data: {}\n\nid: 1\nother: {}\nfoo\ndata: {", step), "");
  }
}

TEST(Sse, NoMoreIsKeptThanTheBeginning) {
  EXPECT_EQ(StrayOf("{\n" + std::string(100'000, ' ') + "\n", 1000), "{\n");
  std::string lines = "{\n";
  for (int i = 0; i < 10'000; ++i) lines += "  \"a\": 1,\n";
  EXPECT_LE(StrayOf(lines, 1000).size(), 16384U);
}

}  // namespace
}  // namespace caesar
