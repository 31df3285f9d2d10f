// A problem: what the candidate must compute, on which shapes, and how its result is compared.
// Loaded from a folder
//
//   problem.json  statement.md  reference.cu  baseline.cu (optional)  replies/001.md ...
//
// or, by name, from the problems embedded in the binary.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "problem/expression.h"
#include "sys/files.h"

namespace caesar {

enum class DType { kF32, kF64, kF16, kBf16, kI8, kI16, kI32, kI64, kU8, kU16, kU32, kU64, kBool };

std::string_view Name(DType dtype);   // "f32"
std::string_view CType(DType dtype);  // "float", "__half", "int64_t"
std::int64_t SizeOf(DType dtype);     // bytes
std::optional<DType> DTypeOf(std::string_view name);
bool IsFloat(DType dtype);

// How an input is filled. Values are rounded to the tensor's dtype.
struct Fill {
  enum class Kind {
    kNormal,       // a: mean, b: standard deviation
    kUniform,      // in [a, b)
    kIntegers,     // integers in [a, b], both included
    kConstant,     // a
    kRamp,         // a + b * (linear index)
    kOneHot,       // a at one random position of each row (last dimension), 0 elsewhere
    kPermutation,  // a random permutation of 0..n-1 (whole tensor)
    kMixedScale,   // normal, each element scaled by 10^k with k uniform in [a, b]
    kRowScale,     // likewise, with one k for each row (last dimension)
  } kind = Kind::kNormal;
  double a = 0;
  double b = 1;
};

std::string Describe(const Fill& fill);  // "normal(0, 1)"

struct TensorSpec {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<Expression> shape;  // over dims
  Fill fill;                      // inputs
  double atol = 0;                // outputs
  double rtol = 0;
};

// Whether the input is declared as plain random floats (normal, uniform), so that check_fills and
// the judge's own may stand in for that. Other declarations mean something: indices, one-hot rows.
bool TakesOtherFills(const TensorSpec& input);

using ScalarValue = std::variant<double, std::int64_t>;  // double for float types

struct ScalarSpec {
  std::string name;
  DType dtype = DType::kF32;
  ScalarValue value;
};

using Dims = std::map<std::string, std::int64_t>;

struct ShapeSpec {
  std::string name;
  bool bench = false;
  bool check = false;
  bool sim = false;  // checked on the simulated GPU, in the place of the check shapes
  Dims dims;
  bool sim_bench = false;  // counted there; without any: the largest that is checked there
};

struct Problem {
  std::string name;
  std::string summary;
  std::vector<std::string> tags;
  std::string launcher;
  std::vector<std::string> dims;
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
  std::vector<ScalarSpec> scalars;
  std::vector<ShapeSpec>
      shapes;  // exactly one has role bench, at most one sim_bench, at least one check
  std::vector<Fill> check_fills;  // at most 8; tried at every check shape on inputs that take them
  Expression flops;
  Expression bytes;
  bool tf32_allowed = false;
  std::vector<std::string> libraries;           // that candidates may link
  std::vector<std::string> baseline_libraries;  // cublas, cub, ...

  std::string json;       // problem.json as read
  std::string statement;  // statement.md
  std::string reference;  // reference.cu
  std::optional<std::string> baseline;
  std::vector<std::string> replies;  // replies/001.md, 002.md, ... in order
  std::string origin;                // the folder, or "bundled"

  const ShapeSpec& Bench() const;
};

// `argument` is a folder, or the name of a bundled problem (a folder wins if it contains
// problem.json). Errors: kBadInput, naming file, line and field, and for an unknown name the
// nearest bundled one.
Result<Problem> LoadProblem(const std::string& argument, Files& files);

// problem.json alone, for the judge. `name` is for messages.
Result<Problem> ParseProblem(const std::string& json, const std::string& name);

std::vector<std::string> BundledProblems();  // sorted names
Result<Problem> BundledProblem(const std::string& name);

// Elements of a tensor at given dims, after checking that every extent is at least 1 and the
// product does not overflow.
Result<std::vector<std::int64_t>> ShapeOf(const TensorSpec& tensor, const Dims& dims);
Result<std::int64_t> ElementsOf(const TensorSpec& tensor, const Dims& dims);

}  // namespace caesar
