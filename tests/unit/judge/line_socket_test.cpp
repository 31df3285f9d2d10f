#include "judge/line_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "judge/messages.h"

namespace caesar {
namespace {

struct Ends {
  LineSocket ours;
  Fd theirs;
};

Ends MakeEnds() {
  auto pair = MakeSocketPair(SOCK_STREAM);
  return {LineSocket(std::move(pair.value().ours)), std::move(pair.value().theirs)};
}

void Send(const Fd& fd, std::string_view text) {
  ASSERT_EQ(::send(fd.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
}

std::string Next(LineSocket& socket) {
  const auto line = socket.Read(Milliseconds(1000), {});
  if (!line.ok()) return "error: " + line.error().message;
  if (!line.value().has_value()) return "nothing";
  return line.value()->closed ? "closed" : "line: " + line.value()->text;
}

TEST(LineSocket, ReadsSeveralLinesOfOneChunk) {
  Ends ends = MakeEnds();
  Send(ends.theirs, "one\n\nthree\nfo");
  EXPECT_EQ(Next(ends.ours), "line: one");
  EXPECT_EQ(Next(ends.ours), "line: ");
  EXPECT_EQ(Next(ends.ours), "line: three");
  EXPECT_FALSE(ends.ours.Read(Milliseconds(1), {}).value().has_value());
  Send(ends.theirs, "ur\n");
  EXPECT_EQ(Next(ends.ours), "line: four");
}

TEST(LineSocket, PutsALineTogetherByteByByte) {
  Ends ends = MakeEnds();
  for (const char c : std::string("slow")) {
    Send(ends.theirs, std::string(1, c));
    EXPECT_FALSE(ends.ours.Read(Milliseconds(1), {}).value().has_value());
  }
  Send(ends.theirs, "\n");
  EXPECT_EQ(Next(ends.ours), "line: slow");
}

TEST(LineSocket, NoticesThatTheOtherSideIsGone) {
  Ends ends = MakeEnds();
  Send(ends.theirs, "last\nhalf a line");
  ends.theirs = Fd();
  EXPECT_EQ(Next(ends.ours), "line: last");
  EXPECT_EQ(Next(ends.ours), "closed");
  EXPECT_EQ(Next(ends.ours), "closed");
  const Status written = ends.ours.Write("x\n");
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, ErrorCode::kEnvironment);
}

TEST(LineSocket, WritesLongLinesWhole) {
  Ends ends = MakeEnds();
  LineSocket theirs(std::move(ends.theirs));
  const std::string line(5 << 20, 'x');
  std::thread writer([&] { EXPECT_TRUE(ends.ours.Write(line + "\n").ok()); });
  EXPECT_EQ(Next(theirs), "line: " + line);
  writer.join();
}

TEST(LineSocket, RefusesALineWithoutEnd) {
  Ends ends = MakeEnds();
  std::thread writer([fd = ends.theirs.get()] {
    const std::string chunk(1 << 20, 'x');
    for (int i = 0; i < 34; ++i) {
      if (::send(fd, chunk.data(), chunk.size(), MSG_NOSIGNAL) < 0) return;
    }
  });
  const auto line = ends.ours.Read(Milliseconds(60'000), {});
  ASSERT_FALSE(line.ok());
  EXPECT_EQ(line.error().code, ErrorCode::kInternal);
  ::shutdown(ends.ours.fd(), SHUT_RDWR);
  writer.join();
}

TEST(LineSocket, StopsAtOnce) {
  Ends ends = MakeEnds();
  StopSource source;
  source.Request(StopLevel::kAfterStep);
  EXPECT_FALSE(ends.ours.Read(Milliseconds(1), StopToken(source)).value().has_value());
  std::thread stopper([&] { source.Request(StopLevel::kNow); });
  const auto line = ends.ours.Read(Milliseconds(60'000), StopToken(source));
  stopper.join();
  ASSERT_FALSE(line.ok());
  EXPECT_EQ(line.error().code, ErrorCode::kInterrupted);
}

}  // namespace
}  // namespace caesar
