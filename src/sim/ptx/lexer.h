// The tokens of PTX text. Comments and white space are skipped; every token is a view of the text.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace caesar::sim::ptx {

enum class TokenKind : std::uint8_t {
  kIdentifier,  // add, %r1, $L__BB0_1, _ZN3foo, _
  kDot,         // .global, .L2::128B: `text` lacks the leading dot
  kNumber,      // 42, 0x1Fu, 0f3F800000, 1.5e-3, 9.0; see ParseNumber
  kString,      // "...": `text` lacks the quotes
  kSymbol,      // one character of punctuation
  kEnd,
  kBad  // nothing of PTX begins with `text`
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  char symbol = 0;  // kSymbol
  int line = 0;     // from 1
  std::string_view text;
};

class Lexer {
 public:
  // At most 2^31 - 1 bytes.
  explicit Lexer(std::string_view text)
      : at_(text.data()), end_(text.data() + text.size()) {}  // NOLINT

  Token Next();

  // For what there is much of, faster than token by token; from where the last token ended.
  // Skips what cannot be a brace, a parenthesis, or the beginning of a comment or a string.
  void SkipPlain();
  // A number of decimal digits with a comma behind it, both of which it takes. False: something
  // else stands there, or octal digits; nothing is taken.
  bool TakeListed(std::uint64_t& value);
  // Back to the beginning of the last token.
  void Return(const Token& last) {
    at_ = last.text.data();
    line_ = last.line;
  }

 private:
  bool SkipSpace();  // false: a comment that nothing ends
  Token Make(TokenKind kind, const char* begin, const char* end) const;
  Token String();
  void SkipNumber();

  const char* at_;
  const char* end_;
  int line_ = 1;
};

struct Number {
  std::uint8_t float_bytes = 0;  // 0: an integer; 4: 0f...; 8: 0d... and decimals
  std::uint64_t bits = 0;        // the integer, or the float's pattern
};
// Nothing: malformed, or beyond 64 bits.
std::optional<Number> ParseNumber(std::string_view text);

}  // namespace caesar::sim::ptx
