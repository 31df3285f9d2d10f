// The driver's side of the judge: a seam for the session, and the real client that starts `caesar
// judge`. All methods may block; the judge is started, warmed up and restarted behind them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "problem/problem.h"
#include "record/device_info.h"
#include "record/run_config.h"
#include "record/verdict.h"
#include "sys/clock.h"
#include "sys/files.h"
#include "sys/process.h"
#include "sys/stop.h"

namespace caesar {

// What is judged. Paths are shared objects made by build/compile.h.
struct JudgeRequest {
  const Problem* problem = nullptr;
  std::string reference;
  std::string baseline;          // empty: there is none, or it cannot run on this device
  std::string baseline_skipped;  // why it cannot
  std::string candidate;
  std::string best;  // the best kernel so far, for Measure; empty: there is none
  TimingConfig timing;
  Milliseconds call_timeout{10'000};
  int sim_threads = 0;  // see RunConfig
  // Check makes all planned calls although results are wrong, at the bench shape too.
  bool thorough = false;
};

using JudgeProgress = std::function<void(const std::string& text)>;

class Judge {
 public:
  virtual ~Judge() = default;

  // The device. Error kEnvironment where there is none, saying why.
  virtual Result<DeviceInfo> Hello(StopToken stop) = 0;

  // Starts runners and loads reference and baseline in the background, while the model answers.
  // Never blocks on the GPU; `request.candidate` is ignored; without `request.reference` only the
  // judge itself is prepared for the problem. Failure shows up in Check.
  virtual void Warm(const JudgeRequest& request) = 0;

  // Correctness on all check shapes, then the bench shape. The verdict has no timing.
  // Error kEnvironment: the device, the judge or the problem's own reference failed.
  virtual Result<Verdict> Check(const JudgeRequest& request, const JudgeProgress& progress,
                                StopToken stop) = 0;

  // Times a candidate that passed Check. Returns `checked` with timing, baseline and speed-up; or a
  // worse verdict, since every timed call is checked too.
  virtual Result<Verdict> Measure(const JudgeRequest& request, const Verdict& checked,
                                  const JudgeProgress& progress, StopToken stop) = 0;
};

struct JudgeClientConfig {
  std::string program;          // the caesar binary, or a stand-in that speaks the same protocol
  std::string device = "auto";  // auto | cuda | cuda:N
  std::string toolkit;          // home of the CUDA toolkit, for NVRTC and CUPTI; may be empty
  std::string cache;  // folder that keeps what is measured once per device; empty: nothing is kept
  SandboxMode sandbox = SandboxMode::kBestEffort;  // of the runners
  Milliseconds silence_max{60'000};  // a judge that works says that it is alive every 5 s
};

// Starts the judge at its first use and again when it died.
std::unique_ptr<Judge> MakeJudgeClient(JudgeClientConfig config, Processes& processes,
                                       Clock& clock);

}  // namespace caesar
