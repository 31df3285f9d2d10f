// The parts of a prompt that come from the problem and the device, as text. Internal to llm.
#pragma once

#include <string>

#include "base/result.h"
#include "llm/template.h"
#include "problem/problem.h"
#include "record/device_info.h"

namespace caesar {

std::string ArgumentTable(
    const Problem& problem);  // Markdown, one row per argument in the launcher's order
std::string BenchDims(const Problem& problem);  // "rows = 16384, cols = 4096"
// What the timed call costs at least, and how long that takes at the device's bandwidth (`device`
// may be null).
Result<std::string> WorkSentence(const Problem& problem, const DeviceInfo* device);
std::string LibrariesSentence(const Problem& problem);
std::string PrecisionSentence(const Problem& problem);
TemplateValues DeviceValues(const DeviceInfo& device);
// The same without what is true of a real GPU alone: what nvcc compiles for, and the driver's CUDA.
TemplateValues SimulatedDeviceValues(const DeviceInfo& device);

}  // namespace caesar
