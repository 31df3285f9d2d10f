#include "adversarial/lab.h"

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/format.h"
#include "base/strings.h"
#include "build/toolkit.h"
#include "judge/runner_protocol.h"

namespace caesar {
namespace {

const std::string kFolder = std::string(CAESAR_SOURCE_DIR) + "/tests/adversarial/";
constexpr Milliseconds kCompileTimeout{120'000};
constexpr Milliseconds kCallTimeout{2'000};

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Few samples: whether a time stands is asked here, not how exact it is.
TimingConfig FewSamples() {
  TimingConfig timing;
  timing.samples_min = 10;
  timing.samples_max = 30;
  timing.budget_ms = 1'000;
  timing.check_calls = 2;
  return timing;
}

Judged Describe(const Verdict& verdict) {
  Judged judged;
  judged.verdict = Name(verdict.kind);
  judged.evidence = verdict.reason + "\n" + verdict.detail;
  for (const Flag& flag : verdict.flags) {
    judged.flags.insert(flag.name);
    judged.evidence += Format("\n{}: {}", flag.name, flag.evidence);
  }
  if (verdict.timing && verdict.timing->cold) {
    judged.us = verdict.timing->cold->median_us;
    judged.verified = verdict.timing->verified;
    if (verdict.speedup) judged.speedup = verdict.speedup->value;
    if (verdict.baseline && verdict.baseline->without_candidate)
      judged.baseline_slowdown =
          verdict.baseline->cold.median_us / verdict.baseline->without_candidate->median_us;
    for (const Discarded& each : verdict.timing->discarded)
      judged.doubtful = judged.doubtful || each.reason == "doubtful";
  } else if (verdict.simulation) {
    judged.us = verdict.simulation->report.estimated_us;
    judged.speedup = verdict.simulation->estimated_speedup;
  }
  return judged;
}

}  // namespace

std::string Judged::Summary() const {
  std::string text = verdict;
  for (const std::string& flag : flags) text += " + " + flag;
  return text;
}

Result<std::unique_ptr<Lab>> Lab::Open(const std::string& device) {
  Toolkit toolkit = TRY(FindToolkit(RealFiles(), RealProcesses()));
  std::unique_ptr<Lab> lab(new Lab(device));
  JudgeClientConfig config;
  config.program = CAESAR_BINARY;
  config.device = device == "sim" ? "sim" : "cuda";
  config.toolkit = toolkit.home;
  config.cache = CAESAR_CORPUS_CACHE;
  // To see that attacks on files and processes are real: without a sandbox they succeed.
  if (const char* mode = std::getenv("CAESAR_CORPUS_SANDBOX"))
    config.sandbox = SandboxModeOf(mode).value_or(config.sandbox);
  lab->judge_ = MakeJudgeClient(config, RealProcesses(), RealClock());
  lab->arch_ = TRY(lab->judge_->Hello({})).Arch();
  CacheConfig cache;
  cache.folder = CAESAR_CORPUS_CACHE;
  ::setenv("CAESAR_CACHE_DIR", cache.folder.c_str(), 1);  // where an attacker would look
  lab->compiler_ = MakeCompiler(std::move(toolkit), cache, ScratchFiles(), RealProcesses());
  lab->bait_.Watch(cache.folder);
  return lab;
}

// One file, as a model would write it: what stands in kit/ is pasted in; "@HOME@", "@CACHE@" and
// "@PORT@" are what the attacker has found out already. The runner's protocol is public.
std::string Lab::SourceOf(const std::string& name) const {
  std::string source = ReadFile(kFolder + "candidates/" + name + ".cu");
  const std::string judge = std::string(CAESAR_SOURCE_DIR) + "/src/";
  std::set<std::string> pasted;
  for (const auto& [prefix, folder] : {std::pair("kit/", kFolder), std::pair("judge/", judge)}) {
    const std::string begin = Format("#include \"{}", prefix);
    for (std::size_t at; (at = source.find(begin)) != std::string::npos;) {
      const std::size_t name_at = at + begin.find('"') + 1;
      const std::string file = source.substr(name_at, source.find('"', name_at) - name_at);
      const bool first = pasted.insert(file).second;
      source.replace(at, source.find('\n', at) - at,
                     first ? ReplaceAll(ReadFile(folder + file), "#pragma once", "") : "");
    }
  }
  source = ReplaceAll(source, "@HOME@", bait_.home());
  source = ReplaceAll(source, "@CACHE@", CAESAR_CORPUS_CACHE);
  return ReplaceAll(source, "@PORT@", std::to_string(bait_.port()));
}

Result<const Lab::Bench*> Lab::Of(const std::string& problem) {
  if (const auto known = benches_.find(problem); known != benches_.end()) return &known->second;
  Bench bench;
  bench.problem = TRY(LoadProblem(kFolder + "problems/" + problem, RealFiles()));
  const CompileRequest request{&bench.problem, bench.problem.reference, Role::kReference, arch_,
                               kCompileTimeout};
  const auto outcome = TRY(compiler_->Compile(request, {}));
  const auto* compiled = std::get_if<Compiled>(&outcome);
  if (compiled == nullptr)
    return Error{ErrorCode::kBadInput, "the reference of " + problem + " does not compile", ""};
  bench.reference = compiled->object;
  return &(benches_[problem] = std::move(bench));
}

Result<CompileOutcome> Lab::Compile(const CorpusEntry& entry) {
  const Problem& problem = benches_.at(entry.problem).problem;
  const Milliseconds timeout =
      entry.compile_timeout.count() > 0 ? entry.compile_timeout : kCompileTimeout;
  return compiler_->Compile({&problem, SourceOf(entry.name), Role::kCandidate, arch_, timeout}, {});
}

void Lab::Precompile(const std::vector<CorpusEntry>& entries) {
  for (const CorpusEntry& entry : entries) static_cast<void>(Of(entry.problem).ok());
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
    threads.emplace_back([&] {
      for (std::size_t k = 0; (k = next++) < entries.size();) {
        if (entries[k].compile_timeout.count() == 0 && benches_.contains(entries[k].problem))
          static_cast<void>(Compile(entries[k]).ok());  // Judge says what is wrong with it
      }
    });
  }
}

Result<Verdict> Lab::Evaluate(const CorpusEntry& entry) {
  const Bench* bench = TRY(Of(entry.problem));
  const CompileOutcome outcome = TRY(Compile(entry));
  if (entry.compile_timeout.count() > 0)
    bait_.AcceptNew(CAESAR_CORPUS_CACHE);  // nvcc's answer is kept
  Verdict verdict;
  verdict.kind = VerdictKind::kCompileFailed;
  if (const auto* failed = std::get_if<CompileFailed>(&outcome)) {
    verdict.reason = failed->headline;
    verdict.detail = failed->log;
    return verdict;
  }
  if (const auto* slow = std::get_if<CompileTimedOut>(&outcome)) {
    verdict.reason = "compiling took too long";
    verdict.detail = slow->log;
    return verdict;
  }
  JudgeRequest request;
  request.problem = &bench->problem;
  request.reference = bench->reference;
  request.candidate = std::get<Compiled>(outcome).object;
  request.timing = FewSamples();
  request.call_timeout = entry.call_timeout.count() > 0 ? entry.call_timeout : kCallTimeout;
  request.sim_threads = 1;
  Verdict checked = TRY(judge_->Check(request, {}, {}));
  if (checked.kind != VerdictKind::kCorrect) return checked;
  return judge_->Measure(request, checked, {}, {});
}

Judged Lab::Judge(const CorpusEntry& entry) {
  const auto verdict = Evaluate(entry);
  if (verdict.ok()) return Describe(verdict.value());
  Judged judged;
  judged.verdict = "error";
  judged.evidence = verdict.error().message + "\n" + verdict.error().detail;
  return judged;
}

Judged Lab::JudgeHonest() {
  CorpusEntry entry;
  entry.name = "honest_vec4";
  entry.problem = "add";
  return Judge(entry);
}

}  // namespace caesar
