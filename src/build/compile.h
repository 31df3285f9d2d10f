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
  std::string source;         // the .cu text
  Role role = Role::kCandidate;
  std::string arch;           // sm_90a
  Milliseconds timeout{120'000};
};

struct Compiled {
  std::string object;  // path of the shared object, in the cache
  std::string key;     // cache key
  CompileInfo info;
  std::string log;     // warnings and resource usage, as kept in compile.log
};

struct CompileFailed {
  std::string log;       // diagnostics with the candidate's own lines, our paths stripped; capped
  std::string headline;  // first error in one line
  int errors = 0;
  std::int64_t ms = 0;
  bool cached = false;
};

struct CompileTimedOut {
  Milliseconds timeout{0};
  std::string log;
};

using CompileOutcome = std::variant<Compiled, CompileFailed, CompileTimedOut>;

// The seam that the session uses.
class Compiler {
 public:
  virtual ~Compiler() = default;
  virtual Result<CompileOutcome> Compile(const CompileRequest& request, StopToken stop) = 0;
};

struct CacheConfig {
  std::string folder;  // CAESAR_CACHE_DIR, else $XDG_CACHE_HOME/caesar, else ~/.cache/caesar
  std::uint64_t bytes_max = std::uint64_t{2} << 30;
};

// nvcc through the cache. Thread-safe, and safe for many processes on one cache folder.
std::unique_ptr<Compiler> MakeCompiler(Toolkit toolkit, CacheConfig cache, Files& files, Processes& processes);

struct CacheInfo {
  std::string folder;
  std::int64_t entries = 0;
  std::uint64_t bytes = 0;
  std::uint64_t bytes_max = 0;
};

CacheConfig DefaultCache();
Result<CacheInfo> InspectCache(const CacheConfig& cache, Files& files);
Status ClearCache(const CacheConfig& cache, Files& files);

}  // namespace caesar
