#include "sys/program_path.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "base/format.h"
#include "base/strings.h"
#include "sys/file_error.h"

namespace caesar {
namespace {

bool Exists(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

// 0 if it can be executed, else an errno.
int WhyNotExecutable(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return errno;
  if (S_ISDIR(info.st_mode)) return EISDIR;
  return ::access(path.c_str(), X_OK) == 0 ? 0 : errno;
}

std::string Absolute(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.string();
}

}  // namespace

Result<std::string> FindProgram(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (const int error_number = WhyNotExecutable(name); error_number != 0) {
      return Error{ErrorCode::kEnvironment,
                   Format("cannot run {}: {}", name, SystemMessage(error_number)), ""};
    }
    return Absolute(name);
  }
  const char* variable = std::getenv("PATH");
  const std::string path = variable != nullptr ? variable : "/usr/local/bin:/usr/bin:/bin";
  std::string found_unusable;
  for (const std::string& folder : Split(path, ':')) {
    if (name.empty()) break;
    const std::string candidate = (folder.empty() ? "." : folder) + "/" + name;
    const int error_number = WhyNotExecutable(candidate);
    if (error_number == 0) return Absolute(candidate);
    // Not for a folder that we may not search: that says nothing about the program.
    if (error_number == EACCES && Exists(candidate)) found_unusable = candidate;
  }
  if (!found_unusable.empty()) {
    return Error{ErrorCode::kEnvironment,
                 Format("cannot run {}: {}", found_unusable, SystemMessage(EACCES)), ""};
  }
  return Error{ErrorCode::kEnvironment, Format("cannot run \"{}\": it is not on PATH", name),
               Format("Install it, or add its folder to PATH, which is now {}", path)};
}

}  // namespace caesar
