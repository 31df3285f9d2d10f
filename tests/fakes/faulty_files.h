// Forwards to other Files and makes chosen calls fail. Run a scenario once to count its calls, then
// once more for each of them with FailAt(n): so every I/O error of the scenario is met in turn.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>

#include "sys/files.h"

namespace caesar {

inline Error DiskFull() {
  return Error{ErrorCode::kIo, "cannot write: No space left on device", ""};
}

class FaultyFiles : public Files {
 public:
  explicit FaultyFiles(Files& files) : files_(files) {}

  // Call number `n` (0 is the first from now on) returns `error` and does nothing.
  void FailAt(std::size_t n, Error error = DiskFull()) {
    const std::lock_guard lock(state_->mutex);
    state_->faults.push_back({state_->calls.size() + n, "", std::move(error), 1});
  }
  // The next `times` calls whose text (see calls()) contains `part` return `error`.
  void FailOn(std::string part, Error error = DiskFull(), std::size_t times = std::size_t(-1)) {
    const std::lock_guard lock(state_->mutex);
    state_->faults.push_back({std::size_t(-1), std::move(part), std::move(error), times});
  }
  // How much there is on the disk; nothing: as much as there is.
  void SetFreeBytes(std::optional<std::uint64_t> bytes) {
    const std::lock_guard lock(state_->mutex);
    state_->free_bytes = bytes;
  }
  void StopFailing() {
    const std::lock_guard lock(state_->mutex);
    state_->faults.clear();
  }

  // Every call so far: "Write runs/a/best.cu", "Append ..." (open), "AppendFile::Append ...",
  // "AppendFile::Sync ...".
  std::vector<std::string> calls() const {
    const std::lock_guard lock(state_->mutex);
    return state_->calls;
  }

  Result<std::string> Read(const std::string& path, std::uint64_t bytes_max) override {
    TRY(state_->Call("Read " + path));
    return files_.Read(path, bytes_max);
  }
  Result<std::optional<FileInfo>> Stat(const std::string& path) override {
    TRY(state_->Call("Stat " + path));
    return files_.Stat(path);
  }
  Result<std::vector<std::string>> List(const std::string& path) override {
    TRY(state_->Call("List " + path));
    return files_.List(path);
  }
  Result<std::optional<std::uint64_t>> FreeBytes(const std::string& path) override {
    TRY(state_->Call("FreeBytes " + path));
    const Result<std::optional<std::uint64_t>> theirs = files_.FreeBytes(path);
    const std::lock_guard lock(state_->mutex);
    return state_->free_bytes ? state_->free_bytes : theirs;
  }
  Status Write(const std::string& path, std::string_view content) override {
    TRY(state_->Call("Write " + path));
    return files_.Write(path, content);
  }
  Result<bool> WriteNew(const std::string& path, std::string_view content) override {
    TRY(state_->Call("WriteNew " + path));
    return files_.WriteNew(path, content);
  }
  Result<std::unique_ptr<AppendFile>> Append(
      const std::string& path, std::optional<std::uint64_t> truncate_to = std::nullopt) override {
    TRY(state_->Call("Append " + path));
    return std::unique_ptr<AppendFile>(
        std::make_unique<Appender>(state_, path, TRY(files_.Append(path, truncate_to))));
  }
  Status Rename(const std::string& from, const std::string& to) override {
    TRY(state_->Call("Rename " + from + " " + to));
    return files_.Rename(from, to);
  }
  Status MakeFolders(const std::string& path) override {
    TRY(state_->Call("MakeFolders " + path));
    return files_.MakeFolders(path);
  }
  Status Remove(const std::string& path) override {
    TRY(state_->Call("Remove " + path));
    return files_.Remove(path);
  }
  Status RemoveTree(const std::string& path) override {
    TRY(state_->Call("RemoveTree " + path));
    return files_.RemoveTree(path);
  }
  Status Touch(const std::string& path) override {
    TRY(state_->Call("Touch " + path));
    return files_.Touch(path);
  }
  Result<std::unique_ptr<FileLock>> TryLock(const std::string& path, LockMode mode,
                                            unsigned file_mode = 0644) override {
    TRY(state_->Call("TryLock " + path));
    return files_.TryLock(path, mode, file_mode);
  }

 private:
  struct Fault {
    std::size_t call;  // or -1
    std::string part;  // or empty
    Error error;
    std::size_t times;
  };

  struct State {
    std::mutex mutex;
    std::vector<std::string> calls;
    std::vector<Fault> faults;
    std::optional<std::uint64_t> free_bytes;

    Status Call(std::string text) {
      const std::lock_guard lock(mutex);
      const std::size_t number = calls.size();
      calls.push_back(std::move(text));
      for (Fault& fault : faults) {
        const bool hit =
            fault.call == number ||
            (!fault.part.empty() && calls.back().find(fault.part) != std::string::npos);
        if (!hit || fault.times == 0) continue;
        --fault.times;
        return fault.error;
      }
      return {};
    }
  };

  class Appender : public AppendFile {
   public:
    Appender(std::shared_ptr<State> state, std::string path, std::unique_ptr<AppendFile> file)
        : state_(std::move(state)), path_(std::move(path)), file_(std::move(file)) {}
    // A failed append leaves half of the data behind, as a full disk does.
    Status Append(std::string_view data) override {
      if (Status status = state_->Call("AppendFile::Append " + path_); !status.ok()) {
        TRY(file_->Append(data.substr(0, data.size() / 2)));
        return status;
      }
      return file_->Append(data);
    }
    Status Sync() override {
      TRY(state_->Call("AppendFile::Sync " + path_));
      return file_->Sync();
    }

   private:
    std::shared_ptr<State> state_;
    std::string path_;
    std::unique_ptr<AppendFile> file_;
  };

  Files& files_;
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace caesar
