// The launcher's signature, the one contract between problem, candidate, runner and prompt.
#pragma once

#include <string>

#include "problem/problem.h"

namespace caesar {

// extern "C" void solve(const float* x, float* y, int64_t rows, int64_t cols, float eps,
// cudaStream_t stream);
std::string LauncherPrototype(const Problem& problem);

// Name of the entry point that the generated source exports; the runner looks it up.
inline constexpr const char* kEntrySymbol = "caesar_entry";

// The generated source: prototype, entry point, and then the candidate under its own #line marker
//
//   extern "C" int caesar_entry(void* const* args, void* stream, const char** error_name)
//
// args[i] points to the i-th argument's value (a pointer, an int64_t, or the scalar's own type), in
// the prototype's order without the stream. It calls the launcher and returns cudaGetLastError() of
// the candidate's own runtime; *error_name is then cudaGetErrorName + ": " + cudaGetErrorString as
// static text, or null. `candidate_path` is the file name that diagnostics and -lineinfo show
// ("kernel.cu").
std::string EntrySource(const Problem& problem, const std::string& candidate,
                        const std::string& candidate_path);

}  // namespace caesar
