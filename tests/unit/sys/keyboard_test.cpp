#include "sys/keyboard.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): posix_openpt is POSIX, not C
#include <unistd.h>

#include <thread>

#include "sys/fd.h"

namespace caesar {
namespace {

// Reads from a pipe, which has all that a terminal has but its line discipline.
class KeyboardTest : public testing::Test {
 protected:
  KeyboardTest() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    read_end_.Reset(ends[0]);
    write_end_.Reset(ends[1]);
  }
  void Type(std::string_view text) const { ASSERT_TRUE(WriteAll(write_end_.get(), text)); }
  void TypeAll(std::string_view text) {
    Type(text);
    write_end_.Reset();
  }
  Result<Typed> Read(std::size_t bytes_max = 1000) {
    return FdKeyboard(read_end_.get(), read_end_.get()).ReadLines(bytes_max, StopToken(stop_));
  }
  std::string Text(std::size_t bytes_max = 1000) {
    const auto typed = Read(bytes_max);
    EXPECT_TRUE(typed.ok());
    return typed.ok() ? typed.value().text : "";
  }

  StopSource stop_;
  UniqueFd read_end_;
  UniqueFd write_end_;
};

TEST_F(KeyboardTest, ReadsUpToAnEmptyLine) {
  TypeAll("one\ntwo\n \t\nnot this\n");
  EXPECT_EQ(Text(), "one\ntwo\n");
}

TEST_F(KeyboardTest, NothingButAnEmptyLineIsNothing) {
  Type("\n");
  EXPECT_EQ(Text(), "");
}

TEST_F(KeyboardTest, EndsWhereTheInputEndsAlsoWithinALine) {
  TypeAll("one\ntw");
  EXPECT_EQ(Text(), "one\ntw");
  EXPECT_EQ(Text(), "") << "and again at once";
}

TEST_F(KeyboardTest, PutsTogetherLinesThatComeInPieces) {
  std::thread typist([&] {
    for (const char* piece : {"on", "e\nt", "wo", "\n", "\n"}) {
      Type(piece);
      std::this_thread::yield();
    }
  });
  EXPECT_EQ(Text(), "one\ntwo\n");
  typist.join();
}

TEST_F(KeyboardTest, KeepsAsMuchAsTheLimitAllows) {
  TypeAll("one\ntwo\nthree\n");
  const auto typed = Read(8);
  ASSERT_TRUE(typed.ok());
  EXPECT_EQ(typed.value().text, "one\ntwo\n");
  EXPECT_TRUE(typed.value().cut);
}

TEST_F(KeyboardTest, WhatJustFitsIsNotCut) {
  TypeAll("one\ntwo\n\n");
  const auto typed = Read(8);
  ASSERT_TRUE(typed.ok());
  EXPECT_EQ(typed.value().text, "one\ntwo\n");
  EXPECT_FALSE(typed.value().cut);
}

TEST_F(KeyboardTest, EveryLevelOfStopInterruptsAlsoWhileItWaits) {
  for (const StopLevel level : {StopLevel::kAfterStep, StopLevel::kNow}) {
    Type("half an ans");
    std::thread stopper([&] { stop_.Request(level); });
    const auto typed = Read();
    stopper.join();
    ASSERT_FALSE(typed.ok());
    EXPECT_EQ(typed.error().code, ErrorCode::kInterrupted);
  }
}

TEST_F(KeyboardTest, ADescriptorThatCannotBeReadIsAnError) {
  FdKeyboard keyboard(write_end_.get(), write_end_.get());
  read_end_.Reset();  // so that poll() reports it
  const auto typed = keyboard.ReadLines(10, StopToken(stop_));
  ASSERT_FALSE(typed.ok());
  EXPECT_EQ(typed.error().code, ErrorCode::kIo);
}

TEST_F(KeyboardTest, NobodyIsThereWithoutTwoTerminals) {
  EXPECT_FALSE(FdKeyboard(read_end_.get(), read_end_.get()).Attended());
  // A terminal, but not the one that controls this process: reading could stop us.
  const UniqueFd terminal(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  ASSERT_TRUE(terminal.open());
  EXPECT_FALSE(FdKeyboard(terminal.get(), terminal.get()).Attended());
  EXPECT_FALSE(FdKeyboard(terminal.get(), read_end_.get()).Attended());
  EXPECT_FALSE(FdKeyboard(-1, -1).Attended());
}

}  // namespace
}  // namespace caesar
