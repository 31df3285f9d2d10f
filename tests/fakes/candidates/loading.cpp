// Objects that misbehave while they are loaded.
#include <unistd.h>

#include <cstdlib>

#include "candidate.h"

inline void ExitsAtLoad() { _exit(3); }
inline void CrashesAtLoad() { std::abort(); }
inline void HangsAtLoad() {
  for (;;) pause();
}
inline void HasNoEntry() {}

namespace {
[[gnu::constructor]] void AtLoad() { BEHAVE(); }
}  // namespace

#ifndef NO_ENTRY
CAESAR_CANDIDATE(AddOne)
#endif
