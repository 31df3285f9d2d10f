// Shared libraries of CUDA, loaded when they are used, so that the binary starts on any machine.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace caesar {

class SharedLibrary {
 public:
  // Tries the names in order. `what` and `advice` make the Error (kEnvironment).
  static Result<SharedLibrary> Open(const std::vector<std::string>& names, const std::string& what,
                                    const std::string& advice);

  template <class Function>
  bool Find(const char* name, Function*& function) const {
    function = reinterpret_cast<Function*>(Symbol(name));
    return function != nullptr;
  }

 private:
  explicit SharedLibrary(void* handle) : handle_(handle) {}
  void* Symbol(const char* name) const;

  void* handle_;  // never closed: CUDA's libraries do not like it
};

// The members of a struct that holds a library's functions. `FUNCTIONS` is a macro that applies
// another one to each of their names: a pointer named after the function and an underscore, and
// FindIn, which fills them and returns the name of the first that the library lacks, or null.
// Headers map names to their current versions (cuMemFree to cuMemFree_v2): the member keeps the
// plain name, and the name is expanded before it is turned into the symbol's.
#define CAESAR_LIBRARY_TABLE(FUNCTIONS)              \
  FUNCTIONS(CAESAR_LIBRARY_MEMBER)                   \
  const char* FindIn(const SharedLibrary& library) { \
    const char* missing = nullptr;                   \
    FUNCTIONS(CAESAR_LIBRARY_FIND)                   \
    return missing;                                  \
  }
#define CAESAR_LIBRARY_MEMBER(name) decltype(&::name) name##_ = nullptr;
#define CAESAR_LIBRARY_FIND(name)                                                \
  if (missing == nullptr && !library.Find(CAESAR_LIBRARY_SYMBOL(name), name##_)) \
    missing = CAESAR_LIBRARY_SYMBOL(name);
#define CAESAR_LIBRARY_SYMBOL(name) CAESAR_LIBRARY_TEXT(name)
#define CAESAR_LIBRARY_TEXT(name) #name

// <toolkit>/<folder>/<soname> for the folders in which a toolkit keeps its libraries, after the
// plain soname.
std::vector<std::string> LibraryNames(const std::string& soname, const std::string& toolkit);

}  // namespace caesar
