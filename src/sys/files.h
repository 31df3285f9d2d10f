// The file system as a seam: the few operations that caesar needs, each with the durability it
// needs. Every Error is kIo, names the path, and says what the system said ("No space left on
// device").
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace caesar {

// An open file that only grows. Closed by the destructor.
class AppendFile {
 public:
  virtual ~AppendFile() = default;
  virtual Status Append(
      std::string_view data) = 0;  // all of it, or an Error (part may have been written)
  virtual Status Sync() = 0;       // fdatasync
};

// An advisory lock (flock), released by the destructor and by the death of the process.
// Close-on-exec.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

enum class LockMode { kShared, kExclusive };

struct FileInfo {
  enum class Kind { kFile, kFolder, kOther } kind = Kind::kOther;
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;  // since the epoch
};

class Files {
 public:
  virtual ~Files() = default;

  // The content. More than `bytes_max` bytes, or not a regular file, is an Error.
  virtual Result<std::string> Read(const std::string& path, std::uint64_t bytes_max) = 0;
  // Likewise, of folder/name, and an Error where a link leads out of the folder, or is absolute,
  // whoever changes it meanwhile (openat2; before Linux 5.6 links are followed). Fakes have no
  // links.
  virtual Result<std::string> ReadBeneath(const std::string& folder, const std::string& name,
                                          std::uint64_t bytes_max) {
    return Read(folder + "/" + name, bytes_max);
  }
  // Empty where nothing is there.
  virtual Result<std::optional<FileInfo>> Stat(const std::string& path) = 0;
  // Names (not paths) of the folder's entries, sorted; empty if the folder does not exist. Leaves
  // out the temporary files (".caesar-tmp-*") that killed processes may have left behind.
  virtual Result<std::vector<std::string>> List(const std::string& path) = 0;
  // What a user without privileges can still write on the file system of `path`. Empty where the
  // file system does not say (a tmpfs without a limit, some network ones).
  virtual Result<std::optional<std::uint64_t>> FreeBytes(const std::string& path) = 0;

  // Replaces the file as a whole: temporary file in the same folder, fsync, rename, fsync of the
  // folder.
  virtual Status Write(const std::string& path, std::string_view content) = 0;
  // Like Write, but true only for the one caller that made the file; false if it exists already
  // (link()).
  virtual Result<bool> WriteNew(const std::string& path, std::string_view content) = 0;
  // Opens for appending, creating it if needed (the folder is then fsynced); never follows a link.
  // `truncate_to` cuts a torn tail first; an Error if the file is shorter than that.
  virtual Result<std::unique_ptr<AppendFile>> Append(
      const std::string& path, std::optional<std::uint64_t> truncate_to = std::nullopt) = 0;
  // Renames within one folder and fsyncs the folder. Replaces `to`.
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  virtual Status MakeFolders(const std::string& path) = 0;  // mkdir -p
  virtual Status Remove(const std::string& path) = 0;       // a file; no error if it is not there
  virtual Status RemoveTree(
      const std::string& path) = 0;  // never follows links; no error if it is not there
  virtual Status Touch(const std::string& path) = 0;  // sets the modification time to now

  // Takes the lock without waiting, creating the file (with `file_mode`, whatever the umask) if
  // needed; null if another holds it, also this process. Never follows a link.
  virtual Result<std::unique_ptr<FileLock>> TryLock(const std::string& path, LockMode mode,
                                                    unsigned file_mode = 0644) = 0;
};

Files& RealFiles();

// The same without fsync, each of which takes a disk milliseconds: for caches and working folders,
// which cost nothing to lose in a power failure, and whose content is checked when it is read.
Files& ScratchFiles();

}  // namespace caesar
