// The tensors of calls at one shape: per set the inputs, what is expected, and one output for each
// of candidate, baseline and best (runners never share an output). Several sets make a batch.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "device/device.h"
#include "judge/runner.h"
#include "problem/problem.h"
#include "record/verdict.h"

namespace caesar {

struct TensorPlan {
  const TensorSpec* spec = nullptr;
  std::vector<std::int64_t> shape;
  std::int64_t elements = 0;
  std::int64_t row = 1;  // elements of the last dimension
  std::uint64_t bytes() const { return static_cast<std::uint64_t>(elements * SizeOf(spec->dtype)); }
};

class CallSets {
 public:
  // Whose outputs there are, besides what is expected: each with those before it. Candidate and
  // best have inputs of their own, too (see Deliver).
  // kSampled: all share the inputs (see MakeSparse).
  enum class Outputs { kSampled, kCandidate, kBaseline, kBest };

  // One set. Null if the device has not enough memory; BytesNeeded says how much it takes.
  static Result<std::unique_ptr<CallSets>> Make(JudgeDevice& device, const Problem& problem,
                                                const ShapeSpec& shape, Outputs outputs);
  // As many sets as that: what there is stays where it is, and new ones have all outputs but the
  // best one's. False, and nothing is done, if the device has not enough memory.
  Result<bool> Resize(int sets);
  // One set, without the baseline's outputs, of memory that is taken when it is touched. For
  // devices whose tensors are sparse. All share the inputs: where the reference reads is where they
  // are filled.
  static Result<std::unique_ptr<CallSets>> MakeSparse(JudgeDevice& device, const Problem& problem,
                                                      const ShapeSpec& shape);
  static Result<std::uint64_t> BytesNeeded(const Problem& problem, const ShapeSpec& shape, int sets,
                                           Outputs outputs);

  // Maps the tensors that the runner's role may see, and sets the launcher's arguments.
  Runner::Outcome<Runner::Done> MapInto(Runner& runner) const;

  // These three queue their work on the device; Evaluator::Expect waits for it.
  //
  // New inputs: as declared, or with `fill` in the place of those that take others.
  Status FillInputs(int set, const std::optional<Fill>& fill);
  // The inputs of the last FillInputs but for a few elements of one of them, somewhere: what a
  // candidate that recognises inputs by a part of them takes for the same. False, and nothing is
  // done, where no input is drawn element by element.
  Result<bool> FillNearDuplicate(int set);
  // Fills the role's own inputs, if it has any, like those that the expected values belong to. Only
  // then, or it could begin to work while others have their turn; and never those that the
  // reference reads, or it could change what is expected.
  Status Deliver(int set, RunnerRole role);
  // Remembers what inputs hold, and says which of the role's are not that any more.
  Status HashInputs(int set);
  Result<std::vector<std::string>> ChangedInputs(int set, RunnerRole role);
  // New poison for what is expected, before the oracle writes it.
  Status PoisonExpected(int set);
  // New poison for the outputs of that role. kAsExpected: for floats the NaN of what is expected,
  // so that an element that neither the reference nor the runner wrote fails (see cuda/kernels.cu).
  // kSpot: in a few elements alone, wherever: enough to see whether a call took place.
  enum class Poison { kFresh, kAsExpected, kSpot };
  Status PoisonOutputs(int set, RunnerRole role, Poison poison);
  // The name of an output with floats that the reference did not write since PoisonExpected; only
  // floats tell.
  Result<std::optional<std::string>> UnwrittenByReference(int set);
  // Compares all outputs with what is expected; `guards` also looks around them.
  Result<std::vector<OutputCheck>> CompareAll(int set, RunnerRole role, bool guards);
  // Whose outputs others are held against, and by what part of the tolerance.
  struct Standard {
    RunnerRole of = RunnerRole::kOracle;
    double share = 1;
  };
  // All outputs of the first `sets` sets at once, for the clock: what each looks like beside the
  // standard's. The last of them comes first: what it left in L2 is read from there.
  using Look = std::vector<ElementCompare>;
  Result<std::vector<Look>> LookAtFirst(int sets, RunnerRole role, const Standard& standard);
  Result<Look> LookAt(int set, RunnerRole role, const Standard& standard);
  // Whether all outputs do, and nothing around them was overwritten.
  Result<bool> Meets(const Standard& standard, int set, RunnerRole role);
  // A few elements of what is expected, to know them again in a wrong result of the next call.
  Status RememberExpected(int set);
  // Of the outputs of that role, as they are now.
  Result<std::vector<std::uint64_t>> HashOutputs(int set, RunnerRole role);
  Status TouchInputs(int set, RunnerRole role);

  // For a sample of a call, on devices whose tensors are sparse: new inputs, as declared, and new
  // poison for what is expected, both where a call of the oracle touched them.
  Status RenewTouched(int set);
  // The same poison for the outputs of that role, and what both wrote then.
  Status PoisonTouched(int set, RunnerRole role);
  Result<SparseCompare> CompareTouched(int set, RunnerRole role);

  // Gives each of candidate and best the other's memory: where it lies must favour nobody. Takes
  // effect when they are mapped the next time.
  void SwapCandidateAndBest();

  const ShapeSpec& shape() const { return shape_; }
  int count() const { return static_cast<int>(sets_.size()); }
  const std::string& seed_id() const { return seed_id_; }

 private:
  struct Output {
    std::unique_ptr<DeviceTensor> tensor;
    std::uint64_t poison = 0;
    // Of what is expected: some elements, as RememberExpected found them.
    std::vector<std::pair<std::int64_t, double>> before{};
  };
  using Tensors = std::vector<std::unique_ptr<DeviceTensor>>;
  struct Set {
    Tensors inputs;
    Tensors candidate_inputs;  // empty: it shares the others'
    Tensors best_inputs;
    std::vector<element::FillOrder> fills;  // what the inputs hold
    std::vector<std::uint64_t> hashes;
    std::vector<Output> expected;
    std::vector<Output> candidate;
    std::vector<Output> baseline;
    std::vector<Output> best;
  };

  CallSets(JudgeDevice& device, const Problem& problem, const ShapeSpec& shape)
      : device_(device), problem_(problem), shape_(shape) {}
  Status Plan();
  using Allocator = std::function<Result<std::unique_ptr<DeviceTensor>>(std::uint64_t)>;
  Result<bool> Add(Outputs outputs);
  Result<bool> Allocate(Set& set, Outputs wanted, const Allocator& allocate);
  std::vector<Output>& OutputsOf(Set& set, RunnerRole role) const;
  Result<ElementCompare> CompareWith(const Standard& standard, Set& set, std::size_t output,
                                     RunnerRole role);
  Tensors& InputsOf(Set& set, RunnerRole role) const;
  Result<OutputCheck> CompareOne(Set& set, std::size_t output, RunnerRole role, bool guards);
  Result<BadValue> ValueAt(const TensorPlan& plan, DeviceTensor& got, DeviceTensor& want,
                           std::int64_t index);
  std::vector<RunnerArgument> ArgumentsFor() const;

  JudgeDevice& device_;
  const Problem& problem_;
  const ShapeSpec& shape_;
  std::vector<TensorPlan> inputs_;
  std::vector<TensorPlan> outputs_;
  std::uint64_t guard_ = 0;
  mutable std::vector<Set> sets_;
  std::string seed_id_;
};

}  // namespace caesar
