// Helpers around run directories that more than one command needs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/context.h"
#include "cli/settings.h"
#include "record/sample_result.h"

namespace caesar {

inline constexpr std::uint64_t kRecordBytesMax =
    std::uint64_t{64} << 20;  // of any file of a run directory that we read

// The settings of `run`: those of --out's run.json with the flags on top where that exists, so that
// a run is resumed by its directory alone; else flags, environment, file and defaults.
Result<Settings> RunSettings(const Arguments& arguments, CliContext& context);

std::string NewRunFolder(Clock& clock);  // runs/<utc>-<4 hex>

// result.json. Errors name the path.
Result<SampleResult> ReadResult(const std::string& path, Files& files);

// Why the simulated GPU did not run the baseline beside the sample's kernels, as the last verdict
// with an estimate says it. Empty: it did, or nothing is known.
std::string WhyNoBaseline(const std::string& sample_folder, const SampleResult& result,
                          Files& files);

// `json` as a file or a stream holds it: ending in one newline.
std::string JsonDocument(std::string_view json);

// `word` quoted for a shell if it has to be.
std::string ShellWord(const std::string& word);

}  // namespace caesar
