// The files of one round's folder: read with a limit, written whole, and stamped for the journal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "session/outcome.h"
#include "sys/files.h"

namespace caesar {

inline constexpr std::uint64_t kTextBytesMax = std::uint64_t{128}
                                               << 20;  // of any text in a sample's folder

FileStamp StampOf(std::string_view content);

class RoundFiles {
 public:
  RoundFiles(Files& files, std::string sample_folder, int round)
      : files_(files), sample_folder_(std::move(sample_folder)), round_(round) {}

  std::string Path(std::string_view name) const;
  Result<bool> Exists(std::string_view name) const;
  Result<std::string> Read(std::string_view name) const;
  // The content, or empty if there is no such file.
  Result<std::string> ReadIfThere(std::string_view name) const;

  Status Write(std::string_view name, std::string_view content);  // and stamps it
  void Stamp(std::string_view name, std::string_view content);
  const FileStamps& stamps() const { return stamps_; }

 private:
  Files& files_;
  std::string sample_folder_;
  int round_;
  FileStamps stamps_;
};

}  // namespace caesar
