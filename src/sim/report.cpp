// Warp::Report: a finding with the place in the candidate's sources.
#include <cxxabi.h>

#include <bit>
#include <cstdlib>
#include <memory>
#include <utility>

#include "sim/machine.h"
#include "sim/module.h"

namespace caesar::sim {
namespace {

constexpr std::size_t kNameMax = 512;  // of a kernel in messages; templates' names have no end
constexpr int kInlineDepthMax = 256;   // a chain longer than this is a loop

std::string Demangle(const std::string& mangled) {
  if (mangled.size() > 16 * kNameMax) return mangled.substr(0, kNameMax);
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status), std::free);
  std::string name = status == 0 && text ? text.get() : mangled;
  if (name.size() > kNameMax) name = name.substr(0, kNameMax) + "...";
  return name;
}

// Headers of the toolkit and of the system, which inlined calls lead into. The candidate is a file
// of its own beside nothing called include.
bool IsLibrary(std::string_view file) { return file.find("/include/") != std::string_view::npos; }

// The innermost location that lies in the candidate's own sources, else the innermost.
void Place(const ptx::Module& module, int location, Finding* finding) {
  const auto size = static_cast<int>(module.locations.size());
  for (int depth = 0; location >= 0 && location < size && depth < kInlineDepthMax; ++depth) {
    const ptx::Location& at = module.locations[static_cast<std::size_t>(location)];
    const auto file = static_cast<std::size_t>(at.file);
    if (at.file >= 0 && file < module.files.size()) {
      const std::string_view name = module.files[file];
      if (finding->file.empty() || !IsLibrary(name)) {
        finding->file = std::string(name);
        finding->line = at.line;
      }
      if (!IsLibrary(name)) return;
    }
    location = at.inlined_at;
  }
}

}  // namespace

Step Warp::Report(FindingKind kind, Mask lanes, std::string text) {
  Finding finding;
  finding.kind = kind;
  finding.text = std::move(text);
  std::uint64_t key = 0;
  if (grid->kernel != nullptr) finding.kernel = Demangle(grid->kernel->name);
  if (frame != nullptr && frame->function != nullptr) {
    const Function& function = *frame->function;
    key = function.first_op + std::uint64_t{pc};
    if (pc < function.lines.size()) finding.ptx_line = function.lines[pc];
    if (pc < function.locations.size() && grid->module != nullptr) {
      Place(grid->module->source, function.locations[pc], &finding);
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
  grid->findings->Add(key, std::move(finding));
  return EndsGrid(kind) ? Step::kFault : Step::kNext;
}

}  // namespace caesar::sim
