// A machine for tests of the real program: a folder of its own with a problem, a stand-in for nvcc
// and one for the judge, and the program as a child process. No GPU, no CUDA toolkit.
//
// A kernel says in comments what becomes of it: "// nvcc: error", "// judge: check wrong" (see
// tests/fakes/scripted_judge.cpp), because the stand-in for nvcc makes the "object" by copying.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "fakes/loopback_server.h"
#include "fakes/temp_folder.h"
#include "record/journal.h"
#include "record/sample_result.h"

namespace caesar {

using Words = std::vector<std::string>;

struct Ended {
  int code = -1;   // exit code; -1: a signal, or it had to be killed by the test
  int signal = 0;  // that ended it
  std::string out;
  std::string err;
};
std::ostream& operator<<(std::ostream& stream, const Ended& ended);

// A running caesar. The destructor kills it; what caesar started dies with it.
class Running {
 public:
  Running(const Words& argv, const std::map<std::string, std::string>& environment,
          const std::string& folder, const std::string& input, const std::string& output);
  ~Running();
  Running(Running&& other) noexcept;
  Running& operator=(Running&&) = delete;

  int pid() const { return pid_; }
  void Signal(int number) const;
  bool ended() const;
  std::string err() const;  // so far
  // Kills it, and fails the test, if it takes longer than a minute.
  Ended Wait();

 private:
  pid_t pid_ = -1;
  int pidfd_ = -1;
  std::string output_;  // <output>.out and <output>.err
};

class Machine {
 public:
  Machine();

  std::string operator/(const std::string& name) const { return folder_ / name; }
  void Set(const std::string& name, const std::string& value) { environment_[name] = value; }
  void Unset(const std::string& name) { environment_.erase(name); }
  const std::map<std::string, std::string>& environment() const { return environment_; }

  Running Start(const Words& words, const std::string& input = "");
  Ended Run(const Words& words, const std::string& input = "");
  // A shell command that finds `caesar` on its PATH, with this machine's environment.
  Ended Shell(const std::string& command);
  Running StartShell(const std::string& command);

  void Write(const std::string& name, const std::string& content) const;  // makes folders too
  std::string Read(const std::string& name) const;  // empty if it is not there
  bool Has(const std::string& name) const;

  // The problem `scale` in a folder of that name; its replies are those for the replay provider.
  void Replies(const std::vector<std::string>& replies) const;
  void JudgeScript(const std::string& script) const { Write("judge.script", script); }
  // How often the judge was asked that: "hello", "check", "measure", ...
  int Judged(const std::string& request) const;
  // Lets a judge go on that waits, and waits until one does.
  void JudgeGo() const;

  // Of the run directory R.
  std::vector<JournalLine> Journal(const std::string& sample = "R/scale/sample_0000") const;
  Words Steps(const std::string& sample = "R/scale/sample_0000") const;  // "Start RoundOpened", ...
  std::string LastStep(const std::string& sample = "R/scale/sample_0000") const;
  SampleResult Result(const std::string& json) const;

 private:
  TempFolder folder_;
  std::map<std::string, std::string> environment_;
  int started_ = 0;
};

// A reply with a kernel that says these lines about itself, one a line: "nvcc: error".
std::string ReplyOf(const std::string& kernel_says);
std::string KernelOf(const std::string& kernel_says);

// An OpenAI-compatible server: streams the reply of the round that a request asks for.
class ModelServer {
 public:
  explicit ModelServer(std::vector<std::string> replies);
  std::string Url() const { return server_.Url("/v1"); }
  LoopbackServer& server() { return server_; }
  // How often each round was asked for, from round 1, since the last Forget().
  std::vector<int> asked() const;
  void Forget();

  // A whole response: an event stream with these pieces of text.
  static std::string Stream(const std::string& text, int tokens = 100);

 private:
  std::string Answer(const std::string& request);

  std::vector<std::string> replies_;
  mutable std::mutex mutex_;
  std::vector<int> asked_;
  LoopbackServer server_;  // last: its thread uses the others
};

// The round that a request asks for.
int RoundOf(const std::string& request);

// Waits until it holds, at most a minute; false if it did not.
bool Eventually(const std::function<bool()>& condition);

}  // namespace caesar

// EXPECT that the text holds the part.
#define EXPECT_HAS(text, part) \
  EXPECT_NE((text).find(part), std::string::npos) << "looked for: " << (part) << "\nin: " << (text)
#define ASSERT_HAS(text, part) \
  ASSERT_NE((text).find(part), std::string::npos) << "looked for: " << (part) << "\nin: " << (text)
#define EXPECT_HAS_NOT(text, part) EXPECT_EQ((text).find(part), std::string::npos) << (text)
