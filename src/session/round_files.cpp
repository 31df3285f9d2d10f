#include "session/round_files.h"

#include "base/hash.h"
#include "record/paths.h"

namespace caesar {

FileStamp StampOf(std::string_view content) {
  return {.bytes = content.size(), .xxh = HashHex(content)};
}

std::string RoundFiles::Path(std::string_view name) const {
  return RoundFile(sample_folder_, round_, name);
}

Result<bool> RoundFiles::Exists(std::string_view name) const {
  return TRY(files_.Stat(Path(name))).has_value();
}

Result<std::string> RoundFiles::Read(std::string_view name) const {
  return files_.Read(Path(name), kTextBytesMax);
}

Result<std::string> RoundFiles::ReadIfThere(std::string_view name) const {
  if (!TRY(Exists(name))) return std::string();
  return Read(name);
}

Status RoundFiles::Write(std::string_view name, std::string_view content) {
  TRY(files_.Write(Path(name), content));
  Stamp(name, content);
  return {};
}

void RoundFiles::Stamp(std::string_view name, std::string_view content) {
  stamps_[std::string(name)] = StampOf(content);
}

}  // namespace caesar
