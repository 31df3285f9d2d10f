// Format: fmt's compile-time checked formatting. Only <fmt/core.h> is seen outside base, which
// keeps compile times low; its few out-of-line functions are emitted by log.cpp, so that no shared
// libfmt is needed.
#pragma once

#include <fmt/core.h>

#include <string>

namespace caesar {

template <class... Args>
std::string Format(fmt::format_string<Args...> format, Args&&... args) {
  return fmt::vformat(format, fmt::make_format_args(args...));
}

}  // namespace caesar
