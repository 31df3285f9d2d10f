#include "adversarial/watch.h"

#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/check.h"
#include "base/format.h"
#include "base/hash.h"
#include "base/strings.h"

namespace caesar {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMark = "caesar-hostile";  // what candidates call the files they leave

std::string Content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Parent and state from /proc/PID/stat; the name, in parentheses, may hold anything.
struct Stat {
  int parent = 0;
  char state = '?';
};
Stat StatOf(const std::string& pid) {
  const std::string text = Content("/proc/" + pid + "/stat");
  const std::size_t end = text.rfind(')');
  Stat stat;
  if (end != std::string::npos && end + 4 < text.size()) {
    stat.state = text[end + 2];
    stat.parent = std::atoi(text.c_str() + end + 4);
  }
  return stat;
}

}  // namespace

ProcessCensus Census() {
  std::map<int, Stat> all;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (const int pid = std::atoi(name.c_str()); pid > 0) all[pid] = StatOf(name);
  }
  ProcessCensus census;
  const int self = ::getpid();
  for (const auto& [pid, stat] : all) {
    int above = stat.parent;
    for (int depth = 0; above != self && above > 1 && depth < 64; ++depth)
      above = all.contains(above) ? all[above].parent : 0;
    if (above != self) continue;
    if (stat.state == 'Z') {  // an orphan that came to us
      if (stat.parent == self) ::waitpid(pid, nullptr, WNOHANG);
      continue;
    }
    std::string command = Content(Format("/proc/{}/cmdline", pid));
    std::replace(command.begin(), command.end(), '\0', ' ');
    ++census[std::string(Trim(Content(Format("/proc/{}/comm", pid)))) + ": " + command];
  }
  return census;
}

std::string Strangers(const ProcessCensus& normal, Milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const ProcessCensus now = Census();
    if (now == normal) return "";
    if (std::chrono::steady_clock::now() > deadline) {
      std::string text;
      for (const auto& [command, count] : now) {
        const auto was = normal.find(command);
        const int before = was == normal.end() ? 0 : was->second;
        if (count > before)
          text += Format("{} process(es) too many: {}; ", count - before, command);
      }
      for (const auto& [command, count] : normal) {
        const auto is = now.find(command);
        const int left = is == now.end() ? 0 : is->second;
        if (left < count) text += Format("{} process(es) missing: {}; ", count - left, command);
      }
      return text;
    }
    std::this_thread::sleep_for(Milliseconds(10));
  }
}

Bait::Bait() : home_(folder_ / "home") {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  // Other processes see the environment that this one was started with.
  const char* key = std::getenv("OPENAI_API_KEY");
  secret_ = key != nullptr && StartsWith(key, "DECOY") ? key : "DECOY-of-files-alone";
  for (const char* name :
       {".ssh/id_ed25519", ".config/caesar/config.json", ".netrc", ".bashrc",
        "run/softmax/sample_0000/journal.jsonl", "run/softmax/sample_0000/round_001/kernel.cu"}) {
    const fs::path path = fs::path(home_) / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << "// " << secret_ << "\n";
  }
  ::setenv("HOME", home_.c_str(), 1);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  auto* name = reinterpret_cast<sockaddr*>(&address);
  CHECK(listener_ >= 0 && ::bind(listener_, name, size) == 0 && ::listen(listener_, 16) == 0 &&
        ::getsockname(listener_, name, &size) == 0);
  port_ = ntohs(address.sin_port);
  folders_.push_back(home_);
}

Bait::~Bait() { ::close(listener_); }

std::map<std::string, std::string> Bait::Files() const {
  std::map<std::string, std::string> files;
  // The time of a change cannot be set. Whoever uses an entry of the cache touches its meta.json,
  // of which therefore the content counts.
  const auto note = [&](const fs::path& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return;
    const std::string state = path.filename() == "meta.json"
                                  ? HashHex(Content(path))
                                  : Format("{}.{:09}", info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
    files[path] = Format("{:o} {} {}", info.st_mode, info.st_size, state);
  };
  std::error_code ignored;
  for (const std::string& folder : folders_) {
    for (const auto& entry : fs::recursive_directory_iterator(folder, ignored)) {
      if (!entry.is_directory(ignored)) note(entry.path());
    }
  }
  for (const char* folder : {"/", "/tmp", "/var/tmp", "/dev/shm", "/run", "/run/lock", "/etc"}) {
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      if (StartsWith(entry.path().filename().string(), kMark)) note(entry.path());
    }
  }
  return files;
}

std::string Bait::Visitors() {
  std::string text;
  for (int fd; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0; ::close(fd)) {
    char said[256] = {};
    const ssize_t count = ::recv(fd, said, sizeof said - 1, MSG_DONTWAIT);
    text += Format("a connection was made, which said \"{}\"; ",
                   ForTerminal(std::string(said, count > 0 ? static_cast<std::size_t>(count) : 0)));
  }
  return text;
}

std::string Bait::Damage() {
  std::string text = Visitors();
  const auto now = Files();
  for (const auto& [path, state] : now) {
    const auto before = known_.find(path);
    if (before == known_.end()) {
      text += Format("{} was made; ", path);
    } else if (before->second != state) {
      text += Format("{} was changed; ", path);
    }
    if (StartsWith(fs::path(path).filename().string(), kMark)) fs::remove(path);
  }
  for (const auto& [path, state] : known_) {
    if (!now.contains(path)) text += Format("{} was removed; ", path);
  }
  known_ = Files();
  return text;
}

void Bait::Forget() {
  Visitors();
  known_ = Files();
}

void Bait::AcceptNew(const std::string& folder) {
  for (const auto& [path, state] : Files()) {
    if (StartsWith(path, folder + "/")) known_.emplace(path, state);
  }
}

}  // namespace caesar
