#include "sim/profile.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/strings.h"
#include "sim/activity.h"
#include "sim/cost_model.h"
#include "sim/occupancy.h"
#include "sim/place.h"

namespace caesar::sim {
namespace {

constexpr std::size_t kKernelsMax = 64, kFindingsMax = 64, kTextBytesMax = 400;
// Of a kernel, and of all kernels of a report together.
constexpr std::size_t kLinesMax = 32, kLinesOfAllMax = 512;
constexpr std::size_t kFileBytesMax = 100;

// A line of the sources and what it did.
struct LineActivity {
  Place place;
  Activity work;
};

// What one kernel's launches did.
struct Tally {
  Activity all;
  std::map<std::tuple<std::string_view, int>, Activity> lines;
  // Sectors by the allocation that they lie in: it cannot be read or written more often than it is
  // large without finding its own sectors in a cache.
  struct Traffic {
    double loads = 0, stores = 0;
  };
  std::map<std::pair<std::uint64_t, std::uint64_t>, Traffic> traffic;
};

// The kernel and all that it can call.
std::vector<const Function*> Reachable(const Function& kernel, const LoadedModule& module) {
  std::vector<const Function*> all = {&kernel};
  std::set<const Function*> known = {&kernel};
  const auto add = [&](const Function* function) {
    if (function != nullptr && function->decoded && known.insert(function).second) {
      all.push_back(function);
    }
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const Function* callee : all[i]->callees) add(callee);
    if (!all[i]->calls_indirectly) continue;
    for (const auto& function : module.by_index) add(function.load());
  }
  return all;
}

// TensorFlops of each operation of a function. An instruction may be several operations, and a line
// of inline PTX several instructions: what the instructions of a line do is spread evenly.
std::vector<double> FlopsByOp(const Function& function) {
  struct LineOfPtx {
    double flops = 0, ops = 0;
  };
  std::map<int, LineOfPtx> lines;
  std::vector<double> flops(function.ops.size());
  const auto tensor = [&](std::size_t pc) {
    return function.ops[pc].op_class == OpClass::kTensor && pc < function.lines.size();
  };
  for (std::size_t pc = 0; pc < flops.size(); ++pc) {
    if (tensor(pc)) ++lines[function.lines[pc]].ops;
  }
  if (lines.empty() || function.source == nullptr) return flops;
  for (const ptx::Instruction& instruction : function.source->body) {
    const auto line = lines.find(instruction.line);
    if (line != lines.end()) line->second.flops += TensorFlops(instruction);
  }
  for (std::size_t pc = 0; pc < flops.size(); ++pc) {
    if (!tensor(pc)) continue;
    const LineOfPtx& line = lines[function.lines[pc]];
    flops[pc] = line.flops / line.ops;
  }
  return flops;
}

void NoteTraffic(const Op& op, const OpCounts& counts, const TouchedMemory& touched, Tally& tally) {
  Activity alone;
  alone.Add(op.op_class, counts, 0);
  if (alone.global_sectors() == 0) return;
  const bool known = !touched.several;
  Tally::Traffic& traffic = tally.traffic[{known ? touched.begin : 0, known ? touched.end : 0}];
  // An atomic reads its sectors and writes them.
  traffic.loads += alone.load_sectors + alone.atomic_sectors;
  traffic.stores += alone.store_sectors + alone.atomic_sectors;
}

Tally TallyOf(const LaunchRecord& record, const LoadedModule& module) {
  Tally tally;
  for (const Function* function : Reachable(*record.function, module)) {
    const std::vector<double> flops = FlopsByOp(*function);
    for (std::size_t pc = 0; pc < function->ops.size(); ++pc) {
      const std::size_t index = function->first_op + pc;
      if (index >= record.counts.size() || record.counts[index].warps == 0) continue;
      const OpCounts& counts = record.counts[index];
      const Op& op = function->ops[pc];
      const int location = pc < function->locations.size() ? function->locations[pc] : -1;
      const Place place = PlaceIn(module.source, location);
      tally.all.Add(op.op_class, counts, flops[pc]);
      if (place.line > 0) {
        tally.lines[{place.file, place.line}].Add(op.op_class, counts, flops[pc]);
      }
      const bool known = index < record.touched.size();
      NoteTraffic(op, counts, known ? record.touched[index] : TouchedMemory(), tally);
    }
  }
  return tally;
}

// The costliest lines, in order of lines.
std::vector<SimLine> LinesOf(const Tally& tally, double scale, std::size_t lines_max) {
  std::vector<LineActivity> lines;
  for (const auto& [place, work] : tally.lines) {
    lines.push_back({{std::get<0>(place), std::get<1>(place)}, work});
  }
  std::stable_sort(lines.begin(), lines.end(), [](const LineActivity& a, const LineActivity& b) {
    return CyclesOf(a.work) > CyclesOf(b.work);
  });
  lines.resize(std::min(lines.size(), lines_max));
  std::stable_sort(lines.begin(), lines.end(), [](const LineActivity& a, const LineActivity& b) {
    return std::tie(a.place.file, a.place.line) < std::tie(b.place.file, b.place.line);
  });
  std::vector<SimLine> described;
  const double whole = CyclesOf(tally.all);
  for (LineActivity& line : lines) {
    const double share = whole > 0 ? CyclesOf(line.work) / whole : 0;
    line.work.Scale(scale);
    described.push_back({Shorten(ToValidUtf8(line.place.file), kFileBytesMax), line.place.line,
                         CountsOf(line.work), share});
  }
  return described;
}

// Compulsory traffic of one launch: no allocation's sectors count more often than it has sectors.
// Where the allocation is not known, every request counts.
void SetUnique(const Tally& tally, double scale, KernelLoad* load) {
  constexpr double kSectorBytes = 32;
  for (const auto& [range, traffic] : tally.traffic) {
    const auto& [begin, end] = range;
    const bool known = end > begin;
    // Neither end need lie between two sectors.
    const double most = known ? static_cast<double>(end - begin) / kSectorBytes + 2 : 0;
    const auto unique = [&](double sectors) {
      return known ? std::min(sectors * scale, most) : sectors * scale;
    };
    load->unique_load_sectors += unique(traffic.loads);
    load->unique_store_sectors += unique(traffic.stores);
  }
}

void Set(std::int64_t (&to)[3], const Dim3& from) {
  to[0] = from.x;
  to[1] = from.y;
  to[2] = from.z;
}

std::int64_t CountOf(std::uint64_t count) {
  return static_cast<std::int64_t>(std::min(count, static_cast<std::uint64_t>(kSimCountMax)));
}

void AddFindings(const CallReport& call, SimReport* report) {
  for (const Finding& finding : call.findings) {
    if (report->findings.size() == kFindingsMax) {
      ++report->findings_dropped;
      continue;
    }
    SimFinding to;
    to.kind = std::string(Name(finding.kind));
    to.text = Shorten(ToValidUtf8(finding.text), kTextBytesMax);
    to.kernel = Shorten(Demangle(finding.kernel), kTextBytesMax);
    to.file = Shorten(ToValidUtf8(finding.file), kFileBytesMax);
    to.line = finding.line;
    std::copy(std::begin(finding.block), std::end(finding.block), std::begin(to.block));
    std::copy(std::begin(finding.thread), std::end(finding.thread), std::begin(to.thread));
    to.count = CountOf(finding.count);
    to.fatal = EndsGrid(finding.kind);
    report->findings.push_back(std::move(to));
  }
  const auto most = static_cast<std::uint64_t>(kSimCountMax - report->findings_dropped);
  report->findings_dropped += static_cast<std::int64_t>(std::min(call.findings_dropped, most));
}

void AddTransfers(const CallReport& call, SimReport* report) {
  const auto add = [&](const char* kind, const Transfers& all, double us) {
    if (all.count == 0) return;
    report->transfers.push_back({kind, CountOf(all.count), CountOf(all.bytes), us});
    report->estimated_us += us;
  };
  const auto on_device = [](const Transfers& all, double passes) {
    return TransferMicroseconds(static_cast<double>(all.count),
                                passes * static_cast<double>(all.bytes));
  };
  add("copy", call.copies, on_device(call.copies, 2));  // reads and writes
  add("set", call.sets, on_device(call.sets, 1));
  add("host_copy", call.host_copies,
      HostCopyMicroseconds(static_cast<double>(call.host_copies.count),
                           static_cast<double>(call.host_copies.bytes)));
  add("host_function", {call.host_functions, 0}, 0);
}

}  // namespace

SimKernel KernelOf(const LaunchRecord& record, const LoadedModule& module, std::uint64_t launches,
                   std::size_t lines_max) {
  const Tally tally = TallyOf(record, module);
  const auto times = static_cast<double>(std::max<std::uint64_t>(launches, 1));
  const auto blocks = static_cast<double>(record.shape.blocks.count());
  const auto run = static_cast<double>(std::max<std::uint64_t>(record.blocks_run, 1));
  const double scale = blocks * times / run;
  const auto threads = static_cast<std::uint32_t>(record.shape.threads.count());

  SimKernel kernel;
  kernel.name = Shorten(Demangle(record.kernel), kTextBytesMax);
  kernel.launches = static_cast<std::int64_t>(times);
  Set(kernel.grid, record.shape.blocks);
  Set(kernel.block, record.shape.threads);
  Set(kernel.cluster, record.shape.cluster);
  kernel.blocks = static_cast<std::int64_t>(std::min(blocks * times, 1e15));
  kernel.blocks_run = static_cast<std::int64_t>(std::min(run, blocks * times));
  kernel.shared_bytes =
      std::int64_t{record.static_shared_bytes} + record.shape.dynamic_shared_bytes;
  const auto resources = module.resources.find(record.kernel);
  if (resources != module.resources.end()) kernel.registers = resources->second.registers;

  const Occupancy occupancy = OccupancyOf(threads, static_cast<std::uint32_t>(kernel.registers),
                                          static_cast<std::uint64_t>(kernel.shared_bytes));
  kernel.occupancy = ShareOf(occupancy, threads);
  kernel.occupancy_limit = std::string(Name(occupancy.limit));
  Activity all = tally.all;
  all.Scale(scale);
  kernel.counts = CountsOf(all);
  kernel.lines = LinesOf(tally, scale, lines_max);

  KernelLoad load;
  load.work = tally.all;
  load.work.Scale(scale / times);
  SetUnique(tally, scale / times, &load);
  load.blocks = blocks;
  load.threads = threads;
  load.resident = occupancy.blocks;
  const Estimate estimate = EstimateOf(load);
  kernel.estimated_us = estimate.us;
  kernel.bound = std::string(Name(estimate.bound));
  return kernel;
}

SimReport ReportOf(const CallReport& call, bool profile) {
  SimReport report;
  AddFindings(call, &report);
  if (!profile) return report;
  AddTransfers(call, &report);
  report.launches_dropped = CountOf(static_cast<std::uint64_t>(call.dropped));
  if (call.kernels.empty()) return report;
  const std::size_t lines_max =
      std::min(kLinesMax, kLinesOfAllMax / std::min(call.kernels.size(), kKernelsMax));
  for (const KernelRun& run : call.kernels) {
    if (run.module == nullptr || run.record.function == nullptr) continue;
    SimKernel kernel = KernelOf(run.record, *run.module, run.launches, lines_max);
    report.estimated_us += kernel.estimated_us * static_cast<double>(kernel.launches);
    if (report.kernels.size() < kKernelsMax) report.kernels.push_back(std::move(kernel));
  }
  return report;
}

}  // namespace caesar::sim
