#include "sim/ptx/reader.h"

#include <string>

#include "base/format.h"
#include "base/strings.h"

namespace caesar::sim::ptx {
namespace {

std::string Describe(const Token& token) {
  constexpr std::size_t kShown = 60;
  const std::string text = ForTerminal(token.text.substr(0, kShown));
  switch (token.kind) {
    case TokenKind::kEnd:
      return "the end of the text";
    case TokenKind::kDot:
      return "." + text;
    case TokenKind::kString:
      return "\"" + text + "\"";
    case TokenKind::kBad:
      if (text == "/*") return "a comment without an end";
      if (text == "\"") return "a string without an end";
      // A control character or a lone byte of a UTF-8 sequence shows as its number.
      if (text.size() != 1 || text[0] <= ' ') {
        return Format("the byte 0x{:02X}", static_cast<unsigned char>(token.text[0]));
      }
      break;
    case TokenKind::kIdentifier:
    case TokenKind::kNumber:
    case TokenKind::kSymbol:
      break;
  }
  return text;
}

}  // namespace

bool Reader::FailWith(int line, std::string message) {
  if (!failed_) {
    failed_ = true;
    error_ = {ErrorCode::kBadInput, Format("PTX line {}: {}", line, message), {}};
  }
  return false;
}

bool Reader::Fail(std::string_view expected) {
  return FailWith(token_.line, Format("expected {}, found {}", expected, Describe(token_)));
}

bool Reader::FailSymbol(char symbol) { return Fail(std::string_view(&symbol, 1)); }

bool Reader::FailItems() {
  return FailWith(token_.line, Format("more than {} instructions, operands and declarations",
                                      FormatCount(static_cast<std::int64_t>(Limits::kItems))));
}

bool Reader::FailInitial() {
  return FailWith(token_.line,
                  Format("initial values of more than {} bytes",
                         FormatCount(static_cast<std::int64_t>(Limits::kInitialBytes))));
}

bool Reader::ReadName(std::string_view& name, std::string_view expected) {
  if (!AtKind(TokenKind::kIdentifier)) return Fail(expected);
  if (token_.text.size() > Limits::kNameBytes) {
    return FailWith(token_.line, Format("a name of {} bytes; at most {} are read",
                                        token_.text.size(), Limits::kNameBytes));
  }
  name = token_.text;
  Advance();
  return true;
}

bool Reader::ReadUnsigned(std::uint64_t& value, std::uint64_t max, std::string_view expected) {
  if (!AtKind(TokenKind::kNumber)) return Fail(expected);
  const auto number = ParseNumber(token_.text);
  if (!number || number->float_bytes != 0) return Fail(expected);
  if (number->bits > max) return Fail(Format("{} of at most {}", expected, max));
  value = number->bits;
  Advance();
  return true;
}

bool Reader::SkipBalanced(char open, char close) {
  if (!Expect(open)) return false;
  for (std::uint64_t depth = 1; depth > 0; Advance()) {
    if (AtKind(TokenKind::kEnd) || AtKind(TokenKind::kBad)) return FailSymbol(close);
    if (At(open)) {
      ++depth;
    } else if (At(close)) {
      --depth;
    } else {
      lexer_.SkipPlain();
    }
  }
  return true;
}

}  // namespace caesar::sim::ptx
