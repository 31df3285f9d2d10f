// Inputs, outputs and scalars.
#include <cmath>

#include "base/format.h"
#include "base/strings.h"
#include "problem/dtype.h"
#include "problem/parse.h"

namespace caesar {
namespace {

Result<DType> ParseDType(const JsonField& field) {
  const std::string text = TRY(field.String(kNameBytesMax));
  if (const auto dtype = DTypeOf(text)) return *dtype;
  return field.Wrong(Format("unknown dtype '{}'", text) + Hint(text, DTypeNames()));
}

Result<TensorSpec> ParseTensor(const JsonField& field, const std::vector<std::string>& dims) {
  TensorSpec tensor;
  tensor.name = TRY(ParseIdentifier(TRY(field.Member("name"))));
  tensor.dtype = TRY(ParseDType(TRY(field.Member("dtype"))));
  for (const JsonField& extent : TRY(TRY(field.Member("shape")).Items(kTensorDimsMax))) {
    tensor.shape.push_back(TRY(ParseExpression(extent, dims)));
  }
  return tensor;
}

// Floats need a tolerance; what is counted in integers is compared exactly unless the file says
// otherwise.
Result<double> ParseTolerance(const JsonField& tensor, std::string_view name, DType dtype) {
  if (!IsFloat(dtype) && !tensor.Find(name)) return 0.0;
  const JsonField field = TRY(tensor.Member(name));
  const double value = TRY(field.Number());
  if (!(value >= 0)) return field.Wrong(Format("{} is negative", value));
  if (name == "rtol" && !(value < 1))
    return field.Wrong(Format("{} would let an output of zeros pass; it must be below 1", value));
  if (dtype == DType::kBool && value != 0)
    return field.Wrong("must be 0: a bool is compared exactly");
  return value;
}

Result<ScalarValue> ParseScalarValue(const JsonField& field, DType dtype) {
  if (dtype == DType::kBool && field.tree().kind == JsonTree::Kind::kBool)
    return ScalarValue(std::int64_t{TRY(field.Bool())});
  if (!IsFloat(dtype)) {
    const std::int64_t value = TRY(field.Integer());
    const IntegerRange range = ExactIntegers(dtype);
    if (value >= range.low && value <= range.high) return ScalarValue(value);
    return field.Wrong(Format("{} is out of the range of {}", value, Name(dtype)));
  }
  const double value = TRY(field.Number());
  if (std::abs(value) <= LargestFinite(dtype)) return ScalarValue(value);
  return field.Wrong(Format("{} is out of the range of {}", value, Name(dtype)));
}

}  // namespace

Result<Expression> ParseExpression(const JsonField& field, const std::vector<std::string>& dims) {
  std::string text;
  if (field.tree().kind == JsonTree::Kind::kInteger) {
    text = Format("{}", field.tree().integer);
  } else if (field.tree().kind == JsonTree::Kind::kString) {
    text = field.tree().text;
  } else {
    return field.Wrong("must be an integer or an expression over dims in quotes");
  }
  auto expression = Expression::Parse(text);
  if (!expression.ok()) return field.Wrong(expression.error());
  for (const std::string& name : expression.value().Names()) {
    bool known = false;
    for (const std::string& dim : dims) known = known || dim == name;
    if (!known)
      return field.Wrong(Format("expression \"{}\": unknown dim '{}'", text, name) +
                         Hint(name, dims));
  }
  return expression;
}

Result<TensorSpec> ParseInput(const JsonField& field, const std::vector<std::string>& dims) {
  TRY(field.OnlyMembers({"name", "dtype", "shape", "fill"}));
  TensorSpec tensor = TRY(ParseTensor(field, dims));
  tensor.fill = TRY(ParseFill(TRY(field.Member("fill")), tensor.dtype));
  return tensor;
}

Result<TensorSpec> ParseOutput(const JsonField& field, const std::vector<std::string>& dims) {
  TRY(field.OnlyMembers({"name", "dtype", "shape", "atol", "rtol"}));
  TensorSpec tensor = TRY(ParseTensor(field, dims));
  tensor.atol = TRY(ParseTolerance(field, "atol", tensor.dtype));
  tensor.rtol = TRY(ParseTolerance(field, "rtol", tensor.dtype));
  if (IsFloat(tensor.dtype) && tensor.atol == 0 && tensor.rtol == 0) {
    return field.Wrong("atol and rtol are both 0; a float output needs a tolerance, however small");
  }
  return tensor;
}

Result<ScalarSpec> ParseScalar(const JsonField& field) {
  TRY(field.OnlyMembers({"name", "dtype", "value"}));
  ScalarSpec scalar;
  scalar.name = TRY(ParseIdentifier(TRY(field.Member("name"))));
  scalar.dtype = TRY(ParseDType(TRY(field.Member("dtype"))));
  scalar.value = TRY(ParseScalarValue(TRY(field.Member("value")), scalar.dtype));
  return scalar;
}

}  // namespace caesar
