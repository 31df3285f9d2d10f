#include "sim/ptx/lexer.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstring>

namespace caesar::sim::ptx {
namespace {

enum CharClass : std::uint8_t { kOther, kSpace, kWord, kDigit, kPunctuation };

constexpr std::array<std::uint8_t, 256> MakeClasses() {
  std::array<std::uint8_t, 256> classes{};
  const auto set = [&classes](std::string_view characters, CharClass as) {
    for (const char c : characters) classes[static_cast<unsigned char>(c)] = as;
  };
  set(" \t\r\n\f\v", kSpace);
  set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$", kWord);
  set("0123456789", kDigit);
  set("{}[]()<>,;:=+-*@!|&^~", kPunctuation);
  return classes;
}
constexpr auto kClasses = MakeClasses();

CharClass ClassOf(char c) {
  return static_cast<CharClass>(kClasses[static_cast<unsigned char>(c)]);
}
bool IsWord(char c) {
  const CharClass kind = ClassOf(c);
  return kind == kWord || kind == kDigit;
}
const char* SkipWord(const char* at, const char* end) {
  while (at != end && IsWord(*at)) ++at;
  return at;
}

}  // namespace

Token Lexer::Make(TokenKind kind, const char* begin, const char* end) const {
  return {kind, 0, line_, std::string_view(begin, static_cast<std::size_t>(end - begin))};
}

bool Lexer::SkipSpace() {
  for (; at_ != end_; ++at_) {
    if (*at_ == '\n') {
      ++line_;
    } else if (*at_ == '/' && end_ - at_ > 1 && at_[1] == '/') {
      const void* newline = std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_));
      if (newline == nullptr) {
        at_ = end_;
        return true;
      }
      at_ = static_cast<const char*>(newline);
      ++line_;
    } else if (*at_ == '/' && end_ - at_ > 1 && at_[1] == '*') {
      const char* at = at_ + 2;
      int lines = 0;
      while (end_ - at > 1 && !(at[0] == '*' && at[1] == '/')) lines += *at++ == '\n' ? 1 : 0;
      if (end_ - at <= 1) return false;
      line_ += lines;
      at_ = at + 1;
    } else if (ClassOf(*at_) != kSpace) {
      return true;
    }
  }
  return true;
}

Token Lexer::Next() {
  const bool closed = SkipSpace();
  if (at_ == end_) return Make(TokenKind::kEnd, at_, at_);
  const char* begin = at_++;
  if (!closed) return Make(TokenKind::kBad, begin, begin + 2);
  switch (ClassOf(*begin)) {
    case kWord:
      at_ = SkipWord(at_, end_);
      return Make(TokenKind::kIdentifier, begin, at_);
    case kDigit:
      SkipNumber();
      return Make(TokenKind::kNumber, begin, at_);
    case kPunctuation: {
      Token token = Make(TokenKind::kSymbol, begin, at_);
      token.symbol = *begin;
      return token;
    }
    case kSpace:
    case kOther:
      break;
  }
  if (*begin == '%') {
    at_ = SkipWord(at_, end_);
    if (at_ - begin > 1) return Make(TokenKind::kIdentifier, begin, at_);
  }
  if (*begin == '.') {
    at_ = SkipWord(at_, end_);
    while (end_ - at_ > 2 && at_[0] == ':' && at_[1] == ':' && IsWord(at_[2])) {
      at_ = SkipWord(at_ + 2, end_);
    }
    if (at_ - begin > 1) return Make(TokenKind::kDot, begin + 1, at_);
  }
  if (*begin == '"') return String();
  return Make(TokenKind::kBad, begin, begin + 1);
}

void Lexer::SkipPlain() {
  static constexpr auto kPlain = [] {
    std::array<bool, 256> plain{};
    for (std::size_t c = 0; c < plain.size(); ++c) plain[c] = kClasses[c] != kOther;
    for (const char c : std::string_view("{}()")) plain[static_cast<unsigned char>(c)] = false;
    plain['.'] = true;
    return plain;
  }();
  const char* at = at_;
  int lines = 0;
  for (; at != end_ && kPlain[static_cast<unsigned char>(*at)]; ++at) lines += *at == '\n';
  at_ = at;
  line_ += lines;
}

namespace {
// One to three digits and a comma, without branches that depend on how many: tables hold them in no
// order that a processor could predict. The number of digits, or 0: something else.
std::uint32_t ShortListed(const char* at, std::uint64_t& value) {
  std::uint32_t word = 0;
  for (std::uint32_t i = 0; i < 4; ++i) {
    word |= std::uint32_t{static_cast<unsigned char>(at[i])} << 8 * i;
  }
  const std::uint32_t commas = word ^ 0x2C2C2C2CU;  // as zeros, of which the first is marked
  const std::uint32_t marks = (commas - 0x01010101U) & ~commas & 0x80808080U;
  const auto digits = static_cast<std::uint32_t>(std::countr_zero(marks)) / 8;
  if (digits == 0 || digits > 3) return 0;
  const std::uint32_t values = (word ^ 0x30303030U) << (32 - 8 * digits);  // the last one on top
  const bool octal = digits > 1 && at[0] == '0';
  if ((((values + 0x76767676U) | values) & 0x80808080U) != 0 || octal) return 0;
  value = (values >> 24) + (values >> 16 & 0xFF) * 10 + (values >> 8 & 0xFF) * 100;
  return digits;
}
}  // namespace

bool Lexer::TakeListed(std::uint64_t& value) {
  constexpr std::ptrdiff_t kDigitsMax = 18;
  const char* at = at_;
  if (at != end_ && *at == ' ') ++at;
  if (end_ - at >= 4) {
    if (const std::uint32_t digits = ShortListed(at, value); digits != 0) {
      at_ = at + digits + 1;
      return true;
    }
  }
  int lines = 0;
  const auto skip_space = [&] {
    for (; at != end_ && ClassOf(*at) == kSpace; ++at) lines += *at == '\n';
  };
  skip_space();
  const char* const first = at;
  value = 0;
  for (; at != end_ && *at >= '0' && *at <= '9'; ++at) {
    if (at - first == kDigitsMax) return false;
    value = value * 10 + static_cast<std::uint64_t>(*at - '0');
  }
  if (at == first || (*first == '0' && at - first > 1)) return false;
  skip_space();
  if (at == end_ || *at != ',') return false;
  at_ = at + 1;
  line_ += lines;
  return true;
}

// From behind the opening quote. PTX has no escapes; a string ends on its line.
Token Lexer::String() {
  const char* begin = at_;
  while (at_ != end_ && *at_ != '"' && *at_ != '\n') ++at_;
  if (at_ == end_ || *at_ == '\n') return Make(TokenKind::kBad, begin - 1, begin);
  return Make(TokenKind::kString, begin, at_++);
}

// From behind the first digit.
void Lexer::SkipNumber() {
  const char* begin = at_ - 1;
  at_ = SkipWord(at_, end_);
  bool decimal = at_ != end_ && *at_ == '.';
  for (const char* c = begin; c != at_ && decimal; ++c) decimal = ClassOf(*c) == kDigit;
  if (!decimal) return;
  at_ = SkipWord(at_ + 1, end_);
  const bool exponent = at_[-1] == 'e' || at_[-1] == 'E';
  if (exponent && at_ != end_ && (*at_ == '+' || *at_ == '-')) at_ = SkipWord(at_ + 1, end_);
}

namespace {

std::optional<std::uint64_t> ParseDigits(std::string_view digits, int base) {
  std::uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, value, base);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return value;
}

std::optional<Number> ParsePattern(std::string_view digits, std::uint8_t bytes) {
  if (digits.size() != 2U * bytes) return std::nullopt;
  const auto bits = ParseDigits(digits, 16);
  if (!bits) return std::nullopt;
  return Number{bytes, *bits};
}

std::optional<Number> ParseDecimal(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return Number{8, std::bit_cast<std::uint64_t>(value)};
}

// Most numbers: a few decimal digits.
std::optional<Number> ParsePlain(std::string_view text) {
  if (text.empty() || text.size() > 18 || (text[0] == '0' && text.size() > 1)) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (ClassOf(c) != kDigit) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return Number{0, value};
}

}  // namespace

std::optional<Number> ParseNumber(std::string_view text) {
  if (const auto plain = ParsePlain(text)) return plain;
  if (text.find('.') != std::string_view::npos) return ParseDecimal(text);
  const char prefix = text.size() > 1 && text[0] == '0' ? text[1] : '\0';
  if (prefix == 'f' || prefix == 'F') return ParsePattern(text.substr(2), 4);
  if (prefix == 'd' || prefix == 'D') return ParsePattern(text.substr(2), 8);
  if (text.size() > 1 && (text.back() == 'u' || text.back() == 'U')) text.remove_suffix(1);
  std::optional<std::uint64_t> value;
  if (prefix == 'x' || prefix == 'X') {
    value = ParseDigits(text.substr(2), 16);
  } else if (prefix == 'b' || prefix == 'B') {
    value = ParseDigits(text.substr(2), 2);
  } else {
    value = ParseDigits(text, text.size() > 1 && text[0] == '0' ? 8 : 10);
  }
  if (!value) return std::nullopt;
  return Number{0, *value};
}

}  // namespace caesar::sim::ptx
