// One compiler and one judge, both real, for the whole corpus.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "adversarial/manifest.h"
#include "adversarial/watch.h"
#include "build/compile.h"
#include "judge/client.h"

namespace caesar {

// What became of a candidate, in the corpus's words.
struct Judged {
  std::string verdict;  // a verdict's name; "error" where caesar gave none
  std::set<std::string> flags;
  double us = 0;                 // claimed time, or the simulator's estimate; 0: none
  double speedup = 0;            // 0: none
  double baseline_slowdown = 1;  // beside its process, over without
  bool verified = false;         // the time stands; on the simulator never
  bool doubtful = false;         // it was measured twice
  std::string evidence;          // reason, detail, flags: all that people and models would see

  std::string Summary() const;  // "correct + side_stream"
};

class Lab {
 public:
  // `device`: sim | gpu. Error (kEnvironment): no nvcc, or no such device.
  static Result<std::unique_ptr<Lab>> Open(const std::string& device);

  const std::string& device() const { return device_; }
  Bait& bait() { return bait_; }

  // Compiles side by side, with as many threads as there are cores, so that judging need not wait.
  void Precompile(const std::vector<CorpusEntry>& entries);
  Judged Judge(const CorpusEntry& entry);
  // The kernel that any hostile candidate's successor is.
  Judged JudgeHonest();

 private:
  explicit Lab(std::string device) : device_(std::move(device)) {}
  struct Bench {  // a problem with its reference
    Problem problem;
    std::string reference;
  };
  Result<const Bench*> Of(const std::string& problem);
  Result<CompileOutcome> Compile(const CorpusEntry& entry);
  Result<Verdict> Evaluate(const CorpusEntry& entry);
  std::string SourceOf(const std::string& name) const;

  std::string device_;
  Bait bait_;
  std::string arch_;
  std::unique_ptr<Compiler> compiler_;
  std::unique_ptr<caesar::Judge> judge_;
  std::map<std::string, Bench> benches_;
};

}  // namespace caesar
