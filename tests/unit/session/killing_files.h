// Forwards to other Files and dies at a chosen operation, as a process does: by an exception that
// nothing in between catches. Only operations that change something count, since a death between
// two of them is one and the same.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sys/files.h"

namespace caesar {

struct Killed {};

class KillingFiles : public Files {
 public:
  // Dies right after the change number `last` (0 is the first). With `torn`, an append is only half
  // done.
  KillingFiles(Files& files, std::size_t last, bool torn)
      : files_(files), last_(last), torn_(torn) {}

  const std::vector<std::string>& changes() const { return changes_; }

  Result<std::string> Read(const std::string& path, std::uint64_t bytes_max) override {
    return files_.Read(path, bytes_max);
  }
  Result<std::optional<FileInfo>> Stat(const std::string& path) override {
    return files_.Stat(path);
  }
  Result<std::vector<std::string>> List(const std::string& path) override {
    return files_.List(path);
  }
  Result<std::optional<std::uint64_t>> FreeBytes(const std::string& path) override {
    return files_.FreeBytes(path);
  }
  Status Write(const std::string& path, std::string_view content) override {
    return Then(files_.Write(path, content), "Write " + path);
  }
  Result<bool> WriteNew(const std::string& path, std::string_view content) override {
    return Then(files_.WriteNew(path, content), "WriteNew " + path);
  }
  Result<std::unique_ptr<AppendFile>> Append(const std::string& path,
                                             std::optional<std::uint64_t> truncate_to) override {
    auto file = TRY(Then(files_.Append(path, truncate_to), "Append " + path));
    return std::unique_ptr<AppendFile>(std::make_unique<Appender>(*this, path, std::move(file)));
  }
  Status Rename(const std::string& from, const std::string& to) override {
    return Then(files_.Rename(from, to), "Rename " + from);
  }
  Status MakeFolders(const std::string& path) override {
    return Then(files_.MakeFolders(path), "MakeFolders " + path);
  }
  Status Remove(const std::string& path) override {
    return Then(files_.Remove(path), "Remove " + path);
  }
  Status RemoveTree(const std::string& path) override {
    return Then(files_.RemoveTree(path), "RemoveTree " + path);
  }
  Status Touch(const std::string& path) override {
    return Then(files_.Touch(path), "Touch " + path);
  }
  Result<std::unique_ptr<FileLock>> TryLock(const std::string& path, LockMode mode,
                                            unsigned file_mode) override {
    return Then(files_.TryLock(path, mode, file_mode), "TryLock " + path);
  }

 private:
  class Appender : public AppendFile {
   public:
    Appender(KillingFiles& files, std::string path, std::unique_ptr<AppendFile> file)
        : files_(files), path_(std::move(path)), file_(std::move(file)) {}
    Status Append(std::string_view data) override {
      const bool dies = files_.changes_.size() == files_.last_;
      const std::string_view done = dies && files_.torn_ ? data.substr(0, data.size() / 2) : data;
      return files_.Then(file_->Append(done), "AppendFile::Append " + path_);
    }
    Status Sync() override { return file_->Sync(); }

   private:
    KillingFiles& files_;
    std::string path_;
    std::unique_ptr<AppendFile> file_;
  };

  template <class T>
  T Then(T result, std::string change) {
    changes_.push_back(std::move(change));
    if (changes_.size() == last_ + 1) throw Killed();
    return result;
  }

  Files& files_;
  std::size_t last_;
  bool torn_;
  std::vector<std::string> changes_;
};

}  // namespace caesar
