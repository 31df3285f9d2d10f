#include "sim/activity.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <numeric>

namespace caesar::sim {
namespace {

constexpr double kSectorsPerPass = 4, kAtomicsPerPass = 8;

// By OpClass.
constexpr std::string_view kNames[] = {
    "integer",    "float32",     "float64",     "half",         "tensor",      "special",
    "convert",    "move",        "load_global", "store_global", "load_shared", "store_shared",
    "load_local", "store_local", "load_other",  "atomic",       "async_copy",  "control",
    "barrier",    "warp_sync",   "other"};
static_assert(std::size(kNames) == kOpClasses);

// How long a type's products take compared with those of f16: dense rates of NVIDIA's H100 data
// sheet (SXM5: f16 989.4 TFLOP/s, tf32 494.7, 8 bits 1978.9, f64 66.9).
struct TensorType {
  std::string_view name;
  double cost;
};
constexpr TensorType kTensorTypes[] = {
    {"tf32", 2},   {"f64", 989.4 / 66.9}, {"s8", 0.5}, {"u8", 0.5},
    {"e4m3", 0.5}, {"e5m2", 0.5},         {"bf16", 1}, {"f16", 1}};

// m16n8k16: 16 * 8 * 16. 0: no such shape.
double Volume(std::string_view shape) {
  double volume = 1;
  for (const char axis : {'m', 'n', 'k'}) {
    if (shape.empty() || shape.front() != axis) return 0;
    unsigned extent = 0;
    const auto [end, error] =
        std::from_chars(shape.data() + 1, shape.data() + shape.size(), extent);
    if (error != std::errc() || extent > 1024) return 0;
    volume *= extent;
    shape.remove_prefix(static_cast<std::size_t>(end - shape.data()));
  }
  return shape.empty() ? volume : 0;
}

// A generic access is one of the memory that it has met, global memory before the others.
OpClass Reached(OpClass op_class, const OpCounts& counts) {
  const bool load = op_class == OpClass::kLoadGlobal;
  if ((!load && op_class != OpClass::kStoreGlobal) || counts.sectors != 0) return op_class;
  if (counts.waves != 0) return load ? OpClass::kLoadShared : OpClass::kStoreShared;
  if (counts.local_sectors != 0) return load ? OpClass::kLoadLocal : OpClass::kStoreLocal;
  return op_class;
}

std::int64_t Rounded(double value) {
  return value >= static_cast<double>(kSimCountMax) ? kSimCountMax : std::llround(value);
}

}  // namespace

std::string_view Name(OpClass op_class) { return kNames[static_cast<std::size_t>(op_class)]; }

double Activity::all_warps() const {
  return std::accumulate(std::begin(warps), std::end(warps), 0.0);
}

void Activity::Add(OpClass op_class, const OpCounts& counts, double flops) {
  const auto times = static_cast<double>(counts.warps);
  const auto sectors = static_cast<double>(counts.sectors);
  const auto local = static_cast<double>(counts.local_sectors);
  op_class = Reached(op_class, counts);
  warps[static_cast<std::size_t>(op_class)] += times;
  lanes += static_cast<double>(counts.lanes);
  tensor_flops += flops * times;
  if (op_class == OpClass::kAtomic) atomics += static_cast<double>(counts.lanes);
  if (counts.waves != 0) {
    shared_requests += times;
    shared_waves += static_cast<double>(counts.waves);
    shared_waves_ideal += static_cast<double>(counts.waves_ideal);
  }
  // Constant memory has a cache of its own.
  if (op_class == OpClass::kLoadOther) return;
  if (sectors + local != 0) l1_passes += std::max(times, (sectors + local) / kSectorsPerPass);
  local_sectors += local;
  if (counts.sectors == 0) return;
  global_requests += times;
  global_bytes += static_cast<double>(counts.bytes);
  if (op_class == OpClass::kAtomic) {
    atomic_sectors += sectors;
    atomic_passes += std::max(sectors, static_cast<double>(counts.lanes) / kAtomicsPerPass);
  } else {
    (op_class == OpClass::kStoreGlobal ? store_sectors : load_sectors) += sectors;
  }
}

void Activity::Scale(double factor) {
  for (double& count : warps) count *= factor;
  for (double* value :
       {&lanes, &global_requests, &global_bytes, &load_sectors, &store_sectors, &atomic_sectors,
        &local_sectors, &l1_passes, &shared_requests, &shared_waves, &shared_waves_ideal, &atomics,
        &atomic_passes, &tensor_flops}) {
    *value *= factor;
  }
  static_assert(sizeof(Activity) == (kOpClasses + 14) * sizeof(double));  // none forgotten
}

double TensorFlops(const ptx::Instruction& instruction) {
  double volume = 0;
  for (const std::string_view modifier : instruction.modifiers) {
    volume = std::max(volume, Volume(modifier));
  }
  // The first type is that of the result: of several, a product's own comes later (.f32.bf16.bf16).
  double cost = 1;
  for (const std::string_view modifier : instruction.modifiers) {
    const auto* type = std::find_if(std::begin(kTensorTypes), std::end(kTensorTypes),
                                    [&](const TensorType& each) { return each.name == modifier; });
    if (type != std::end(kTensorTypes) && type->cost != 1) cost = type->cost;
  }
  return 2 * volume * cost;
}

SimCounts CountsOf(const Activity& activity) {
  SimCounts counts;
  counts.warp_instructions = Rounded(activity.all_warps());
  counts.lane_instructions = Rounded(activity.lanes);
  for (std::size_t i = 0; i < kOpClasses; ++i) {
    const std::int64_t count = Rounded(activity.warps[i]);
    if (count > 0) counts.classes.emplace_back(kNames[i], count);
  }
  counts.global_requests = Rounded(activity.global_requests);
  counts.global_sectors = Rounded(activity.global_sectors());
  counts.global_bytes = Rounded(activity.global_bytes);
  counts.shared_requests = Rounded(activity.shared_requests);
  counts.shared_waves = Rounded(activity.shared_waves);
  counts.shared_waves_ideal = Rounded(activity.shared_waves_ideal);
  counts.local_sectors = Rounded(activity.local_sectors);
  counts.barriers = Rounded(activity.warps[static_cast<std::size_t>(OpClass::kBarrier)]);
  counts.atomics = Rounded(activity.atomics);
  return counts;
}

}  // namespace caesar::sim
