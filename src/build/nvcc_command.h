// How nvcc is called: flags from the role, the architecture and the problem's libraries, and an
// environment in which nothing of ours (keys, paths) can be seen. Only builds the command;
// compile.cpp runs it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "build/compile.h"
#include "build/toolkit.h"
#include "sys/files.h"
#include "sys/process.h"

namespace caesar {

// Names inside the private working folder of one compile. Relative, so that no path of ours gets
// into the object.
inline constexpr const char* kSourceFile = "caesar_entry.cu";
inline constexpr const char* kExportsFile = "exports.map";
inline constexpr const char* kRuntimeFile = "runtime.options";  // simulated GPU alone
inline constexpr const char* kDependsFile = "depends.d";
inline constexpr const char* kScratchFolder = "tmp";
inline constexpr const char* kEntryFolder = "entry";  // becomes the cache entry
inline constexpr const char* kObjectFile = "object.so";

// The gcc that nvcc calls for host code.
struct HostCompiler {
  std::string path;
  std::string identity;  // size and time of the program: changes with every upgrade, and costs no
                         // process to learn
};

// NVCC_CCBIN if set (nvcc's own variable), else the first gcc of the clean PATH.
// Error (kEnvironment): there is none, and what to install.
Result<HostCompiler> FindHostCompiler(const Toolkit& toolkit, Files& files);

// sm_90a -> compute_90a. Errors (kBadInput): not of the form sm_<digits><at most one letter>.
Result<std::string> VirtualArch(const std::string& arch);

// All of nvcc's arguments for a launcher and its libraries, in a fixed order: they are part of the
// cache key. `arch`: sm_90a, or kSimArch for the simulated GPU, whose objects carry PTX, bind the
// CUDA runtime of the program that loads them (see RuntimeOptions), and get no library, as those
// are machine code. Errors: kBadInput for an unknown library or architecture, kEnvironment for a
// library that the toolkit lacks.
Result<std::vector<std::string>> NvccFlags(const Toolkit& toolkit, const std::string& host_compiler,
                                           const std::string& arch, const std::string& launcher,
                                           const std::vector<std::string>& libraries, Files& files);

// The libraries that policy lets a role link.
const std::vector<std::string>& LibrariesOf(const Problem& problem, Role role);

// What kRuntimeFile holds: the linker lets the names of the simulator's CUDA runtime undefined, and
// no others. Part of the cache key of what is compiled for the simulated GPU.
std::string RuntimeOptions();

// The linker's version script: the object exports its entry point and nothing else, so that two
// objects in one process, or the static CUDA runtimes in them, never bind to each other.
std::string ExportsScript(const std::string& symbol);

// What nvcc and the programs that it starts may do: read and run the toolkit, the host compiler and
// the system's headers and libraries, and write in `folder` alone. So no source can bring a file
// of the user's, or of another candidate, into an object or a message.
SandboxPolicy NvccPolicy(const Toolkit& toolkit, const std::string& host_compiler,
                         const std::string& folder);

// Which of the policy's limits made nvcc fail, by what its parts printed; empty: none of them.
std::string WhyRefused(std::string_view printed);
bool WasDeniedAFile(std::string_view printed);

// nvcc in `folder`, which holds the source, the exports file and the two folders named above.
Command NvccCommand(const Toolkit& toolkit, const std::vector<std::string>& flags,
                    const std::string& folder);

}  // namespace caesar
