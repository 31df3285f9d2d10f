#include "judge/channel.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <thread>
#include <utility>

#include "base/format.h"

namespace caesar {
namespace {

Error SystemError(const char* what) {
  return Error{ErrorCode::kEnvironment, Format("{} failed: {}", what, std::strerror(errno)), ""};
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) close(fd_);
    fd_ = other.Release();
  }
  return *this;
}

Fd::~Fd() {
  if (fd_ >= 0) close(fd_);
}

int Fd::Release() { return std::exchange(fd_, -1); }

Result<Fd> SealedMemory(const char* name, std::string_view content) {
  Fd fd(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (fd.get() < 0) return SystemError("making anonymous memory");
  for (std::size_t written = 0; written < content.size();) {
    const ssize_t count = write(fd.get(), content.data() + written, content.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return SystemError("writing anonymous memory");
    written += static_cast<std::size_t>(count);
  }
  if (fcntl(fd.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return SystemError("sealing anonymous memory");
  }
  return fd;
}

Result<std::string> ReadAll(int fd, std::uint64_t bytes_max) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return SystemError("reading the size of a descriptor");
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size > bytes_max)
    return Error{ErrorCode::kInternal, Format("{} bytes are more than {}", size, bytes_max), ""};
  std::string content(size, '\0');
  for (std::size_t done = 0; done < size;) {
    const ssize_t count = pread(fd, content.data() + done, size - done, static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return SystemError("reading a descriptor");
    done += static_cast<std::size_t>(count);
  }
  return content;
}

Result<SharedControl> SharedControl::Make() {
  Fd fd(memfd_create("caesar-control", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (fd.get() < 0 || ftruncate(fd.get(), sizeof(ControlBlock)) != 0)
    return SystemError("making shared memory");
  // A runner that shrank it would kill the judge with SIGBUS.
  if (fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    return SystemError("sealing shared memory");
  auto control = TRY(Open(fd.Release()));
  new (&*control) ControlBlock;
  return control;
}

Result<SharedControl> SharedControl::Open(int raw) {
  Fd fd(raw);
  void* address =
      mmap(nullptr, sizeof(ControlBlock), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (address == MAP_FAILED) return SystemError("mapping shared memory");
  return SharedControl(std::move(fd), static_cast<ControlBlock*>(address));
}

SharedControl::SharedControl(SharedControl&& other) noexcept
    : fd_(std::move(other.fd_)), block_(std::exchange(other.block_, nullptr)) {}

SharedControl::~SharedControl() {
  if (block_ != nullptr) munmap(block_, sizeof(ControlBlock));
}

Result<SocketPair> MakeSocketPair(int type) {
  int fds[2];
  if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds) != 0)
    return SystemError("making a socket pair");
  return SocketPair{Fd(fds[0]), Fd(fds[1])};
}

Status SendMessage(int socket, const void* data, std::size_t bytes, int fd) {
  iovec part{const_cast<void*>(data), bytes};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  if (fd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  ssize_t sent;
  do {
    // At most one message is under way each time; a socket that is full is one whose other side
    // does not read, and waiting for it would have no end.
    sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  if (sent != static_cast<ssize_t>(bytes)) return SystemError("sending to a runner");
  return {};
}

Result<std::optional<Received>> ReceiveMessage(int socket, void* data, std::size_t bytes_max,
                                               Milliseconds timeout) {
  pollfd waiting{socket, POLLIN, 0};
  const int ready = poll(&waiting, 1, static_cast<int>(timeout.count()));
  if (ready == 0 || (ready < 0 && errno == EINTR)) return std::optional<Received>();
  if (ready < 0) return SystemError("waiting for a message");

  iovec part{data, bytes_max};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t count;
  do {
    count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (count < 0 && errno == EINTR);
  Received received;
  if (count < 0 && errno == ECONNRESET) return std::optional<Received>(std::move(received));
  if (count < 0) return SystemError("receiving a message");
  received.bytes = static_cast<std::size_t>(count);
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    // The kernel installs as many as fit, padding included: who keeps only the first leaks the
    // rest.
    const std::size_t descriptors = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < descriptors; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
      received.fd = Fd(fd);
    }
  }
  return std::optional<Received>(std::move(received));
}

bool WaitForChange(const std::atomic<std::uint32_t>& word, std::uint32_t old,
                   std::chrono::microseconds spin, Milliseconds sleep) {
  const auto end = std::chrono::steady_clock::now() + spin;
  do {
    for (int i = 0; i < 64; ++i) {
      if (word.load(std::memory_order_acquire) != old) return true;
      __builtin_ia32_pause();
    }
  } while (std::chrono::steady_clock::now() < end);
  timespec limit{};
  limit.tv_sec = sleep.count() / 1000;
  limit.tv_nsec = sleep.count() % 1000 * 1'000'000;
  syscall(SYS_futex, &word, FUTEX_WAIT, old, &limit, nullptr, 0);
  return word.load(std::memory_order_acquire) != old;
}

void WakeWaiters(std::atomic<std::uint32_t>& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE, INT32_MAX, nullptr, nullptr, 0);
}

std::chrono::microseconds SpinTime() {
  static const bool spare_cores = std::thread::hardware_concurrency() >= 8;
  return std::chrono::microseconds(spare_cores ? 20'000 : 50);
}

}  // namespace caesar
