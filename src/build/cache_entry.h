// meta.json: what a cache entry says, and the sizes and hashes of its other files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "record/verdict.h"

namespace caesar {

// What an entry says. Written by the one who compiled, read by everybody else.
struct CacheEntry {
  bool succeeded = false;
  CompileInfo info;      // `cached` is not stored
  std::string headline;  // of a failure
  int errors = 0;
  std::string log;
  std::string object;  // path; empty for a failure
};

struct FileMark {
  std::uint64_t bytes = 0;
  std::string xxh;

  static FileMark Of(std::string_view content);
  friend bool operator==(const FileMark&, const FileMark&) = default;
};

struct CacheMeta {
  CacheEntry entry;  // without log and object
  FileMark log;
  FileMark object;  // of a success
};

std::string ToJson(const CacheMeta& meta);
std::optional<CacheMeta> ParseCacheMeta(
    const std::string& json);  // empty: not a meta.json of this version

}  // namespace caesar
