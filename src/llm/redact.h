// Takes secrets out of text that servers send back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace caesar {

// `text` with each occurrence of each secret replaced by "[key]": as it is, and where it has other
// characters than letters, digits and "-._~" also in the escapes of JSON (and of JSON within JSON:
// "\\\/", "\u002f") or of URLs ("%2F"), and in any mixture of them. Empty secrets are left out.
std::string HideSecrets(std::string text, const std::vector<std::string>& secrets);

// Hides what is left of a key where a text was cut inside it: its first bytes, or its last.
std::string HideParts(std::string text, std::string_view key);

// As HTTP's basic authentication sends it (RFC 4648).
std::string Base64(std::string_view bytes);

// "%2F" becomes "/"; what is no such escape stays.
std::string PercentDecoded(std::string_view text);

}  // namespace caesar
