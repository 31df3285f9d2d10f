// Warp::Report: a finding with the place in the candidate's sources.
#include <bit>
#include <utility>

#include "sim/machine.h"
#include "sim/module.h"
#include "sim/place.h"

namespace caesar::sim {

namespace {

// Findings of one operation are the same one.
std::uint64_t KeyOf(const Warp& warp) {
  if (warp.frame == nullptr || warp.frame->function == nullptr) return 0;
  return warp.frame->function->first_op + std::uint64_t{warp.pc};
}

}  // namespace

bool Warp::ReportedBefore(FindingKind kind) { return grid->findings->Again(kind, KeyOf(*this)); }

Step Warp::Report(FindingKind kind, Mask lanes, std::string text) {
  Finding finding;
  finding.kind = kind;
  finding.text = std::move(text);
  if (grid->kernel != nullptr) finding.kernel = Demangle(grid->kernel->name);
  if (frame != nullptr && frame->function != nullptr) {
    const Function& function = *frame->function;
    if (pc < function.lines.size()) finding.ptx_line = function.lines[pc];
    if (pc < function.locations.size() && grid->module != nullptr) {
      const Place place = PlaceIn(grid->module->source, function.locations[pc]);
      finding.file = std::string(place.file);
      finding.line = place.line;
    }
  }
  if (block != nullptr) {
    finding.block[0] = block->index.x;
    finding.block[1] = block->index.y;
    finding.block[2] = block->index.z;
  }
  const auto lane = static_cast<std::uint32_t>(lanes == 0 ? 0 : std::countr_zero(lanes));
  const std::uint32_t thread = index * kLanes + lane;
  finding.thread[0] = thread % grid->threads.x;
  finding.thread[1] = thread / grid->threads.x % grid->threads.y;
  finding.thread[2] = thread / grid->threads.x / grid->threads.y;
  grid->findings->Add(KeyOf(*this), std::move(finding));
  return EndsGrid(kind) ? Step::kFault : Step::kNext;
}

}  // namespace caesar::sim
