// Numbers as people read them. All text is ASCII.
#pragma once

#include <cstdint>
#include <string>

#include "record/verdict.h"

namespace caesar {

std::string FormatMicros(double us);  // "12.34 us", "4.312 ms", "1.204 s"; "nan" stays "nan"
std::string FormatDuration(std::int64_t ms);  // "8 ms", "1.3 s", "42 s", "3 min 07 s", "2 h 05 min"
std::string FormatBytes(std::uint64_t bytes);  // "512 B", "8.1 kB", "2.00 GB": powers of 1000
std::string FormatRatio(const Ratio& ratio);   // "1.32x (1.31-1.33)"
std::string FormatValue(double value);         // six significant digits; "NaN", "inf"
std::string Plural(std::int64_t count, const std::string& noun);  // "1 round", "4 rounds"

}  // namespace caesar
