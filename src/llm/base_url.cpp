#include "llm/base_url.h"

#include <algorithm>
#include <optional>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

std::string_view Authority(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

std::string_view WithoutUser(std::string_view authority) {
  const std::size_t user = authority.rfind('@');
  if (user != std::string_view::npos) authority.remove_prefix(user + 1);
  return authority;
}

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Clients disagree on every other host ("a%2eb", "a\@b", full-width letters), and one that we take
// for another is one that a key is sent to.
bool IsHost(std::string_view host) {
  const bool six = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (six) host = host.substr(1, host.size() - 2);
  if (six && host.find(':') == std::string_view::npos) return false;
  const std::string_view others = six ? ":.%-_" : ".-_";
  return !host.empty() && std::all_of(host.begin(), host.end(), [&](char c) {
    return IsLetterOrDigit(c) || others.find(c) != std::string_view::npos;
  });
}

bool IsPort(std::string_view port) {
  const bool digits =
      !port.empty() && port.size() <= 5 &&
      std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) return false;
  const int number = std::stoi(std::string(port));
  return number >= 1 && number <= 65'535;
}

// Empty: clients would not agree on what it means.
std::optional<std::string> ReadOrigin(std::string_view url) {
  const std::string lower = ToLower(url);
  const bool tls = StartsWith(lower, "https://");
  if (!tls && !StartsWith(lower, "http://")) return {};
  const bool clean = std::all_of(url.begin(), url.end(), [](char c) {
    return c > ' ' && static_cast<unsigned char>(c) < 0x7F && c != '\\';
  });
  const std::string_view authority = Authority(lower);
  if (!clean || std::count(authority.begin(), authority.end(), '@') > 1) return {};
  std::string_view host = WithoutUser(authority);
  std::string_view port = tls ? "443" : "80";
  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && host.back() != ']') {
    port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  if (!IsHost(host) || !IsPort(port)) return {};
  return Format("{}://{}:{}", tls ? "https" : "http", host, std::stoi(std::string(port)));
}

}  // namespace

Status CheckBaseUrl(std::string_view url, std::string_view source) {
  if (!ReadOrigin(url)) {
    const bool ascii = std::all_of(url.begin(), url.end(), [](char c) { return c >= 0; });
    return Error{ErrorCode::kUsage,
                 Format("The base URL in {} is not an http or https address: {}", source,
                        ForTerminal(ShownUrl(url))),
                 ascii ? "Expected something like http://localhost:8000/v1."
                       : "Write a host with letters outside ASCII in its ASCII form (xn--...)."};
  }
  if (url.find_first_of("?#") == std::string_view::npos) return {};
  return Error{
      ErrorCode::kUsage,
      Format("The base URL in {} has a query (behind '?' or '#'): {}", source, ShownUrl(url)),
      "Leave it out; paths like /chat/completions are added at the end."};
}

std::string OriginOf(std::string_view url) { return ReadOrigin(url).value_or(""); }

std::string HostOf(std::string_view url) {
  const std::string_view host = WithoutUser(Authority(url));
  if (StartsWith(host, "[")) return ToLower(host.substr(1, host.find(']') - 1));
  return ToLower(host.substr(0, host.find(':')));
}

std::string_view UserInfo(std::string_view url) {
  const std::string_view authority = Authority(url);
  const std::size_t user = authority.rfind('@');
  return user == std::string_view::npos ? std::string_view() : authority.substr(0, user);
}

std::string ShownUrl(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::string_view authority = Authority(url);
  const std::string_view host = WithoutUser(authority);
  if (host.size() == authority.size()) return std::string(url);
  const auto start = static_cast<std::size_t>(authority.data() - url.data());
  return std::string(url.substr(0, start)) +
         std::string(url.substr(start + authority.size() - host.size()));
}

}  // namespace caesar
