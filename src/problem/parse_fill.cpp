// {"normal": [0, 1]} and the like: one kind, with the numbers that it takes.
#include <array>
#include <cmath>
#include <optional>

#include "base/check.h"
#include "base/format.h"
#include "problem/dtype.h"
#include "problem/parse.h"

namespace caesar {
namespace {

using Kind = Fill::Kind;

struct KindRow {
  Kind kind;
  std::string_view name;
  std::size_t numbers;
  std::string_view usage;
};

constexpr std::array kKinds = {
    KindRow{Kind::kNormal, "normal", 2, "[mean, standard deviation]"},
    KindRow{Kind::kUniform, "uniform", 2, "[low, high]"},
    KindRow{Kind::kIntegers, "integers", 2, "[low, high]"},
    KindRow{Kind::kConstant, "constant", 1, "a number"},
    KindRow{Kind::kRamp, "ramp", 2, "[start, step]"},
    KindRow{Kind::kOneHot, "one_hot", 1, "a number"},
    KindRow{Kind::kPermutation, "permutation", 0, "[]"},
    KindRow{Kind::kMixedScale, "mixed_scale", 2, "[lowest, highest power of ten]"},
    KindRow{Kind::kRowScale, "row_scale", 2, "[lowest, highest power of ten]"},
};

std::vector<std::string> KindNames() {
  std::vector<std::string> names;
  for (const KindRow& row : kKinds) names.emplace_back(row.name);
  return names;
}

// One number may stand alone or as [number].
Result<std::vector<double>> Numbers(const JsonField& field, const KindRow& row) {
  std::vector<double> numbers;
  if (row.numbers == 1 && field.tree().kind != JsonTree::Kind::kArray) {
    numbers.push_back(TRY(field.Number()));
    return numbers;
  }
  for (const JsonField& item : TRY(field.Items(2))) numbers.push_back(TRY(item.Number()));
  if (numbers.size() != row.numbers) return field.Wrong(Format("takes {}", row.usage));
  return numbers;
}

constexpr double kNormalMax = 5.3;  // of what device/elementwise.h draws

bool IsInteger(double value) { return std::floor(value) == value; }

// Every value must be one that the dtype holds, so that the fill means the same on every device.
Status CheckValue(const JsonField& field, double value, DType dtype) {
  if (IsFloat(dtype)) {
    if (std::abs(value) <= LargestFinite(dtype)) return {};
    return field.Wrong(Format("{} is out of the range of {}", value, Name(dtype)));
  }
  const IntegerRange range = ExactIntegers(dtype);
  const bool fits = IsInteger(value) && value >= static_cast<double>(range.low) &&
                    value <= static_cast<double>(range.high);
  if (!fits) return field.Wrong(Format("{} is not a value of {}", value, Name(dtype)));
  return {};
}

// `magnitude` is the most that there is in drawing an element.
Status CheckReach(const JsonField& field, std::string_view what, double magnitude, DType dtype) {
  if (magnitude <= LargestFinite(dtype)) return {};
  return field.Wrong(
      Format("{} is {}, which is out of the range of {}", what, magnitude, Name(dtype)));
}

// The type that device/elementwise.h draws in.
DType DrawnAs(DType dtype) { return dtype == DType::kF64 ? DType::kF64 : DType::kF32; }

Status CheckIntegers(const JsonField& field, const Fill& fill, DType dtype) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: beyond it a double skips integers
  if (!IsInteger(fill.a) || !IsInteger(fill.b)) return field.Wrong("takes two integers");
  if (fill.a > fill.b) return field.Wrong(Format("low {} is above high {}", fill.a, fill.b));
  if (std::abs(fill.a) > kExact || std::abs(fill.b) > kExact)
    return field.Wrong("takes integers of at most 2^53");
  const IntegerRange range = ExactIntegers(dtype);
  if (fill.a >= static_cast<double>(range.low) && fill.b <= static_cast<double>(range.high))
    return {};
  return field.Wrong(Format("{} holds exactly only the integers from {} to {}", Name(dtype),
                            range.low, range.high));
}

Status CheckPowers(const JsonField& field, const Fill& fill, DType dtype) {
  constexpr double kPowerMax = 300;
  if (!IsInteger(fill.a) || !IsInteger(fill.b) || std::abs(fill.a) > kPowerMax ||
      std::abs(fill.b) > kPowerMax) {
    return field.Wrong(Format("takes two integers between {} and {}", -kPowerMax, kPowerMax));
  }
  if (fill.a > fill.b)
    return field.Wrong(Format("lowest power {} is above highest {}", fill.a, fill.b));
  if (kNormalMax * std::pow(10.0, fill.b) <= LargestFinite(dtype)) return {};
  return field.Wrong(
      Format("normal values times 10^{} are out of the range of {}", fill.b, Name(dtype)));
}

Status CheckFill(const JsonField& field, const Fill& fill, DType dtype) {
  const bool continuous = fill.kind == Kind::kNormal || fill.kind == Kind::kUniform ||
                          fill.kind == Kind::kMixedScale || fill.kind == Kind::kRowScale;
  if (continuous && !IsFloat(dtype)) {
    return field.Wrong(Format("is for float types, not for {}: use \"integers\"", Name(dtype)));
  }
  switch (fill.kind) {
    case Kind::kNormal:
      if (!(fill.b >= 0)) return field.Wrong("the standard deviation is negative");
      TRY(CheckValue(field, fill.a, dtype));
      TRY(CheckValue(field, fill.b, dtype));
      return CheckReach(field, "|mean| + 5.3 standard deviations, which draws reach,",
                        std::abs(fill.a) + kNormalMax * fill.b, dtype);
    case Kind::kUniform:
      if (!(fill.a < fill.b))
        return field.Wrong(Format("low {} is not below high {}", fill.a, fill.b));
      TRY(CheckValue(field, fill.a, dtype));
      TRY(CheckValue(field, fill.b, dtype));
      return CheckReach(field, "high - low", fill.b - fill.a, DrawnAs(dtype));
    case Kind::kRamp:
      TRY(CheckValue(field, fill.a, dtype));
      if (!IsFloat(dtype) && !IsInteger(fill.b))
        return field.Wrong(Format("the step {} is not an integer", fill.b));
      return {};
    case Kind::kIntegers:
      return CheckIntegers(field, fill, dtype);
    case Kind::kConstant:
    case Kind::kOneHot:
      return CheckValue(field, fill.a, dtype);
    case Kind::kPermutation:
      return {};
    case Kind::kMixedScale:
    case Kind::kRowScale:
      return CheckPowers(field, fill, dtype);
  }
  CHECK(false);
}

}  // namespace

Result<Fill> ParseFill(const JsonField& field, DType dtype) {
  TRY(field.OnlyMembers(KindNames()));
  const auto members = field.Members();
  if (members.size() != 1)
    return field.Wrong("must name exactly one kind, like {\"normal\": [0, 1]}");
  for (const KindRow& row : kKinds) {
    if (row.name != members[0].tree().key) continue;
    const auto numbers = TRY(Numbers(members[0], row));
    Fill fill{row.kind, 0, 0};
    if (!numbers.empty()) fill.a = numbers[0];
    if (numbers.size() > 1) fill.b = numbers[1];
    TRY(CheckFill(members[0], fill, dtype));
    return fill;
  }
  CHECK(false);  // OnlyMembers let the name pass
}

Result<Fill> ParseCheckFill(const JsonField& field, const std::vector<TensorSpec>& inputs) {
  std::optional<Fill> fill;
  for (const TensorSpec& input : inputs) {
    if (TakesOtherFills(input)) fill = TRY(ParseFill(field, input.dtype));
  }
  if (!fill)
    return field.Wrong("no input takes it: none is of a float type with a normal or uniform fill");
  if (fill->kind == Kind::kPermutation)
    return field.Wrong("a permutation is for indices; what takes other fills are plain floats");
  return *fill;
}

std::string Describe(const Fill& fill) {
  for (const KindRow& row : kKinds) {
    if (row.kind != fill.kind) continue;
    if (row.numbers == 0) return std::string(row.name);
    if (row.numbers == 1) return Format("{}({})", row.name, fill.a);
    return Format("{}({}, {})", row.name, fill.a, fill.b);
  }
  CHECK(false);
}

}  // namespace caesar
