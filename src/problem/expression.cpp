// Recursive descent over
//
//   sum     = product { ("+" | "-") product }
//   product = unary { ("*" | "/" | "%") unary }
//   unary   = "-" unary | integer | name | ("min" | "max") "(" sum "," sum ")" | "(" sum ")"
#include "problem/expression.h"

#include <algorithm>
#include <optional>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

constexpr std::size_t kCharactersMax = 256;
constexpr int kDepthMax = 32;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

Error At(std::string_view text, std::size_t offset, std::string_view reason) {
  return {ErrorCode::kBadInput,
          Format("expression \"{}\", column {}: {}", ToValidUtf8(text), offset + 1, reason), ""};
}

enum class Op {
  kNumber,
  kName,
  kNegate,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kRemainder,
  kMin,
  kMax
};

}  // namespace

struct Expression::Node {
  Op op = Op::kNumber;
  std::size_t offset = 0;  // of the operator, name or number
  std::int64_t number = 0;
  std::string name;
  std::shared_ptr<const Node> left;
  std::shared_ptr<const Node> right;

  class Parser;
  Result<std::int64_t> Evaluate(std::string_view text,
                                const std::map<std::string, std::int64_t>& dims) const;
  void Collect(std::vector<std::string>& names) const;
};

class Expression::Node::Parser {
 public:
  using Tree = std::shared_ptr<const Node>;

  explicit Parser(std::string_view text) : text_(text) {}

  Result<Tree> Whole() {
    Tree tree = TRY(Sum());
    if (Peek() != '\0' || at_ < text_.size()) return Unexpected("an operator or the end");
    return tree;
  }

 private:
  Result<Tree> Sum() {
    Tree left = TRY(Product());
    while (Peek() == '+' || Peek() == '-') {
      const std::size_t offset = at_;
      const Op op = text_[at_++] == '+' ? Op::kAdd : Op::kSubtract;
      left = Make(op, offset, left, TRY(Product()));
    }
    return left;
  }

  Result<Tree> Product() {
    Tree left = TRY(Unary());
    while (Peek() == '*' || Peek() == '/' || Peek() == '%') {
      const std::size_t offset = at_;
      const char sign = text_[at_++];
      const Op op = sign == '*' ? Op::kMultiply : sign == '/' ? Op::kDivide : Op::kRemainder;
      left = Make(op, offset, left, TRY(Unary()));
    }
    return left;
  }

  Result<Tree> Unary() {
    if (depth_ == kDepthMax)
      return At(text_, at_, Format("is nested deeper than {} levels", kDepthMax));
    ++depth_;
    auto tree = UnaryWithin();
    --depth_;
    return tree;
  }

  Result<Tree> UnaryWithin() {
    const char c = Peek();
    const std::size_t offset = at_;
    if (c == '-') {
      ++at_;
      return Make(Op::kNegate, offset, TRY(Unary()), nullptr);
    }
    if (c == '(') {
      ++at_;
      Tree tree = TRY(Sum());
      TRY(Expect(')'));
      return tree;
    }
    if (IsDigit(c)) return Number();
    if (IsNameStart(c)) return NameOrCall();
    return Unexpected("a number, a dim or '('");
  }

  Result<Tree> Number() {
    auto node = std::make_shared<Node>();
    node->offset = at_;
    for (; at_ < text_.size() && IsDigit(text_[at_]); ++at_) {
      if (__builtin_mul_overflow(node->number, std::int64_t{10}, &node->number) ||
          __builtin_add_overflow(node->number, std::int64_t{text_[at_] - '0'}, &node->number)) {
        return At(text_, node->offset, "the number does not fit 64 bits");
      }
    }
    if (at_ < text_.size() && (IsNameStart(text_[at_]) || text_[at_] == '.'))
      return Unexpected("a digit");
    return Tree(std::move(node));
  }

  Result<Tree> NameOrCall() {
    auto node = std::make_shared<Node>();
    node->op = Op::kName;
    node->offset = at_;
    while (at_ < text_.size() && (IsNameStart(text_[at_]) || IsDigit(text_[at_])))
      node->name += text_[at_++];
    if (Peek() != '(') return Tree(std::move(node));
    if (node->name != "min" && node->name != "max") {
      return At(text_, node->offset,
                Format("unknown function '{}'; there are min and max", node->name));
    }
    ++at_;
    node->op = node->name == "min" ? Op::kMin : Op::kMax;
    node->left = TRY(Sum());
    TRY(Expect(','));
    node->right = TRY(Sum());
    TRY(Expect(')'));
    return Tree(std::move(node));
  }

  static Tree Make(Op op, std::size_t offset, Tree left, Tree right) {
    auto node = std::make_shared<Node>();
    node->op = op;
    node->offset = offset;
    node->left = std::move(left);
    node->right = std::move(right);
    return node;
  }

  // The next character that is not white space; NUL at the end.
  char Peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  Status Expect(char c) {
    if (Peek() != c) return Unexpected(Format("'{}'", c));
    ++at_;
    return {};
  }

  Error Unexpected(std::string_view wanted) {
    if (at_ >= text_.size()) return At(text_, at_, Format("ends where {} is due", wanted));
    return At(text_, at_,
              Format("'{}' where {} is due", ToValidUtf8(text_.substr(at_, 1)), wanted));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

Result<std::int64_t> Expression::Node::Evaluate(
    std::string_view text, const std::map<std::string, std::int64_t>& dims) const {
  if (op == Op::kNumber) return number;
  if (op == Op::kName) {
    const auto found = dims.find(name);
    if (found == dims.end()) return At(text, offset, Format("unknown dim '{}'", name));
    return found->second;
  }
  const std::int64_t a = TRY(left->Evaluate(text, dims));
  const std::int64_t b = right ? TRY(right->Evaluate(text, dims)) : 0;
  std::int64_t value = 0;
  bool overflow = false;
  const bool divides = op == Op::kDivide || op == Op::kRemainder;
  if (divides && b == 0) return At(text, offset, "division by zero");
  switch (op) {
    case Op::kNumber:
    case Op::kName:
      break;
    case Op::kNegate:
      overflow = __builtin_sub_overflow(std::int64_t{0}, a, &value);
      break;
    case Op::kAdd:
      overflow = __builtin_add_overflow(a, b, &value);
      break;
    case Op::kSubtract:
      overflow = __builtin_sub_overflow(a, b, &value);
      break;
    case Op::kMultiply:
      overflow = __builtin_mul_overflow(a, b, &value);
      break;
    case Op::kDivide:
      if (b == -1) {  // the one quotient that may overflow
        overflow = __builtin_sub_overflow(std::int64_t{0}, a, &value);
      } else if (a % b != 0) {
        return At(text, offset, Format("{} is not a multiple of {}", a, b));
      } else {
        value = a / b;
      }
      break;
    case Op::kRemainder:
      value = b == -1 ? 0 : a % b;
      break;
    case Op::kMin:
      value = std::min(a, b);
      break;
    case Op::kMax:
      value = std::max(a, b);
      break;
  }
  if (overflow) return At(text, offset, "the value does not fit 64 bits");
  return value;
}

void Expression::Node::Collect(std::vector<std::string>& names) const {
  if (op == Op::kName) names.push_back(name);
  if (left) left->Collect(names);
  if (right) right->Collect(names);
}

Result<Expression> Expression::Parse(std::string_view text) {
  if (text.size() > kCharactersMax) {
    return Error{
        ErrorCode::kBadInput,
        Format("expression of {} characters; at most {} are allowed", text.size(), kCharactersMax),
        ""};
  }
  Expression expression;
  expression.text_ = std::string(text);
  expression.root_ = TRY(Node::Parser(text).Whole());
  return expression;
}

Result<std::int64_t> Expression::Evaluate(const std::map<std::string, std::int64_t>& dims) const {
  if (!root_) return std::int64_t{0};
  return root_->Evaluate(text_, dims);
}

std::vector<std::string> Expression::Names() const {
  std::vector<std::string> names;
  if (root_) root_->Collect(names);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace caesar
