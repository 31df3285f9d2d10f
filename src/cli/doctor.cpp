// `caesar doctor`: what works on this machine, and what to do about the rest. Changes nothing but
// the cache folder's existence.
#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/format.h"
#include "base/strings.h"
#include "build/compile.h"
#include "build/toolkit.h"
#include "cli/command.h"
#include "cli/settings.h"
#include "llm/base_url.h"
#include "llm/provider_table.h"
#include "report/console.h"
#include "report/sink.h"
#include "report/table.h"
#include "report/units.h"
#include "sys/command_group.h"

namespace caesar {
namespace {

struct Finding {
  enum class Kind {
    kOk,
    kNote,
    kMissing
  } kind = Kind::kOk;  // only kMissing keeps a run from working
  std::string name;
  std::string text;
  std::string advice;
};

constexpr const char* kOwnGroupAdvice =
    "Where systemd runs, this gives caesar a group of its own: systemd-run --user --scope -p "
    "Delegate=yes caesar ...";

const char* KindName(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::kOk:
      return "ok";
    case Finding::Kind::kNote:
      return "note";
    case Finding::Kind::kMissing:
      return "missing";
  }
  return "";
}

Finding Missing(const std::string& name, const Error& error) {
  return {Finding::Kind::kMissing, name, error.message, error.detail};
}

Finding CompilerFinding(const Result<Toolkit>& toolkit) {
  if (!toolkit.ok()) return Missing("compiler", toolkit.error());
  return {Finding::Kind::kOk, "compiler",
          Format("nvcc {} ({})", toolkit.value().version, toolkit.value().nvcc), ""};
}

Finding DriverFinding(Files& files) {
  // NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.159.03  Tue ...
  const auto version = files.Read("/proc/driver/nvidia/version", 64 << 10);
  if (!version.ok()) {
    return {Finding::Kind::kNote, "driver", "no NVIDIA kernel driver is loaded",
            "Kernels are checked on the simulated GPU, which estimates times and measures none.\n"
            "To time them: NVIDIA's driver for CUDA 13 or newer, on a machine with an NVIDIA GPU."};
  }
  const auto lines = Lines(version.value());
  return {Finding::Kind::kOk, "driver", FitLine(lines.empty() ? "" : lines[0], 120), ""};
}

Finding DeviceFinding(const Result<DeviceInfo>& device) {
  if (!device.ok()) return Missing("device", device.error());
  const DeviceInfo& info = device.value();
  return {Finding::Kind::kOk, "device",
          Format("{}, {} ({} SMs, {} of memory, CUDA {})", info.name, info.Arch(), info.sm_count,
                 FormatBytes(static_cast<std::uint64_t>(info.memory_bytes)), info.driver),
          ""};
}

// Kernel times need no rights; the profiler's counters do.
Finding ProfilingFinding(Files& files) {
  const auto parameters = files.Read("/proc/driver/nvidia/params", 64 << 10);
  if (!parameters.ok())
    return {Finding::Kind::kNote, "profiling", "unknown: no NVIDIA kernel driver is loaded", ""};
  for (const std::string_view line : Lines(parameters.value())) {
    if (!StartsWith(line, "RmProfilingAdminOnly:")) continue;
    if (Trim(line.substr(line.find(':') + 1)) == "0")
      return {Finding::Kind::kOk, "profiling", "counters are open to every user", ""};
    return {Finding::Kind::kNote, "profiling",
            "kernel times work; hardware counters are for administrators only",
            "To open them: options nvidia NVreg_RestrictProfilingToAdminUsers=0 in "
            "/etc/modprobe.d, then reboot."};
  }
  return {Finding::Kind::kNote, "profiling", "unknown: the driver does not say", ""};
}

// A library that judge and runners load when they start: looked for where they look.
Finding LibraryFinding(const char* name, const char* prefix, const Result<Toolkit>& toolkit,
                       CliContext& context) {
  std::vector<std::string> folders = Split(context.environment("LD_LIBRARY_PATH"), ':');
  if (toolkit.ok()) {
    for (const char* below : {"/lib64", "/lib", "/extras/CUPTI/lib64", "/targets/x86_64-linux/lib"})
      folders.push_back(toolkit.value().home + below);
  }
  for (const char* folder : {"/usr/local/cuda/lib64", "/usr/local/cuda/extras/CUPTI/lib64",
                             "/usr/lib/x86_64-linux-gnu", "/usr/lib64"})
    folders.emplace_back(folder);
  for (const std::string& folder : folders) {
    if (!StartsWith(folder, "/")) continue;
    const auto entries = context.files.List(folder);
    if (!entries.ok()) continue;
    for (const std::string& entry : entries.value()) {
      if (StartsWith(entry, prefix)) return {Finding::Kind::kOk, name, folder + "/" + entry, ""};
    }
  }
  return {Finding::Kind::kMissing, name, Format("{} was not found", prefix),
          "It is part of the CUDA toolkit: install the whole toolkit, or run scripts/setup."};
}

// libcurl is loaded by the first request. This one names a scheme that nobody speaks, so that
// nothing is sent.
Finding HttpFinding(Http& http) {
  HttpRequest request;
  request.url = "doctor://nowhere/";
  request.get = true;
  const HttpOutcome outcome = http.Send(request, nullptr, StopToken());
  const auto* failure = std::get_if<HttpFailure>(&outcome);
  if (failure != nullptr && StartsWith(failure->message, "libcurl ")) {
    return {
        Finding::Kind::kMissing, "http", failure->message,
        "Install it (Debian: libcurl4) to ask models; --provider command and replay work without."};
  }
  return {Finding::Kind::kOk, "http", "libcurl is there", ""};
}

// Whether a program that may not read a file of everybody's really cannot.
Finding SandboxFinding(SandboxMode mode, Processes& processes) {
  const Finding::Kind bad =
      mode == SandboxMode::kRequired ? Finding::Kind::kMissing : Finding::Kind::kNote;
  const SandboxSupport support = ProbeSandbox();
  if (!support.full()) {
    return {bad, "sandbox", SandboxLabel(SandboxMode::kBestEffort, support),
            Join(Lacking(support), "\n")};
  }
  Command command;
  command.argv = {"/bin/cat", "/etc/passwd"};
  command.environment = {"LC_ALL=C"};
  command.sandbox.emplace();
  command.sandbox->read = {"/etc/ld.so.cache", "/lib", "/lib64", "/usr/lib", "/usr/lib64"};
  const Result<ProcessEnd> end = processes.Run(command, Milliseconds(10'000), {});
  if (!end.ok()) return {bad, "sandbox", end.error().message, end.error().detail};
  if (end.value().how != ProcessEnd::How::kExited || end.value().exit_code == 0)
    return {bad, "sandbox", "a program read a file that it must not read", ""};
  const char* off = mode == SandboxMode::kOff ? "; it is switched off" : "";
  return {Finding::Kind::kOk, "sandbox",
          Format("full: Landlock {}, seccomp{}", support.landlock_abi, off), ""};
}

// What is there beside the sandbox, or not; runs work without it.
Finding GroupFinding(Processes& processes) {
  const GroupSupport support = ProbeGroups(processes);
  if (!support.kills) {
    return {Finding::Kind::kNote, "cgroup", "not allowed here: " + support.why_not,
            "Descendants of a command are ended by the supervisor alone; what threads and memory "
            "they use is not limited.\n" +
                std::string(kOwnGroupAdvice)};
  }
  const std::string limits = support.tasks && support.memory ? "limits threads and memory"
                             : support.tasks                 ? "limits threads, not memory"
                             : support.memory                ? "limits memory, not threads"
                                                             : "limits nothing";
  if (support.tasks && support.memory)
    return {Finding::Kind::kOk, "cgroup", "kills descendants, " + limits, ""};
  return {Finding::Kind::kNote, "cgroup",
          Format("kills descendants, {}: {}", limits, support.no_limits), kOwnGroupAdvice};
}

Finding CacheFinding(Files& files) {
  const CacheConfig config = DefaultCache();
  const std::string probe = config.folder + "/doctor.probe";
  Status written = files.MakeFolders(config.folder);
  if (written.ok()) written = files.Write(probe, "");
  if (written.ok()) written = files.Remove(probe);
  if (!written.ok())
    return {Finding::Kind::kMissing, "cache", written.error().message,
            "Set CAESAR_CACHE_DIR to a folder that can be written."};
  const Result<CacheInfo> info = InspectCache(config, files);
  if (!info.ok()) return Missing("cache", info.error());
  return {Finding::Kind::kOk, "cache",
          Format("{} ({}, {} of at most {})", config.folder, Plural(info.value().entries, "object"),
                 FormatBytes(info.value().bytes), FormatBytes(info.value().bytes_max)),
          ""};
}

// Variables of `names` that are set, each once.
std::vector<std::string> SetOf(const std::vector<std::string_view>& names,
                               const Environment& environment) {
  std::vector<std::string> set;
  for (const std::string_view name : names) {
    const std::string text(name);
    const bool again = std::find(set.begin(), set.end(), text) != set.end();
    if (!text.empty() && !again && !Trim(environment(text)).empty()) set.push_back(text);
  }
  return set;
}

// Which keys there are; never what they are.
Finding KeyFinding(const Environment& environment) {
  std::vector<std::string> known;
  for (const ProviderInfo& provider : Providers()) {
    std::vector<std::string_view> names;
    for (const KeyVariable& key : provider.keys) names.push_back(key.name);
    const std::vector<std::string> set = SetOf(names, environment);
    if (!set.empty()) known.push_back(Format("{} ({})", provider.name, Join(set, ", ")));
  }
  if (!SetOf({"CAESAR_API_KEY"}, environment).empty())
    known.emplace_back("any provider (CAESAR_API_KEY)");
  if (!known.empty()) return {Finding::Kind::kOk, "keys", "for " + Join(known, ", "), ""};
  return {
      Finding::Kind::kNote, "keys", "no model key is set",
      "Set the one of your provider, such as OPENAI_API_KEY (docs/providers.md lists them), or\n"
      "pass --api-key-file. Servers of your own, --provider command and replay need none."};
}

// Base URLs that the environment changes. Without passwords, and what is no address is said.
std::vector<Finding> AddressFindings(const Environment& environment) {
  std::vector<std::string_view> names;
  for (const ProviderInfo& provider : Providers()) names.push_back(provider.url_variable);
  names.emplace_back("CAESAR_BASE_URL");
  std::vector<Finding> findings;
  for (const std::string& name : SetOf(names, environment)) {
    const std::string url(Trim(environment(name)));
    const Status checked = CheckBaseUrl(url, name);
    Finding finding{Finding::Kind::kNote, "base url", name + " is " + ShownUrl(url), ""};
    if (!checked.ok()) {
      finding.text = checked.error().message;
      finding.advice = checked.error().detail;
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

std::string ReportText(const std::vector<Finding>& findings, bool color) {
  std::string text;
  for (const Finding& finding : findings) {
    const std::string kind = KindName(finding.kind);
    text += Format("{}{} {:<10} {}\n", Paint(kind, ToneOf(kind), color),
                   std::string(8 - kind.size(), ' '), finding.name, FitLine(finding.text, 300));
    const std::string advice = ForTerminal(finding.advice);
    for (const std::string_view line : Lines(advice)) text += Format("{:20}{}\n", "", line);
  }
  return text;
}

std::string ReportJson(const std::vector<Finding>& findings, bool works) {
  nlohmann::ordered_json json = {{"works", works}, {"findings", nlohmann::ordered_json::array()}};
  for (const Finding& finding : findings) {
    json["findings"].push_back({{"kind", KindName(finding.kind)},
                                {"name", finding.name},
                                {"text", ToValidUtf8(finding.text)},
                                {"advice", ToValidUtf8(finding.advice)}});
  }
  return json.dump(2) + "\n";
}

}  // namespace

CommandSpec DoctorSpec() {
  CommandSpec spec;
  spec.flags = SettingFlags(Scope::kDoctor);
  spec.flags.push_back({"--json", "", "the findings as JSON on standard output"});
  spec.examples =
      "  caesar doctor\n"
      "  caesar doctor --device cuda                   whether a GPU can be used\n"
      "\n"
      "Exit codes: 0 a run with this --device would work here (auto takes the simulated\n"
      "GPU where there is no other), 3 something is missing.\n";
  return spec;
}

Result<int> DoctorCommand(const Invocation& invocation, CliContext& context) {
  const Settings settings =
      TRY(ResolveSettings(invocation.arguments, context.environment, context.files));
  context.catch_signals(StopLevel::kNow);
  const Result<Toolkit> toolkit = FindToolkit(context.files, context.processes);
  const auto judge = context.make_judge(settings.run);
  std::vector<Finding> findings = {CompilerFinding(toolkit), DriverFinding(context.files)};
  findings.push_back(DeviceFinding(judge->Hello(context.stop)));
  findings.push_back(SandboxFinding(settings.run.sandbox, context.processes));
  findings.push_back(GroupFinding(context.processes));
  findings.push_back(LibraryFinding("cupti", "libcupti.so", toolkit, context));
  findings.push_back(LibraryFinding("nvrtc", "libnvrtc.so", toolkit, context));
  findings.push_back(ProfilingFinding(context.files));
  findings.push_back(CacheFinding(context.files));
  findings.push_back(HttpFinding(context.http));
  findings.push_back(KeyFinding(context.environment));
  for (Finding& finding : AddressFindings(context.environment))
    findings.push_back(std::move(finding));
  if (context.stop.now()) return Error{ErrorCode::kInterrupted, "interrupted", ""};
  const bool works = std::none_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.kind == Finding::Kind::kMissing;
  });
  TRY(context.out.Write(invocation.json ? ReportJson(findings, works)
                                        : ReportText(findings, invocation.color_out)));
  return works ? 0 : 3;
}

}  // namespace caesar
