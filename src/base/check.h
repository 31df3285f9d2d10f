// CHECK: for our own bugs, always on, never for input. Prints the condition and aborts.
#pragma once

namespace caesar {
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);
}  // namespace caesar

#define CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::caesar::CheckFailed(__FILE__, __LINE__, #condition))
