// The flags of the two internal programs: pairs of "--name value".
#pragma once

#include <map>
#include <optional>
#include <string>

namespace caesar {

using Arguments = std::map<std::string, std::string>;

// argv[0] and argv[1] (the program and its verb) are skipped. Empty on anything but pairs.
inline std::optional<Arguments> ParsePairs(int argc, char** argv) {
  Arguments arguments;
  for (int i = 2; i + 1 < argc; i += 2) arguments[argv[i]] = argv[i + 1];
  if (argc < 2 || argc % 2 != 0) return std::nullopt;
  return arguments;
}

}  // namespace caesar
