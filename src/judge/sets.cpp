#include "judge/sets.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/format.h"
#include "judge/mismatch.h"
#include "judge/secret.h"

namespace caesar {
namespace {

constexpr int kBadValuesMax = 5;
constexpr std::uint64_t kSpotBytes = 4096;
constexpr std::uint64_t kGranule = std::uint64_t{2}
                                   << 20;  // of GPU memory: the least that a tensor takes

Result<TensorPlan> PlanTensor(const TensorSpec& spec, const Dims& dims) {
  TensorPlan plan;
  plan.spec = &spec;
  plan.shape = TRY(ShapeOf(spec, dims));
  plan.elements = TRY(ElementsOf(spec, dims));
  plan.row = plan.shape.empty() ? 1 : plan.shape.back();
  return plan;
}

std::vector<std::int64_t> IndexOf(const TensorPlan& plan, std::int64_t linear) {
  std::vector<std::int64_t> index(plan.shape.size());
  for (std::size_t i = plan.shape.size(); i-- > 0;) {
    index[i] = linear % plan.shape[i];
    linear /= plan.shape[i];
  }
  return index;
}

std::uint64_t ScalarBits(const ScalarSpec& scalar) {
  std::uint64_t bits = 0;
  if (scalar.dtype == DType::kF64) {
    const double value = std::get<double>(scalar.value);
    std::memcpy(&bits, &value, sizeof value);
  } else if (scalar.dtype == DType::kF32) {
    const auto value = static_cast<float>(std::get<double>(scalar.value));
    std::memcpy(&bits, &value, sizeof value);
  } else if (scalar.dtype == DType::kF16) {
    bits = element::HalfOf(static_cast<float>(std::get<double>(scalar.value)));
  } else if (scalar.dtype == DType::kBf16) {
    bits = element::Bf16Of(static_cast<float>(std::get<double>(scalar.value)));
  } else {
    bits = static_cast<std::uint64_t>(
        std::get<std::int64_t>(scalar.value));  // little endian: the low bytes are the value
  }
  return bits;
}

bool DrawsEachElement(const element::FillOrder& fill) {
  return fill.kind == element::kNormal || fill.kind == element::kUniform ||
         fill.kind == element::kIntegers || fill.kind == element::kMixedScale ||
         fill.kind == element::kRowScale;
}

// A comparison that failed, for the sentence that says where.
class ComparedTensors final : public MismatchSource {
 public:
  ComparedTensors(JudgeDevice& device, DeviceTensor& got, DeviceTensor& want,
                  const TensorSpec& spec, std::uint64_t poison)
      : device_(device), got_(got), want_(want), spec_(spec), poison_(poison) {}
  Result<std::vector<std::uint64_t>> Marks(std::int64_t from, std::int64_t count) override {
    return device_.Mark(got_, want_, spec_.dtype, from, count, spec_.atol, spec_.rtol, poison_);
  }
  Result<double> Got(std::int64_t index) override { return device_.Read(got_, spec_.dtype, index); }
  Result<double> Want(std::int64_t index) override {
    return device_.Read(want_, spec_.dtype, index);
  }

 private:
  JudgeDevice& device_;
  DeviceTensor& got_;
  DeviceTensor& want_;
  const TensorSpec& spec_;
  std::uint64_t poison_;
};

}  // namespace

Result<std::uint64_t> CallSets::BytesNeeded(const Problem& problem, const ShapeSpec& shape,
                                            int sets, Outputs outputs) {
  std::uint64_t bytes = 0;
  const auto mapped = [](const TensorPlan& plan) {
    return (plan.bytes() + kGranule - 1) / kGranule * kGranule;
  };
  // By Outputs: the judge's inputs and what is expected, then each role's own.
  constexpr std::uint64_t kInputs[] = {1, 2, 2, 3};
  constexpr std::uint64_t kOutputs[] = {2, 2, 3, 4};
  const auto wanted = static_cast<std::size_t>(outputs);
  for (const TensorSpec& input : problem.inputs)
    bytes += mapped(TRY(PlanTensor(input, shape.dims))) * kInputs[wanted];
  for (const TensorSpec& output : problem.outputs)
    bytes += mapped(TRY(PlanTensor(output, shape.dims))) * kOutputs[wanted];
  return bytes * static_cast<std::uint64_t>(sets);
}

Status CallSets::Plan() {
  for (const TensorSpec& input : problem_.inputs)
    inputs_.push_back(TRY(PlanTensor(input, shape_.dims)));
  for (const TensorSpec& output : problem_.outputs)
    outputs_.push_back(TRY(PlanTensor(output, shape_.dims)));
  guard_ = PoisonPattern(
      DType::kF32, RandomBits());  // NaN: what is read beyond a float tensor shows in the result
  return {};
}

Result<bool> CallSets::Allocate(Set& set, Outputs wanted, const Allocator& allocate_bytes) {
  const auto allocate = [&](const TensorPlan& plan) -> Result<std::unique_ptr<DeviceTensor>> {
    auto tensor = TRY(allocate_bytes(plan.bytes()));
    if (tensor != nullptr) TRY(device_.PoisonGuards(*tensor, guard_));
    return tensor;
  };
  for (const TensorPlan& plan : inputs_) {
    for (Tensors* inputs : {&set.inputs, &set.candidate_inputs, &set.best_inputs}) {
      if (inputs == &set.candidate_inputs && wanted < Outputs::kCandidate) continue;
      if (inputs == &set.best_inputs && wanted < Outputs::kBest) continue;
      inputs->push_back(TRY(allocate(plan)));
      if (inputs->back() == nullptr) return false;
    }
  }
  for (const TensorPlan& plan : outputs_) {
    for (auto* outputs : {&set.expected, &set.candidate, &set.baseline, &set.best}) {
      if (outputs == &set.baseline && wanted < Outputs::kBaseline) continue;
      if (outputs == &set.best && wanted < Outputs::kBest) continue;
      outputs->push_back({TRY(allocate(plan)), 0});
      if (outputs->back().tensor == nullptr) return false;
    }
  }
  return true;
}

Result<std::unique_ptr<CallSets>> CallSets::Make(JudgeDevice& device, const Problem& problem,
                                                 const ShapeSpec& shape, Outputs outputs) {
  std::unique_ptr<CallSets> made(new CallSets(device, problem, shape));
  TRY(made->Plan());
  if (!TRY(made->Add(outputs))) return std::unique_ptr<CallSets>();
  TRY(device.Synchronize());  // the guards are written
  return made;
}

Result<bool> CallSets::Add(Outputs outputs) {
  sets_.emplace_back();
  return Allocate(sets_.back(), outputs,
                  [&](std::uint64_t bytes) { return device_.Allocate(bytes); });
}

Result<bool> CallSets::Resize(int sets) {
  if (sets == count()) return true;
  const std::size_t before = sets_.size();
  if (sets < count()) sets_.resize(static_cast<std::size_t>(sets));
  while (count() < sets) {
    if (TRY(Add(Outputs::kBaseline))) continue;
    sets_.resize(before);
    return false;
  }
  TRY(device_.Synchronize());  // the guards are written
  return true;
}

Result<std::unique_ptr<CallSets>> CallSets::MakeSparse(JudgeDevice& device, const Problem& problem,
                                                       const ShapeSpec& shape) {
  std::unique_ptr<CallSets> made(new CallSets(device, problem, shape));
  TRY(made->Plan());
  made->sets_.emplace_back();
  const auto allocate = [&](std::uint64_t bytes) { return device.sparse()->AllocateSparse(bytes); };
  TRY(made->Allocate(made->sets_.back(), Outputs::kSampled, allocate));
  TRY(device.Synchronize());  // the guards are written
  return made;
}

std::vector<CallSets::Output>& CallSets::OutputsOf(Set& set, RunnerRole role) const {
  switch (role) {
    case RunnerRole::kOracle:
      return set.expected;
    case RunnerRole::kBaseline:
      return set.baseline;
    case RunnerRole::kCandidate:
      return set.candidate;
    case RunnerRole::kBest:
      return set.best;
  }
  return set.candidate;
}

CallSets::Tensors& CallSets::InputsOf(Set& set, RunnerRole role) const {
  Tensors* own = role == RunnerRole::kCandidate ? &set.candidate_inputs
                 : role == RunnerRole::kBest    ? &set.best_inputs
                                                : nullptr;
  return own == nullptr || own->empty() ? set.inputs : *own;
}

std::vector<RunnerArgument> CallSets::ArgumentsFor() const {
  std::vector<RunnerArgument> arguments;
  for (std::size_t i = 0; i < inputs_.size() + outputs_.size(); ++i) {
    arguments.push_back({RunnerArgument::Kind::kTensor, static_cast<std::uint32_t>(i), 0});
  }
  for (const std::string& dim : problem_.dims) {
    arguments.push_back(
        {RunnerArgument::Kind::kValue, 0, static_cast<std::uint64_t>(shape_.dims.at(dim))});
  }
  for (const ScalarSpec& scalar : problem_.scalars)
    arguments.push_back({RunnerArgument::Kind::kValue, 0, ScalarBits(scalar)});
  return arguments;
}

Runner::Outcome<Runner::Done> CallSets::MapInto(Runner& runner) const {
  auto done = runner.UnmapAll();
  for (std::size_t s = 0; s < sets_.size() && std::holds_alternative<Runner::Done>(done); ++s) {
    std::uint32_t tensor = 0;
    const auto map = [&](const DeviceTensor& memory, const TensorPlan& plan, bool writable) {
      if (!std::holds_alternative<Runner::Done>(done)) return;
      TensorMemory named = memory.memory();
      named.name = (writable ? "output " : "input ") + plan.spec->name;
      done = runner.Map(static_cast<std::uint32_t>(s), tensor++, writable, named);
    };
    const Tensors& inputs = InputsOf(sets_[s], runner.role());
    const auto& outputs = OutputsOf(sets_[s], runner.role());
    for (std::size_t i = 0; i < inputs_.size(); ++i) map(*inputs[i], inputs_[i], false);
    for (std::size_t i = 0; i < outputs_.size(); ++i) map(*outputs[i].tensor, outputs_[i], true);
  }
  if (std::holds_alternative<Runner::Done>(done)) done = runner.SetArguments(ArgumentsFor());
  return done;
}

Status CallSets::FillInputs(int set, const std::optional<Fill>& fill) {
  Set& own = sets_[static_cast<std::size_t>(set)];
  own.fills.clear();
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const TensorPlan& plan = inputs_[i];
    const element::Key key = RandomKey();
    if (i == 0) seed_id_ = SeedId(key);
    const bool replaced = fill.has_value() && TakesOtherFills(*plan.spec);
    own.fills.push_back(
        FillOrderOf(replaced ? *fill : plan.spec->fill, key, plan.row, plan.elements));
    TRY(device_.Fill(*own.inputs[i], plan.spec->dtype, own.fills.back()));
  }
  return {};
}

Result<bool> CallSets::FillNearDuplicate(int set) {
  Set& own = sets_[static_cast<std::size_t>(set)];
  std::vector<std::size_t> drawn;
  for (std::size_t i = 0; i < own.fills.size(); ++i) {
    if (DrawsEachElement(own.fills[i])) drawn.push_back(i);
  }
  if (drawn.empty()) return false;
  const std::size_t chosen = drawn[RandomBelow(static_cast<std::uint32_t>(drawn.size()))];
  element::FillOrder& fill = own.fills[chosen];
  const std::int64_t blocks = (fill.elements + 3) / 4;
  // So few that a sample of the elements hardly ever has one of them.
  const std::int64_t changed = std::min<std::int64_t>(blocks, 1 + RandomBelow(2));
  fill.patch = RandomKey();
  fill.patch_first = static_cast<std::int64_t>(RandomBits() >> 1) % (blocks - changed + 1);
  fill.patch_last = fill.patch_first + changed;
  seed_id_ = SeedId(fill.patch);
  TRY(device_.Fill(*own.inputs[chosen], inputs_[chosen].spec->dtype, fill));
  return true;
}

Status CallSets::PoisonExpected(int set) {
  Set& own = sets_[static_cast<std::size_t>(set)];
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    own.expected[i].poison = PoisonPattern(outputs_[i].spec->dtype, RandomBits());
    TRY(device_.Poison(*own.expected[i].tensor, own.expected[i].poison));
  }
  return {};
}

Status CallSets::HashInputs(int set) {
  Set& own = sets_[static_cast<std::size_t>(set)];
  own.hashes.clear();
  for (const auto& input : own.inputs) own.hashes.push_back(TRY(device_.Hash(*input)));
  return {};
}

Result<std::vector<std::string>> CallSets::ChangedInputs(int set, RunnerRole role) {
  Set& own = sets_[static_cast<std::size_t>(set)];
  const Tensors& inputs = InputsOf(own, role);
  std::vector<std::string> changed;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (TRY(device_.Hash(*inputs[i])) != own.hashes[i]) changed.push_back(inputs_[i].spec->name);
  }
  return changed;
}

Status CallSets::Deliver(int set, RunnerRole role) {
  Set& own = sets_[static_cast<std::size_t>(set)];
  const Tensors& inputs = InputsOf(own, role);
  if (&inputs == &own.inputs) return {};
  for (std::size_t i = 0; i < inputs.size(); ++i)
    TRY(device_.Fill(*inputs[i], inputs_[i].spec->dtype, own.fills[i]));
  return {};
}

Status CallSets::PoisonOutputs(int set, RunnerRole role, Poison poison) {
  Set& own = sets_[static_cast<std::size_t>(set)];
  auto& outputs = OutputsOf(own, role);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const DType dtype = outputs_[i].spec->dtype;
    const bool same = poison == Poison::kAsExpected && IsFloat(dtype);
    outputs[i].poison = same ? own.expected[i].poison : PoisonPattern(dtype, RandomBits());
    std::uint64_t from = 0;
    std::uint64_t to = outputs_[i].bytes();
    if (poison == Poison::kSpot && to > kSpotBytes) {
      from = RandomBits() % ((to - kSpotBytes) / kTensorAlignment + 1) * kTensorAlignment;
      to = from + kSpotBytes;
    }
    TRY(device_.PoisonPart(*outputs[i].tensor, outputs[i].poison, from, to));
  }
  return {};
}

Result<ElementCompare> CallSets::CompareWith(const Standard& standard, Set& set, std::size_t output,
                                             RunnerRole role) {
  const TensorPlan& plan = outputs_[output];
  Output& got = OutputsOf(set, role)[output];
  return device_.Compare(*got.tensor, *OutputsOf(set, standard.of)[output].tensor, plan.spec->dtype,
                         0, plan.elements, plan.spec->atol * standard.share,
                         plan.spec->rtol * standard.share, got.poison);
}

Result<CallSets::Look> CallSets::LookAt(int set, RunnerRole role, const Standard& standard) {
  Look look;
  for (std::size_t i = 0; i < outputs_.size(); ++i)
    look.push_back(TRY(CompareWith(standard, sets_[static_cast<std::size_t>(set)], i, role)));
  return look;
}

Result<std::vector<CallSets::Look>> CallSets::LookAtFirst(int sets, RunnerRole role,
                                                          const Standard& standard) {
  std::vector<Look> looks(static_cast<std::size_t>(std::min(sets, count())));
  for (std::size_t set = looks.size(); set-- > 0;)
    looks[set] = TRY(LookAt(static_cast<int>(set), role, standard));
  return looks;
}

Result<bool> CallSets::Meets(const Standard& standard, int set, RunnerRole role) {
  Set& own = sets_[static_cast<std::size_t>(set)];
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (TRY(CompareWith(standard, own, i, role)).mismatches > 0) return false;
    if (TRY(device_.GuardBytesChanged(*OutputsOf(own, role)[i].tensor, guard_)) > 0) return false;
  }
  return true;
}

Result<BadValue> CallSets::ValueAt(const TensorPlan& plan, DeviceTensor& got, DeviceTensor& want,
                                   std::int64_t index) {
  BadValue value;
  value.index = IndexOf(plan, index);
  value.got = TRY(device_.Read(got, plan.spec->dtype, index));
  value.want = TRY(device_.Read(want, plan.spec->dtype, index));
  return value;
}

Result<OutputCheck> CallSets::CompareOne(Set& set, std::size_t output, RunnerRole role,
                                         bool guards) {
  const TensorPlan& plan = outputs_[output];
  Output& got = OutputsOf(set, role)[output];
  DeviceTensor& want = *set.expected[output].tensor;
  const auto compare_from = [&](std::int64_t from) {
    return device_.Compare(*got.tensor, want, plan.spec->dtype, from, plan.elements,
                           plan.spec->atol, plan.spec->rtol, got.poison);
  };
  OutputCheck check;
  check.output = plan.spec->name;
  check.dtype = Name(plan.spec->dtype);
  check.elements = plan.elements;
  const ElementCompare found = TRY(compare_from(0));
  const bool exact = plan.spec->atol == 0 && plan.spec->rtol == 0;
  check.error_max = exact ? found.abs_error_max : found.error_max;
  check.abs_error_max = found.abs_error_max;
  check.mismatches = found.mismatches;
  check.unwritten = found.unwritten;
  if (found.mismatches > 0) {
    if (found.worst_index >= 0)
      check.worst = TRY(ValueAt(plan, *got.tensor, want, found.worst_index));
    std::int64_t next = found.first_bad;
    for (int i = 0; i < kBadValuesMax && next >= 0; ++i) {
      check.first_bad.push_back(TRY(ValueAt(plan, *got.tensor, want, next)));
      next = next + 1 < plan.elements ? TRY(compare_from(next + 1)).first_bad : -1;
    }
    ComparedTensors compared(device_, *got.tensor, want, *plan.spec, got.poison);
    WrongWhere where =
        TRY(WhereWrong({plan.shape, plan.elements, found.mismatches, found.unwritten,
                        plan.spec->atol, plan.spec->rtol, set.expected[output].before},
                       compared));
    check.where = std::move(where.text);
    check.where_patterns = where.patterns;
  }
  if (guards) {
    check.guard_bytes_changed = TRY(device_.GuardBytesChanged(*got.tensor, guard_));
    if (check.guard_bytes_changed > 0) TRY(device_.PoisonGuards(*got.tensor, guard_));
  }
  return check;
}

Status CallSets::RememberExpected(int set) {
  constexpr std::int64_t kRemembered = 24;
  Set& own = sets_[static_cast<std::size_t>(set)];
  for (std::size_t o = 0; o < outputs_.size(); ++o) {
    Output& expected = own.expected[o];
    const TensorPlan& plan = outputs_[o];
    const std::int64_t step = std::max<std::int64_t>(1, plan.elements / kRemembered);
    expected.before.clear();
    for (std::int64_t i = step / 2; i < plan.elements; i += step)
      expected.before.emplace_back(i, TRY(device_.Read(*expected.tensor, plan.spec->dtype, i)));
  }
  return {};
}

Result<std::vector<OutputCheck>> CallSets::CompareAll(int set, RunnerRole role, bool guards) {
  std::vector<OutputCheck> checks;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    checks.push_back(TRY(CompareOne(sets_[static_cast<std::size_t>(set)], i, role, guards)));
  }
  return checks;
}

Result<std::optional<std::string>> CallSets::UnwrittenByReference(int set) {
  std::vector<Output>& expected = sets_[static_cast<std::size_t>(set)].expected;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const TensorSpec& spec = *outputs_[i].spec;
    if (!IsFloat(spec.dtype)) continue;
    DeviceTensor& tensor = *expected[i].tensor;
    const ElementCompare found = TRY(device_.Compare(
        tensor, tensor, spec.dtype, 0, outputs_[i].elements, 0, 0, expected[i].poison));
    if (found.unwritten > 0) return std::optional<std::string>(spec.name);
  }
  return std::optional<std::string>();
}

void CallSets::SwapCandidateAndBest() {
  for (Set& set : sets_) {
    std::swap(set.candidate, set.best);
    std::swap(set.candidate_inputs, set.best_inputs);
  }
}

Result<std::vector<std::uint64_t>> CallSets::HashOutputs(int set, RunnerRole role) {
  std::vector<std::uint64_t> hashes;
  for (Output& output : OutputsOf(sets_[static_cast<std::size_t>(set)], role))
    hashes.push_back(TRY(device_.Hash(*output.tensor)));
  return hashes;
}

Status CallSets::TouchInputs(int set, RunnerRole role) {
  for (const auto& input : InputsOf(sets_[static_cast<std::size_t>(set)], role))
    TRY(device_.Touch(*input));
  return {};
}

Status CallSets::RenewTouched(int set) {
  Set& own = sets_[static_cast<std::size_t>(set)];
  SparseTensors& sparse = *device_.sparse();
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const TensorPlan& plan = inputs_[i];
    TRY(sparse.FillTouched(*own.inputs[i], plan.spec->dtype,
                           FillOrderOf(plan.spec->fill, RandomKey(), plan.row, plan.elements)));
  }
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    Output& expected = own.expected[i];
    expected.poison = PoisonPattern(outputs_[i].spec->dtype, RandomBits());
    TRY(sparse.PoisonTouched(*expected.tensor, *expected.tensor, expected.poison));
  }
  return {};
}

Status CallSets::PoisonTouched(int set, RunnerRole role) {
  Set& own = sets_[static_cast<std::size_t>(set)];
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    Output& output = OutputsOf(own, role)[i];
    output.poison = own.expected[i].poison;
    TRY(device_.sparse()->PoisonTouched(*output.tensor, *own.expected[i].tensor, output.poison));
  }
  return {};
}

Result<SparseCompare> CallSets::CompareTouched(int set, RunnerRole role) {
  Set& own = sets_[static_cast<std::size_t>(set)];
  SparseCompare total;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const TensorSpec& spec = *outputs_[i].spec;
    const SparseCompare found = TRY(
        device_.sparse()->CompareTouched(*OutputsOf(own, role)[i].tensor, *own.expected[i].tensor,
                                         spec.dtype, spec.atol, spec.rtol, own.expected[i].poison));
    total.compared += found.compared;
    total.mismatches += found.mismatches;
  }
  return total;
}

}  // namespace caesar
