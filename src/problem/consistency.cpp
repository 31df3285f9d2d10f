// What holds between the fields of problem.json.
#include <cmath>
#include <limits>
#include <set>

#include "base/format.h"
#include "problem/dtype.h"
#include "problem/parse.h"

namespace caesar {
namespace {

JsonField ItemOf(const JsonField& root, std::string_view list, std::size_t index) {
  const auto field = root.Find(list);
  auto items = field ? field->Items(std::numeric_limits<std::size_t>::max())
                     : Result<std::vector<JsonField>>(Error{});
  return items.ok() && index < items.value().size() ? items.value()[index] : root;
}

// The prototype's parameters, and what expressions call them, share one space of names.
Status CheckNames(const Problem& problem, const JsonField& root) {
  std::set<std::string> seen = {problem.launcher};
  const auto add = [&](const std::string& name, std::string_view list,
                       std::size_t index) -> Status {
    if (seen.insert(name).second) return {};
    return ItemOf(root, list, index).Wrong(Format("the name '{}' is taken", name));
  };
  for (std::size_t i = 0; i < problem.dims.size(); ++i) TRY(add(problem.dims[i], "dims", i));
  for (std::size_t i = 0; i < problem.inputs.size(); ++i)
    TRY(add(problem.inputs[i].name, "inputs", i));
  for (std::size_t i = 0; i < problem.outputs.size(); ++i)
    TRY(add(problem.outputs[i].name, "outputs", i));
  for (std::size_t i = 0; i < problem.scalars.size(); ++i)
    TRY(add(problem.scalars[i].name, "scalars", i));
  return {};
}

Status CheckRoles(const Problem& problem, const JsonField& root) {
  const JsonField shapes = TRY(root.Member("shapes"));
  std::set<std::string> names;
  int bench = 0;
  int check = 0;
  int sim_bench = 0;
  for (std::size_t i = 0; i < problem.shapes.size(); ++i) {
    const ShapeSpec& shape = problem.shapes[i];
    if (!names.insert(shape.name).second) {
      return ItemOf(root, "shapes", i).Wrong(Format("the shape name '{}' is taken", shape.name));
    }
    bench += shape.bench;
    check += shape.check;
    sim_bench += shape.sim_bench;
  }
  if (bench != 1)
    return shapes.Wrong(Format("{} shapes have the role bench; exactly one must", bench));
  if (sim_bench > 1)
    return shapes.Wrong(Format("{} shapes have the role sim_bench; at most one may", sim_bench));
  if (check == 0) return shapes.Wrong("no shape has the role check; at least one must");
  return {};
}

// Fills whose values grow with the tensor must stay within what the dtype holds.
Status CheckGrowth(const Fill& fill, const TensorSpec& tensor, std::int64_t elements,
                   const JsonField& place) {
  const IntegerRange range = ExactIntegers(tensor.dtype);
  if (fill.kind == Fill::Kind::kPermutation && elements - 1 > range.high) {
    return place.Wrong(Format(
        "a permutation of {} elements does not fit {}, which holds exactly only integers up to {}",
        elements, Name(tensor.dtype), range.high));
  }
  if (fill.kind == Fill::Kind::kRamp) {
    const double last = fill.a + fill.b * static_cast<double>(elements - 1);
    const bool fits = IsFloat(tensor.dtype) ? std::abs(last) <= LargestFinite(tensor.dtype)
                                            : last >= static_cast<double>(range.low) &&
                                                  last <= static_cast<double>(range.high);
    if (!fits)
      return place.Wrong(
          Format("the ramp ends at {}, which is out of the range of {}", last, Name(tensor.dtype)));
  }
  return {};
}

Error AtShape(const JsonField& field, Error error, const ShapeSpec& shape) {
  error.message = Format("at shape '{}': {}", shape.name, error.message);
  return field.Wrong(error);
}

Status CheckTensors(const Problem& problem, const JsonField& root, const ShapeSpec& shape) {
  std::int64_t total = 0;
  const auto check = [&](const TensorSpec& tensor, const JsonField& field) -> Status {
    const auto elements = ElementsOf(tensor, shape.dims);
    if (!elements.ok()) return AtShape(TRY(field.Member("shape")), elements.error(), shape);
    std::int64_t bytes = 0;
    if (__builtin_mul_overflow(elements.value(), SizeOf(tensor.dtype), &bytes) ||
        __builtin_add_overflow(total, bytes, &total) || total >= kTensorBytesMax) {
      return AtShape(
          field, Error{ErrorCode::kBadInput, "all tensors together reach 2^40 bytes (1 TiB)", ""},
          shape);
    }
    const auto fill = field.Find("fill");
    if (!fill) return {};  // an output
    TRY(CheckGrowth(tensor.fill, tensor, elements.value(), *fill));
    if (!TakesOtherFills(tensor) || !(shape.check || shape.sim)) return {};
    for (std::size_t i = 0; i < problem.check_fills.size(); ++i)
      TRY(CheckGrowth(problem.check_fills[i], tensor, elements.value(),
                      ItemOf(root, "check_fills", i)));
    return {};
  };
  for (std::size_t i = 0; i < problem.inputs.size(); ++i)
    TRY(check(problem.inputs[i], ItemOf(root, "inputs", i)));
  for (std::size_t i = 0; i < problem.outputs.size(); ++i)
    TRY(check(problem.outputs[i], ItemOf(root, "outputs", i)));
  return {};
}

Status CheckCost(const Expression& cost, std::int64_t least, const JsonField& field,
                 const ShapeSpec& shape) {
  const auto value = cost.Evaluate(shape.dims);
  if (!value.ok()) return AtShape(field, value.error(), shape);
  if (value.value() >= least) return {};
  return AtShape(field,
                 Error{ErrorCode::kBadInput,
                       Format("is {}, but must be at least {}", value.value(), least), ""},
                 shape);
}

}  // namespace

Status CheckConsistency(const Problem& problem, const JsonField& root) {
  if (problem.outputs.empty())
    return TRY(root.Member("outputs")).Wrong("is empty; a problem has at least one output");
  if (problem.shapes.empty())
    return TRY(root.Member("shapes")).Wrong("is empty; a problem has at least one shape");
  TRY(CheckNames(problem, root));
  TRY(CheckRoles(problem, root));
  for (const ShapeSpec& shape : problem.shapes) {
    TRY(CheckTensors(problem, root, shape));
    TRY(CheckCost(problem.flops, 0, TRY(root.Member("flops")), shape));
    TRY(CheckCost(problem.bytes, 1, TRY(root.Member("bytes")), shape));
  }
  return {};
}

}  // namespace caesar
