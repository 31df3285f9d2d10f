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

// Looks at CAESAR_NVCC, CUDA_HOME, CUDA_PATH, PATH, /usr/local/cuda, then `build/toolkit` beside the binary's build folder.
// Error (kEnvironment): what was looked at, and what to install.
Result<Toolkit> FindToolkit(Files& files, Processes& processes);

}  // namespace caesar
