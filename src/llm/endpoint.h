// Where the model is asked, and with which key. The rule that guards keys: OPENAI_API_KEY goes to
// api.openai.com and to the address in OPENAI_BASE_URL, and to nobody else; CAESAR_API_KEY goes
// wherever the user points us.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "llm/provider.h"
#include "record/run_config.h"

namespace caesar {

struct Endpoint {
  std::string base_url;    // without a '/' at its end
  std::string key;         // empty: none is sent
  std::string key_source;  // the variable it came from
  std::vector<std::pair<std::string, std::string>>
      headers;          // organization and project of an OpenAI key
  std::string warning;  // for the user; empty: none
  std::string
      withheld;  // a variable whose key was not sent, since it belongs elsewhere; empty: none

  std::string ChatUrl() const { return base_url + "/chat/completions"; }
};

// The base URL is config.base_url (--base-url), else OPENAI_BASE_URL, else
// https://api.openai.com/v1. Errors: kUsage for an address that is none; kEnvironment if
// api.openai.com is asked without a key, or a key holds characters that no header may have.
Result<Endpoint> FindEndpoint(const ModelConfig& config, const Environment& environment);

// `url` without user name, password and query, which may be secrets.
std::string ShownUrl(std::string_view url);

// `text` with every occurrence of the key replaced.
std::string Redact(std::string text, const Endpoint& endpoint);

}  // namespace caesar
