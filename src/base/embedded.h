// Files that the build puts into the binary (see cmake/Embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace caesar {

struct EmbeddedFile {
  std::string_view path;  // relative to the embedded folder, with '/'
  std::string_view content;
};

}  // namespace caesar
