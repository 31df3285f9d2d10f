#include "sys/file_error.h"

#include <cerrno>
#include <system_error>

#include "base/format.h"

namespace caesar {
namespace {

std::string_view Advice(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "Free some space there, or use a folder on another disk; what was saved before is "
             "intact.";
    case EFBIG:
      return "The file would pass a size limit (see `ulimit -f`).";
    case EROFS:
      return "That file system is mounted read-only; use another folder.";
    case EACCES:
    case EPERM:
      return "Check the owner and the permissions of the file and of the folders above it.";
    case EMFILE:
    case ENFILE:
      return "Too many files are open; raise the limit with `ulimit -n`.";
    case ENAMETOOLONG:
      return "Use a shorter path.";
    case EIO:
      return "The disk or the network file system failed; see `dmesg`.";
    default:
      return "";
  }
}

}  // namespace

std::string SystemMessage(int error_number) {
  return std::generic_category().message(error_number);
}

Error FileError(std::string_view action, const std::string& path, int error_number) {
  return Error{ErrorCode::kIo,
               Format("cannot {} {}: {}", action, path, SystemMessage(error_number)),
               std::string(Advice(error_number))};
}

}  // namespace caesar
