#include "llm/wire_json.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>

#include "base/strings.h"

namespace caesar {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The code unit of the four digits at `at`; -1 if there are none.
int CodeUnit(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) return -1;
  int unit = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const int digit = HexDigit(text[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

void AppendUtf8(std::string& text, unsigned code) {
  const auto add = [&](unsigned byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0 | code >> 6);
    add(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    add(0xE0 | code >> 12);
    add(0x80 | (code >> 6 & 0x3F));
    add(0x80 | (code & 0x3F));
  } else {
    add(0xF0 | code >> 18);
    add(0x80 | (code >> 12 & 0x3F));
    add(0x80 | (code >> 6 & 0x3F));
    add(0x80 | (code & 0x3F));
  }
}

// What the escape letter stands for; 0 for those that are none ('u' has a case of its own).
char Unescaped(char letter) {
  switch (letter) {
    case '"':
    case '\\':
    case '/':
      return letter;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

// `text` is a string's content that the parser has accepted.
std::string Decode(std::string_view text) {
  static constexpr unsigned kReplacement = 0xFFFD;
  std::string decoded;
  decoded.reserve(text.size());
  std::size_t at = 0;
  for (;;) {
    const std::size_t escape = std::min(text.find('\\', at), text.size());
    decoded.append(text, at, escape - at);
    if (escape == text.size()) return decoded;
    at = escape + 2;
    if (text[escape + 1] != 'u') {
      decoded += Unescaped(text[escape + 1]);
      continue;
    }
    const auto unit = static_cast<unsigned>(CodeUnit(text, at));
    at += 4;
    const bool high = unit >= 0xD800 && unit < 0xDC00;
    const bool pair = high && text.substr(at, 2) == "\\u";
    const int low = pair ? CodeUnit(text, at + 2) : -1;
    if (low >= 0xDC00 && low < 0xE000) {
      AppendUtf8(decoded,
                 0x10000 + ((unit - 0xD800) << 10) + (static_cast<unsigned>(low) - 0xDC00));
      at += 6;
    } else {
      AppendUtf8(decoded, unit >= 0xD800 && unit < 0xE000 ? kReplacement : unit);
    }
  }
}

bool IsAscii(std::string_view text) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    if ((word & 0x8080808080808080U) != 0) return false;
  }
  for (; at < text.size(); ++at) {
    if (static_cast<unsigned char>(text[at]) >= 0x80) return false;
  }
  return true;
}

}  // namespace

class WireJson::Parser {
 public:
  Parser(std::string_view text, std::vector<Node>& nodes)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), nodes_(nodes) {}

  bool Run() {
    static constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (StartsWith({begin_, static_cast<std::size_t>(end_ - begin_)}, kByteOrderMark))
      at_ += kByteOrderMark.size();
    if (!Value()) return false;
    while (depth_ > 0) {
      if (!InContainer()) return false;
    }
    SkipBlanks();
    return at_ == end_;
  }

 private:
  using Kind = WireValue::Kind;

  std::uint32_t Offset() const { return static_cast<std::uint32_t>(at_ - begin_); }
  bool More() const { return at_ != end_; }
  bool Take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  void SkipBlanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  bool Add(Kind kind, std::uint32_t begin, std::uint32_t end, bool escaped = false) {
    if (nodes_.size() >= kNodesMax) return false;
    nodes_.push_back({kind, escaped, begin, end, static_cast<std::uint32_t>(nodes_.size() + 1)});
    return true;
  }

  // A scalar whole, or the opening of a container.
  bool Value() {
    SkipBlanks();
    if (!More()) return false;
    switch (*at_) {
      case '{':
        return Open(Kind::kObject);
      case '[':
        return Open(Kind::kArray);
      case '"':
        return String();
      case 't':
        return Word("true", Kind::kTrue);
      case 'f':
        return Word("false", Kind::kFalse);
      case 'n':
        return Word("null", Kind::kNull);
      default:
        return Number();
    }
  }

  bool Open(Kind kind) {
    if (depth_ == kDepthMax) return false;
    open_[static_cast<std::size_t>(depth_++)] = static_cast<std::uint32_t>(nodes_.size());
    const std::uint32_t begin = Offset();
    ++at_;
    fresh_ = true;
    return Add(kind, begin, begin);
  }

  // The next member or item of the innermost container, or its end.
  bool InContainer() {
    const std::uint32_t container = open_[static_cast<std::size_t>(depth_ - 1)];
    const bool object = nodes_[container].kind == Kind::kObject;
    const bool first = fresh_;
    fresh_ = false;
    SkipBlanks();
    if (Take(object ? '}' : ']')) {
      nodes_[container].end = Offset();
      nodes_[container].next = static_cast<std::uint32_t>(nodes_.size());
      --depth_;
      return true;
    }
    if (!first && !Take(',')) return false;
    if (!object) return Value();
    SkipBlanks();
    if (!More() || *at_ != '"' || !String()) return false;
    SkipBlanks();
    return Take(':') && Value();
  }

  bool String() {
    const std::uint32_t begin = Offset() + 1;
    bool escaped = false;
    ++at_;
    for (;;) {
      SkipPlain();
      if (!More()) return false;
      if (*at_ == '"') break;
      escaped = true;
      if (!Escape()) return false;
    }
    const std::uint32_t end = Offset();
    ++at_;
    return Add(Kind::kString, begin, end, escaped);
  }

  // To the next quote or backslash, eight bytes at a time: the bytes of `x` that are zero are the
  // high bits of (x - 0x01..) & ~x & 0x80.., exact up to and with the lowest one (Bit Twiddling
  // Hacks, "Determine if a word has a zero byte").
  void SkipPlain() {
    static_assert(std::endian::native == std::endian::little);
    static constexpr std::uint64_t kOnes = 0x0101010101010101U;
    const auto zeros = [](std::uint64_t x) { return (x - kOnes) & ~x & kOnes << 7; };
    for (; end_ - at_ >= 8; at_ += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at_, 8);
      const std::uint64_t hits = zeros(word ^ kOnes * '"') | zeros(word ^ kOnes * '\\');
      if (hits == 0) continue;
      at_ += std::countr_zero(hits) / 8;
      return;
    }
    while (at_ != end_ && *at_ != '"' && *at_ != '\\') ++at_;
  }

  bool Escape() {
    ++at_;
    if (!More()) return false;
    const char letter = *at_++;
    if (letter != 'u') return Unescaped(letter) != 0;
    if (CodeUnit({at_, static_cast<std::size_t>(end_ - at_)}, 0) < 0) return false;
    at_ += 4;
    return true;
  }

  bool Word(std::string_view word, Kind kind) {
    const std::uint32_t begin = Offset();
    if (std::string_view(at_, static_cast<std::size_t>(end_ - at_)).substr(0, word.size()) != word)
      return false;
    at_ += word.size();
    return Add(kind, begin, Offset());
  }

  bool Digits() {
    const char* first = at_;
    while (at_ != end_ && IsDigit(*at_)) ++at_;
    return at_ != first;
  }

  bool Number() {
    const std::uint32_t begin = Offset();
    Take('-');
    if (!Take('0') && !Digits()) return false;
    if (Take('.') && !Digits()) return false;
    if (Take('e') || Take('E')) {
      if (!Take('+')) Take('-');
      if (!Digits()) return false;
    }
    return Add(Kind::kNumber, begin, Offset());
  }

  const char* const begin_;
  const char* at_;
  const char* const end_;
  std::vector<Node>& nodes_;
  std::array<std::uint32_t, kDepthMax> open_{};
  int depth_ = 0;
  bool fresh_ = false;  // the innermost container was just opened
};

bool WireJson::Parse(std::string_view text) {
  static constexpr std::size_t kNodesOfAnEvent = 64;  // of most: one allocation
  nodes_.clear();
  nodes_.reserve(kNodesOfAnEvent);
  text_ = text;
  if (text.size() < std::numeric_limits<std::uint32_t>::max() && Parser(text, nodes_).Run())
    return true;
  nodes_.clear();
  return false;
}

WireValue WireJson::root() const { return nodes_.empty() ? WireValue() : WireValue(this, 0); }

WireValue::Kind WireValue::kind() const {
  return json_ == nullptr ? Kind::kMissing : json_->At(node_).kind;
}

bool WireValue::exists() const { return kind() != Kind::kMissing && kind() != Kind::kNull; }

bool WireValue::empty() const {
  if (is_object() || is_array()) return json_->At(node_).next == node_ + 1;
  return !is_string() || raw().empty();
}

WireValue WireValue::operator[](std::string_view key) const {
  if (!is_object()) return {};
  WireValue found;
  const std::uint32_t end = json_->At(node_).next;
  for (std::uint32_t member = node_ + 1; member != end; member = json_->At(member + 1).next) {
    if (WireValue(json_, member).is(key)) found = WireValue(json_, member + 1);
  }
  return found;
}

WireValue WireValue::operator[](std::size_t index) const {
  for (const WireValue item : *this) {
    if (index-- == 0) return item;
  }
  return {};
}

std::string WireValue::text() const {
  if (!is_string()) return "";
  const WireJson::Node& node = json_->At(node_);
  const std::string_view content = json_->Text(node);
  std::string text = node.escaped ? Decode(content) : std::string(content);
  return IsAscii(text) ? text : ToValidUtf8(text);
}

bool WireValue::is(std::string_view text) const {
  if (!is_string()) return false;
  const WireJson::Node& node = json_->At(node_);
  return node.escaped ? Decode(json_->Text(node)) == text : json_->Text(node) == text;
}

double WireValue::number() const {
  if (!is_number()) return 0;
  const std::string_view digits = raw();
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc()) return value;
  // Out of range: too large, or too small to be told from nothing.
  const std::size_t exponent = digits.find_first_of("eE");
  const bool tiny = exponent == std::string_view::npos
                        ? StartsWith(digits, "0.") || StartsWith(digits, "-0.")
                        : digits[exponent + 1] == '-';
  const double most = std::numeric_limits<double>::max();
  return tiny ? 0 : digits.front() == '-' ? -most : most;
}

std::int64_t WireValue::count() const {
  static constexpr double kCountMax = 1e15;  // whole numbers are exact up to there
  return static_cast<std::int64_t>(std::clamp(number(), 0.0, kCountMax));
}

bool WireValue::boolean() const { return kind() == Kind::kTrue; }

std::string_view WireValue::raw() const {
  return json_ == nullptr ? std::string_view() : json_->Text(json_->At(node_));
}

WireValue::Iterator WireValue::begin() const {
  return is_array() ? Iterator(json_, node_ + 1) : end();
}

WireValue::Iterator WireValue::end() const {
  return is_array() ? Iterator(json_, json_->At(node_).next) : Iterator(nullptr, 0);
}

WireValue::Iterator& WireValue::Iterator::operator++() {
  node_ = json_->At(node_).next;
  return *this;
}

}  // namespace caesar
