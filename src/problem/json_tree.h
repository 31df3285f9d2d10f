// A JSON file as a tree in which every value knows its line, so that an error can name it. Private
// to src/problem.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace caesar {

struct JsonTree {
  enum class Kind { kNull, kBool, kInteger, kNumber, kString, kArray, kObject } kind = Kind::kNull;
  std::string key;  // of a member of an object
  int line = 0;     // where the member's key, else the value, stands; 1-based
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0;  // also of an integer
  std::string text;
  std::vector<JsonTree> children;
};

// Comments are allowed. At most 32 levels of nesting; a name given twice in one object is an error.
// Errors: kBadInput, "<file>:<line>:<column>: <reason>".
Result<JsonTree> ParseJsonTree(std::string_view text, const std::string& file);

}  // namespace caesar
