// Connects through io_uring, whose work no filter of system calls sees.
#include "kit/add.cuh"
#include <arpa/inet.h>
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <atomic>
#include <cstring>
struct Ring {
  int fd = -1;
  io_uring_params params{};
  char* rings = nullptr;
  io_uring_sqe* entries = nullptr;
  bool open() {
    fd = static_cast<int>(syscall(SYS_io_uring_setup, 4, &params));
    if (fd < 0) return false;
    const size_t bytes = params.cq_off.cqes + params.cq_entries * sizeof(io_uring_cqe);
    rings = static_cast<char*>(mmap(nullptr, bytes + 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQ_RING));
    entries = static_cast<io_uring_sqe*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQES));
    return rings != MAP_FAILED && entries != MAP_FAILED;
  }
  unsigned& word(unsigned offset) { return *reinterpret_cast<unsigned*>(rings + offset); }
  int run(const io_uring_sqe& entry) {
    const unsigned tail = word(params.sq_off.tail), slot = tail & word(params.sq_off.ring_mask);
    entries[slot] = entry;
    (&word(params.sq_off.array))[slot] = slot;
    std::atomic_thread_fence(std::memory_order_seq_cst);
    word(params.sq_off.tail) = tail + 1;
    if (syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, nullptr, 0) < 0) return -1;
    const unsigned head = word(params.cq_off.head);
    const int result = reinterpret_cast<io_uring_cqe*>(rings + params.cq_off.cqes)[head & word(params.cq_off.ring_mask)].res;
    word(params.cq_off.head) = head + 1;
    return result;
  }
};
__attribute__((constructor)) static void carry() {
  Ring ring;
  if (!ring.open()) return;
  io_uring_sqe make{};
  make.opcode = 45;  // IORING_OP_SOCKET, since Linux 5.19
  make.fd = AF_INET;
  make.off = SOCK_STREAM;
  const int fd = ring.run(make);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(@PORT@);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  io_uring_sqe go{};
  go.opcode = IORING_OP_CONNECT;
  go.fd = fd;
  go.addr = reinterpret_cast<uintptr_t>(&to);
  go.off = sizeof to;
  if (fd >= 0) ring.run(go);
}
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) { honest(a, b, c, n, stream); }
