// What nvcc, gcc, ptxas and ld printed, made fit for the model and for people: places are lines of
// the candidate's own file, paths of ours are gone, the generated entry point is explained instead
// of shown, and nothing is quoted from files that a candidate has no business reading. Pure text
// in, text out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "build/ptxas.h"

namespace caesar {

inline constexpr const char* kCandidateFile = "kernel.cu";

// Candidates are compiled as kernel.cu, whatever their name, so that the cache knows them again.
// For people, places in `text` name the file that they gave; empty: there is none.
std::string WithFile(const std::string& file, std::string text);

struct DiagnosticsContext {
  std::string work_folder;  // of the compile
  std::string toolkit_home;
  std::vector<std::string> header_folders;  // whose files may be included and quoted
  std::string prototype;                    // of the launcher
  std::string launcher;
  std::string file = kCandidateFile;  // the name that the generated source gives to the user's part
  bool simulated = false;             // for the simulated GPU, for which no library is linked
};

struct Diagnostics {
  std::string log;       // at most kLogBytesMax; ends in the end of a line that is not blank
  std::string headline;  // the first error in one line; empty: no error was recognised
  int errors = 0;
  bool crashed = false;  // a compiler program died, ran out of memory or disk, or could not start
  bool foreign = false;  // a message was about a file that is neither the candidate's nor a
                         // toolkit's or system's header
  std::vector<KernelResources> kernels;
};

inline constexpr std::size_t kLogBytesMax = std::size_t{64} << 10;
inline constexpr std::size_t kHeadlineBytesMax = 400;

Diagnostics ReadDiagnostics(std::string_view errors, std::string_view output,
                            const DiagnosticsContext& context);

// The files of a make rule as written by nvcc -MD ("object.so : a.cu \\\n b.h") that candidates may
// not include.
std::vector<std::string> ForeignIncludes(std::string_view depends,
                                         const std::vector<std::string>& header_folders);

// For a source, shown as `file`, that includes such files. Names no content.
std::string ForeignIncludeText(const std::string& file, const std::vector<std::string>& foreign);

}  // namespace caesar
