#include "llm/endpoint.h"

#include <algorithm>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

constexpr std::uint64_t kKeyFileBytesMax = 64 << 10;
constexpr std::size_t kSecretBytesMin =
    4;  // shorter ones ("x") are dummies, and would garble every message

std::string Normalize(std::string_view url, std::string_view tail) {
  url = Trim(url);
  while (EndsWith(url, "/")) url.remove_suffix(1);
  if (EndsWith(url, tail)) url.remove_suffix(tail.size());  // people paste the whole address
  while (EndsWith(url, "/")) url.remove_suffix(1);
  return std::string(url);
}

std::string_view Authority(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

// "https://host:port" in lower case: what decides whether a key belongs there.
std::string OriginOf(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return "";
  std::string_view authority = Authority(url);
  const std::size_t user = authority.rfind('@');
  if (user != std::string_view::npos) authority.remove_prefix(user + 1);
  return ToLower(std::string(url.substr(0, scheme)) + "://" + std::string(authority));
}

bool IsLoopback(std::string_view host) {
  return host == "localhost" || EndsWith(host, ".localhost") || host == "::1" ||
         StartsWith(host, "127.");
}

Status CheckUrl(const std::string& url, std::string_view source) {
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

// Trailing line ends come with `export KEY=$(cat file)` on some shells, and with files.
Result<std::string> CheckKey(std::string_view text, const std::string& source) {
  const std::string key(Trim(text));
  if (std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7F; })) return key;
  return Error{
      ErrorCode::kEnvironment,
      Format("The key in {} contains a space, a line break or a character outside ASCII.", source),
      "Set it again to the key alone."};
}

Result<std::string> ReadKeyFile(const std::string& path, Files& files) {
  Result<std::string> text = files.Read(path, kKeyFileBytesMax);
  if (!text.ok()) {
    return Error{ErrorCode::kUsage, "--api-key-file: " + text.error().message,
                 "Name a file that holds the key and nothing else."};
  }
  const std::string key = TRY(CheckKey(text.value(), path));
  if (!key.empty()) return key;
  return Error{ErrorCode::kUsage, Format("--api-key-file: {} is empty", path),
               "Name a file that holds the key and nothing else."};
}

struct Address {
  std::string url;
  std::string_view source;
};

Result<Address> FindAddress(const ProviderInfo& provider, const ModelConfig& config,
                            const Environment& environment) {
  const std::string_view tail = provider.codec->url_tail;
  const std::string named = Normalize(config.base_url, tail);
  const std::string variable(provider.url_variable);
  const std::string set = variable.empty() ? "" : Normalize(environment(variable), tail);
  Address address{named, "--base-url"};
  if (named.empty()) address = {set, provider.url_variable};
  if (address.url.empty()) address = {std::string(provider.base_url), provider.name};
  if (!address.url.empty()) {
    TRY(CheckUrl(address.url, address.source));
    const std::size_t host = address.url.find("://") + 3;
    if (address.url.find('/', host) == std::string::npos) address.url += provider.path;
    return address;
  }
  return Error{ErrorCode::kUsage, Format("The address of provider {} is not known.", provider.name),
               Format("Name it with --base-url, or set {}.", provider.url_variable)};
}

// Whether the keys of `provider` may be sent to `url`.
bool Owns(const ProviderInfo& provider, const std::string& url, const Environment& environment) {
  const std::string origin = OriginOf(url);
  if (!provider.base_url.empty() && origin == OriginOf(provider.base_url)) return true;
  if (provider.name == "azure" && StartsWith(origin, "https://") &&
      EndsWith(HostOf(url), ".openai.azure.com"))
    return true;
  const std::string variable(provider.url_variable);
  const std::string set = variable.empty() ? "" : environment(variable);
  return !Trim(set).empty() && origin == OriginOf(Trim(set));
}

// The first key of `provider` that is set.
Result<bool> TakeKey(const ProviderInfo& provider, const Environment& environment,
                     Endpoint& endpoint) {
  for (const KeyVariable& variable : provider.keys) {
    const std::string name(variable.name);
    const std::string key = TRY(CheckKey(environment(name), name));
    if (key.empty()) continue;
    if (!endpoint.key.empty()) {
      endpoint.warnings.push_back(
          Format("{} and {} are both set; the first is sent.", endpoint.key_source, name));
      continue;
    }
    endpoint.key = key;
    endpoint.key_source = name;
    endpoint.key_header = variable.header;
    endpoint.key_prefix = variable.prefix;
  }
  return !endpoint.key.empty();
}

// A key that the user named for whatever address; it is sent as the provider's own would be.
Result<bool> TakeNamedKey(const ProviderInfo& provider, const ModelConfig& config,
                          const Environment& environment, Files& files, Endpoint& endpoint) {
  endpoint.key_source = config.api_key_file.empty() ? "CAESAR_API_KEY" : config.api_key_file;
  endpoint.key = config.api_key_file.empty()
                     ? TRY(CheckKey(environment("CAESAR_API_KEY"), endpoint.key_source))
                     : TRY(ReadKeyFile(config.api_key_file, files));
  if (endpoint.key.empty()) {
    endpoint.key_source.clear();
    return false;
  }
  if (!provider.keys.empty()) {
    endpoint.key_header = provider.keys[0].header;
    endpoint.key_prefix = provider.keys[0].prefix;
  }
  return true;
}

void AddHeaders(const ProviderInfo& provider, const Environment& environment, Endpoint& endpoint) {
  if (endpoint.key_source == "OPENAI_API_KEY") {
    const std::string organization(Trim(environment("OPENAI_ORG_ID")));
    const std::string project(Trim(environment("OPENAI_PROJECT_ID")));
    if (!organization.empty()) endpoint.headers.emplace_back("OpenAI-Organization", organization);
    if (!project.empty()) endpoint.headers.emplace_back("OpenAI-Project", project);
  }
  if (provider.headers_variable.empty()) return;
  const std::string custom = environment(std::string(provider.headers_variable));
  for (const std::string_view line : Lines(custom)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || Trim(line.substr(0, colon)).empty()) continue;
    endpoint.headers.emplace_back(Trim(line.substr(0, colon)), Trim(line.substr(colon + 1)));
    endpoint.secrets.push_back(endpoint.headers.back().second);
  }
}

std::string KeyAdvice(const ProviderInfo& provider) {
  std::vector<std::string> names;
  for (const KeyVariable& variable : provider.keys) names.emplace_back(variable.name);
  names.emplace_back("CAESAR_API_KEY");
  return Join(names, " or ");
}

// The provider whose address this is: its key is the right one, whatever format was asked for.
const ProviderInfo* OwnerOf(const ProviderInfo& asked, const std::string& url,
                            const Environment& environment) {
  if (Owns(asked, url, environment)) return &asked;
  for (const ProviderInfo& other : Providers()) {
    if (!other.keys.empty() && Owns(other, url, environment)) return &other;
  }
  return nullptr;
}

}  // namespace

Result<Endpoint> FindEndpoint(const ProviderInfo& provider, const ModelConfig& config,
                              const Environment& environment, Files& files) {
  const Address address = TRY(FindAddress(provider, config, environment));
  const ProviderInfo* owner = OwnerOf(provider, address.url, environment);
  Endpoint endpoint;
  endpoint.base_url = address.url;
  endpoint.format = provider.codec->name;
  endpoint.url_tail = provider.codec->url_tail;
  endpoint.key_advice = KeyAdvice(owner != nullptr ? *owner : provider);
  const bool named = TRY(TakeNamedKey(provider, config, environment, files, endpoint));
  if (owner != nullptr) {
    if (!named) TRY(TakeKey(*owner, environment, endpoint));
    AddHeaders(*owner, environment, endpoint);
  } else if (!named) {
    for (const KeyVariable& variable : provider.keys) {
      if (!Trim(environment(std::string(variable.name))).empty()) endpoint.withheld = variable.name;
    }
  }
  if (endpoint.key.empty() && owner != nullptr && !owner->keys.empty() &&
      OriginOf(address.url) == OriginOf(owner->base_url)) {
    return Error{
        ErrorCode::kEnvironment,
        Format("No API key for {}: {} is not set.", ShownUrl(address.url), owner->keys[0].name),
        Format("Set {}, name a file with --api-key-file, or point --base-url at a server "
               "that needs none.",
               endpoint.key_advice)};
  }
  if (!endpoint.key.empty() && StartsWith(ToLower(endpoint.base_url), "http://") &&
      !IsLoopback(HostOf(endpoint.base_url))) {
    endpoint.warnings.push_back(Format("The key in {} goes to {} unencrypted; use https.",
                                       endpoint.key_source, ShownUrl(endpoint.base_url)));
  }
  return endpoint;
}

std::string HostOf(std::string_view url) {
  std::string_view host = Authority(url);
  const std::size_t user = host.rfind('@');
  if (user != std::string_view::npos) host.remove_prefix(user + 1);
  if (StartsWith(host, "[")) return ToLower(host.substr(1, host.find(']') - 1));
  return ToLower(host.substr(0, host.find(':')));
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
  for (const std::string& secret : endpoint.secrets) hide(secret);
  const std::string_view authority = Authority(endpoint.base_url);
  const std::size_t user = authority.rfind('@');
  if (user != std::string_view::npos) hide(authority.substr(0, user));
  return text;
}

}  // namespace caesar
