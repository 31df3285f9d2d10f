// Damage for parsers: every truncation, and a change of every byte of a valid text.
#pragma once

#include <string>

namespace caesar::test {

template <class F>
void ForEachTruncation(const std::string& text, F&& f) {
  for (std::size_t length = 0; length < text.size(); ++length) f(text.substr(0, length));
}

template <class F>
void ForEachChangedByte(const std::string& text, F&& f) {
  constexpr char kBytes[] = {'\0', '"', '{', ']', '9', '-', ',', '\xff', '\n'};
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = kBytes[i % sizeof(kBytes)];
    f(changed);
  }
}

// Replaces the first `from`, which must occur.
inline std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  return at == text.npos ? "not found: " + from : text.replace(at, from.size(), to);
}

}  // namespace caesar::test
