// What the parser needs to know of dtypes beyond problem.h. Private to src/problem.
#pragma once

#include <string>
#include <vector>

#include "problem/problem.h"

namespace caesar {

std::vector<std::string> DTypeNames();

// The range of an integer type (bool: 0 to 1; u64: up to the largest int64, which is all that JSON
// and fills carry). For a float type, the integers that it holds exactly, one by one: up to 2^11 in
// f16, 2^8 in bf16.
struct IntegerRange {
  std::int64_t low = 0;
  std::int64_t high = 0;
};
IntegerRange ExactIntegers(DType dtype);

double LargestFinite(DType dtype);  // of a float type

}  // namespace caesar
