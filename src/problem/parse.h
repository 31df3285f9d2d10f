// The parts of problem.json's parser. Private to src/problem.
#pragma once

#include <string>
#include <vector>

#include "problem/json_field.h"
#include "problem/problem.h"

namespace caesar {

inline constexpr std::size_t kDimsMax = 16;
inline constexpr std::size_t kInputsMax = 16;
inline constexpr std::size_t kOutputsMax = 8;
inline constexpr std::size_t kScalarsMax = 16;
inline constexpr std::size_t kShapesMax = 32;
inline constexpr std::size_t kCheckFillsMax = 8;
inline constexpr std::size_t kTensorDimsMax = 8;
inline constexpr std::int64_t kTensorBytesMax = std::int64_t{1}
                                                << 40;  // of all tensors at one shape
inline constexpr std::size_t kNameBytesMax = 64;

// A C identifier that means nothing else in the generated source.
Result<std::string> ParseIdentifier(const JsonField& field);

// An integer, or an expression over `dims`.
Result<Expression> ParseExpression(const JsonField& field, const std::vector<std::string>& dims);

Result<TensorSpec> ParseInput(const JsonField& field, const std::vector<std::string>& dims);
Result<TensorSpec> ParseOutput(const JsonField& field, const std::vector<std::string>& dims);
Result<ScalarSpec> ParseScalar(const JsonField& field);
Result<Fill> ParseFill(const JsonField& field, DType dtype);
// One that every input which takes others can hold.
Result<Fill> ParseCheckFill(const JsonField& field, const std::vector<TensorSpec>& inputs);
Result<ShapeSpec> ParseShape(const JsonField& field, const std::vector<std::string>& dims);

// What holds between fields: distinct names, roles, sizes at every shape. `root` is the whole file.
Status CheckConsistency(const Problem& problem, const JsonField& root);

}  // namespace caesar
