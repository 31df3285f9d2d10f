#include "sys/remove_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <memory>
#include <vector>

#include "base/format.h"
#include "sys/fd.h"
#include "sys/file_error.h"

namespace caesar {
namespace {

constexpr int kDepthMax = 256;  // one descriptor is open per level

int OpenFolder(int parent, const char* name) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  const int fd = ::openat(parent, name, kFlags);
  if (fd >= 0 || errno != EACCES) return fd;
  ::fchmodat(parent, name, 0700, AT_SYMLINK_NOFOLLOW);
  return ::openat(parent, name, kFlags);
}

// Names first, removal after: removing while reading may make readdir skip entries.
Result<std::vector<std::string>> Names(int folder, const std::string& path) {
  UniqueFd copy(::fcntl(folder, F_DUPFD_CLOEXEC, 0));
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(copy.open() ? ::fdopendir(copy.get()) : nullptr,
                                                   ::closedir);
  if (stream == nullptr) return FileError("list", path, errno);
  copy.Release();  // closedir closes it
  std::vector<std::string> names;
  for (errno = 0; const dirent* entry = ::readdir(stream.get()); errno = 0) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return FileError("list", path, errno);
  return names;
}

Status RemoveEntry(int parent, const std::string& name, const std::string& path, int depth);

Status RemoveContent(int folder, const std::string& path, int depth) {
  for (const std::string& name : TRY(Names(folder, path))) {
    TRY(RemoveEntry(folder, name, path + "/" + name, depth + 1));
  }
  return {};
}

Status RemoveEntry(int parent, const std::string& name, const std::string& path, int depth) {
  if (depth > kDepthMax) {
    return Error{ErrorCode::kIo,
                 Format("cannot remove {}: nested more than {} levels deep", path, kDepthMax),
                 "Remove the folder by hand."};
  }
  if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return {};
  const int unlink_error = errno;  // EISDIR for a folder; EPERM on some file systems
  UniqueFd folder(OpenFolder(parent, name.c_str()));
  if (!folder.open()) {
    if (errno == ENOENT) return {};
    return FileError("remove", path, errno == ENOTDIR || errno == ELOOP ? unlink_error : errno);
  }
  ::fchmod(
      folder.get(),
      0700);  // entries can only be removed where we may write; where this fails, unlinkat says so
  TRY(RemoveContent(folder.get(), path, depth));
  if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
  return FileError("remove", path, errno);
}

}  // namespace

Status RemoveTreeAt(const std::string& path) {
  std::string name = path;
  while (name.size() > 1 && name.back() == '/') name.pop_back();
  if (name.empty() || name == "/" || name == "." || name == "..") {
    return Error{ErrorCode::kIo, Format("refusing to remove \"{}\"", path), ""};
  }
  return RemoveEntry(AT_FDCWD, name, name, 0);
}

}  // namespace caesar
