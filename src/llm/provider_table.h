// The providers by name: which format they speak, where they are, and which keys belong to them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llm/codec.h"

namespace caesar {

struct KeyVariable {
  std::string_view name;                      // of the environment
  std::string_view header = "Authorization";  // that carries the key
  std::string_view prefix = "Bearer ";
};

struct ProviderInfo {
  std::string_view name;  // of --provider
  const Codec* codec;
  std::string_view base_url;               // empty: --base-url or `url_variable` must say it
  std::string_view url_variable;           // empty: none
  std::vector<KeyVariable> keys;           // the first that is set counts; empty: needs none
  std::string_view headers_variable = {};  // "Name: value" lines; empty: none
  std::string_view path = {};              // for a base URL that has none
};

const std::vector<ProviderInfo>& Providers();
const ProviderInfo* FindProvider(std::string_view name);  // null: there is none

// Those above, `command` and `replay`: everything that --provider takes.
std::vector<std::string> ProviderNames();

}  // namespace caesar
