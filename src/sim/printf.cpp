#include "sim/printf.h"

#include <algorithm>
#include <bit>
#include <cstdio>

namespace caesar::sim {
namespace {

constexpr int kWidthMax = 1024, kPrecisionMax = 512;

struct Spec {
  bool left = false, plus = false, space = false, alternate = false, zero = false;
  int width = 0;
  int precision = -1;  // none
  bool wide = false;   // 64-bit integers
  int narrow = 0;      // bits of hh and h
  char conversion = 0;
};

int Limit(std::uint64_t bits, int most) {
  return std::clamp(static_cast<int>(static_cast<std::int32_t>(bits)), -most, most);
}

// A number in the format, or * for an argument.
int Number(std::string_view format, std::size_t* at, const PrintfSource& source, int most) {
  if (*at < format.size() && format[*at] == '*') {
    ++*at;
    return Limit(source.next(4), most);
  }
  int value = 0;
  for (; *at < format.size() && format[*at] >= '0' && format[*at] <= '9'; ++*at) {
    value = std::min(value * 10 + (format[*at] - '0'), most);
  }
  return value;
}

Spec Parse(std::string_view format, std::size_t* at, const PrintfSource& source) {
  Spec spec;
  for (; *at < format.size(); ++*at) {
    const char flag = format[*at];
    if (flag == '-')
      spec.left = true;
    else if (flag == '+')
      spec.plus = true;
    else if (flag == ' ')
      spec.space = true;
    else if (flag == '#')
      spec.alternate = true;
    else if (flag == '0')
      spec.zero = true;
    else
      break;
  }
  spec.width = Number(format, at, source, kWidthMax);
  if (spec.width < 0) spec.left = true, spec.width = -spec.width;
  if (*at < format.size() && format[*at] == '.') {
    ++*at;
    spec.precision = Number(format, at, source, kPrecisionMax);
  }
  for (; *at < format.size(); ++*at) {
    const char length = format[*at];
    if (length == 'l' || length == 'z' || length == 'j' || length == 't')
      spec.wide = true;
    else if (length == 'h')
      spec.narrow = spec.narrow == 16 ? 8 : 16;
    else
      break;
  }
  if (*at < format.size()) spec.conversion = format[(*at)++];
  return spec;
}

std::string Pad(const Spec& spec, std::string_view sign, std::string body, bool zeros) {
  const std::size_t used = sign.size() + body.size();
  const auto width = static_cast<std::size_t>(spec.width);
  const std::string fill(width > used ? width - used : 0, zeros && !spec.left ? '0' : ' ');
  if (spec.left) return std::string(sign) + body + fill;
  return zeros ? std::string(sign) + fill + body : fill + std::string(sign) + body;
}

std::string_view SignOf(const Spec& spec, bool negative) {
  if (negative) return "-";
  return spec.plus ? "+" : spec.space ? " " : "";
}

std::string Integer(const Spec& spec, std::uint64_t bits) {
  const int width = spec.wide ? 64 : spec.narrow != 0 ? spec.narrow : 32;
  const bool is_signed = spec.conversion == 'd' || spec.conversion == 'i';
  const std::uint64_t mask = width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
  bits &= mask;
  const bool negative = is_signed && (bits >> (width - 1) & 1) != 0;
  if (negative) bits = (~bits + 1) & mask;
  const bool hex = spec.conversion == 'x' || spec.conversion == 'X';
  const unsigned base = hex ? 16 : spec.conversion == 'o' ? 8 : 10;
  const std::string_view digits = spec.conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string body;
  for (std::uint64_t rest = bits; rest != 0; rest /= base) body += digits[rest % base];
  const auto least = static_cast<std::size_t>(spec.precision < 0 ? 1 : spec.precision);
  while (body.size() < least) body += '0';
  std::reverse(body.begin(), body.end());
  std::string sign(is_signed ? SignOf(spec, negative) : std::string_view{});
  if (spec.alternate && hex && bits != 0) sign = spec.conversion == 'X' ? "0X" : "0x";
  if (spec.alternate && base == 8 && body.substr(0, 1) != "0") body.insert(0, "0");
  return Pad(spec, sign, std::move(body), spec.zero && spec.precision < 0);
}

std::string Real(const Spec& spec, double value) {
  char text[kPrecisionMax + 512];
  const int precision = spec.precision < 0 ? 6 : spec.precision;
  const bool negative = std::bit_cast<std::uint64_t>(value) >> 63 != 0;
  const double size = negative ? -value : value;
  int length = 0;
  switch (spec.conversion) {
    case 'e':
      length = std::snprintf(text, sizeof text, "%.*e", precision, size);
      break;
    case 'E':
      length = std::snprintf(text, sizeof text, "%.*E", precision, size);
      break;
    case 'f':
      length = std::snprintf(text, sizeof text, "%.*f", precision, size);
      break;
    case 'F':
      length = std::snprintf(text, sizeof text, "%.*F", precision, size);
      break;
    case 'g':
      length = std::snprintf(text, sizeof text, "%.*g", precision, size);
      break;
    case 'G':
      length = std::snprintf(text, sizeof text, "%.*G", precision, size);
      break;
    case 'a':
      length = std::snprintf(text, sizeof text, "%.*a", spec.precision, size);
      break;
    default:
      length = std::snprintf(text, sizeof text, "%.*A", spec.precision, size);
      break;
  }
  const auto used =
      std::clamp<std::size_t>(static_cast<std::size_t>(std::max(length, 0)), 0, sizeof text - 1);
  const bool finite = size <= 1.7976931348623157e308;
  return Pad(spec, SignOf(spec, negative), std::string(text, used), spec.zero && finite);
}

std::string Convert(const Spec& spec, const PrintfSource& source) {
  switch (spec.conversion) {
    case '%':
      return "%";
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
      return Integer(spec, source.next(spec.wide ? 8 : 4));
    case 'c':
      return Pad(spec, "", std::string(1, static_cast<char>(source.next(4) & 0xff)), false);
    case 'p': {
      Spec hex;
      hex.conversion = 'x';
      hex.wide = hex.alternate = true;
      const std::uint64_t address = source.next(8);
      return Pad(spec, "", address == 0 ? "(nil)" : Integer(hex, address), false);
    }
    case 's': {
      std::string text = source.text(source.next(8));
      if (spec.precision >= 0) text = text.substr(0, static_cast<std::size_t>(spec.precision));
      return Pad(spec, "", std::move(text), false);
    }
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
    case 'a':
    case 'A':
      return Real(spec, std::bit_cast<double>(source.next(8)));
    default:
      return {};
  }
}

bool Known(char conversion) {
  return std::string_view("%diuoxXcpseEfFgGaA").find(conversion) != std::string_view::npos;
}

}  // namespace

std::string FormatPrintf(std::string_view format, const PrintfSource& source) {
  std::string out;
  for (std::size_t at = 0; at < format.size() && out.size() < kPrintedLineMax;) {
    if (format[at] != '%') {
      out += format[at++];
      continue;
    }
    const std::size_t begin = at++;
    const Spec spec = Parse(format, &at, source);
    if (spec.conversion == 0 || !Known(spec.conversion)) {
      out += format.substr(begin, at - begin);
    } else {
      out += Convert(spec, source);
    }
  }
  out.resize(std::min(out.size(), kPrintedLineMax));
  return out;
}

}  // namespace caesar::sim
