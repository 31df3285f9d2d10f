// How long servers ask to wait, in the forms in which they say it. Any text is safe to give; what
// is none of these forms, negative or beyond a double's range gives nothing.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace caesar {

// Seconds of "1.5", "30s", "500ms", "1m30s", "6m0s", "37.5 seconds".
std::optional<double> ParseDuration(std::string_view text);

// The same at the start of a sentence: "26 seconds. Please contact ...".
std::optional<double> ParseLeadingDuration(std::string_view text);

// Seconds from `utc`, negative if it is over, until an HTTP date (RFC 9110, IMF-fixdate: "Sun, 06
// Nov 1994 08:49:37 GMT"), or until a time as in RFC 3339 ("2026-01-31T12:00:42.5Z").
std::optional<double> SecondsUntil(std::string_view time,
                                   std::chrono::system_clock::time_point utc);

}  // namespace caesar
