// Where the model is asked, and with which key. The rule that guards keys: a provider's key and its
// custom headers go to the origin (scheme, host, port) of the provider's own address and of the one
// in its URL variable, and to nobody else; CAESAR_API_KEY and --api-key-file go wherever the user
// points us.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "llm/base_url.h"
#include "llm/provider_table.h"
#include "record/run_config.h"
#include "sys/files.h"

namespace caesar {

using Environment = std::function<std::string(const std::string& name)>;  // empty: not set

struct Endpoint {
  std::string base_url;    // without a '/' at its end
  std::string key;         // empty: none is sent
  std::string key_source;  // the variable or file it came from
  std::string key_header = "Authorization";
  std::string key_prefix = "Bearer ";
  std::string
      key_advice;        // the variables that the key may be in: "OPENAI_API_KEY or CAESAR_API_KEY"
  std::string format;    // what was expected there: "chat-completions"
  std::string url_tail;  // what was added to the base URL
  std::vector<std::pair<std::string, std::string>>
      headers;                        // further ones that belong to the address
  std::vector<std::string> secrets;   // of them, what is not to be shown
  std::vector<std::string> warnings;  // for the user
  std::string withheld;  // a variable whose key was not sent, since it belongs elsewhere; or empty
};

// The base URL is config.base_url (--base-url), else the provider's URL variable, else its own.
// Errors: kUsage for an address that is none or --base-url names a user, or a key file that cannot
// be read; kEnvironment if a provider that needs a key is asked without one, or a key or a custom
// header holds what no header may have.
Result<Endpoint> FindEndpoint(const ProviderInfo& provider, const ModelConfig& config,
                              const Environment& environment, Files& files);

// `text` with every occurrence of the key and of other secrets replaced, also in the escapes of
// JSON and of URLs (see redact.h).
std::string Redact(std::string text, const Endpoint& endpoint);
// The same of the headers of a request or a response.
Headers ShownHeaders(Headers headers, const Endpoint& endpoint);

}  // namespace caesar
