// A problem for the tests of the gate: y = 2 x, with one large check shape.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/strings.h"
#include "problem/problem.h"

namespace caesar::test {

inline constexpr const char* kGateProblem = R"({
  "version": 1, "name": "twice", "summary": "y = 2 x", "tags": [], "launcher": "solve",
  "dims": ["rows", "cols"], // a comment
  "inputs": [{ "name": "x", "dtype": "f32", "shape": ["rows", "cols"], "fill": { "normal": [0, 1] } }],
  "outputs": [{ "name": "y", "dtype": "f32", "shape": ["rows", "cols"], "atol": 1e-7, "rtol": 1e-6 }],
  "scalars": [],
  "shapes": [{ "name": "bench", "roles": ["bench"], "rows": 4096, "cols": 4096 },
             { "name": "one", "roles": ["check", "sim"], "rows": 1, "cols": 1 },
             { "name": "odd", "roles": ["check", "sim"], "rows": 37, "cols": 129 },
             { "name": "large", "roles": ["check"], "rows": 1021, "cols": 1023 }],
  "flops": "rows*cols", "bytes": "8*rows*cols", "policy": { "tf32": false, "libraries": [] },
  "baseline_libraries": [] })";

// The problem with every `from` replaced.
inline Problem GateProblem(const std::string& from = "", const std::string& to = "") {
  std::string json = kGateProblem;
  if (!from.empty()) {
    EXPECT_NE(json.find(from), std::string::npos) << from;
    json = ReplaceAll(json, from, to);
  }
  auto problem = ParseProblem(json, "twice");
  EXPECT_TRUE(problem.ok()) << problem.error().message;
  problem.value().reference = "// the reference: double sums\n";
  return problem.value();
}

}  // namespace caesar::test
