// Reply -> code: the last complete fenced block that defines the launcher.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace caesar {

struct Extraction {
  std::optional<std::string> code;  // with "\n" line ends, ending in "\n"
  std::string missing;              // why there is none, in one sentence that also helps the model
};

// Robust to prose, <think> text, several blocks, nested and tilde fences, CRLF, a truncated last
// block. A block that is a whole file without any fence is accepted if it defines the launcher. At
// most linear in the reply.
Extraction ExtractKernel(std::string_view reply, std::string_view launcher);

}  // namespace caesar
