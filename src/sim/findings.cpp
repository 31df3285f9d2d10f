// Findings and what their kinds mean to the CUDA runtime.
#include "sim/findings.h"

#include <iterator>

namespace caesar::sim {
namespace {

struct Kind {
  std::string_view name;
  int error;  // cudaError_t; 0: the grid goes on
};

// By FindingKind.
constexpr Kind kKinds[] = {
    {"out_of_bounds", 700},
    {"read_only", 700},
    {"shared_out_of_bounds", 700},
    {"local_out_of_bounds", 700},
    {"misaligned", 716},
    {"illegal_instruction", 715},
    {"trap", 719},
    {"assert", 710},
    {"deadlock", 702},
    {"watchdog", 702},
    {"stack_overflow", 719},
    {"not_simulated", 801},
    {"race", 0},
    {"uninitialized_shared", 0},
    {"divergent_barrier", 0},
    {"barrier_after_exit", 0},
    {"launch_failed", 0},
    {"printf_overflow", 0},
};
static_assert(std::size(kKinds) == static_cast<std::size_t>(FindingKind::kCount));

const Kind& Of(FindingKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

}  // namespace

std::string_view Name(FindingKind kind) { return Of(kind).name; }
bool EndsGrid(FindingKind kind) { return Of(kind).error != 0; }
int CudaErrorOf(FindingKind kind) { return Of(kind).error; }

void Findings::Add(std::uint64_t key, Finding finding) {
  const std::lock_guard lock(mutex_);
  if (error_ == 0) error_ = CudaErrorOf(finding.kind);
  const auto known = index_.find({finding.kind, key});
  if (known != index_.end()) {
    found_[known->second].count += finding.count;
    return;
  }
  // There is always room for the first of a kind: no flood of one hides another.
  const auto first = index_.lower_bound({finding.kind, 0});
  const bool new_kind = first == index_.end() || first->first.first != finding.kind;
  if (found_.size() >= kMax && !new_kind) {
    ++dropped_;
    return;
  }
  index_.emplace(std::pair(finding.kind, key), found_.size());
  found_.push_back(std::move(finding));
}

bool Findings::Again(FindingKind kind, std::uint64_t key) {
  const std::lock_guard lock(mutex_);
  const auto known = index_.find({kind, key});
  if (known == index_.end()) return false;
  ++found_[known->second].count;
  return true;
}

void Findings::Append(Findings& later) {
  std::vector<std::uint64_t> keys;
  {
    const std::lock_guard lock(later.mutex_);
    keys.resize(later.found_.size());
    for (const auto& [place, index] : later.index_) keys[index] = place.second;
  }
  std::uint64_t dropped = 0;
  std::vector<Finding> found = later.Take(&dropped);
  for (std::size_t i = 0; i < found.size(); ++i) Add(keys[i], std::move(found[i]));
  const std::lock_guard lock(mutex_);
  dropped_ += dropped;
}

std::vector<Finding> Findings::Take(std::uint64_t* dropped) {
  const std::lock_guard lock(mutex_);
  if (dropped != nullptr) *dropped = dropped_;
  dropped_ = 0;
  index_.clear();
  return std::exchange(found_, {});
}

bool Findings::Empty() const {
  const std::lock_guard lock(mutex_);
  return found_.empty();
}

int Findings::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

}  // namespace caesar::sim
