#include "integration/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): posix_openpt is POSIX, not C
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

#include "base/check.h"
#include "base/format.h"

namespace caesar {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// In the child: a session of its own, whose terminal is the first one that it opens.
void TakeTerminal(const char* name) {
  if (::setsid() < 0) ::_exit(126);
  const int terminal = ::open(name, O_RDWR);
  if (terminal < 0) ::_exit(126);
  for (int fd = 0; fd < 3; ++fd) {
    if (::dup2(terminal, fd) != fd) ::_exit(126);
  }
  if (terminal > 2) ::close(terminal);
}

}  // namespace

Terminal::Terminal(std::vector<std::string> argv,
                   const std::map<std::string, std::string>& environment, const std::string& folder)
    : ours_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
  char name[64];
  CHECK(ours_.open() && ::grantpt(ours_.get()) == 0 && ::unlockpt(ours_.get()) == 0);
  CHECK(::ptsname_r(ours_.get(), name, sizeof name) == 0);
  std::vector<std::string> variables;
  for (const auto& [key, value] : environment) variables.push_back(Format("{}={}", key, value));
  const std::vector<char*> words = Pointers(argv);
  const std::vector<char*> pointers = Pointers(variables);
  pid_ = ::fork();
  CHECK(pid_ >= 0);
  if (pid_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  TakeTerminal(name);
  if (::chdir(folder.c_str()) != 0) ::_exit(126);
  ::execve(words[0], words.data(), pointers.data());
  ::_exit(127);
}

Terminal::~Terminal() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Terminal::Type(std::string_view keys) const { CHECK(WriteAll(ours_.get(), keys)); }

bool Terminal::Read(int ms) {
  pollfd wait{.fd = ours_.get(), .events = POLLIN, .revents = 0};
  if (Uninterrupted([&] { return ::poll(&wait, 1, ms); }) <= 0) return true;
  char buffer[4096];
  const ssize_t got = Uninterrupted([&] { return ::read(ours_.get(), buffer, sizeof buffer); });
  if (got <= 0) return false;  // EIO: nobody has the terminal open any more
  screen_.append(buffer, static_cast<std::size_t>(got));
  return true;
}

bool Terminal::Shows(const std::string& text) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (screen_.find(text) == std::string::npos) {
    if (!Read(100) || std::chrono::steady_clock::now() > deadline)
      return screen_.find(text) != std::string::npos;
  }
  return true;
}

int Terminal::Wait() {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (Read(100)) {
    if (std::chrono::steady_clock::now() > deadline) return -1;  // the destructor kills it
  }
  int status = 0;
  CHECK(::waitpid(pid_, &status, 0) == pid_);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace caesar
