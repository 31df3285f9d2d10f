#include "problem/json_field.h"

#include <algorithm>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {

std::string Hint(std::string_view name, const std::vector<std::string>& known) {
  if (const auto nearest = Nearest(name, known)) return " (did you mean '" + *nearest + "'?)";
  if (known.empty()) return " (there are none)";
  return " (there are: " + Join(known, ", ") + ")";
}

Error JsonField::Wrong(std::string_view reason) const {
  const std::string path = path_.empty() ? "" : Shorten(path_, 200) + ": ";
  return {ErrorCode::kBadInput, Format("{}:{}: {}{}", file_, tree_->line, path, reason), ""};
}

Error JsonField::Wrong(const Error& error) const {
  Error placed = Wrong(error.message);
  placed.detail = error.detail;
  return placed;
}

Error JsonField::WrongKind(std::string_view wanted) const {
  switch (tree_->kind) {
    case JsonTree::Kind::kNull:
      return Wrong(Format("must be {}, not null", wanted));
    case JsonTree::Kind::kBool:
      return Wrong(Format("must be {}, not true or false", wanted));
    case JsonTree::Kind::kInteger:
      return Wrong(Format("must be {}, not a number", wanted));
    case JsonTree::Kind::kNumber:
      return Wrong(Format("must be {}, not {}", wanted, tree_->number));
    case JsonTree::Kind::kString:
      return Wrong(Format("must be {}, not a string", wanted));
    case JsonTree::Kind::kArray:
      return Wrong(Format("must be {}, not an array", wanted));
    case JsonTree::Kind::kObject:
      return Wrong(Format("must be {}, not an object", wanted));
  }
  return Wrong(Format("must be {}", wanted));
}

Status JsonField::OnlyMembers(const std::vector<std::string>& known) const {
  if (tree_->kind != JsonTree::Kind::kObject) return WrongKind("an object");
  for (const JsonField& member : Members()) {
    const std::string& name = member.tree().key;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return member.Wrong("unknown field" + Hint(name, known));
  }
  return {};
}

Result<JsonField> JsonField::Member(std::string_view name) const {
  if (tree_->kind != JsonTree::Kind::kObject) return WrongKind("an object");
  auto member = Find(name);
  if (!member) return Wrong(Format("the field '{}' is missing", name));
  return *std::move(member);
}

std::optional<JsonField> JsonField::Find(std::string_view name) const {
  for (const JsonTree& child : tree_->children) {
    if (tree_->kind == JsonTree::Kind::kObject && child.key == name)
      return Child(child, "." + child.key);
  }
  return std::nullopt;
}

std::vector<JsonField> JsonField::Members() const {
  std::vector<JsonField> members;
  for (const JsonTree& child : tree_->children) members.push_back(Child(child, "." + child.key));
  return members;
}

Result<std::vector<JsonField>> JsonField::Items(std::size_t count_max) const {
  if (tree_->kind != JsonTree::Kind::kArray) return WrongKind("an array");
  if (tree_->children.size() > count_max) {
    return Wrong(Format("has {} items; at most {} are allowed", tree_->children.size(), count_max));
  }
  std::vector<JsonField> items;
  for (const JsonTree& child : tree_->children)
    items.push_back(Child(child, Format("[{}]", items.size())));
  return items;
}

Result<std::string> JsonField::String(std::size_t bytes_max) const {
  if (tree_->kind != JsonTree::Kind::kString) return WrongKind("a string");
  if (tree_->text.size() > bytes_max) {
    return Wrong(Format("has {} bytes; at most {} are allowed", tree_->text.size(), bytes_max));
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(tree_->text.begin(), tree_->text.end(), is_control))
    return Wrong("holds a control character");
  return tree_->text;
}

Result<std::int64_t> JsonField::Integer() const {
  if (tree_->kind != JsonTree::Kind::kInteger) return WrongKind("a 64-bit integer");
  return tree_->integer;
}

Result<double> JsonField::Number() const {
  if (tree_->kind != JsonTree::Kind::kInteger && tree_->kind != JsonTree::Kind::kNumber)
    return WrongKind("a number");
  return tree_->number;
}

Result<bool> JsonField::Bool() const {
  if (tree_->kind != JsonTree::Kind::kBool) return WrongKind("true or false");
  return tree_->boolean;
}

}  // namespace caesar
