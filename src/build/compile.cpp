// MakeCompiler: key -> cache -> nvcc -> diagnostics -> cache.
#include "build/compile.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/check.h"
#include "base/format.h"
#include "base/hash.h"
#include "base/strings.h"
#include "build/cache.h"
#include "build/diagnostics.h"
#include "build/nvcc_command.h"
#include "problem/signature.h"
#include "record/device_info.h"

namespace caesar {
namespace {

constexpr std::size_t kSourceBytesMax = std::size_t{1} << 20;
constexpr std::size_t kDependsBytesMax = std::size_t{4} << 20;
constexpr Milliseconds kProbeTimeout{60'000};
// A compilation that runs out of space looks like one that its source made fail. A kernel with
// CUB's reduction, scan and sort was measured to need 42 MiB at once, plain ones a tenth of that.
constexpr std::uint64_t kFreeBytesMin = std::uint64_t{64} << 20;

// Everything that decides what nvcc answers.
struct Plan {
  std::string source;  // with the entry point
  std::vector<std::string> flags;
  std::string host_compiler;  // its path
  std::string exported;
  std::string runtime;  // the contents of kRuntimeFile; empty: none
  std::string arch;
  bool trusted = false;  // not a candidate's
  DiagnosticsContext context;
  std::string key;
};

// nvcc's answer, before the cache.
struct Answer {
  CacheEntry entry;
  bool conclusive = true;  // false: the same source may well get another answer
};

// What the source of a role is called in messages and by the debugger.
const char* FileOf(Role role) {
  switch (role) {
    case Role::kCandidate:
      return kCandidateFile;
    case Role::kReference:
      return "reference.cu";
    case Role::kBaseline:
      return "baseline.cu";
  }
  CHECK(false);
}

// Whether somebody else ended nvcc or a part of it, by hand or for want of the system's memory.
// Never asked of what our own deadline or memory limit ended.
bool WasKilled(const ProcessEnd& end) {
  constexpr int kKill = 9;
  if (end.out_of_memory) return false;
  if (end.how == ProcessEnd::How::kSignaled) return end.signal == kKill;
  const auto says = [&](const char* text) { return end.errors.find(text) != std::string::npos; };
  return end.exit_code == 128 + kKill ||  // as shells say it, through which nvcc runs its parts
         says("died due to signal 9 ") || says("Killed signal terminated program");
}

CompileFailed Rejected(const char* file, const std::string& why) {
  CompileFailed failed;
  failed.headline = Format("{}: error: {}", file, why);
  failed.log = failed.headline + "\n";
  failed.errors = 1;
  return failed;
}

CompileOutcome ToOutcome(CacheEntry entry, const std::string& key, bool cached) {
  if (entry.succeeded) {
    Compiled compiled{entry.object, key, entry.info, std::move(entry.log)};
    compiled.info.cached = cached;
    return compiled;
  }
  return CompileFailed{std::move(entry.log), std::move(entry.headline), entry.errors, entry.info.ms,
                       cached};
}

void TakeResources(const std::vector<KernelResources>& kernels, CompileInfo& info) {
  for (const KernelResources& kernel : kernels) {
    info.registers = std::max(info.registers, kernel.registers);
    info.spill_bytes = std::max(info.spill_bytes, kernel.spill_bytes);
    info.shared_bytes = std::max(info.shared_bytes, kernel.shared_bytes);
    info.stack_bytes = std::max(info.stack_bytes, kernel.stack_bytes);
  }
}

class NvccCompiler : public Compiler {
 public:
  NvccCompiler(Toolkit toolkit, CacheConfig cache, Files& files, Processes& processes, Clock& clock,
               SandboxMode sandbox)
      : toolkit_(std::move(toolkit)),
        cache_(std::move(cache), files, clock),
        files_(files),
        processes_(processes),
        sandbox_(sandbox) {}

  Result<CompileOutcome> Compile(const CompileRequest& request, StopToken stop) override {
    CHECK(request.problem != nullptr);
    Result<CompileOutcome> outcome = CompileThroughCache(request, stop);
    if (outcome.ok() || outcome.error().code != ErrorCode::kIo) return outcome;
    Error error = std::move(outcome).error();
    error.detail += (error.detail.empty() ? "" : "\n");
    error.detail +=
        "It belongs to the compile cache; CAESAR_CACHE_DIR chooses another folder for it.";
    return error;
  }

 private:
  Result<CompileOutcome> CompileThroughCache(const CompileRequest& request, StopToken stop) {
    if (request.source.size() > kSourceBytesMax) {
      return CompileOutcome(
          Rejected(FileOf(request.role), Format("the source has {} bytes; at most {} are compiled",
                                                request.source.size(), kSourceBytesMax)));
    }
    const Plan plan = TRY(MakePlan(request));
    if (std::optional<CacheEntry> hit = TRY(cache_.Lookup(plan.key)))
      return ToOutcome(*std::move(hit), plan.key, true);
    // Somebody else may be compiling the same; then it is cheaper to wait for their answer than to
    // repeat the work.
    std::unique_ptr<FileLock> lock = TRY(cache_.LockKey(plan.key, request.timeout, stop));
    Result<CompileOutcome> outcome = CompileUnderLock(plan, request.timeout, stop);
    cache_.UnlockKey(plan.key, std::move(lock));
    return outcome;
  }

  Result<CompileOutcome> CompileUnderLock(const Plan& plan, Milliseconds timeout, StopToken stop) {
    if (std::optional<CacheEntry> hit = TRY(cache_.Lookup(plan.key)))
      return ToOutcome(*std::move(hit), plan.key, true);
    // One that was killed is asked once more: whoever did it may have meant something else.
    std::optional<CompileOutcome> outcome = TRY(CompileOnce(plan, timeout, stop, false));
    if (!outcome) outcome = TRY(CompileOnce(plan, timeout, stop, true));
    return *std::move(outcome);
  }

  // Empty: nvcc was killed, for the first time.
  Result<std::optional<CompileOutcome>> CompileOnce(const Plan& plan, Milliseconds timeout,
                                                    StopToken stop, bool killed_before) {
    using Made = std::optional<CompileOutcome>;
    const auto work = TRY(cache_.NewWorkFolder());
    TRY(CheckSpace(work->path()));
    const ProcessEnd end = TRY(RunNvcc(plan, work->path(), timeout, stop));
    if (end.how == ProcessEnd::How::kTimedOut) {
      DiagnosticsContext context = plan.context;
      context.work_folder = work->path();
      Diagnostics diagnostics = ReadDiagnostics(end.errors, end.output, context);
      return Made(CompileTimedOut{timeout, diagnostics.foreign ? "" : std::move(diagnostics.log)});
    }
    Answer answer = TRY(ReadAnswer(plan, work->path(), end));
    if (!answer.conclusive) {
      if (WasKilled(end) && !killed_before) return Made();
      if (WasKilled(end) && plan.trusted) return KilledTwice(plan);
      TRY(ProveToolchain(plan, stop));  // the candidate is blamed only if nvcc works here
      return Made(ToOutcome(std::move(answer.entry), plan.key, false));
    }
    CacheEntry stored =
        TRY(cache_.Store(plan.key, work->path() + "/" + kEntryFolder, std::move(answer.entry)));
    return Made(ToOutcome(std::move(stored), plan.key, false));
  }

  // Of a problem's own source, which says nothing against the source.
  Error KilledTwice(const Plan& plan) const {
    return Error{ErrorCode::kEnvironment,
                 Format("{} was killed (signal 9) while it compiled {}, twice.", toolkit_.nvcc,
                        plan.context.file),
                 "Not by caesar: the system does so where memory runs out (dmesg says it), or "
                 "somebody did. Free memory, and try again."};
  }

  Result<Plan> MakePlan(const CompileRequest& request) {
    const Problem& problem = *request.problem;
    const HostCompiler host = TRY(FindHostCompiler(toolkit_, files_));
    Plan plan;
    plan.source = EntrySource(problem, request.source, FileOf(request.role));
    plan.flags = TRY(NvccFlags(toolkit_, host.path, request.arch, problem.launcher,
                               LibrariesOf(problem, request.role), files_));
    plan.host_compiler = host.path;
    plan.exported = kEntrySymbol;
    if (request.arch == kSimArch) plan.runtime = RuntimeOptions();
    plan.arch = request.arch;
    plan.trusted = request.role != Role::kCandidate;
    plan.context.toolkit_home = toolkit_.home;
    plan.context.header_folders = HeaderFolders(toolkit_, host);
    plan.context.prototype = LauncherPrototype(problem);
    plan.context.launcher = problem.launcher;
    plan.context.file = FileOf(request.role);
    plan.context.simulated = request.arch == kSimArch;
    plan.key = Hasher()
                   .Add(kCacheVersion)
                   .Add(plan.source)
                   .Add(Join(plan.flags, "\n"))
                   .Add(plan.runtime)
                   .Add(toolkit_.version)
                   .Add(host.identity)
                   .Hex();
    return plan;
  }

  Status CheckSpace(const std::string& folder) {
    const std::optional<std::uint64_t> free = TRY(files_.FreeBytes(folder));
    if (!free || *free >= kFreeBytesMin) return {};
    return Error{ErrorCode::kIo,
                 Format("The disk is full: {} MiB are free for {}, and nvcc may need {} MiB.",
                        *free >> 20, folder, kFreeBytesMin >> 20),
                 "Make room there."};
  }

  Result<ProcessEnd> RunNvcc(const Plan& plan, const std::string& folder, Milliseconds timeout,
                             StopToken stop) {
    TRY(files_.MakeFolders(folder + "/" + kScratchFolder));
    TRY(files_.MakeFolders(folder + "/" + kEntryFolder));
    TRY(files_.Write(folder + "/" + kExportsFile, ExportsScript(plan.exported)));
    TRY(files_.Write(folder + "/" + kSourceFile, plan.source));
    if (!plan.runtime.empty()) TRY(files_.Write(folder + "/" + kRuntimeFile, plan.runtime));
    Command command = NvccCommand(toolkit_, plan.flags, folder);
    if (sandbox_ != SandboxMode::kOff) {
      command.sandbox = NvccPolicy(toolkit_, plan.host_compiler, folder);
      command.sandbox->required = sandbox_ == SandboxMode::kRequired;
    }
    ProcessEnd end = TRY(processes_.Run(command, timeout, stop));
    if (end.how == ProcessEnd::How::kStopped) {
      return Error{ErrorCode::kInterrupted, "Interrupted while nvcc was compiling.", ""};
    }
    return end;
  }

  Result<Answer> ReadAnswer(const Plan& plan, const std::string& folder, const ProcessEnd& end) {
    DiagnosticsContext context = plan.context;
    context.work_folder = folder;
    Diagnostics diagnostics = ReadDiagnostics(end.errors, end.output, context);
    Answer answer;
    CacheEntry& entry = answer.entry;
    entry.info.ms = end.wall.count();
    entry.info.arch = plan.arch;
    entry.log = std::move(diagnostics.log);
    const std::vector<std::string> foreign = ForeignFiles(folder, context);
    if (diagnostics.foreign || !foreign.empty()) {
      entry.log = ForeignIncludeText(context.file, foreign);
      entry.headline = std::string(Lines(entry.log)[0]);
      entry.errors = 1;
      return answer;
    }
    const bool exited_well = end.how == ProcessEnd::How::kExited && end.exit_code == 0;
    if (exited_well && TRY(HasObject(folder))) {
      entry.succeeded = true;
      TakeResources(diagnostics.kernels, entry.info);
      entry.log += DescribeResources(diagnostics.kernels);
      return answer;
    }
    if (WasDeniedAFile(end.errors)) {
      entry.log = ForeignIncludeText(context.file, {});
      entry.headline = std::string(Lines(entry.log)[0]);
      entry.errors = 1;
      answer.conclusive = false;  // or the compiler itself lacks a file
      return answer;
    }
    answer.conclusive =
        end.how == ProcessEnd::How::kExited && diagnostics.errors > 0 && !diagnostics.crashed;
    entry.headline = std::move(diagnostics.headline);
    entry.errors = std::max(1, diagnostics.errors);
    if (!answer.conclusive) Explain(end, context.file, entry);
    return answer;
  }

  // A failure that names no error of the source: the compiler could not cope with it.
  static void Explain(const ProcessEnd& end, const std::string& file, CacheEntry& entry) {
    const std::string how = end.how == ProcessEnd::How::kSignaled
                                ? Format("was killed by signal {}", end.signal)
                                : Format("failed with exit code {}", end.exit_code);
    std::string sentence = WhyRefused(end.errors + end.output);
    if (end.out_of_memory)
      sentence = Format("the compiler was killed because memory ran out: it may use {} GiB",
                        LimitsOfHost().memory_bytes >> 30);
    if (sentence.empty() && WasKilled(end)) {
      sentence =
          "the compiler was killed (signal 9) on this source, twice: the system does so where "
          "memory runs out";
      entry.headline.clear();  // "Killed"
    }
    if (sentence.empty())
      sentence = Format(
          "the compiler {} on this source, which it may have found too large or too complex", how);
    if (!entry.headline.empty()) sentence += ": " + entry.headline;
    entry.headline = Shorten(Format("{}: error: {}", file, sentence), kHeadlineBytesMax);
    entry.log += entry.headline + "\n";
  }

  Result<bool> HasObject(const std::string& folder) {
    const std::string path = Format("{}/{}/{}", folder, kEntryFolder, kObjectFile);
    const std::optional<FileInfo> info = TRY(files_.Stat(path));
    return info && info->kind == FileInfo::Kind::kFile && info->bytes > 0 &&
           info->bytes <= kObjectBytesMax;
  }

  // nvcc leaves no list of dependencies where it failed early; then the places of its messages have
  // to do.
  std::vector<std::string> ForeignFiles(const std::string& folder,
                                        const DiagnosticsContext& context) {
    const Result<std::string> depends = files_.Read(folder + "/" + kDependsFile, kDependsBytesMax);
    if (!depends.ok()) return {};
    return ForeignIncludes(depends.value(), context.header_folders);
  }

  static std::vector<std::string> HeaderFolders(const Toolkit& toolkit, const HostCompiler& host) {
    std::vector<std::string> folders = {toolkit.home, "/usr/include", "/usr/lib/gcc",
                                        "/usr/lib/gcc-cross", "/usr/local/include"};
    // A compiler that was installed elsewhere brings its own headers.
    const std::filesystem::path prefix =
        std::filesystem::path(host.path).parent_path().parent_path();
    if (prefix != "/usr" && prefix.has_relative_path()) folders.push_back(prefix.string());
    return folders;
  }

  // Compiles an empty launcher with the same flags. Error (kEnvironment) if even that does not
  // work.
  Status ProveToolchain(const Plan& plan, StopToken stop) {
    Plan probe = plan;
    probe.source = Format("extern \"C\" __attribute__((visibility(\"default\"))) void {}() {{}}\n",
                          plan.context.launcher);
    const auto work = TRY(cache_.NewWorkFolder());
    const ProcessEnd end = TRY(RunNvcc(probe, work->path(), kProbeTimeout, stop));
    if (end.how == ProcessEnd::How::kExited && end.exit_code == 0 && TRY(HasObject(work->path())))
      return {};
    return Error{ErrorCode::kEnvironment,
                 Format("{} cannot compile even an empty source for {}.", toolkit_.nvcc, plan.arch),
                 "It said: " + Shorten(Trim(ForTerminal(end.errors + end.output)), 2000) +
                     (WasDeniedAFile(end.errors) ? "\nIf its files lie where the sandbox does not "
                                                   "let it read, --sandbox off helps."
                                                 : "")};
  }

  const Toolkit toolkit_;
  CompileCache cache_;
  Files& files_;
  Processes& processes_;
  const SandboxMode sandbox_;
};

}  // namespace

std::string WhyBaselineIsNotSimulated(const Problem& problem) {
  if (!problem.baseline) return "";
  for (const std::string& library : problem.baseline_libraries) {
    if (StartsWith(library, "cublas"))
      return Format("it uses {}, which is machine code for GPUs alone", library);
  }
  return "";
}

std::unique_ptr<Compiler> MakeCompiler(Toolkit toolkit, CacheConfig cache, Files& files,
                                       Processes& processes, Clock& clock, SandboxMode sandbox) {
  return std::make_unique<NvccCompiler>(std::move(toolkit), std::move(cache), files, processes,
                                        clock, sandbox);
}

}  // namespace caesar
