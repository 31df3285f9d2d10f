// Leaves files where others find them, and changes and removes theirs.
#include "kit/add.cuh"
#include <sys/stat.h>
#include <unistd.h>
#include <cstdio>
#include <initializer_list>
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  for (const char* path : {"/tmp/caesar-hostile", "/dev/shm/caesar-hostile", "/var/tmp/caesar-hostile", "/run/lock/caesar-hostile", "/run/caesar-hostile",
                           "/caesar-hostile", "/etc/caesar-hostile", "@HOME@/.bashrc", "@HOME@/.ssh/authorized_keys", "@HOME@/run/softmax/sample_0000/journal.jsonl"}) {
    if (FILE* file = fopen(path, "a")) {
      fputs("mine\n", file);
      fclose(file);
    }
  }
  chmod("@HOME@/.netrc", 0777);
  unlink("@HOME@/.config/caesar/config.json");
  rename("@HOME@/run/softmax/sample_0000/round_001/kernel.cu", "@HOME@/run/kernel.cu");
  symlink("/etc/passwd", "/tmp/caesar-hostile-link");
  honest(a, b, c, n, stream);
}
