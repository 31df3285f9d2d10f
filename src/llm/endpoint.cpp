#include "llm/endpoint.h"

#include <algorithm>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

constexpr std::string_view kOpenAiUrl = "https://api.openai.com/v1";
constexpr std::size_t kSecretBytesMin =
    4;  // shorter ones ("x") are dummies, and would garble every message

std::string Normalize(std::string_view url) {
  url = Trim(url);
  const auto drop = [&](std::string_view tail) {
    if (EndsWith(url, tail)) url.remove_suffix(tail.size());
  };
  while (EndsWith(url, "/")) url.remove_suffix(1);
  drop("/chat/completions");  // people paste the whole address
  while (EndsWith(url, "/")) url.remove_suffix(1);
  return std::string(url);
}

std::string_view Authority(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

std::string HostOf(std::string_view url) {
  std::string_view host = Authority(url);
  const std::size_t user = host.rfind('@');
  if (user != std::string_view::npos) host.remove_prefix(user + 1);
  if (StartsWith(host, "[")) return ToLower(host.substr(1, host.find(']') - 1));
  return ToLower(host.substr(0, host.find(':')));
}

bool IsLoopback(std::string_view host) {
  return host == "localhost" || EndsWith(host, ".localhost") || host == "::1" ||
         StartsWith(host, "127.");
}

Status CheckUrl(const std::string& url, const char* source) {
  const std::string lower = ToLower(url);
  const bool scheme = StartsWith(lower, "http://") || StartsWith(lower, "https://");
  const bool clean =
      std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c != 0x7F; });
  if (scheme && clean && !HostOf(url).empty()) return {};
  return Error{
      ErrorCode::kUsage,
      Format("The base URL in {} is not an http or https address: {}", source, ShownUrl(url)),
      "Expected something like http://localhost:8000/v1."};
}

// The key of a variable; trailing line ends come with `export KEY=$(cat file)` on some shells.
Result<std::string> ReadKey(const Environment& environment, const char* name) {
  std::string key(Trim(environment(name)));
  if (std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7F; })) return key;
  return Error{
      ErrorCode::kEnvironment,
      Format("The key in {} contains a space, a line break or a character outside ASCII.", name),
      "Set it again to the key alone."};
}

}  // namespace

Result<Endpoint> FindEndpoint(const ModelConfig& config, const Environment& environment) {
  const std::string openai_url = Normalize(environment("OPENAI_BASE_URL"));
  Endpoint endpoint;
  endpoint.base_url = Normalize(config.base_url);
  const char* source = "--base-url";
  if (endpoint.base_url.empty()) {
    endpoint.base_url = openai_url.empty() ? std::string(kOpenAiUrl) : openai_url;
    source = "OPENAI_BASE_URL";
  }
  TRY(CheckUrl(endpoint.base_url, source));

  const std::string caesar_key = TRY(ReadKey(environment, "CAESAR_API_KEY"));
  const std::string openai_key = TRY(ReadKey(environment, "OPENAI_API_KEY"));
  const bool is_openai = endpoint.base_url == kOpenAiUrl;
  if (!caesar_key.empty()) {
    endpoint.key = caesar_key;
    endpoint.key_source = "CAESAR_API_KEY";
  } else if (!openai_key.empty() && (is_openai || endpoint.base_url == openai_url)) {
    endpoint.key = openai_key;
    endpoint.key_source = "OPENAI_API_KEY";
    const std::string organization(Trim(environment("OPENAI_ORG_ID")));
    const std::string project(Trim(environment("OPENAI_PROJECT_ID")));
    if (!organization.empty()) endpoint.headers.emplace_back("OpenAI-Organization", organization);
    if (!project.empty()) endpoint.headers.emplace_back("OpenAI-Project", project);
  } else if (!openai_key.empty()) {
    endpoint.withheld = "OPENAI_API_KEY";
  }
  if (endpoint.key.empty() && is_openai) {
    return Error{
        ErrorCode::kEnvironment,
        "No API key for https://api.openai.com: OPENAI_API_KEY is not set.",
        "Set OPENAI_API_KEY (or CAESAR_API_KEY), or point --base-url at a server that needs none."};
  }
  if (!endpoint.key.empty() && StartsWith(ToLower(endpoint.base_url), "http://") &&
      !IsLoopback(HostOf(endpoint.base_url))) {
    endpoint.warning = Format("The key in {} goes to {} unencrypted; use https.",
                              endpoint.key_source, ShownUrl(endpoint.base_url));
  }
  return endpoint;
}

std::string ShownUrl(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::string_view authority = Authority(url);
  const std::size_t user = authority.rfind('@');
  if (user == std::string_view::npos) return std::string(url);
  return ReplaceAll(url, authority.substr(0, user + 1), "");
}

std::string Redact(std::string text, const Endpoint& endpoint) {
  const auto hide = [&](std::string_view secret) {
    if (secret.size() >= kSecretBytesMin) text = ReplaceAll(text, secret, "[key]");
  };
  hide(endpoint.key);
  const std::string_view authority = Authority(endpoint.base_url);
  const std::size_t user = authority.rfind('@');
  if (user != std::string_view::npos) hide(authority.substr(0, user));
  return text;
}

}  // namespace caesar
