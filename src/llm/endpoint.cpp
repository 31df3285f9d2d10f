#include "llm/endpoint.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/format.h"
#include "base/strings.h"
#include "llm/redact.h"
#include "sys/http_environment.h"

namespace caesar {
namespace {

constexpr std::uint64_t kKeyFileBytesMax = 64 << 10;
// Shorter ones are dummies ("x") or words ("true"), and would garble every message.
constexpr std::size_t kKeyBytesMin = 4;
constexpr std::size_t kSecretBytesMin = 8;
constexpr unsigned kReadableByOthers = 044;  // permission bits of group and others

std::string Normalize(std::string_view url, std::string_view tail) {
  url = Trim(url);
  while (EndsWith(url, "/")) url.remove_suffix(1);
  if (EndsWith(url, tail)) url.remove_suffix(tail.size());  // people paste the whole address
  while (EndsWith(url, "/")) url.remove_suffix(1);
  return std::string(url);
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

Result<std::string> ReadKeyFile(const std::string& path, Files& files, Endpoint& endpoint) {
  const char* advice = "Name a file that holds the key and nothing else.";
  if (path == "-")
    return Error{ErrorCode::kUsage, "--api-key-file: keys are not read from standard input",
                 advice};
  Result<std::string> text = files.Read(path, kKeyFileBytesMax);
  if (!text.ok())
    return Error{ErrorCode::kUsage, "--api-key-file: " + text.error().message, advice};
  const std::string key = TRY(CheckKey(text.value(), path));
  if (key.empty())
    return Error{ErrorCode::kUsage, Format("--api-key-file: {} is empty", path), advice};
  struct stat info {};  // permissions are no part of Files
  if (::stat(path.c_str(), &info) == 0 && (info.st_mode & kReadableByOthers) != 0) {
    endpoint.warnings.push_back(
        Format("Others can read the key in {}; `chmod 600` keeps it yours.", ForTerminal(path)));
  }
  return key;
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
  if (address.url.empty()) {
    return Error{ErrorCode::kUsage,
                 Format("The address of provider {} is not known.", provider.name),
                 Format("Name it with --base-url, or set {}.", provider.url_variable)};
  }
  TRY(CheckBaseUrl(address.url, address.source));
  if (!named.empty() && !UserInfo(named).empty()) {
    return Error{ErrorCode::kUsage,
                 "The base URL in --base-url has a user name, and run.json would keep it.",
                 Format("Put the address into {}, which is not recorded.",
                        provider.url_variable.empty() ? "OPENAI_BASE_URL (with --provider openai)"
                                                      : provider.url_variable)};
  }
  const std::size_t host = address.url.find("://") + 3;
  if (address.url.find('/', host) == std::string::npos) address.url += provider.path;
  return address;
}

// Whether `url` is the provider's own, and not merely one that a variable names.
bool IsOwn(const ProviderInfo& provider, const std::string& url) {
  const std::string origin = OriginOf(url);
  if (origin.empty()) return false;
  if (provider.name == "azure")
    return StartsWith(origin, "https://") && EndsWith(origin, ".openai.azure.com:443");
  return origin == OriginOf(provider.base_url);
}

// Whether the keys of `provider` may be sent to `url`.
bool Owns(const ProviderInfo& provider, const std::string& url, const Environment& environment) {
  if (IsOwn(provider, url)) return true;
  const std::string variable(provider.url_variable);
  const std::string set = variable.empty() ? "" : environment(variable);
  const std::string origin = OriginOf(Trim(set));
  return !origin.empty() && origin == OriginOf(url);
}

// Those whose keys belong to this address, the one that was asked for first.
std::vector<const ProviderInfo*> OwnersOf(const ProviderInfo& asked, const std::string& url,
                                          const Environment& environment) {
  std::vector<const ProviderInfo*> owners;
  if (Owns(asked, url, environment)) owners.push_back(&asked);
  for (const ProviderInfo& other : Providers()) {
    if (&other != &asked && !other.keys.empty() && Owns(other, url, environment))
      owners.push_back(&other);
  }
  return owners;
}

// How a key travels: as its owner says in the owner's own format, else as the format's owner does
// (Anthropic and Google take their keys as OpenAI's where they speak its format).
void SetCarrier(const KeyVariable* own, const ProviderInfo* owner, const ProviderInfo& asked,
                Endpoint& endpoint) {
  const bool foreign = own == nullptr || owner->codec != asked.codec;
  if (foreign) own = asked.keys.empty() ? nullptr : &asked.keys[0];
  const KeyVariable usual;
  endpoint.key_header = own == nullptr ? usual.header : own->header;
  endpoint.key_prefix = own == nullptr ? usual.prefix : own->prefix;
}

// The first key of `owner` that is set.
Result<bool> TakeKey(const ProviderInfo& owner, const ProviderInfo& asked,
                     const Environment& environment, Endpoint& endpoint) {
  for (const KeyVariable& variable : owner.keys) {
    const std::string name(variable.name);
    const std::string key = TRY(CheckKey(environment(name), name));
    if (key.empty() || key == endpoint.key) continue;
    if (!endpoint.key.empty()) {
      endpoint.warnings.push_back(
          Format("{} and {} are both set; the first is sent.", endpoint.key_source, name));
      continue;
    }
    endpoint.key = key;
    endpoint.key_source = name;
    SetCarrier(&variable, &owner, asked, endpoint);
  }
  return !endpoint.key.empty();
}

// A key that the user named for whatever address; it is sent as the address' own would be.
Result<bool> TakeNamedKey(const ProviderInfo& asked, const ProviderInfo* owner,
                          const ModelConfig& config, const Environment& environment, Files& files,
                          Endpoint& endpoint) {
  const bool file = !config.api_key_file.empty();
  const std::string source = file ? config.api_key_file : "CAESAR_API_KEY";
  endpoint.key =
      file ? TRY(ReadKeyFile(source, files, endpoint)) : TRY(CheckKey(environment(source), source));
  if (endpoint.key.empty()) return false;
  endpoint.key_source = source;
  const bool known = owner != nullptr && !owner->keys.empty();
  SetCarrier(known ? &owner->keys[0] : nullptr, owner, asked, endpoint);
  return true;
}

bool IsHeaderName(std::string_view name) {
  // RFC 9110, 5.6.2: the characters of a token.
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool IsHeaderValue(std::string_view value) {
  return !value.empty() && std::none_of(value.begin(), value.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7F;
  });
}

// What the request itself says; two of them confuse servers, or send the request elsewhere.
bool IsReserved(std::string_view name, const ProviderInfo& asked) {
  for (const std::string_view ours :
       {"accept", "accept-encoding", "connection", "content-encoding", "content-length",
        "content-type", "expect", "host", "transfer-encoding", "upgrade"}) {
    if (name == ours) return true;
  }
  for (const auto& [ours, value] : asked.codec->headers()) {
    if (name == ToLower(ours)) return true;
  }
  return false;
}

// One line of a variable of headers. The key's own header replaces the key, aloud.
Status AddHeader(std::string_view name, std::string_view value, const std::string& variable,
                 Endpoint& endpoint) {
  std::string_view secret = value;
  if (StartsWith(ToLower(value), "bearer ")) secret = Trim(value.substr(7));
  if (ToLower(name) != ToLower(endpoint.key_header)) {
    endpoint.headers.emplace_back(name, value);
    endpoint.secrets.emplace_back(secret);
    return {};
  }
  const std::string replaced = endpoint.key_source;
  endpoint.key = TRY(CheckKey(secret, variable));
  endpoint.key_source = variable;
  endpoint.key_prefix = secret.size() == value.size() ? "" : "Bearer ";
  if (replaced.empty()) return {};
  endpoint.warnings.push_back(
      Format("The header {} in {} is sent instead of the key in {}.", name, variable, replaced));
  return {};
}

Status AddCustomHeaders(const ProviderInfo& owner, const ProviderInfo& asked,
                        const Environment& environment, Endpoint& endpoint) {
  if (owner.headers_variable.empty()) return {};
  const std::string variable(owner.headers_variable);
  const std::string custom = environment(variable);
  int number = 0;
  for (const std::string_view line : Lines(custom)) {
    ++number;
    if (Trim(line).empty()) continue;
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view name = Trim(line.substr(0, colon));
    const std::string_view value = colon < line.size() ? Trim(line.substr(colon + 1)) : "";
    if (!IsHeaderName(name) || !IsHeaderValue(value)) {
      return Error{ErrorCode::kEnvironment, Format("Line {} of {} is no header.", number, variable),
                   "Each line is 'Name: value', without control characters."};
    }
    if (IsReserved(ToLower(name), asked)) {
      return Error{ErrorCode::kEnvironment,
                   Format("{} sets {}, which every request says itself.", variable, name),
                   "Take that line out."};
    }
    TRY(AddHeader(name, value, variable, endpoint));
  }
  return {};
}

// Which account of OpenAI's pays.
Status AddAccount(const Environment& environment, Endpoint& endpoint) {
  if (endpoint.key_source != "OPENAI_API_KEY") return {};
  const std::pair<const char*, const char*> all[] = {{"OPENAI_ORG_ID", "OpenAI-Organization"},
                                                     {"OPENAI_PROJECT_ID", "OpenAI-Project"}};
  for (const auto& [variable, header] : all) {
    const std::string value(Trim(environment(variable)));
    if (value.empty()) continue;
    if (!IsHeaderValue(value))
      return Error{ErrorCode::kEnvironment, Format("{} contains a control character.", variable),
                   "Set it again."};
    endpoint.headers.emplace_back(header, value);
  }
  return {};
}

std::string KeyAdvice(const ProviderInfo& provider) {
  std::vector<std::string> names;
  for (const KeyVariable& variable : provider.keys) names.emplace_back(variable.name);
  names.emplace_back("CAESAR_API_KEY");
  return Join(names, " or ");
}

// The provider whose key is sent, or could have been; null: nobody's belongs there.
Result<const ProviderInfo*> TakeKeys(const ProviderInfo& asked, const ModelConfig& config,
                                     const Environment& environment, Files& files,
                                     Endpoint& endpoint) {
  const auto owners = OwnersOf(asked, endpoint.base_url, environment);
  const ProviderInfo* owner = owners.empty() ? nullptr : owners[0];
  if (TRY(TakeNamedKey(asked, owner, config, environment, files, endpoint))) return owner;
  for (const ProviderInfo* other : owners) {
    if (TRY(TakeKey(*other, asked, environment, endpoint))) return other;
  }
  SetCarrier(nullptr, owner, asked, endpoint);
  for (const KeyVariable& variable : asked.keys) {
    const std::string name(variable.name);
    if (owner == nullptr && endpoint.withheld.empty() && !Trim(environment(name)).empty())
      endpoint.withheld = name;
  }
  return owner;
}

}  // namespace

Result<Endpoint> FindEndpoint(const ProviderInfo& provider, const ModelConfig& config,
                              const Environment& environment, Files& files) {
  Endpoint endpoint;
  endpoint.base_url = TRY(FindAddress(provider, config, environment)).url;
  endpoint.format = provider.codec->name;
  endpoint.url_tail = provider.codec->url_tail;
  const ProviderInfo* owner = TRY(TakeKeys(provider, config, environment, files, endpoint));
  endpoint.key_advice = KeyAdvice(owner != nullptr ? *owner : provider);
  if (owner != nullptr) {
    TRY(AddAccount(environment, endpoint));
    TRY(AddCustomHeaders(*owner, provider, environment, endpoint));
  }
  if (endpoint.key.empty() && owner != nullptr && !owner->keys.empty() &&
      IsOwn(*owner, endpoint.base_url)) {
    return Error{ErrorCode::kEnvironment,
                 Format("No API key for {}: {} is not set.", ShownUrl(endpoint.base_url),
                        owner->keys[0].name),
                 Format("Set {}, name a file with --api-key-file, or point --base-url at a server "
                        "that needs none.",
                        endpoint.key_advice)};
  }
  const bool secret = !endpoint.key.empty() || !endpoint.secrets.empty();
  if (secret && StartsWith(ToLower(endpoint.base_url), "http://") &&
      !IsLoopbackUrl(endpoint.base_url)) {
    endpoint.warnings.push_back(Format("The {} goes to {} unencrypted; use https.",
                                       endpoint.key.empty()
                                           ? "header in " + std::string(owner->headers_variable)
                                           : "key in " + endpoint.key_source,
                                       ShownUrl(endpoint.base_url)));
  }
  return endpoint;
}

std::string Redact(std::string text, const Endpoint& endpoint) {
  const std::string_view user = UserInfo(endpoint.base_url);
  const std::string_view password = user.substr(std::min(user.find(':'), user.size() - 1) + 1);
  std::vector<std::string> secrets = {endpoint.key, std::string(user), PercentDecoded(user),
                                      user.empty() ? "" : Base64(PercentDecoded(user))};
  std::erase_if(secrets, [](const auto& secret) { return secret.size() < kKeyBytesMin; });
  std::vector<std::string> others = endpoint.secrets;
  others.push_back(PercentDecoded(password));  // behind the longer ones that hold it
  for (const std::string& secret : others) {
    if (secret.size() >= kSecretBytesMin) secrets.push_back(secret);
  }
  return HideSecrets(std::move(text), secrets);
}

Headers ShownHeaders(Headers headers, const Endpoint& endpoint) {
  for (auto& [name, value] : headers) {
    const bool secret = std::find(endpoint.secrets.begin(), endpoint.secrets.end(), value) !=
                            endpoint.secrets.end() ||
                        (!endpoint.key.empty() && name == endpoint.key_header);
    value = secret ? "[key]" : Redact(std::move(value), endpoint);
  }
  return headers;
}

}  // namespace caesar
