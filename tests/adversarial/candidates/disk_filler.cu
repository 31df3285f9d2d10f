// Fills whatever it may write.
#include "kit/add.cuh"
#include <fcntl.h>
#include <unistd.h>
#include <initializer_list>
#include <string>
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  static bool once = [] {
    for (const char* folder : {"", "/tmp/", "/dev/shm/", "/var/tmp/", "@HOME@/"}) {
      const int fd = open((std::string(folder) + "caesar-hostile-fill").c_str(), O_RDWR | O_CREAT, 0600);
      if (fd >= 0 && posix_fallocate(fd, 0, 64 << 20) != 0) ftruncate(fd, 64 << 20);  // enough to see it
      if (fd >= 0) close(fd);
    }
    return true;
  }();
  static_cast<void>(once);
  honest(a, b, c, n, stream);
}
