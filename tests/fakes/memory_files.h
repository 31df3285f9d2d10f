// Files in memory, with the rules of the real ones: folders must exist, WriteNew has one winner,
// locks exclude each other. tests/unit/sys/files_contract_test.cpp holds both to the same tests.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "base/format.h"
#include "base/strings.h"
#include "sys/files.h"

namespace caesar {

class MemoryFiles : public Files {
 public:
  // Paths are absolute or relative to one working folder; "/", "." and "" are there from the start.
  Result<std::string> Read(const std::string& path, std::uint64_t bytes_max) override {
    const std::lock_guard lock(state_->mutex);
    const auto file = state_->files.find(Normal(path));
    if (file == state_->files.end()) {
      return Fail("read", path, IsFolder(path) ? "Is a directory" : "No such file or directory");
    }
    if (file->second.content.size() > bytes_max)
      return Fail("read", path, Format("larger than {} bytes", bytes_max));
    return file->second.content;
  }

  Result<std::optional<FileInfo>> Stat(const std::string& path) override {
    const std::lock_guard lock(state_->mutex);
    const auto file = state_->files.find(Normal(path));
    if (file != state_->files.end()) {
      return std::optional(
          FileInfo{FileInfo::Kind::kFile, file->second.content.size(), file->second.modified_ns});
    }
    if (IsFolder(path)) return std::optional(FileInfo{FileInfo::Kind::kFolder, 0, 0});
    return std::optional<FileInfo>();
  }

  Result<std::vector<std::string>> List(const std::string& path) override {
    const std::lock_guard lock(state_->mutex);
    if (state_->files.contains(Normal(path))) return Fail("list", path, "Not a directory");
    const std::string folder = Normal(path);
    std::set<std::string> names;
    const auto add = [&](const std::string& entry) {
      if (entry != folder && FolderOf(entry) == folder)
        names.insert(entry.substr(entry.rfind('/') + 1));
    };
    for (const auto& [name, file] : state_->files) add(name);
    for (const std::string& name : state_->folders) add(name);
    return std::vector<std::string>(names.begin(), names.end());
  }

  // None: it does not say.
  Result<std::optional<std::uint64_t>> FreeBytes(const std::string& path) override {
    const std::lock_guard lock(state_->mutex);
    if (!state_->files.contains(Normal(path)) && !IsFolder(path))
      return Fail("ask for the free space of", path, "No such file or directory");
    return std::optional<std::uint64_t>();
  }

  Status Write(const std::string& path, std::string_view content) override {
    const std::lock_guard lock(state_->mutex);
    TRY(CheckPlace("write", path));
    Put(path, std::string(content));
    return {};
  }

  Result<bool> WriteNew(const std::string& path, std::string_view content) override {
    const std::lock_guard lock(state_->mutex);
    if (state_->files.contains(Normal(path)) || IsFolder(path)) return false;
    TRY(CheckPlace("write", path));
    Put(path, std::string(content));
    return true;
  }

  Result<std::unique_ptr<AppendFile>> Append(
      const std::string& path, std::optional<std::uint64_t> truncate_to = std::nullopt) override {
    const std::lock_guard lock(state_->mutex);
    TRY(CheckPlace("append to", path));
    File& file = state_->files[Normal(path)];
    if (truncate_to) {
      if (*truncate_to > file.content.size()) {
        return Fail("cut", path, Format("it has only {} bytes", file.content.size()));
      }
      file.content.resize(*truncate_to);
    }
    return std::unique_ptr<AppendFile>(std::make_unique<Appender>(state_, Normal(path)));
  }

  // Files, and folders with all that is in them.
  Status Rename(const std::string& from, const std::string& to) override {
    const std::lock_guard lock(state_->mutex);
    if (!state_->files.contains(Normal(from)) && !IsFolder(from)) {
      return Fail("rename", from, "No such file or directory");
    }
    if (IsFolder(from)) {
      if (!IsFolder(FolderOf(Normal(to)))) return Fail("rename", from, "No such file or directory");
      MoveFolder(Normal(from), Normal(to));
      return {};
    }
    TRY(CheckPlace("rename", to));
    auto moved = state_->files.extract(Normal(from));
    state_->files[Normal(to)] = std::move(moved.mapped());
    return {};
  }

  Status MakeFolders(const std::string& path) override {
    const std::lock_guard lock(state_->mutex);
    for (std::string folder = Normal(path);; folder = FolderOf(folder)) {
      if (state_->files.contains(folder)) return Fail("make folder", folder, "Not a directory");
      if (IsFolder(folder)) break;
    }
    for (std::string folder = Normal(path); !IsFolder(folder); folder = FolderOf(folder)) {
      state_->folders.insert(folder);
    }
    return {};
  }

  Status Remove(const std::string& path) override {
    const std::lock_guard lock(state_->mutex);
    if (IsFolder(path)) return Fail("remove", path, "Is a directory");
    state_->files.erase(Normal(path));
    return {};
  }

  Status RemoveTree(const std::string& path) override {
    const std::lock_guard lock(state_->mutex);
    const std::string top = Normal(path);
    std::erase_if(state_->files, [&](const auto& file) { return IsUnder(file.first, top); });
    std::erase_if(state_->folders, [&](const std::string& folder) { return IsUnder(folder, top); });
    return {};
  }

  Status Touch(const std::string& path) override {
    const std::lock_guard lock(state_->mutex);
    const auto file = state_->files.find(Normal(path));
    if (file == state_->files.end()) {
      if (IsFolder(path)) return {};
      return Fail("touch", path, "No such file or directory");
    }
    file->second.modified_ns = ++state_->ticks;
    return {};
  }

  Result<std::unique_ptr<FileLock>> TryLock(const std::string& path, LockMode mode,
                                            unsigned = 0644) override {
    const std::lock_guard lock(state_->mutex);
    TRY(CheckPlace("lock", path));
    if (!state_->files.contains(Normal(path))) Put(path, "");
    int& holders = state_->locks[Normal(path)];  // -1: one exclusive; n > 0: n shared
    const bool free = mode == LockMode::kShared ? holders >= 0 : holders == 0;
    if (!free) return std::unique_ptr<FileLock>();
    holders = mode == LockMode::kShared ? holders + 1 : -1;
    return std::unique_ptr<FileLock>(std::make_unique<Lock>(state_, Normal(path)));
  }

  // For tests: every path of a file, sorted.
  std::vector<std::string> Paths() const {
    const std::lock_guard lock(state_->mutex);
    std::vector<std::string> paths;
    for (const auto& [path, file] : state_->files) paths.push_back(path);
    return paths;
  }

 private:
  struct File {
    std::string content;
    std::int64_t modified_ns = 0;  // counts changes; larger is later
  };
  struct State {
    std::mutex mutex;
    std::map<std::string, File> files;
    std::set<std::string> folders{"/", "."};
    std::map<std::string, int> locks;
    std::int64_t ticks = 0;
  };

  class Appender : public AppendFile {
   public:
    Appender(std::shared_ptr<State> state, std::string path)
        : state_(std::move(state)), path_(std::move(path)) {}
    Status Append(std::string_view data) override {
      const std::lock_guard lock(state_->mutex);
      File& file = state_->files[path_];
      file.content += data;
      file.modified_ns = ++state_->ticks;
      return {};
    }
    Status Sync() override { return {}; }

   private:
    std::shared_ptr<State> state_;
    std::string path_;
  };

  class Lock : public FileLock {
   public:
    Lock(std::shared_ptr<State> state, std::string path)
        : state_(std::move(state)), path_(std::move(path)) {}
    ~Lock() override {
      const std::lock_guard lock(state_->mutex);
      int& holders = state_->locks[path_];
      holders = holders < 0 ? 0 : holders - 1;
    }

   private:
    std::shared_ptr<State> state_;
    std::string path_;
  };

  static Error Fail(std::string_view action, const std::string& path, std::string_view why) {
    return Error{ErrorCode::kIo, Format("cannot {} {}: {}", action, path, why), ""};
  }

  // Without doubled and trailing slashes and "." parts.
  static std::string Normal(const std::string& path) {
    std::string normal;
    for (const std::string& part : Split(path, '/')) {
      if (part.empty() || part == ".") continue;
      if (!normal.empty()) normal += '/';
      normal += part;
    }
    if (StartsWith(path, "/")) return "/" + normal;
    return normal.empty() ? "." : normal;
  }

  static std::string FolderOf(const std::string& normal) {
    const std::size_t slash = normal.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : normal.substr(0, slash);
  }

  static bool IsUnder(const std::string& path, const std::string& top) {
    return path == top || StartsWith(path, top + "/");
  }

  bool IsFolder(const std::string& path) const { return state_->folders.contains(Normal(path)); }

  Status CheckPlace(std::string_view action, const std::string& path) const {
    if (IsFolder(path)) return Fail(action, path, "Is a directory");
    if (!IsFolder(FolderOf(Normal(path)))) return Fail(action, path, "No such file or directory");
    return {};
  }

  void Put(const std::string& path, std::string content) {
    state_->files[Normal(path)] = File{std::move(content), ++state_->ticks};
  }

  void MoveFolder(const std::string& from, const std::string& to) {
    std::map<std::string, File> files;
    std::set<std::string> folders;
    const auto moved = [&](const std::string& path) {
      return IsUnder(path, from) ? to + path.substr(from.size()) : path;
    };
    for (auto& [path, file] : state_->files) files[moved(path)] = std::move(file);
    for (const std::string& folder : state_->folders) folders.insert(moved(folder));
    state_->files = std::move(files);
    state_->folders = std::move(folders);
  }

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace caesar
