#include "integration/cli_machine.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

namespace fs = std::filesystem;

constexpr int kPatienceMs = 60'000;

constexpr const char* kProblem = R"({
  "version": 1, "name": "scale", "summary": "Doubles a vector", "tags": [], "launcher": "solve",
  "dims": ["n"],
  "inputs": [{ "name": "x", "dtype": "f32", "shape": ["n"], "fill": { "normal": [0, 1] } }],
  "outputs": [{ "name": "y", "dtype": "f32", "shape": ["n"], "atol": 1e-6, "rtol": 1e-5 }],
  "scalars": [],
  "shapes": [{ "name": "bench", "roles": ["bench"], "n": 1048576 },
             { "name": "odd", "roles": ["check"], "n": 37 }],
  "flops": "n", "bytes": "8*n", "policy": { "tf32": false, "libraries": [] },
  "baseline_libraries": []
}
)";

// Copies the source where nvcc would put the object, unless the source asks for something else.
constexpr const char* kNvcc = R"(#!/bin/sh
if [ "$1" = --version ]; then
  echo "Cuda compilation tools, release 13.0, V13.0.88"
  exit 0
fi
for word; do
  [ "$before" = -o ] && object=$word
  before=$word
  source=$word
done
says=$(sed -n 's|^// nvcc: ||p' "$source")
case $says in
  error)
    echo 'kernel.cu(3): error: expected a ";"' >&2
    echo '1 error detected in the compilation of "caesar_entry.cu".' >&2
    exit 1 ;;
  hang) exec sleep 600 ;;
  killed) kill -KILL $$ ;;
esac
cat "$source" > "$object"
)";

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteFile(const std::string& path, const std::string& content) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  CHECK(file.good());
}

std::vector<char*> Pointers(Words& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

void CopyVariable(const char* name, std::map<std::string, std::string>& environment) {
  if (const char* value = std::getenv(name)) environment[name] = value;
}

}  // namespace

std::ostream& operator<<(std::ostream& stream, const Ended& ended) {
  return stream << "exit code " << ended.code << ", signal " << ended.signal << "\n--- out\n"
                << Shorten(ended.out, 4'000) << "\n--- err\n"
                << Shorten(ended.err, 4'000);
}

Running::Running(const Words& argv, const std::map<std::string, std::string>& environment,
                 const std::string& folder, const std::string& input, const std::string& output)
    : output_(output) {
  WriteFile(output + ".in", input);
  Words variables;
  for (const auto& [name, value] : environment) variables.push_back(Format("{}={}", name, value));
  Words words = argv;
  const std::vector<char*> arguments = Pointers(words);
  const std::vector<char*> pointers = Pointers(variables);
  const std::string paths[3] = {output + ".in", output + ".out", output + ".err"};
  pid_ = ::fork();
  CHECK(pid_ >= 0);
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int fd = 0; fd < 3; ++fd) {
      const int flags = fd == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC;
      if (::dup2(::open(paths[fd].c_str(), flags | O_CLOEXEC, 0666), fd) != fd) ::_exit(126);
    }
    if (::chdir(folder.c_str()) != 0) ::_exit(126);
    ::execve(arguments[0], arguments.data(), pointers.data());
    ::_exit(127);
  }
  pidfd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  CHECK(pidfd_ >= 0);
}

Running::Running(Running&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::exchange(other.pidfd_, -1)),
      output_(std::move(other.output_)) {}

Running::~Running() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (pidfd_ >= 0) ::close(pidfd_);
}

void Running::Signal(int number) const { CHECK(::kill(pid_, number) == 0); }

bool Running::ended() const {
  pollfd wait{.fd = pidfd_, .events = POLLIN, .revents = 0};
  return ::poll(&wait, 1, 0) == 1;
}

std::string Running::err() const { return ReadFile(output_ + ".err"); }

Ended Running::Wait() {
  pollfd wait{.fd = pidfd_, .events = POLLIN, .revents = 0};
  int ready = 0;
  while ((ready = ::poll(&wait, 1, kPatienceMs)) < 0) CHECK(errno == EINTR);
  if (ready == 0) {
    ADD_FAILURE() << "caesar did not end within a minute: " << err();
    Signal(SIGKILL);
  }
  int status = 0;
  CHECK(::waitpid(pid_, &status, 0) == pid_);
  pid_ = -1;
  Ended ended;
  if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
  ended.out = ReadFile(output_ + ".out");
  ended.err = ReadFile(output_ + ".err");
  return ended;
}

Machine::Machine() {
  Write("toolkit/bin/nvcc", kNvcc);
  CHECK(::chmod((folder_ / "toolkit/bin/nvcc").c_str(), 0755) == 0);
  Write("toolkit/lib64/libcudart_static.a", "");
  Write("toolkit/lib64/libcublas.so", "");
  fs::create_directory(folder_ / "bin");
  fs::create_symlink(CAESAR_BINARY, folder_ / "bin/caesar");
  fs::create_symlink(CAESAR_SCRIPTED_JUDGE, folder_ / "judge");
  CHECK(::mkfifo((folder_ / "judge.go").c_str(), 0600) == 0);
  Write("scale/problem.json", kProblem);
  Write("scale/statement.md", "Write y = 2 x.\n");
  Write("scale/reference.cu", KernelOf(""));
  Write("scale/baseline.cu", KernelOf("the baseline"));
  environment_ = {{"HOME", folder_.path()},
                  {"PATH", folder_ / "bin:/usr/bin:/bin"},
                  {"LC_ALL", "C"},
                  {"TMPDIR", folder_.path()},
                  {"no_proxy", "*"},
                  {"CAESAR_CACHE_DIR", folder_ / "cache"},
                  {"CAESAR_NVCC", folder_ / "toolkit/bin/nvcc"},
                  {"CAESAR_JUDGE", folder_ / "judge"}};
  CopyVariable("LD_LIBRARY_PATH", environment_);
  CopyVariable("ASAN_OPTIONS", environment_);
  CopyVariable("TSAN_OPTIONS", environment_);
}

Running Machine::Start(const Words& words, const std::string& input) {
  Words argv = {CAESAR_BINARY};
  argv.insert(argv.end(), words.begin(), words.end());
  return Running(argv, environment_, folder_.path(), input, folder_ / Format("std/{}", ++started_));
}

Ended Machine::Run(const Words& words, const std::string& input) {
  return Start(words, input).Wait();
}

Ended Machine::Shell(const std::string& command) { return StartShell(command).Wait(); }

Running Machine::StartShell(const std::string& command) {
  return Running({"/bin/sh", "-c", command}, environment_, folder_.path(), "",
                 folder_ / Format("std/{}", ++started_));
}

void Machine::Write(const std::string& name, const std::string& content) const {
  WriteFile(folder_ / name, content);
}

std::string Machine::Read(const std::string& name) const { return ReadFile(folder_ / name); }

bool Machine::Has(const std::string& name) const { return fs::exists(folder_ / name); }

void Machine::Replies(const std::vector<std::string>& replies) const {
  for (std::size_t i = 0; i < replies.size(); ++i)
    Write(Format("scale/replies/{:03}.md", i + 1), replies[i]);
}

int Machine::Judged(const std::string& request) const {
  const std::string log = Read("judge.log");
  const auto lines = Lines(log);
  return static_cast<int>(std::count(lines.begin(), lines.end(), std::string_view(request)));
}

void Machine::JudgeGo() const {
  int fd = -1;
  // A writer finds the FIFO without a reader until the judge has opened it.
  ASSERT_TRUE(Eventually([&] {
    fd = ::open((folder_ / "judge.go").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0;
  }));
  ::close(fd);
}

std::vector<JournalLine> Machine::Journal(const std::string& sample) const {
  auto journal = ParseJournal(Read(sample + "/journal.jsonl"), sample);
  EXPECT_TRUE(journal.ok()) << journal.error().message;
  return journal.ok() ? journal.value().lines : std::vector<JournalLine>();
}

Words Machine::Steps(const std::string& sample) const {
  Words steps;
  for (const JournalLine& line : Journal(sample)) steps.push_back(line.from + " " + line.outcome);
  return steps;
}

std::string Machine::LastStep(const std::string& sample) const {
  const Words steps = Steps(sample);
  return steps.empty() ? "" : steps.back();
}

SampleResult Machine::Result(const std::string& json) const {
  auto result = ParseSampleResult(json);
  EXPECT_TRUE(result.ok()) << result.error().message << "\n" << json;
  return result.ok() ? std::move(result).value() : SampleResult();
}

std::string KernelOf(const std::string& kernel_says) {
  std::string kernel;
  for (const std::string_view line : Lines(kernel_says)) kernel += Format("// {}\n", line);
  return kernel +
         "extern \"C\" void solve(const float* x, float* y, int64_t n, cudaStream_t stream) {}\n";
}

std::string ReplyOf(const std::string& kernel_says) {
  return "Here is my kernel.\n\n```cuda\n" + KernelOf(kernel_says) + "```\n";
}

ModelServer::ModelServer(std::vector<std::string> replies)
    : replies_(std::move(replies)), asked_(replies_.size(), 0) {
  server_.AnswerWith([this](const std::string& request) { return Answer(request); });
}

std::string ModelServer::Answer(const std::string& request) {
  const auto index = static_cast<std::size_t>(RoundOf(request)) - 1;
  if (index >= replies_.size()) return "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n";
  const std::lock_guard lock(mutex_);
  ++asked_[index];
  return Stream(replies_[index]);
}

std::vector<int> ModelServer::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

void ModelServer::Forget() {
  const std::lock_guard lock(mutex_);
  asked_.assign(replies_.size(), 0);
}

std::string ModelServer::Stream(const std::string& text, int tokens) {
  std::string body;
  const auto event = [&](const std::string& json) { body += "data: " + json + "\n\n"; };
  for (std::size_t i = 0; i < text.size(); i += 40) {
    std::string piece;
    for (const char c : text.substr(i, 40)) {
      if (c == '"' || c == '\\') piece += '\\';
      piece += c == '\n' ? "\\n" : std::string(1, c);
    }
    event(R"({"model":"m-1","choices":[{"index":0,"delta":{"content":")" + piece + "\"}}]}");
  }
  event(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})");
  event(Format(R"({{"choices":[],"usage":{{"prompt_tokens":{},"completion_tokens":{}}}}})", tokens,
               tokens / 2));
  event("[DONE]");
  return Format("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: {}\r\n\r\n",
                body.size()) +
         body;
}

int RoundOf(const std::string& request) {
  constexpr std::string_view kMark = "This is round ";
  const std::size_t at = request.rfind(kMark);
  return at == std::string::npos ? 0 : std::atoi(request.c_str() + at + kMark.size());
}

bool Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace caesar
