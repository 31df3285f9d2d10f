// A place in a JSON file, as the parser of problem.json walks it: the value, its path and its file,
// so that every error reads "problem.json:12: inputs[0].dtype: unknown dtype 'f23' (did you mean
// 'f32'?)". Private to src/problem.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "problem/json_tree.h"

namespace caesar {

// "(did you mean 'f32'?)" with a blank before it, or a list of what there is.
std::string Hint(std::string_view name, const std::vector<std::string>& known);

class JsonField {
 public:
  JsonField(const JsonTree& tree, std::string file, std::string path)
      : tree_(&tree), file_(std::move(file)), path_(std::move(path)) {}

  const JsonTree& tree() const { return *tree_; }
  Error Wrong(std::string_view reason) const;
  // The same error with file, line and path in front.
  Error Wrong(const Error& error) const;

  // Objects.
  Status OnlyMembers(const std::vector<std::string>& known) const;  // and it must be an object
  Result<JsonField> Member(std::string_view name) const;            // must be there
  std::optional<JsonField> Find(std::string_view name) const;
  std::vector<JsonField> Members() const;

  // Values.
  Result<std::vector<JsonField>> Items(std::size_t count_max) const;
  Result<std::string> String(std::size_t bytes_max) const;  // without control characters
  Result<std::int64_t> Integer() const;
  Result<double> Number() const;
  Result<bool> Bool() const;

 private:
  JsonField Child(const JsonTree& tree, std::string_view step) const {
    return {
        tree, file_,
        path_.empty() && step[0] == '.' ? std::string(step.substr(1)) : path_ + std::string(step)};
  }
  Error WrongKind(std::string_view wanted) const;

  const JsonTree* tree_;
  std::string file_;
  std::string path_;
};

}  // namespace caesar
