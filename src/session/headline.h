// One short line for people about a step, and the numbers in it. Pure.
#pragma once

#include <string>

#include "session/outcome.h"

namespace caesar {

std::string HeadlineOf(Outcome outcome, const Payload& payload);

std::string TimeText(double us);            // "12.1 us", "4.31 ms"
std::string RatioText(double ratio);        // "1.32x"
std::string RatioText(const Ratio& ratio);  // "1.32x (1.31-1.33)"

}  // namespace caesar
