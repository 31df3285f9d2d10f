#include "sim/launch.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "sim/launch_check.h"
#include "sim/occupancy.h"
#include "sim/resident.h"

namespace caesar::sim {
namespace {

constexpr std::uint64_t kChunksPerThread = 16;
constexpr std::uint64_t kWorkspaceBytes = 256;

// Everything that the host threads of one launch share.
struct Launch {
  LoadedModule& module;
  const Function& kernel;
  LaunchShape shape;
  const std::vector<std::byte>& params;
  const LaunchOptions& options;
  std::uint64_t grid_id = 0, workspace = 0;
  std::uint64_t units = 0;  // clusters
  std::uint64_t room = 1;   // blocks that the device holds at once
  std::atomic<std::uint64_t> operations{0};
  std::atomic<std::uint64_t> next_chunk{0};
  // The lowest chunk that ended the grid: those before it are run, those behind it do not count.
  std::atomic<std::uint64_t> last_chunk{~std::uint64_t{0}};

  // What a chunk left behind, by its number.
  struct Left {
    Findings findings;
    std::string printed;
  };
  std::mutex mutex{};
  std::map<std::uint64_t, std::unique_ptr<Left>> left{};
  std::vector<OpCounts> counts{};
  std::vector<TouchedMemory> touched{};
  std::uint64_t blocks_run = 0;
};

void FillGrid(Launch& launch, Grid& grid) {
  grid.kernel = &launch.kernel;
  grid.module = &launch.module;
  grid.blocks = launch.shape.blocks;
  grid.threads = launch.shape.threads;
  grid.cluster = launch.shape.cluster;
  grid.dynamic_shared_bytes = launch.shape.dynamic_shared_bytes;
  grid.params = launch.params;
  grid.params.resize(std::max<std::size_t>(grid.params.size(), launch.kernel.param_bytes));
  grid.cooperative = launch.shape.cooperative;
  grid.explicit_cluster = launch.shape.clustered;
  grid.grid_id = launch.grid_id;
  grid.workspace = launch.workspace;
  grid.operations_max = launch.options.operations_max;
  grid.deadline = launch.options.deadline;
  grid.operations = &launch.operations;
  grid.arena = launch.module.arena;
}

void Add(std::vector<OpCounts>& sum, const std::vector<OpCounts>& counts) {
  if (sum.size() < counts.size()) sum.resize(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) sum[i] += counts[i];
}

void Add(std::vector<TouchedMemory>& all, const std::vector<OpMemo>& memos) {
  if (all.size() < memos.size()) all.resize(memos.size());
  for (std::size_t i = 0; i < memos.size(); ++i) {
    const OpMemo& memo = memos[i];
    TouchedMemory& sum = all[i];
    const bool other = sum.end != 0 && (sum.begin != memo.begin || sum.end != memo.end);
    if (memo.end != 0) sum = {memo.begin, memo.end, sum.several || other};
    sum.several |= memo.several;
  }
}

// One host thread: takes chunks of units until there are none.
void Work(Launch& launch, std::uint64_t chunk_units) {
  Grid grid;
  FillGrid(launch, grid);
  Worker worker;
  worker.counts.resize(launch.module.ops);
  worker.memos.resize(launch.module.ops);
  Residents residents(grid, worker, launch.options, launch.room);
  while (true) {
    const std::uint64_t chunk = launch.next_chunk.fetch_add(1);
    const std::uint64_t begin = chunk * chunk_units;
    if (begin >= launch.units || chunk > launch.last_chunk.load()) break;
    const std::uint64_t end = std::min(begin + chunk_units, launch.units);
    auto left = std::make_unique<Launch::Left>();
    grid.findings = &left->findings;
    const bool finished = residents.Run(begin, end, launch.options.sampled_blocks);
    left->printed = std::exchange(worker.printed, {});
    if (!left->printed.empty() || !left->findings.Empty()) {
      const std::lock_guard lock(launch.mutex);
      launch.left.emplace(chunk, std::move(left));
    }
    if (finished) continue;
    std::uint64_t last = launch.last_chunk.load();
    while (chunk < last && !launch.last_chunk.compare_exchange_weak(last, chunk)) {
    }
    break;
  }
  const std::lock_guard lock(launch.mutex);
  Add(launch.counts, worker.counts);
  Add(launch.touched, worker.memos);
  launch.blocks_run += residents.blocks_run();
}

std::uint64_t ThreadsFor(const Launch& launch) {
  const bool alone = launch.shape.cooperative || launch.kernel.uses_atomics_or_fences ||
                     launch.options.sampled_blocks != 0;
  if (alone || launch.units <= 1) return 1;
  static const unsigned cores = std::thread::hardware_concurrency();  // costly to ask for
  const auto wanted = static_cast<std::uint64_t>(
      launch.options.host_threads > 0 ? static_cast<unsigned>(launch.options.host_threads)
                                      : std::max(1U, cores));
  return std::clamp<std::uint64_t>(launch.units, 1, wanted);
}

void RunAll(Launch& launch) {
  const std::uint64_t threads = ThreadsFor(launch);
  if (threads == 1) return Work(launch, launch.units);
  const std::uint64_t chunk =
      std::max<std::uint64_t>(launch.units / (threads * kChunksPerThread), 1);
  std::vector<std::thread> pool;
  try {
    for (std::uint64_t i = 1; i < threads; ++i) pool.emplace_back(Work, std::ref(launch), chunk);
  } catch (const std::system_error&) {
    // No more threads are to be had: those that there are do all of it.
  }
  Work(launch, chunk);
  for (std::thread& thread : pool) thread.join();
}

int Refuse(const Function& kernel, int error, std::string why, Findings& findings) {
  Finding finding;
  finding.kind = error == 801 ? FindingKind::kNotSimulated : FindingKind::kLaunchFailed;
  finding.text = std::move(why);
  finding.kernel = kernel.name;
  findings.Add(kernel.first_op, std::move(finding));
  return error;
}

}  // namespace

int RunGrid(LoadedModule& module, const Function& kernel, const LaunchShape& shape,
            std::vector<std::byte> params, Findings& findings, const LaunchOptions& options,
            LaunchRecord* record) {
  static std::atomic<std::uint64_t> grids{0};
  const auto begin = std::chrono::steady_clock::now();
  Launch launch{
      .module = module, .kernel = kernel, .shape = shape, .params = params, .options = options};
  std::string why;
  if (const int error = CheckLaunch(kernel, &launch.shape, &why); error != 0) {
    return Refuse(kernel, error, std::move(why), findings);
  }
  launch.grid_id = ++grids;
  launch.units = launch.shape.blocks.count() / launch.shape.cluster.count();
  const auto threads = static_cast<std::uint32_t>(launch.shape.threads.count());
  const std::uint32_t shared = DynamicSharedOffset(kernel) + shape.dynamic_shared_bytes;
  launch.room =
      std::uint64_t{DeviceLimits::kSms} * std::max(1U, OccupancyOf(threads, 0, shared).blocks);
  if (shape.cooperative) {
    launch.workspace = module.arena->Allocate(kWorkspaceBytes, "the workspace of a grid");
    if (launch.workspace == 0) return 2;  // cudaErrorMemoryAllocation
  }
  RunAll(launch);
  if (launch.workspace != 0) module.arena->Free(launch.workspace);

  int error = 0;
  std::string printed;
  for (auto& [chunk, left] : launch.left) {
    if (chunk > launch.last_chunk.load()) break;
    if (error == 0) error = left->findings.error();
    findings.Append(left->findings);
    printed += left->printed;
  }
  if (record != nullptr) {
    record->kernel = kernel.name;
    record->shape = launch.shape;
    record->static_shared_bytes = kernel.shared_bytes;
    record->function = &kernel;
    record->counts = std::move(launch.counts);
    record->touched = std::move(launch.touched);
    record->blocks_run = launch.blocks_run;
    record->printed = std::move(printed);
    record->host_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  return error;
}

}  // namespace caesar::sim
