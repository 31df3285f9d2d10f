// Messages for people, on stderr. Results go to stdout and never through here.
// log.cpp is the only user of spdlog.
#pragma once

#include <string_view>

#include "base/format.h"

namespace caesar {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };

// Sets the lowest level that is written. Default: kInfo.
void SetLogLevel(LogLevel level);

// Writes one message. A live status line (if any) is cleared first: see SetBeforeLog.
void Log(LogLevel level, std::string_view message);

// `hook` is called before each written message, from any thread; the live status line erases itself
// there.
void SetBeforeLog(void (*hook)());

template <class... Args>
void LogInfo(fmt::format_string<Args...> format, Args&&... args) {
  Log(LogLevel::kInfo, fmt::vformat(format, fmt::make_format_args(args...)));
}
template <class... Args>
void LogWarning(fmt::format_string<Args...> format, Args&&... args) {
  Log(LogLevel::kWarning, fmt::vformat(format, fmt::make_format_args(args...)));
}
template <class... Args>
void LogDebug(fmt::format_string<Args...> format, Args&&... args) {
  Log(LogLevel::kDebug, fmt::vformat(format, fmt::make_format_args(args...)));
}

}  // namespace caesar
