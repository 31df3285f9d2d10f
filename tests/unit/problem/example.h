// A valid problem.json with a bit of everything, for tests that break one thing at a time.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/strings.h"
#include "problem/problem.h"

namespace caesar::test {

inline constexpr const char* kExample = R"({
  "version": 1,
  "name": "example",
  "summary": "Everything at once",  // a comment
  "tags": ["reduction", "f32"],
  "launcher": "solve",
  "dims": ["rows", "cols"],
  "inputs": [
    { "name": "x", "dtype": "f32", "shape": ["rows", "cols"], "fill": { "normal": [0, 1] } },
    { "name": "index", "dtype": "i64", "shape": ["rows"], "fill": { "permutation": [] } }
  ],
  "outputs": [
    { "name": "y", "dtype": "f16", "shape": ["rows", "2*cols"], "atol": 1e-6, "rtol": 1e-5 },
    { "name": "count", "dtype": "u32", "shape": [] }
  ],
  "scalars": [
    { "name": "eps", "dtype": "f32", "value": 1e-5 },
    { "name": "k", "dtype": "i32", "value": -3 },
    { "name": "causal", "dtype": "bool", "value": true }
  ],
  "shapes": [
    { "name": "bench", "roles": ["bench"], "rows": 16384, "cols": 4096 },
    { "name": "odd", "roles": ["check", "sim"], "rows": 37, "cols": 1021 }
  ],
  "flops": "5*rows*cols",
  "bytes": "8*rows*cols",
  "policy": { "tf32": true, "libraries": ["cub"] },
  "baseline_libraries": ["cublas"]
})";

// The example with the first `from` replaced; `from` must occur.
inline std::string With(const std::string& from, const std::string& to) {
  std::string text = kExample;
  const auto at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return at == text.npos ? text : text.replace(at, from.size(), to);
}

// The error of a text that must not parse.
inline std::string ErrorOf(const std::string& json) {
  const auto problem = ParseProblem(json, "problem.json");
  EXPECT_FALSE(problem.ok()) << json;
  if (problem.ok()) return "";
  EXPECT_EQ(problem.error().code, ErrorCode::kBadInput);
  return problem.error().message;
}

}  // namespace caesar::test
