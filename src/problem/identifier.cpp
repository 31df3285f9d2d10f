#include <algorithm>

#include "base/format.h"
#include "base/strings.h"
#include "problem/parse.h"

namespace caesar {
namespace {

// C++ keywords and alternative tokens, then what the generated source, CUDA and expressions use.
constexpr std::string_view kReserved =
    " "
    "alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t "
    "char16_t char32_t class compl concept const consteval constexpr constinit const_cast "
    "continue co_await co_return co_yield decltype default delete do double dynamic_cast else "
    "enum explicit export extern false float for friend goto if inline int long mutable "
    "namespace new noexcept not not_eq nullptr operator or or_eq private protected public "
    "register reinterpret_cast requires restrict return short signed sizeof static "
    "static_assert static_cast struct switch template this thread_local throw true try typedef "
    "typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq int8_t "
    "int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t half nv_bfloat16 main stream "
    "args std threadIdx blockIdx blockDim gridDim warpSize min max NULL name roles linux unix "
    "i386 assert errno ";

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool IsIdentifier(std::string_view text) {
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') &&
         std::all_of(text.begin(), text.end(), IsWordCharacter);
}

bool IsReserved(std::string_view text) {
  const bool implementation = text.find("__") != text.npos || (text.size() > 1 && text[0] == '_' &&
                                                               text[1] >= 'A' && text[1] <= 'Z');
  return implementation || StartsWith(text, "cuda") || StartsWith(text, "caesar_") ||
         kReserved.find(Format(" {} ", text)) != kReserved.npos;
}

}  // namespace

Result<std::string> ParseIdentifier(const JsonField& field) {
  const std::string text = TRY(field.String(kNameBytesMax));
  if (!IsIdentifier(text)) return field.Wrong(Format("'{}' is not a C identifier", text));
  if (IsReserved(text)) return field.Wrong(Format("'{}' is reserved; choose another name", text));
  return text;
}

}  // namespace caesar
