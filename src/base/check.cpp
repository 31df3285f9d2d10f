#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace caesar {

void CheckFailed(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "caesar: internal error at %s:%d: %s\n", file, line, condition);
  std::abort();
}

}  // namespace caesar
