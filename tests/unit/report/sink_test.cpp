#include "report/sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <map>

#include "string_sink.h"

namespace caesar {
namespace {

std::function<std::string(const std::string&)> With(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? std::string() : found->second;
  };
}

TEST(FdSink, WritesAll) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  FdSink sink(ends[1], "standard output", false);
  ASSERT_TRUE(sink.Write("hello").ok());
  char read_back[8] = {};
  EXPECT_EQ(::read(ends[0], read_back, sizeof read_back), 5);
  EXPECT_STREQ(read_back, "hello");
  EXPECT_FALSE(sink.terminal());
  EXPECT_EQ(sink.columns(), 80U);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(FdSink, AReaderWhoWentAwayIsNoError) {
  ::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  FdSink sink(ends[1], "standard output", false);
  EXPECT_TRUE(sink.Write("lost").ok());
  EXPECT_TRUE(sink.Write("lost too").ok());
  ::close(ends[1]);
}

TEST(FdSink, AFullDiskIsAnErrorWithAdvice) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  FdSink sink(full, "standard output", false);
  const Status written = sink.Write("text");
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, ErrorCode::kIo);
  EXPECT_EQ(written.error().message, "cannot write to standard output: No space left on device");
  EXPECT_FALSE(written.error().detail.empty());
  ::close(full);
}

TEST(ColorWanted, OnlyOnATerminalThatNobodyForbade) {
  const StringSink terminal(true);
  const StringSink pipe(false);
  EXPECT_TRUE(ColorWanted(terminal, false, With({})));
  EXPECT_TRUE(ColorWanted(terminal, false, With({{"NO_COLOR", ""}})));
  EXPECT_FALSE(ColorWanted(terminal, false, With({{"NO_COLOR", "0"}})));
  EXPECT_FALSE(ColorWanted(terminal, true, With({})));
  EXPECT_FALSE(ColorWanted(pipe, false, With({})));
}

TEST(Paint, LeavesTextAloneWithoutColour) {
  EXPECT_EQ(Paint("x", Tone::kBad, false), "x");
  EXPECT_EQ(Paint("x", Tone::kBad, true), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(Paint("x", Tone::kPlain, true), "x");
}

}  // namespace
}  // namespace caesar
