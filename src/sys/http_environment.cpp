#include "sys/http_environment.h"

#include <algorithm>
#include <cstdlib>

#include "base/strings.h"

namespace caesar {
namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The host of a URL in lower case; an IPv6 address in its brackets.
std::string HostOf(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#\\"));
  const std::size_t user = url.rfind('@');
  if (user != std::string_view::npos) url.remove_prefix(user + 1);
  const std::size_t end = StartsWith(url, "[") ? url.find(']') : url.find(':');
  return ToLower(
      url.substr(0, StartsWith(url, "[") && end != std::string_view::npos ? end + 1 : end));
}

}  // namespace

bool IsLoopbackUrl(std::string_view url) {
  const std::string host = HostOf(url);
  const bool number = std::all_of(host.begin(), host.end(),
                                  [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  return host == "localhost" || EndsWith(host, ".localhost") || host == "[::1]" ||
         (number && StartsWith(host, "127."));
}

HttpEnvironment ReadHttpEnvironment(std::string_view url) {
  HttpEnvironment environment;
  for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}) {
    const std::string file = Variable(name);
    if (file.empty()) continue;
    environment.ca_file = file;
    environment.ca_source = name + ("=" + file);
  }
  environment.ca_folder = Variable("SSL_CERT_DIR");
  if (IsLoopbackUrl(url)) {
    environment.proxy = "";
  } else if (StartsWith(ToLower(url.substr(0, 7)), "http://") && Variable("http_proxy").empty() &&
             !Variable("HTTP_PROXY").empty() && std::getenv("REQUEST_METHOD") == nullptr) {
    environment.proxy = Variable("HTTP_PROXY");
  }
  return environment;
}

}  // namespace caesar
