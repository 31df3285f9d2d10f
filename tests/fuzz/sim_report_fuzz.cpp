// Any text as a runner's report: what is accepted keeps its bounds and survives a round trip.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "record/sim_report.h"

namespace {

void CheckCount(std::int64_t count) { CHECK(count >= 0 && count <= caesar::kSimCountMax); }

void CheckCounts(const caesar::SimCounts& counts) {
  CheckCount(counts.warp_instructions);
  CheckCount(counts.lane_instructions);
  CheckCount(counts.global_sectors);
  CheckCount(counts.shared_waves);
  for (const auto& [name, count] : counts.classes) CheckCount(count);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto report =
      caesar::ParseSimReport(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!report.ok()) {
    CHECK(report.error().code == caesar::ErrorCode::kBadInput);
    return 0;
  }
  CHECK(report.value().findings.size() <= 64 && report.value().kernels.size() <= 64);
  for (const auto& kernel : report.value().kernels) {
    CHECK(kernel.lines.size() <= 64);
    CheckCounts(kernel.counts);
    for (const auto& line : kernel.lines) CheckCounts(line.counts);
  }
  const std::string text = caesar::ToJson(report.value());
  const auto again = caesar::ParseSimReport(text);
  CHECK(again.ok());
  CHECK(caesar::ToJson(again.value()) == text);
  return 0;
}
