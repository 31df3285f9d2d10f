// Source -> shared object: nvcc as a child process with a deadline, behind the cache.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "build/toolkit.h"
#include "problem/problem.h"
#include "record/verdict.h"
#include "sys/clock.h"
#include "sys/files.h"
#include "sys/process.h"
#include "sys/stop.h"

namespace caesar {

enum class Role { kCandidate, kReference, kBaseline };

struct CompileRequest {
  const Problem* problem = nullptr;
  std::string source;  // the .cu text
  Role role = Role::kCandidate;
  std::string arch;  // sm_90a
  Milliseconds timeout{120'000};
};

struct Compiled {
  // Path of the shared object, in the cache. It stays as long as the Compiler lives (the last 256
  // of them do), and at least ten minutes.
  std::string object;
  std::string key;  // cache key
  CompileInfo info;
  std::string log;  // warnings and resource usage, as kept in compile.log
};

struct CompileFailed {
  std::string log;       // diagnostics with the candidate's own lines, our paths stripped; capped
  std::string headline;  // first error in one line
  int errors = 0;
  std::int64_t ms = 0;  // that nvcc took, also where it is cached
  bool cached = false;
};

struct CompileTimedOut {
  Milliseconds timeout{0};
  std::string log;
};

using CompileOutcome = std::variant<Compiled, CompileFailed, CompileTimedOut>;

// Why the simulated GPU cannot run the problem's baseline; empty: it can, or there is none.
std::string WhyBaselineIsNotSimulated(const Problem& problem);

// The seam that the session uses.
class Compiler {
 public:
  virtual ~Compiler() = default;
  // Errors: kEnvironment if nvcc cannot compile anything here (it is gone, no host compiler, no
  // space left) or was killed twice from outside on a source that is no candidate's, kBadInput for
  // a library or architecture that is unknown, kIo for the cache's files, kInterrupted.
  virtual Result<CompileOutcome> Compile(const CompileRequest& request, StopToken stop) = 0;
};

struct CacheConfig {
  std::string folder;  // CAESAR_CACHE_DIR, else $XDG_CACHE_HOME/caesar, else ~/.cache/caesar
  std::uint64_t bytes_max = std::uint64_t{2} << 30;
};

// nvcc through the cache. Thread-safe, and safe for many processes on one cache folder; `files` may
// be ScratchFiles(). Never asks twice what the cache knows: a failure is kept like a success,
// unless it was no answer (a time-out, a kill, a crash, a full disk).
std::unique_ptr<Compiler> MakeCompiler(Toolkit toolkit, CacheConfig cache, Files& files,
                                       Processes& processes, Clock& clock = RealClock(),
                                       SandboxMode sandbox = SandboxMode::kBestEffort);

struct CacheInfo {
  std::string folder;
  std::int64_t entries = 0;
  std::uint64_t bytes = 0;
  std::uint64_t bytes_max = 0;
};

// CAESAR_CACHE_DIR (else the XDG folder) and CAESAR_CACHE_MAX_MB (10^6 bytes; a number that cannot
// be read counts as not set, with a warning).
CacheConfig DefaultCache();
Result<CacheInfo> InspectCache(const CacheConfig& cache, Files& files);
// Removes everything but what a running process uses.
Status ClearCache(const CacheConfig& cache, Files& files);

}  // namespace caesar
