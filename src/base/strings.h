// Small text helpers that the standard library lacks. No I/O, no locale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caesar {

std::string_view Trim(std::string_view text);  // ASCII white space at both ends
std::vector<std::string> Split(std::string_view text, char separator);  // "a,,b" gives three parts
std::vector<std::string_view> Lines(std::string_view text);             // without "\n" and "\r\n"
std::string Join(const std::vector<std::string>& parts, std::string_view separator);
std::string ReplaceAll(std::string_view text, std::string_view from, std::string_view to);
std::string ToLower(std::string_view text);  // ASCII only
bool StartsWith(std::string_view text, std::string_view prefix);
bool EndsWith(std::string_view text, std::string_view suffix);

std::string FormatCount(std::int64_t count);  // "12,345"

// Replaces every invalid UTF-8 sequence by U+FFFD.
std::string ToValidUtf8(std::string_view text);

// Text of untrusted origin made fit for a terminal: escape sequences and control characters other
// than tab and newline are removed, "\r\n" becomes "\n", invalid UTF-8 becomes U+FFFD.
std::string ForTerminal(std::string_view text);

// At most `bytes_max` bytes, keeping the head and the tail at line boundaries where possible and
// saying in between how much was left out: "[... 1,234 bytes left out ...]". Never cuts inside a
// UTF-8 sequence.
std::string Shorten(std::string_view text, std::size_t bytes_max);

// The candidate nearest to `name` by edit distance, if near enough to be a likely typing mistake.
std::optional<std::string> Nearest(std::string_view name,
                                   const std::vector<std::string>& candidates);

}  // namespace caesar
