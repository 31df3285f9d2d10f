// What a runner may do (sys/sandbox.h): work with the GPU, and read the libraries that this needs.
// Nothing of the user's, no folder to write in, no other process. The lists say what NVIDIA's
// driver and CUPTI were seen to need; docs/verdicts.md tells what holds for whom.
#pragma once

#include <string>
#include <vector>

#include "sys/files.h"
#include "sys/sandbox.h"

namespace caesar {

// `loaded`: what OwnLibraries() says in a process that has opened the device, so that the driver is
// found wherever this machine keeps it. `toolkit`: its home, for CUPTI alone; may be empty.
SandboxPolicy RunnerPolicy(const std::vector<std::string>& loaded, const std::string& toolkit,
                           const std::string& library_path, Files& files);

// The same, and all libraries of the toolkit: for a problem that allows some to be linked.
SandboxPolicy WithToolkitLibraries(SandboxPolicy policy, const std::string& toolkit);

// The files of all shared libraries that this process has loaded.
std::vector<std::string> OwnLibraries();

}  // namespace caesar
