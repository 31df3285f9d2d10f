#include "build/nvcc_command.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <span>

#include "base/embedded.h"
#include "base/format.h"
#include "base/strings.h"
#include "record/device_info.h"

namespace caesar {

// sim/runtime/exports.list.
std::span<const EmbeddedFile> SimExports();

namespace {

// Libraries by the names that problem.json uses. Empty: headers only, nothing to link.
struct Library {
  const char* name;
  const char* file;
};
constexpr std::array kLibraries = {Library{"cub", ""}, Library{"thrust", ""},
                                   Library{"cublas", "cublas"}, Library{"cublaslt", "cublasLt"}};

// The toolkit's folder of libraries: lib64 in NVIDIA's installers, lib in the PyPI wheels.
Result<std::string> LibraryFolder(const Toolkit& toolkit, Files& files) {
  for (const char* below : {"lib64", "targets/x86_64-linux/lib", "lib"}) {
    const std::string folder = toolkit.home + "/" + below;
    const std::optional<FileInfo> info = TRY(files.Stat(folder + "/libcudart_static.a"));
    if (info) return folder;
  }
  return Error{
      ErrorCode::kEnvironment,
      Format("The CUDA toolkit at {} has no libcudart_static.a in lib64 or lib.", toolkit.home),
      "Install the whole toolkit (the static CUDA runtime is part of it), or run scripts/setup."};
}

// -lcublas, or the versioned file where the wheels bring no libcublas.so.
Result<std::string> LinkFlag(const std::string& folder, const std::string& file, Files& files) {
  const std::string name = "lib" + file + ".so";
  if (TRY(files.Stat(folder + "/" + name))) return "-l" + file;
  for (const std::string& entry : TRY(files.List(folder))) {
    if (StartsWith(entry, name + ".")) return "-l:" + entry;
  }
  return Error{
      ErrorCode::kEnvironment, Format("The CUDA toolkit has no {} in {}.", name, folder),
      "Install it (it is part of the CUDA toolkit), or use a problem that does not need it."};
}

Result<std::vector<std::string>> LinkFlags(const std::string& folder,
                                           const std::vector<std::string>& libraries,
                                           Files& files) {
  std::vector<std::string> flags;
  for (const std::string& wanted : libraries) {
    const Library* library = nullptr;
    std::vector<std::string> known;
    for (const Library& candidate : kLibraries) {
      known.emplace_back(candidate.name);
      if (wanted == candidate.name) library = &candidate;
    }
    if (library == nullptr) {
      return Error{
          ErrorCode::kBadInput,
          Format("The problem names the library \"{}\", which caesar does not know.", wanted),
          "Known libraries: " + Join(known, ", ") + "."};
    }
    if (*library->file != '\0') flags.push_back(TRY(LinkFlag(folder, library->file, files)));
  }
  if (!flags.empty()) {
    // -Xlinker per word: -Xcompiler and -Wl would split a path at its commas.
    for (const std::string& word : {std::string("-rpath"), folder}) {
      flags.emplace_back("-Xlinker");
      flags.push_back(word);
    }
  }
  return flags;
}

// Limits of each process of a compilation. The largest object that is kept has half the size; an
// honest compilation of a kernel was never seen to need a tenth of the memory.
constexpr std::uint64_t kFileBytesMax = std::uint64_t{512} << 20;
constexpr std::uint64_t kAddressSpaceBytesMax = std::uint64_t{8} << 30;
constexpr std::uint64_t kCpuSecondsMax = 3600;

// What depends on where the object will run. The simulator interprets compute_90's PTX, which must
// not be compressed; sm_90's machine code is there for what ptxas says of it.
Result<std::vector<std::string>> TargetFlags(const std::string& arch) {
  if (arch == kSimArch) {
    return std::vector<std::string>{"-gencode=arch=compute_90,code=[compute_90,sm_90]",
                                    "--no-compress",
                                    "-cudart",
                                    "none",
                                    "--options-file",
                                    kRuntimeFile};
  }
  return std::vector<std::string>{Format("-gencode=arch={},code={}", TRY(VirtualArch(arch)), arch),
                                  "-cudart", "static"};
}

std::string CleanPath(const Toolkit& toolkit) {
  return std::filesystem::path(toolkit.nvcc).parent_path().string() + ":/usr/bin:/bin";
}

}  // namespace

Result<HostCompiler> FindHostCompiler(const Toolkit& toolkit, Files& files) {
  std::vector<std::string> places;
  if (const char* chosen = std::getenv("NVCC_CCBIN"); chosen != nullptr && *chosen == '/') {
    places.emplace_back(chosen);
    places.push_back(std::string(chosen) + "/gcc");
  } else {
    for (const std::string& folder : Split(CleanPath(toolkit), ':'))
      places.push_back(folder + "/gcc");
  }
  for (const std::string& place : places) {
    const std::optional<FileInfo> info = TRY(files.Stat(place));
    if (!info || info->kind != FileInfo::Kind::kFile) continue;
    return HostCompiler{place, Format("{} bytes of {}", info->bytes, info->modified_ns)};
  }
  return Error{
      ErrorCode::kEnvironment, "nvcc needs a C++ compiler for host code, and there is none.",
      "Looked at " + Join(places, ", ") + ". Install g++, or set NVCC_CCBIN to the path of a gcc."};
}

Result<std::string> VirtualArch(const std::string& arch) {
  std::size_t digits = 3;
  while (digits < arch.size() && std::isdigit(static_cast<unsigned char>(arch[digits])) != 0)
    ++digits;
  const bool letter =
      digits + 1 == arch.size() && std::islower(static_cast<unsigned char>(arch[digits])) != 0;
  const bool complete = digits >= 5 && digits <= 6 && (letter || digits == arch.size());
  if (StartsWith(arch, "sm_") && complete) return "compute_" + arch.substr(3);
  return Error{ErrorCode::kBadInput, Format("\"{}\" is not a GPU architecture.", arch),
               "An example: sm_90a."};
}

Result<std::vector<std::string>> NvccFlags(const Toolkit& toolkit, const std::string& host_compiler,
                                           const std::string& arch, const std::string& launcher,
                                           const std::vector<std::string>& libraries,
                                           Files& files) {
  const std::vector<std::string> target = TRY(TargetFlags(arch));
  const std::string folder = TRY(LibraryFolder(toolkit, files));
  std::vector<std::string> flags = {"-O3",    "-std=c++17",  "-lineinfo",  "-Xptxas",
                                    "-v",     "-shared",     "-Xcompiler", "-fPIC",
                                    "-ccbin", host_compiler, "-L" + folder};
  flags.insert(flags.end(), target.begin(), target.end());
  // A call of something that is not linked must fail here, with a message, and not when the runner
  // loads the object.
  for (const std::string& word : {"--require-defined=" + launcher, std::string("--no-undefined"),
                                  Format("--version-script={}", kExportsFile)}) {
    flags.emplace_back("-Xlinker");
    flags.push_back(word);
  }
  std::vector<std::string> linked = TRY(LinkFlags(folder, libraries, files));
  if (arch != kSimArch) flags.insert(flags.end(), linked.begin(), linked.end());
  return flags;
}

const std::vector<std::string>& LibrariesOf(const Problem& problem, Role role) {
  return role == Role::kCandidate ? problem.libraries : problem.baseline_libraries;
}

std::string RuntimeOptions() {
  std::string options;
  for (const std::string_view line : Lines(SimExports().front().content)) {
    const std::string_view name = Trim(line);
    if (!EndsWith(name, ";") || name == "};") continue;
    options += Format("-Xlinker --ignore-unresolved-symbol={}\n", name.substr(0, name.size() - 1));
  }
  return options;
}

std::string ExportsScript(const std::string& symbol) {
  return Format("{{ global: {}; local: *; }};\n", symbol);
}

SandboxPolicy NvccPolicy(const Toolkit& toolkit, const std::string& host_compiler,
                         const std::string& folder) {
  SandboxPolicy policy;
  policy.execute = {toolkit.home, "/bin",     "/lib",       "/lib32",     "/lib64",
                    "/usr/bin",   "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec"};
  policy.read = {"/usr/include",           "/usr/local/include", "/etc/ld.so.cache",
                 "/etc/alternatives",      "/proc/meminfo",      "/proc/cpuinfo",
                 "/sys/devices/system/cpu"};
  // A compiler that was installed elsewhere brings its own parts.
  const auto prefix = std::filesystem::path(host_compiler).parent_path().parent_path();
  if (prefix != "/usr" && prefix.has_relative_path()) policy.execute.push_back(prefix.string());
  policy.devices = {"/dev/null"};
  policy.write = {folder};
  policy.file_bytes_max = kFileBytesMax;
  policy.address_space_bytes_max = kAddressSpaceBytesMax;
  policy.cpu_seconds_max = kCpuSecondsMax;
  policy.together = LimitsOfHost();
  return policy;
}

std::string WhyRefused(std::string_view printed) {
  const auto says = [&](std::string_view phrase) {
    return printed.find(phrase) != std::string_view::npos;
  };
  if (says("File size limit exceeded") || says("SIGXFSZ") || says("File too large")) {
    return Format(
        "the object would be larger than {} MiB: a large array that is initialised lies "
        "in it as a whole",
        kFileBytesMax >> 20);
  }
  if (says("out of memory") || says("Out of memory") || says("bad_alloc") ||
      says("emory exhausted") || says("annot allocate memory") ||
      says("emory allocation failure")) {
    return Format("the compiler ran out of memory: one of its parts may use {} GiB",
                  kAddressSpaceBytesMax >> 30);
  }
  if (says("CPU time limit exceeded") || says("SIGXCPU"))
    return Format("the compiler used more than {} s of CPU time", kCpuSecondsMax);
  return "";
}

bool WasDeniedAFile(std::string_view printed) {
  const std::vector<std::string_view> lines = Lines(printed);
  return std::any_of(lines.begin(), lines.end(), [](std::string_view line) {
    return EndsWith(Trim(line), ": Permission denied");
  });
}

Command NvccCommand(const Toolkit& toolkit, const std::vector<std::string>& flags,
                    const std::string& folder) {
  Command command;
  command.argv.push_back(toolkit.nvcc);
  command.argv.insert(command.argv.end(), flags.begin(), flags.end());
  for (const std::string& word :
       {std::string("-MD"), std::string("-MF"), std::string(kDependsFile), std::string("-o"),
        Format("{}/{}", kEntryFolder, kObjectFile), std::string(kSourceFile)}) {
    command.argv.push_back(word);
  }
  const std::string scratch = folder + "/" + kScratchFolder;
  command.environment = {"PATH=" + CleanPath(toolkit), "HOME=" + scratch, "TMPDIR=" + scratch,
                         "LC_ALL=C"};
  command.folder = folder;
  return command;
}

}  // namespace caesar
