// RealFiles(): the operations of Files on the local file system.
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "base/format.h"
#include "base/strings.h"
#include "sys/fd.h"
#include "sys/file_error.h"
#include "sys/files.h"
#include "sys/remove_tree.h"

namespace caesar {
namespace {

constexpr std::string_view kTemporaryPrefix = ".caesar-tmp-";
constexpr std::size_t kListMax = 1'000'000;
constexpr int kAttemptsMax = 16;  // where another process can win a race against us

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

int OpenFile(const std::string& path, int flags, mode_t mode = 0666) {
  return Uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, mode); });
}

Status SyncFolder(const std::string& folder) {
  const UniqueFd fd(OpenFile(folder, O_RDONLY | O_DIRECTORY));
  // EINVAL: this file system has no such thing (some FUSE and network ones), and then nothing more
  // can be done.
  if (fd.open() && (Uninterrupted([&] { return ::fsync(fd.get()); }) == 0 || errno == EINVAL))
    return {};
  return FileError("sync folder", folder, errno);
}

// A file next to `path` under a name that no other process or thread has; removed by the
// destructor. One that a killed process left behind never gets in the way: names are random, and
// List leaves them out.
class TemporaryFile {
 public:
  static Result<TemporaryFile> Make(const std::string& target) {
    TemporaryFile made;
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
      std::uint64_t random = 0;
      if (::getrandom(&random, sizeof random, 0) != sizeof random) continue;
      made.path_ =
          Format("{}/{}{:x}-{:016x}", FolderOf(target), kTemporaryPrefix, ::getpid(), random);
      made.fd_.Reset(OpenFile(made.path_, O_WRONLY | O_CREAT | O_EXCL));
      if (made.fd_.open()) return made;
      if (errno != EEXIST) break;
    }
    return FileError("write", target, errno);
  }

  TemporaryFile(TemporaryFile&& other) noexcept
      : fd_(std::move(other.fd_)), path_(std::exchange(other.path_, "")) {}
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  Status Fill(std::string_view content, const std::string& target, bool durable) {
    if (!WriteAll(fd_.get(), content)) return FileError("write", target, errno);
    if (durable && Uninterrupted([&] { return ::fsync(fd_.get()); }) != 0)
      return FileError("write", target, errno);
    return {};
  }

  const char* path() const { return path_.c_str(); }
  void Renamed() { path_.clear(); }

 private:
  TemporaryFile() = default;
  UniqueFd fd_;
  std::string path_;
};

class PosixAppendFile : public AppendFile {
 public:
  PosixAppendFile(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Status Append(std::string_view data) override {
    if (!WriteAll(fd_.get(), data)) return FileError("append to", path_, errno);
    return {};
  }

  Status Sync() override {
    if (Uninterrupted([&] { return ::fdatasync(fd_.get()); }) != 0)
      return FileError("sync", path_, errno);
    return {};
  }

 private:
  UniqueFd fd_;
  std::string path_;
};

class PosixFileLock : public FileLock {
 public:
  explicit PosixFileLock(UniqueFd fd) : fd_(std::move(fd)) {}
  // Explicit, because a child that was forked just now may still have a copy of the descriptor.
  ~PosixFileLock() override { ::flock(fd_.get(), LOCK_UN); }

 private:
  UniqueFd fd_;
};

FileInfo ToInfo(const struct stat& info) {
  FileInfo result;
  result.kind = S_ISREG(info.st_mode)   ? FileInfo::Kind::kFile
                : S_ISDIR(info.st_mode) ? FileInfo::Kind::kFolder
                                        : FileInfo::Kind::kOther;
  result.bytes = static_cast<std::uint64_t>(info.st_size);
  result.modified_ns = std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
  return result;
}

bool NothingThere(int error_number) { return error_number == ENOENT || error_number == ENOTDIR; }

// fstat, and an Error for anything but a regular file.
Result<FileInfo> RegularFileInfo(int fd, std::string_view action, const std::string& path) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return FileError(action, path, errno);
  if (S_ISDIR(info.st_mode)) return FileError(action, path, EISDIR);
  if (!S_ISREG(info.st_mode)) {
    return Error{ErrorCode::kIo, Format("cannot {} {}: not a regular file", action, path), ""};
  }
  return ToInfo(info);
}

Error TooLarge(const std::string& path, std::uint64_t bytes_max) {
  return Error{ErrorCode::kIo, Format("cannot read {}: larger than {} bytes", path, bytes_max), ""};
}

constexpr int kReadFlags = O_RDONLY | O_NONBLOCK;  // a FIFO must not block us

// What openat2 gives where no link may lead out of `folder`; -1 and errno (EXDEV: one does).
int OpenBeneath(int folder, const char* name) {
  open_how how{};
  how.flags = kReadFlags | O_CLOEXEC | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(
      Uninterrupted([&] { return ::syscall(SYS_openat2, folder, name, &how, sizeof how); }));
}

Result<std::string> ReadWhole(int fd, const std::string& path, std::uint64_t bytes_max) {
  const FileInfo info = TRY(RegularFileInfo(fd, "read", path));
  if (info.bytes > bytes_max) return TooLarge(path, bytes_max);
  std::string content;
  content.reserve(info.bytes);
  char buffer[64 * 1024];
  for (;;) {
    const ssize_t count = Uninterrupted([&] { return ::read(fd, buffer, sizeof buffer); });
    if (count < 0) return FileError("read", path, errno);
    if (count == 0) return content;
    content.append(buffer, static_cast<std::size_t>(count));
    if (content.size() > bytes_max)
      return TooLarge(path, bytes_max);  // grew, or lies about its size
  }
}

// The file at `path`, made with `mode` whatever the umask says if it is not there. -1 and errno on
// failure. In two steps, since O_CREAT on another user's file in a sticky folder such as /tmp is
// refused (fs.protected_regular).
int OpenOrMakeLockFile(const std::string& path, mode_t mode) {
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    int fd = OpenFile(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && (errno == EACCES || errno == EROFS))
      fd = OpenFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0 || errno != ENOENT) return fd;
    fd = OpenFile(path, O_RDWR | O_CREAT | O_EXCL, mode);
    if (fd >= 0) {
      ::fchmod(fd, mode);
      return fd;
    }
    if (errno != EEXIST) return -1;
  }
  return -1;
}

bool IsFileAt(int fd, const std::string& path) {
  struct stat ours {};
  struct stat there {};
  return ::fstat(fd, &ours) == 0 && ::stat(path.c_str(), &there) == 0 &&
         ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

class PosixFiles : public Files {
 public:
  explicit PosixFiles(bool durable) : durable_(durable) {}

  Result<std::string> Read(const std::string& path, std::uint64_t bytes_max) override {
    const UniqueFd fd(OpenFile(path, kReadFlags));
    if (!fd.open()) return FileError("read", path, errno);
    return ReadWhole(fd.get(), path, bytes_max);
  }

  Result<std::string> ReadBeneath(const std::string& folder, const std::string& name,
                                  std::uint64_t bytes_max) override {
    const std::string path = folder + "/" + name;
    const UniqueFd home(OpenFile(folder, O_PATH | O_DIRECTORY));
    if (!home.open()) return FileError("open", folder, errno);
    UniqueFd fd(OpenBeneath(home.get(), name.c_str()));
    // Old kernels, and containers that do not know the call.
    if (!fd.open() && (errno == ENOSYS || errno == EPERM)) return Read(path, bytes_max);
    if (!fd.open() && errno == EXDEV)
      return Error{
          ErrorCode::kIo,
          Format("cannot read {}: a link in it leads out of {}, or is absolute", path, folder), ""};
    if (!fd.open()) return FileError("read", path, errno);
    return ReadWhole(fd.get(), path, bytes_max);
  }

  Result<std::optional<FileInfo>> Stat(const std::string& path) override {
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0) return std::optional(ToInfo(info));
    if (NothingThere(errno)) return std::optional<FileInfo>();
    return FileError("look at", path, errno);
  }

  Result<std::vector<std::string>> List(const std::string& path) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), ::closedir);
    std::vector<std::string> names;
    if (folder == nullptr) {
      if (errno == ENOENT) return names;
      return FileError("list", path, errno);
    }
    for (errno = 0; const dirent* entry = ::readdir(folder.get()); errno = 0) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == ".." || StartsWith(name, kTemporaryPrefix)) continue;
      if (names.size() == kListMax) {
        return Error{ErrorCode::kIo, Format("cannot list {}: more than {} entries", path, kListMax),
                     ""};
      }
      names.emplace_back(name);
    }
    if (errno != 0) return FileError("list", path, errno);
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<std::optional<std::uint64_t>> FreeBytes(const std::string& path) override {
    struct statvfs system {};
    if (Uninterrupted([&] { return ::statvfs(path.c_str(), &system); }) != 0)
      return FileError("ask for the free space of", path, errno);
    if (system.f_blocks == 0) return std::optional<std::uint64_t>();
    return std::optional<std::uint64_t>(std::uint64_t{system.f_bavail} * system.f_frsize);
  }

  Status Write(const std::string& path, std::string_view content) override {
    TemporaryFile file = TRY(TemporaryFile::Make(path));
    TRY(file.Fill(content, path, durable_));
    if (::rename(file.path(), path.c_str()) != 0) return FileError("write", path, errno);
    file.Renamed();
    return SyncUnlessScratch(FolderOf(path));
  }

  Result<bool> WriteNew(const std::string& path, std::string_view content) override {
    TemporaryFile file = TRY(TemporaryFile::Make(path));
    TRY(file.Fill(content, path, durable_));
    if (::link(file.path(), path.c_str()) != 0) {
      if (errno == EEXIST) return false;
      // File systems without hard links.
      if (::renameat2(AT_FDCWD, file.path(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) != 0) {
        if (errno == EEXIST) return false;
        return FileError("write", path, errno);
      }
      file.Renamed();
    }
    TRY(SyncUnlessScratch(FolderOf(path)));
    return true;
  }

  Result<std::unique_ptr<AppendFile>> Append(const std::string& path,
                                             std::optional<std::uint64_t> truncate_to) override {
    constexpr int kFlags = O_WRONLY | O_APPEND | O_NONBLOCK | O_NOFOLLOW;
    UniqueFd fd;
    bool made = false;
    for (int attempt = 0; attempt < kAttemptsMax && !fd.open(); ++attempt) {
      fd.Reset(OpenFile(path, kFlags | O_CREAT | O_EXCL));
      made = fd.open();
      if (!made && errno == EEXIST) fd.Reset(OpenFile(path, kFlags));
      if (!fd.open() && errno != ENOENT)
        break;  // ENOENT: removed between our two calls, or no such folder
    }
    if (!fd.open()) return FileError("append to", path, errno);
    const FileInfo info = TRY(RegularFileInfo(fd.get(), "append to", path));
    if (made) TRY(SyncUnlessScratch(FolderOf(path)));
    if (truncate_to) TRY(Truncate(fd.get(), path, info.bytes, *truncate_to));
    return std::unique_ptr<AppendFile>(std::make_unique<PosixAppendFile>(std::move(fd), path));
  }

  Status Rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) {
      return FileError("rename", Format("{} to {}", from, to), errno);
    }
    return SyncUnlessScratch(FolderOf(to));
  }

  Status MakeFolders(const std::string& path) override {
    for (std::size_t end = 0; end != std::string::npos && end < path.size();) {
      end = path.find('/', end + 1);
      const std::string folder = path.substr(0, end);
      if (::mkdir(folder.c_str(), 0777) == 0) {
        TRY(SyncUnlessScratch(FolderOf(folder)));
        continue;
      }
      const int error_number = errno;
      struct stat info {
      };  // also a read-only file system or a missing permission may have answered before EEXIST
      if (::stat(folder.c_str(), &info) == 0) {
        if (!S_ISDIR(info.st_mode)) return FileError("make folder", folder, ENOTDIR);
      } else {
        return FileError("make folder", folder, error_number);
      }
    }
    return {};
  }

  Status Remove(const std::string& path) override {
    if (::unlink(path.c_str()) == 0 || NothingThere(errno)) return {};
    return FileError("remove", path, errno);
  }

  Status RemoveTree(const std::string& path) override { return RemoveTreeAt(path); }

  Status Touch(const std::string& path) override {
    if (::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) == 0) return {};
    return FileError("touch", path, errno);
  }

  Result<std::unique_ptr<FileLock>> TryLock(const std::string& path, LockMode mode,
                                            unsigned file_mode) override {
    const int operation = (mode == LockMode::kShared ? LOCK_SH : LOCK_EX) | LOCK_NB;
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
      UniqueFd fd(OpenOrMakeLockFile(path, file_mode));
      if (!fd.open()) return FileError("lock", path, errno);
      TRY(RegularFileInfo(fd.get(), "lock", path));
      if (Uninterrupted([&] { return ::flock(fd.get(), operation); }) != 0) {
        if (errno == EWOULDBLOCK) return std::unique_ptr<FileLock>();
        return FileError("lock", path, errno);
      }
      // A cleaner may have removed the file meanwhile; a lock on a file without a name excludes
      // nobody.
      if (IsFileAt(fd.get(), path))
        return std::unique_ptr<FileLock>(std::make_unique<PosixFileLock>(std::move(fd)));
    }
    return Error{ErrorCode::kIo, Format("cannot lock {}: something keeps removing it", path), ""};
  }

 private:
  Status SyncUnlessScratch(const std::string& folder) const {
    return durable_ ? SyncFolder(folder) : Status();
  }

  static Status Truncate(int fd, const std::string& path, std::uint64_t bytes,
                         std::uint64_t truncate_to) {
    if (truncate_to == bytes) return {};
    if (truncate_to > bytes) {
      return Error{ErrorCode::kIo,
                   Format("cannot cut {} to {} bytes: it has only {}", path, truncate_to, bytes),
                   ""};
    }
    if (Uninterrupted([&] { return ::ftruncate(fd, static_cast<off_t>(truncate_to)); }) != 0 ||
        Uninterrupted([&] { return ::fsync(fd); }) != 0) {
      return FileError("cut", path, errno);
    }
    return {};
  }

  const bool durable_;
};

}  // namespace

Files& RealFiles() {
  static PosixFiles files(/*durable=*/true);
  return files;
}

Files& ScratchFiles() {
  static PosixFiles files(/*durable=*/false);
  return files;
}

}  // namespace caesar
