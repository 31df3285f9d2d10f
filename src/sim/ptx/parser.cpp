// Module level: directives, linkage, functions and variables.
#include "sim/ptx/parser.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "sim/ptx/reader.h"

namespace caesar::sim::ptx {
namespace {

// .version 9.0
bool ReadVersion(Reader& in) {
  const std::string_view text = in.token().text;
  const std::size_t dot = text.find('.');
  const bool split = in.AtKind(TokenKind::kNumber) && dot != std::string_view::npos;
  const auto number = [](std::string_view digits) {
    const auto value = digits.size() <= 4 ? ParseNumber(digits) : std::nullopt;
    return value && value->float_bytes == 0 ? static_cast<int>(value->bits) : -1;
  };
  const int major = split ? number(text.substr(0, dot)) : -1;
  const int minor = split ? number(text.substr(dot + 1)) : -1;
  if (major < 0 || minor < 0) return in.Fail("a version such as 9.0");
  in.module.version_major = major;
  in.module.version_minor = minor;
  in.Advance();
  return true;
}

// .target sm_90, texmode_independent: the architecture comes first.
bool ReadTarget(Reader& in) {
  std::string_view option;
  if (!in.ReadName(in.module.target, "a target such as sm_90")) return false;
  while (in.Accept(',')) {
    if (!in.ReadName(option, "an option of the target")) return false;
  }
  return true;
}

bool ReadAddressSize(Reader& in) {
  std::uint64_t bits = 0;
  const Token at = in.token();
  if (!in.ReadUnsigned(bits, 64, "32 or 64")) return false;
  if (bits != 32 && bits != 64) {
    return in.FailWith(at.line, Format("expected 32 or 64, found {}", bits));
  }
  in.module.address_size = static_cast<int>(bits);
  return true;
}

// .file 1 "kernel.cu"[, timestamp, size]
bool ReadFile(Reader& in) {
  std::uint64_t number = 0;
  if (!in.ReadUnsigned(number, Limits::kFiles, "the number of a file")) return false;
  if (!in.AtKind(TokenKind::kString)) return in.Fail("the name of a file in quotes");
  auto& files = in.module.files;
  if (number >= files.size()) files.resize(number + 1);
  files[number] = in.token().text;
  in.Advance();
  while (in.Accept(',')) {
    std::uint64_t ignored = 0;
    if (!in.ReadUnsigned(ignored, ~std::uint64_t{0}, "a number")) return false;
  }
  return true;
}

// .section .debug_str { ... }
bool SkipSection(Reader& in) {
  if (!in.AtKind(TokenKind::kDot) && !in.AtKind(TokenKind::kIdentifier)) {
    return in.Fail("the name of a section");
  }
  in.Advance();
  return in.SkipBalanced('{', '}');
}

// .alias name, target;
bool ReadAlias(Reader& in) {
  Alias alias;
  if (!in.Charge() || !in.ReadName(alias.name, "the name of a function")) return false;
  if (!in.Expect(',') || !in.ReadName(alias.target, "the name of a function")) return false;
  in.module.aliases.push_back(alias);
  return in.Expect(';');
}

using Read = bool (*)(Reader&);  // behind the directive's word
constexpr std::array<std::pair<std::string_view, Read>, 6> kDirectives = {
    {{"version", ReadVersion},
     {"target", ReadTarget},
     {"address_size", ReadAddressSize},
     {"file", ReadFile},
     {"section", SkipSection},
     {"alias", ReadAlias}}};

bool ReadItem(Reader& in) {
  for (const auto& [word, read] : kDirectives) {
    if (in.AcceptDot(word)) return read(in);
  }
  if (in.AtDot("pragma")) return ReadPragma(in);
  Linkage linkage;
  if (in.AcceptDot("extern")) {
    linkage.external = true;
  } else if (in.AcceptDot("visible") || in.AcceptDot("weak") || in.AcceptDot("common")) {
    linkage.visible = true;
  }
  if (in.AtDot("entry") || in.AtDot("func")) return ReadFunction(in, linkage);
  if (in.AtDot("param") || in.AtDot("reg") || !IsStateSpace(in.token())) {
    return in.Fail("a directive, a function or a variable");
  }
  return ReadVariables(in, linkage, in.module.variables);
}

bool ReadModule(Reader& in) {
  if (!in.AtDot("version")) return in.Fail(".version");
  while (!in.AtKind(TokenKind::kEnd)) {
    if (in.Accept(';')) continue;
    if (!ReadItem(in)) return false;
  }
  return true;
}

}  // namespace

Result<Module> Parse(std::shared_ptr<const std::string> text) {
  if (text->size() > Limits::kTextBytes) {
    return Error{ErrorCode::kBadInput,
                 Format("PTX of {} bytes: at most {} are read", text->size(), Limits::kTextBytes),
                 {}};
  }
  Module module;
  module.text = std::move(text);
  Reader in(*module.text, module);
  if (!ReadModule(in)) return std::move(in).error();
  return module;
}

}  // namespace caesar::sim::ptx
