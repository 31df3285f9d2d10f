// Finding the CUDA toolkit at run time.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sys/files.h"
#include "sys/process.h"

namespace caesar {

struct Toolkit {
  std::string nvcc;     // absolute path
  std::string version;  // 13.0.88, from nvcc --version
  std::string home;     // the folder with bin, include, lib64
};

// Looks at CAESAR_NVCC, CUDA_HOME, CUDA_PATH, PATH, /usr/local/cuda, then `build/toolkit` beside
// the binary's build folder. Error (kEnvironment): what was looked at, and what to install.
Result<Toolkit> FindToolkit(Files& files, Processes& processes);

// Where FindToolkit looks, as an argument. Empty: not set.
struct ToolkitHints {
  std::string caesar_nvcc;  // a path of nvcc itself; if set, nothing else is looked at
  std::string cuda_home;
  std::string cuda_path;
  std::string path;      // folders with ':' in between
  std::string own_path;  // of the running binary
};

ToolkitHints HintsOfThisProcess();
Result<Toolkit> FindToolkit(const ToolkitHints& hints, Files& files, Processes& processes);

}  // namespace caesar
