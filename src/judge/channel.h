// The system calls under the runner protocol: sealed memory, descriptors over sockets, waiting on a
// shared word.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "judge/runner_protocol.h"
#include "sys/clock.h"

namespace caesar {

// A file descriptor that is closed by the destructor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.Release()) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd();

  int get() const { return fd_; }
  int Release();

 private:
  int fd_ = -1;
};

// Anonymous memory with that content; nobody can change it any more.
Result<Fd> SealedMemory(const char* name, std::string_view content);
Result<std::string> ReadAll(int fd, std::uint64_t bytes_max);

// A ControlBlock in memory that two processes share.
class SharedControl {
 public:
  static Result<SharedControl> Make();
  static Result<SharedControl> Open(int fd);  // takes a descriptor that Make() made
  SharedControl(SharedControl&& other) noexcept;
  SharedControl& operator=(SharedControl&&) = delete;
  ~SharedControl();

  ControlBlock& operator*() const { return *block_; }
  ControlBlock* operator->() const { return block_; }
  int fd() const { return fd_.get(); }

 private:
  SharedControl(Fd fd, ControlBlock* block) : fd_(std::move(fd)), block_(block) {}
  Fd fd_;
  ControlBlock* block_;
};

struct SocketPair {
  Fd ours;
  Fd theirs;
};
Result<SocketPair> MakeSocketPair(int type);  // SOCK_SEQPACKET or SOCK_STREAM

// One message, with a descriptor if `fd` is not -1. Never waits: a full socket is an Error.
Status SendMessage(int socket, const void* data, std::size_t bytes, int fd = -1);

struct Received {
  std::size_t bytes = 0;  // 0: the other side is gone
  Fd fd;
};
// Empty if nothing came within `timeout`. A longer message is cut to `bytes_max`.
Result<std::optional<Received>> ReceiveMessage(int socket, void* data, std::size_t bytes_max,
                                               Milliseconds timeout);

// Waits until `word` is no longer `old`: spins for `spin`, then sleeps in the kernel for at most
// `sleep`. Returns whether it changed.
bool WaitForChange(const std::atomic<std::uint32_t>& word, std::uint32_t old,
                   std::chrono::microseconds spin, Milliseconds sleep);
void WakeWaiters(std::atomic<std::uint32_t>& word);

// How long a waiter may spin: long on machines with cores to spare, hardly at all on small ones.
std::chrono::microseconds SpinTime();

}  // namespace caesar
