#include "llm/code_scan.h"

#include <algorithm>

#include "base/strings.h"

namespace caesar {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsWordByte(char c) { return IsWordStart(c) || IsDigit(c); }

// Words and single punctuation characters, one after the other.
class Lexer {
 public:
  explicit Lexer(std::string_view code) : code_(code) {}

  // Empty at the end. A literal is the token "0".
  std::string_view Next() {
    for (SkipBlank(); at_ < code_.size(); SkipBlank()) {
      at_line_start_ = false;
      const std::size_t begin = at_;
      const char c = code_[at_];
      if (IsWordStart(c)) {
        while (at_ < code_.size() && IsWordByte(code_[at_])) ++at_;
        const std::string_view word = code_.substr(begin, at_ - begin);
        if (At(0) == '"' && EndsWith(word, "R")) {
          SkipRawString();
          return kLiteral;
        }
        return word;
      }
      if (IsDigit(c)) {  // with digit separators: 1'000'000
        while (at_ < code_.size() &&
               (IsWordByte(code_[at_]) || code_[at_] == '.' || code_[at_] == '\''))
          ++at_;
        return kLiteral;
      }
      if (c == '"' || c == '\'') {
        SkipQuoted(c);
        return kLiteral;
      }
      ++at_;
      return code_.substr(begin, 1);
    }
    return {};
  }

 private:
  static constexpr std::string_view kLiteral = "0";

  char At(std::size_t offset) const {
    return at_ + offset < code_.size() ? code_[at_ + offset] : '\0';
  }

  // White space, comments and preprocessor lines.
  void SkipBlank() {
    for (; at_ < code_.size(); ++at_) {
      const char c = code_[at_];
      if (c == '\n') {
        at_line_start_ = true;
      } else if (c == '/' && At(1) == '/') {
        SkipLine();
      } else if (c == '/' && At(1) == '*') {
        const std::size_t end = code_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? code_.size() : end + 1;
      } else if (c == '#' && at_line_start_) {
        SkipLine();
      } else if (c != ' ' && c != '\t' && c != '\r' && c != '\f' && c != '\v') {
        return;
      }
    }
  }

  // To the line's end, which a backslash before it carries on. Stops on the "\n" or one before it.
  void SkipLine() {
    for (;;) {
      const std::size_t end = code_.find('\n', at_);
      if (end == std::string_view::npos) {
        at_ = code_.size();
        return;
      }
      at_ = end;
      if (end == 0 || code_[end - 1] != '\\') {
        --at_;
        return;
      }
      ++at_;
    }
  }

  // A literal ends with its line, so that one stray apostrophe in prose does not swallow the rest.
  void SkipQuoted(char quote) {
    for (++at_; at_ < code_.size() && code_[at_] != '\n'; ++at_) {
      if (code_[at_] == '\\') {
        ++at_;
      } else if (code_[at_] == quote) {
        ++at_;
        return;
      }
    }
    at_ = std::min(at_, code_.size());
  }

  void SkipRawString() {  // at_ is on the quote of R"delimiter( ... )delimiter"
    const std::size_t open = code_.find('(', at_);
    if (open == std::string_view::npos || open - at_ > 17) {  // the standard allows 16 characters
      SkipQuoted('"');
      return;
    }
    const std::string close = ")" + std::string(code_.substr(at_ + 1, open - at_ - 1)) + "\"";
    const std::size_t end = code_.find(close, open);
    at_ = end == std::string_view::npos ? code_.size() : end + close.size();
  }

  std::string_view code_;
  std::size_t at_ = 0;
  bool at_line_start_ = true;
};

}  // namespace

bool DefinesFunction(std::string_view code, std::string_view name) {
  enum class Seen { kNothing, kName, kParameters, kSignature } seen = Seen::kNothing;
  int depth = 0;
  Lexer lexer(code);
  for (std::string_view token = lexer.Next(); !token.empty(); token = lexer.Next()) {
    if (seen == Seen::kParameters) {
      if (token == "(") ++depth;
      if (token == ")" && --depth == 0) seen = Seen::kSignature;
      if (token == ";") seen = Seen::kNothing;
    } else if (seen == Seen::kName && token == "(") {
      seen = Seen::kParameters;
      depth = 1;
    } else if (seen == Seen::kSignature && token == "{") {
      return true;
    } else if (seen != Seen::kSignature || token != "noexcept") {
      seen = token == name ? Seen::kName : Seen::kNothing;
    }
  }
  return false;
}

bool MentionsName(std::string_view code, std::string_view name) {
  Lexer lexer(code);
  for (std::string_view token = lexer.Next(); !token.empty(); token = lexer.Next()) {
    if (token == name) return true;
  }
  return false;
}

}  // namespace caesar
