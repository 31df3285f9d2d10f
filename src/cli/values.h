// Values of settings from text. Errors say what is wrong and what is expected; the caller adds
// where the text came from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/run_config.h"
#include "sys/files.h"

namespace caesar {

Result<std::int64_t> IntegerValue(std::string_view text, std::int64_t low, std::int64_t high);
Result<double> NumberValue(std::string_view text, double low, double high);
Result<bool> SwitchValue(std::string_view text);  // true | false | 1 | 0
Result<std::int64_t> MillisecondsValue(
    std::string_view text);  // "500ms", "10s", "2min", "1h", "10" (seconds); at most a day
Result<FeedbackChoice> FeedbackValue(std::string_view text);  // "compile,correct", "none"
// The name itself if it is one of `names`; else an error with the nearest.
Result<std::string> ChoiceValue(std::string_view text, const std::vector<std::string>& names);
Result<std::string> DeviceValue(std::string_view text);  // auto | cuda | cuda:N

// A file that the command line names. Where it cannot be read, the words were wrong: kUsage, with
// `advice`.
Result<std::string> ReadNamedFile(const std::string& path, std::uint64_t bytes_max,
                                  const std::string& advice, Files& files);

}  // namespace caesar
