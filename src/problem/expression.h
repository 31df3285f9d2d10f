// Shape and cost expressions: integers, dims, + - * / % min(a,b) max(a,b) and parentheses, over
// int64. Inexact division, division by zero, unknown names and overflow are errors that show the
// expression and the place.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace caesar {

class Expression {
 public:
  Expression() = default;  // evaluates to 0

  // At most 256 characters and 32 levels of parentheses.
  static Result<Expression> Parse(std::string_view text);

  Result<std::int64_t> Evaluate(const std::map<std::string, std::int64_t>& dims) const;
  const std::string& text() const { return text_; }
  std::vector<std::string> Names() const;  // the dims it uses

 private:
  struct Node;
  std::string text_;
  std::shared_ptr<const Node> root_;
};

}  // namespace caesar
