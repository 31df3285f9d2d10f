// What all candidates of the problem add_one share: y = x + 1 over [n], float. Each is built from
// one of the files here with -DBEHAVE=<function>; the function is what its launcher does.
#pragma once

#include <cstdint>

struct Call {
  const float* x;
  float* y;
  std::int64_t n;
  const char** error_name;
  int error;  // what the entry point returns
};

inline void AddOne(const Call& call) {
  for (std::int64_t i = 0; i < call.n; ++i) call.y[i] = call.x[i] + 1.0F;
}

#define CAESAR_CANDIDATE(behave)                                                                \
  extern "C" int caesar_entry(void* const* args, void*, const char** error_name) {              \
    Call call{*static_cast<const float* const*>(args[0]), *static_cast<float* const*>(args[1]), \
              *static_cast<const std::int64_t*>(args[2]), error_name, 0};                       \
    behave(call);                                                                               \
    return call.error;                                                                          \
  }
