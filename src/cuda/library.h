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

// <toolkit>/<folder>/<soname> for the folders in which a toolkit keeps its libraries, after the
// plain soname.
std::vector<std::string> LibraryNames(const std::string& soname, const std::string& toolkit);

}  // namespace caesar
