#include "judge/runner_policy.h"

#include <link.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

// Beginnings of the names of what a runner loads: the C and C++ libraries, and the driver with the
// parts that it loads itself. No library that could do a candidate's work is among them.
constexpr std::array kSystemLibraries = {"ld-linux",           "libc.so",      "libm.so",
                                         "libmvec.so",         "libdl.so",     "libpthread.so",
                                         "librt.so",           "libutil.so",   "libgcc_s.so",
                                         "libstdc++.so",       "libatomic.so", "libcuda.so",
                                         "libcudadebugger.so", "libnvidia-",   "libdxcore.so"};
constexpr std::array kProfilerLibraries = {"libcupti", "libnvperf_", "libpcsamplingutil",
                                           "libcheckpoint"};

constexpr std::array kSystemFolders = {"/usr/lib/x86_64-linux-gnu",
                                       "/usr/lib/aarch64-linux-gnu",
                                       "/usr/lib64",
                                       "/usr/lib64/nvidia",
                                       "/usr/lib/nvidia",
                                       "/lib64",
                                       "/usr/lib",
                                       "/usr/local/nvidia/lib64",
                                       "/usr/local/nvidia/lib",
                                       "/usr/local/cuda/compat",
                                       "/usr/lib/wsl/lib",
                                       "/run/opengl-driver/lib"};
constexpr std::array kToolkitFolders = {"lib64", "lib", "extras/CUPTI/lib64",
                                        "targets/x86_64-linux/lib", "targets/sbsa-linux/lib"};

// /sys: CUDA reads the GPUs' places on the bus and the memory nodes they are near to. Of /proc
// SandboxPolicy::own_proc gives what belongs to no other process.
constexpr std::array kFiles = {"/etc/ld.so.cache", "/etc/nvidia", "/usr/share/nvidia", "/sys"};
constexpr std::array kDevices = {"/dev/null", "/dev/zero", "/dev/urandom", "/dev/random",
                                 "/dev/dxg"};
// Screens and the switches between GPUs are no candidate's business.
constexpr std::array kForeignDevices = {"nvidia-modeset", "nvidia-nvswitch", "nvidia-nvlink"};

// Only for what outlived all who watch it: the simulated GPU may keep a hundred cores busy for one
// candidate's sake.
constexpr std::uint64_t kCpuSecondsMax = std::uint64_t{100} * 3600;

template <class Names>
bool BeginsWithOne(std::string_view name, const Names& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](const char* beginning) { return StartsWith(name, beginning); });
}

// Adds the folder's files whose names begin so. A folder that cannot be listed has none.
template <class Names>
void AddFiles(const std::string& folder, const Names& beginnings, Files& files,
              std::vector<std::string>& paths) {
  const auto entries = files.List(folder);
  if (!entries.ok()) return;
  for (const std::string& entry : entries.value()) {
    if (BeginsWithOne(entry, beginnings)) paths.push_back(Format("{}/{}", folder, entry));
  }
}

std::set<std::string> LibraryFolders(const std::vector<std::string>& loaded,
                                     const std::string& library_path) {
  std::set<std::string> folders(kSystemFolders.begin(), kSystemFolders.end());
  for (const std::string& file : loaded)
    folders.insert(std::filesystem::path(file).parent_path().string());
  for (const std::string& folder : Split(library_path, ':')) {
    if (StartsWith(folder, "/")) folders.insert(folder);
  }
  return folders;
}

}  // namespace

SandboxPolicy RunnerPolicy(const std::vector<std::string>& loaded, const std::string& toolkit,
                           const std::string& library_path, Files& files) {
  SandboxPolicy policy;
  policy.read.assign(kFiles.begin(), kFiles.end());
  policy.read.insert(policy.read.end(), loaded.begin(), loaded.end());
  const std::set<std::string> folders = LibraryFolders(loaded, library_path);
  for (const std::string& folder : folders) {
    AddFiles(folder, kSystemLibraries, files, policy.read);
    AddFiles(folder, kProfilerLibraries, files, policy.read);
  }
  for (const char* below : kToolkitFolders) {
    if (!toolkit.empty()) AddFiles(toolkit + "/" + below, kProfilerLibraries, files, policy.read);
  }
  policy.devices.assign(kDevices.begin(), kDevices.end());
  AddFiles("/dev", std::array{"nvidia"}, files, policy.devices);
  std::erase_if(policy.devices, [](const std::string& node) {
    return BeginsWithOne(std::filesystem::path(node).filename().string(), kForeignDevices);
  });
  policy.own_proc = true;
  policy.unix_sockets = true;
  policy.cpu_seconds_max = kCpuSecondsMax;
  policy.together = LimitsOfHost();
  return policy;
}

SandboxPolicy WithToolkitLibraries(SandboxPolicy policy, const std::string& toolkit) {
  for (const char* below : kToolkitFolders) {
    if (!toolkit.empty()) policy.read.push_back(toolkit + "/" + below);
  }
  return policy;
}

std::vector<std::string> OwnLibraries() {
  std::vector<std::string> files;
  ::dl_iterate_phdr(
      [](dl_phdr_info* library, std::size_t, void* result) {
        const std::string name = library->dlpi_name;
        if (StartsWith(name, "/")) static_cast<std::vector<std::string>*>(result)->push_back(name);
        return 0;
      },
      &files);
  return files;
}

}  // namespace caesar
