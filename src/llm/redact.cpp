#include "llm/redact.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace caesar {
namespace {

constexpr std::string_view kHidden = "[key]";
constexpr std::size_t kPartBytes = 12;       // of a key, that no other text has by chance
constexpr std::size_t kBackslashesMax = 16;  // JSON in JSON in JSON in JSON

// The number that `digits` hexadecimal digits at `start` say.
std::optional<unsigned> Hex(std::string_view text, std::size_t start, std::size_t digits) {
  if (text.size() < start || text.size() - start < digits) return {};
  unsigned value = 0;
  const char* first = text.data() + start;
  const auto [end, error] = std::from_chars(first, first + digits, value, 16);
  if (error != std::errc() || end != first + digits) return {};
  return value;
}

// How many bytes at `at` say `c`; 0: none do.
std::size_t SaysChar(std::string_view text, std::size_t at, char c) {
  if (at >= text.size()) return 0;
  if (text[at] == c && c != '\\') return 1;
  const auto code = static_cast<unsigned char>(c);
  if (text[at] == '%') return Hex(text, at + 1, 2) == code ? 3 : 0;
  std::size_t slashes = 0;
  while (slashes < kBackslashesMax && at + slashes < text.size() && text[at + slashes] == '\\')
    ++slashes;
  if (slashes == 0) return 0;
  const std::size_t next = at + slashes;
  if (next < text.size() && text[next] == 'u' && Hex(text, next + 1, 4) == code) return slashes + 5;
  if (c == '\\') return slashes;
  return next < text.size() && text[next] == c ? slashes + 1 : 0;
}

// How many bytes at `at` say the secret; 0: none do.
std::size_t SaysSecret(std::string_view text, std::size_t at, std::string_view secret) {
  const std::size_t start = at;
  for (const char c : secret) {
    const std::size_t bytes = SaysChar(text, at, c);
    if (bytes == 0) return 0;
    at += bytes;
  }
  return at - start;
}

bool IsNeverEscaped(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

// Where `secret` may be said at or behind `from`: the keys of providers have no character that
// anybody escapes, so that megabytes of a stream are looked through at the speed of memory.
std::size_t Candidate(std::string_view text, std::size_t from, std::string_view secret,
                      bool plain) {
  if (plain) {
    const void* found =
        ::memmem(text.data() + from, text.size() - from, secret.data(), secret.size());
    if (found == nullptr) return std::string_view::npos;
    return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
  }
  for (; from < text.size(); ++from) {
    if (text[from] == secret[0] || text[from] == '\\' || text[from] == '%') return from;
  }
  return std::string_view::npos;
}

std::string HideSecret(std::string text, std::string_view secret) {
  const bool plain = std::all_of(secret.begin(), secret.end(), IsNeverEscaped);
  std::string hidden;
  std::size_t done = 0;
  for (std::size_t at = Candidate(text, 0, secret, plain); at != std::string_view::npos;
       at = Candidate(text, at, secret, plain)) {
    const std::size_t bytes = SaysSecret(text, at, secret);
    if (bytes == 0) {
      ++at;
      continue;
    }
    hidden.append(text, done, at - done).append(kHidden);
    done = at += bytes;
  }
  if (done == 0) return text;
  return hidden.append(text, done);
}

}  // namespace

std::string HideSecrets(std::string text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    if (!secret.empty()) text = HideSecret(std::move(text), secret);
  }
  return text;
}

std::string PercentDecoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto code = text[i] == '%' ? Hex(text, i + 1, 2) : std::nullopt;
    decoded += code ? static_cast<char>(*code) : text[i];
    if (code) i += 2;
  }
  return decoded;
}

std::string HideParts(std::string text, std::string_view key) {
  if (key.size() <= kPartBytes) return text;
  const std::string_view head = key.substr(0, kPartBytes);
  for (std::size_t at = text.find(head); at != std::string::npos; at = text.find(head, at)) {
    const std::string_view rest = std::string_view(text).substr(at);
    const auto same = std::mismatch(rest.begin(), rest.end(), key.begin(), key.end());
    text.replace(at, static_cast<std::size_t>(same.first - rest.begin()), kHidden);
  }
  const std::string_view tail = key.substr(key.size() - kPartBytes);
  for (std::size_t at = text.find(tail); at != std::string::npos; at = text.find(tail)) {
    const std::string_view front = std::string_view(text).substr(0, at + kPartBytes);
    const auto same = std::mismatch(front.rbegin(), front.rend(), key.rbegin(), key.rend());
    const auto length = static_cast<std::size_t>(same.first - front.rbegin());
    text.replace(front.size() - length, length, kHidden);
  }
  return text;
}

std::string Base64(std::string_view bytes) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t at) -> unsigned {
      return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
    };
    const unsigned three = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    text += kDigits[three >> 18];
    text += kDigits[three >> 12 & 63];
    text += i + 1 < bytes.size() ? kDigits[three >> 6 & 63] : '=';
    text += i + 2 < bytes.size() ? kDigits[three & 63] : '=';
  }
  return text;
}

}  // namespace caesar
