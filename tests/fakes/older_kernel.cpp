// Runs a command as if this kernel were an older or a stricter one:
//   caesar_older_kernel without-landlock|landlock-off|without-seccomp|forbidden COMMAND...
// by a filter of its own that answers the system calls as such a kernel would.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <map>
#include <string>

namespace {

struct Answer {
  unsigned call;
  unsigned error_number;
};

const std::map<std::string, Answer>& Kernels() {
  static const std::map<std::string, Answer> kernels = {
      {"without-landlock", {444, ENOSYS}},  // before Linux 5.13
      {"landlock-off", {444, EOPNOTSUPP}},  // not named by lsm= at boot
      {"without-seccomp", {SYS_seccomp, ENOSYS}},
      {"forbidden", {444, EPERM}},  // by a container
  };
  return kernels;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || Kernels().count(argv[1]) == 0) return 2;
  const Answer answer = Kernels().at(argv[1]);
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, answer.call, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | answer.error_number),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{sizeof filter / sizeof *filter, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    std::perror("caesar_older_kernel");
    return 77;
  }
  execvp(argv[2], argv + 2);
  std::perror(argv[2]);
  return 127;
}
