// Addresses of servers as people write them: what is one, whose it is, and how it may be shown.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace caesar {

// kUsage unless `url` is http(s)://host[:port][/path] with a host that every client reads alike:
// ASCII letters, digits, '.', '-', '_', or an IPv6 address in brackets. One '@' behind a user name
// is allowed, a query is not, since paths are added at the end. `source` names where it came from.
Status CheckBaseUrl(std::string_view url, std::string_view source);

// "https://host:port" in lower case, the port said also where it is the scheme's own: what decides
// whether a key belongs there. Empty for what CheckBaseUrl refuses (but for its query).
std::string OriginOf(std::string_view url);
// The host in lower case, without port; IPv6 without brackets.
std::string HostOf(std::string_view url);
// "user:password" of the address, as it is written there; mostly empty.
std::string_view UserInfo(std::string_view url);
// `url` without user name, password and query, which may be secrets.
std::string ShownUrl(std::string_view url);

}  // namespace caesar
