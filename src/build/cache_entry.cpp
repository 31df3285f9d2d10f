#include "build/cache_entry.h"

#include <nlohmann/json.hpp>

#include "base/hash.h"

namespace caesar {
namespace {

using Json = nlohmann::json;

constexpr int kMetaVersion = 1;

Json MarkToJson(const FileMark& mark) { return {{"bytes", mark.bytes}, {"xxh", mark.xxh}}; }

FileMark MarkFromJson(const Json& json) {
  return {json.at("bytes").get<std::uint64_t>(), json.at("xxh").get<std::string>()};
}

}  // namespace

FileMark FileMark::Of(std::string_view content) { return {content.size(), HashHex(content)}; }

std::string ToJson(const CacheMeta& meta) {
  const CompileInfo& info = meta.entry.info;
  Json json = {{"version", kMetaVersion},
               {"succeeded", meta.entry.succeeded},
               {"ms", info.ms},
               {"registers", info.registers},
               {"spill_bytes", info.spill_bytes},
               {"shared_bytes", info.shared_bytes},
               {"stack_bytes", info.stack_bytes},
               {"arch", info.arch},
               {"headline", meta.entry.headline},
               {"errors", meta.entry.errors},
               {"log", MarkToJson(meta.log)}};
  if (meta.entry.succeeded) json["object"] = MarkToJson(meta.object);
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<CacheMeta> ParseCacheMeta(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    if (json.at("version").get<int>() != kMetaVersion) return std::nullopt;
    CacheMeta meta;
    meta.entry.succeeded = json.at("succeeded").get<bool>();
    CompileInfo& info = meta.entry.info;
    info.ms = json.at("ms").get<std::int64_t>();
    info.registers = json.at("registers").get<int>();
    info.spill_bytes = json.at("spill_bytes").get<std::int64_t>();
    info.shared_bytes = json.at("shared_bytes").get<std::int64_t>();
    info.stack_bytes = json.at("stack_bytes").get<std::int64_t>();
    info.arch = json.at("arch").get<std::string>();
    meta.entry.headline = json.at("headline").get<std::string>();
    meta.entry.errors = json.at("errors").get<int>();
    meta.log = MarkFromJson(json.at("log"));
    if (meta.entry.succeeded) meta.object = MarkFromJson(json.at("object"));
    return meta;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace caesar
