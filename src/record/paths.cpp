#include "record/paths.h"

#include "base/format.h"

namespace caesar {
namespace {

// An ASCII letter or digit, whatever the locale.
bool IsAlnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string In(const std::string& folder, std::string_view name) {
  std::string path = folder;
  if (!path.empty() && path.back() != '/') path += '/';
  return path.append(name);
}

}  // namespace

std::string RunFile(const std::string& run) { return In(run, "run.json"); }

std::string LedgerFile(const std::string& run) { return In(run, "ledger.jsonl"); }
std::string LedgerLockFile(const std::string& run) { return In(run, "ledger.lock"); }

std::string SampleFolder(const std::string& run, const std::string& problem, int sample) {
  return In(In(run, PathComponent(problem)), Format("sample_{:04}", sample));
}

std::string JournalFile(const std::string& sample_folder) {
  return In(sample_folder, "journal.jsonl");
}
std::string LockFile(const std::string& sample_folder) { return In(sample_folder, "lock"); }
std::string BestFile(const std::string& sample_folder) { return In(sample_folder, "best.cu"); }
std::string ResultFile(const std::string& sample_folder) {
  return In(sample_folder, "result.json");
}

std::string RoundFolder(const std::string& sample_folder, int round) {
  return In(sample_folder, Format("round_{:03}", round));
}

std::string RoundFile(const std::string& sample_folder, int round, std::string_view file) {
  return In(RoundFolder(sample_folder, round), file);
}

std::string PathComponent(std::string_view name) {
  std::string component;
  for (const char c : name) {
    const bool stays = IsAlnum(c) || c == '_' || c == '-' || (c == '.' && !component.empty());
    component += stays ? c : '_';
  }
  return component.empty() ? "_" : component;
}

}  // namespace caesar
