#include "base/log.h"

#include <atomic>

// Header-only here, and only here: the distribution ships fmt and spdlog as shared libraries, and
// the release binary depends on glibc and libcurl alone.
#define FMT_HEADER_ONLY
#define SPDLOG_HEADER_ONLY
#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace caesar {
namespace {

std::atomic<void (*)()> before_log{nullptr};

spdlog::logger& Logger() {
  static spdlog::logger logger = [] {
    spdlog::logger made("caesar", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made.set_pattern("caesar: %v");
    made.set_level(spdlog::level::info);
    return made;
  }();
  return logger;
}

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

}  // namespace

void SetLogLevel(LogLevel level) { Logger().set_level(ToSpdlog(level)); }

void SetBeforeLog(void (*hook)()) { before_log = hook; }

void Log(LogLevel level, std::string_view message) {
  const auto spdlog_level = ToSpdlog(level);
  if (!Logger().should_log(spdlog_level)) return;
  if (auto* hook = before_log.load()) hook();
  const char* prefix = level == LogLevel::kWarning ? "warning: "
                       : level == LogLevel::kError ? "error: "
                                                   : "";
  Logger().log(spdlog_level, "{}{}", prefix, std::string(message));
}

}  // namespace caesar

namespace caesar::internal {
// fmt's functions are inline in header-only mode; taking their addresses emits the definitions that
// <fmt/core.h> leaves to a library in every other file.
extern const void* const kFmtDefinitions[];
const void* const kFmtDefinitions[] = {
    reinterpret_cast<const void*>(
        static_cast<std::string (*)(fmt::string_view, fmt::format_args)>(&fmt::vformat)),
    reinterpret_cast<const void*>(&fmt::detail::throw_format_error),
    reinterpret_cast<const void*>(
        static_cast<void (*)(const char*, int, const char*)>(&fmt::detail::assert_fail)),
};
}  // namespace caesar::internal
