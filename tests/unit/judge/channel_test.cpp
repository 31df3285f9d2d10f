#include "judge/channel.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <thread>

namespace caesar {
namespace {

std::ptrdiff_t OpenDescriptors() {
  const std::filesystem::directory_iterator entries("/proc/self/fd");
  return std::distance(begin(entries), end(entries));
}

TEST(Fd, ClosesOnceAndMoves) {
  const auto before = OpenDescriptors();
  {
    Fd a(::dup(0));
    Fd b(std::move(a));
    EXPECT_EQ(a.get(), -1);
    Fd c(::dup(0));
    c = std::move(b);
    EXPECT_EQ(OpenDescriptors(), before + 1);
    const int released = Fd(::dup(0)).Release();
    EXPECT_EQ(::close(released), 0);
  }
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST(SealedMemory, HoldsItsContentForEver) {
  const std::string content = "the shared object\0 with a zero";
  const auto memory = SealedMemory("test", content);
  ASSERT_TRUE(memory.ok());
  const int fd = memory.value().get();
  EXPECT_EQ(ReadAll(fd, 1000).value(), content);

  EXPECT_EQ(::pwrite(fd, "x", 1, 0), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(::ftruncate(fd, 0), -1);
  EXPECT_EQ(::ftruncate(fd, 1000), -1);
  EXPECT_EQ(::mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
  EXPECT_EQ(::fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), -1);
  // Opening it anew gives no more rights.
  const Fd again(::open(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_RDWR | O_CLOEXEC));
  if (again.get() >= 0) {
    EXPECT_EQ(::pwrite(again.get(), "x", 1, 0), -1);
  }
  EXPECT_EQ(ReadAll(fd, 1000).value(), content);
}

TEST(SealedMemory, MayBeEmptyAndHasALimitForReaders) {
  EXPECT_EQ(ReadAll(SealedMemory("test", "").value().get(), 0).value(), "");
  const auto memory = SealedMemory("test", "12345");
  EXPECT_TRUE(ReadAll(memory.value().get(), 5).ok());
  const auto read = ReadAll(memory.value().get(), 4);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().message, "5 bytes are more than 4");
  EXPECT_FALSE(ReadAll(-1, 100).ok());
}

TEST(SharedControl, IsTheSameMemoryOnBothSidesAndCannotShrink) {
  auto ours = SharedControl::Make();
  ASSERT_TRUE(ours.ok());
  EXPECT_EQ(ours.value()->go.load(), 0u);
  EXPECT_EQ(ours.value()->done.load(), 0u);
  EXPECT_EQ(ours.value()->order.set_count, 1u);
  auto theirs = SharedControl::Open(::dup(ours.value().fd()));
  ASSERT_TRUE(theirs.ok());
  ours.value()->go.store(7);
  theirs.value()->claim.envelope_us = 2.5;
  EXPECT_EQ(theirs.value()->go.load(), 7u);
  EXPECT_EQ(ours.value()->claim.envelope_us, 2.5);
  EXPECT_EQ(::ftruncate(theirs.value().fd(), 0), -1);
  EXPECT_FALSE(SharedControl::Open(-1).ok());

  SharedControl moved(std::move(ours).value());
  EXPECT_EQ(moved->go.load(), 7u);
}

TEST(Messages, CarryBytesAndADescriptor) {
  const auto pair = MakeSocketPair(SOCK_SEQPACKET);
  ASSERT_TRUE(pair.ok());
  const auto memory = SealedMemory("test", "travels");
  ASSERT_TRUE(SendMessage(pair.value().ours.get(), "hello", 5, memory.value().get()).ok());
  char data[16] = {};
  auto received = ReceiveMessage(pair.value().theirs.get(), data, sizeof data, Milliseconds(1000));
  ASSERT_TRUE(received.ok() && received.value().has_value());
  EXPECT_EQ(received.value()->bytes, 5u);
  EXPECT_STREQ(data, "hello");
  const int fd = received.value()->fd.get();
  EXPECT_NE(fd, memory.value().get());
  EXPECT_EQ(ReadAll(fd, 100).value(), "travels");
  EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);

  ASSERT_TRUE(SendMessage(pair.value().ours.get(), "x", 1).ok());
  received = ReceiveMessage(pair.value().theirs.get(), data, sizeof data, Milliseconds(1000));
  EXPECT_EQ(received.value()->fd.get(), -1);
}

TEST(Messages, ALongOneIsCut) {
  const auto pair = MakeSocketPair(SOCK_SEQPACKET);
  ASSERT_TRUE(SendMessage(pair.value().ours.get(), "0123456789", 10).ok());
  ASSERT_TRUE(SendMessage(pair.value().ours.get(), "next", 4).ok());
  char data[8] = {};
  EXPECT_EQ(ReceiveMessage(pair.value().theirs.get(), data, 4, Milliseconds(1000)).value()->bytes,
            4u);
  EXPECT_STREQ(data, "0123");
  EXPECT_EQ(ReceiveMessage(pair.value().theirs.get(), data, 4, Milliseconds(1000)).value()->bytes,
            4u);
  EXPECT_STREQ(data, "next");
}

TEST(Messages, NothingAndNobody) {
  auto pair = MakeSocketPair(SOCK_SEQPACKET);
  char data[8];
  EXPECT_FALSE(
      ReceiveMessage(pair.value().ours.get(), data, 8, Milliseconds(0)).value().has_value());
  pair.value().theirs = Fd();
  const auto closed = ReceiveMessage(pair.value().ours.get(), data, 8, Milliseconds(1000));
  ASSERT_TRUE(closed.ok() && closed.value().has_value());
  EXPECT_EQ(closed.value()->bytes, 0u);
  EXPECT_FALSE(SendMessage(pair.value().ours.get(), "x", 1).ok());  // and no SIGPIPE
}

// Somebody who sends more descriptors than were asked for must not fill our table with them.
TEST(Messages, SurplusDescriptorsAreClosed) {
  const auto pair = MakeSocketPair(SOCK_SEQPACKET);
  const auto before = OpenDescriptors();
  for (int count : {2, 3, 10}) {
    char byte = 'x';
    iovec part{&byte, 1};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) char control[CMSG_SPACE(10 * sizeof(int))] = {};
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(static_cast<std::size_t>(count) * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(static_cast<std::size_t>(count) * sizeof(int));
    const int fds[10] = {};
    std::memcpy(CMSG_DATA(header), fds, static_cast<std::size_t>(count) * sizeof(int));
    ASSERT_EQ(::sendmsg(pair.value().ours.get(), &message, 0), 1);
    char data[8];
    EXPECT_TRUE(ReceiveMessage(pair.value().theirs.get(), data, 8, Milliseconds(1000)).ok());
    EXPECT_EQ(OpenDescriptors(), before) << count;
  }
}

// Somebody who never reads must not stop us: the judge's patience is counted by its clock, not by a
// full socket.
TEST(Messages, AFullSocketIsAnErrorAndNoWait) {
  const auto pair = MakeSocketPair(SOCK_SEQPACKET);
  const std::string message(1000, 'x');
  Status sent;
  int count = 0;
  while (sent.ok() && count < 100'000) {
    sent = SendMessage(pair.value().ours.get(), message.data(), message.size());
    ++count;
  }
  EXPECT_FALSE(sent.ok());
  EXPECT_GT(count, 2);
}

TEST(WaitForChange, SeesAChangeThatIsThere) {
  const std::atomic<std::uint32_t> word{1};
  EXPECT_TRUE(WaitForChange(word, 0, std::chrono::microseconds(0), Milliseconds(0)));
  EXPECT_FALSE(WaitForChange(word, 1, std::chrono::microseconds(10), Milliseconds(1)));
}

TEST(WaitForChange, IsWokenFromItsSleep) {
  std::atomic<std::uint32_t> word{0};
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    word.store(1);
    WakeWaiters(word);
  });
  const auto begin = std::chrono::steady_clock::now();
  bool changed = false;
  // A futex may wake for no reason.
  while (!changed && std::chrono::steady_clock::now() - begin < std::chrono::seconds(10))
    changed = WaitForChange(word, 0, std::chrono::microseconds(0), Milliseconds(10'000));
  EXPECT_TRUE(changed);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(9));
  writer.join();
}

}  // namespace
}  // namespace caesar
