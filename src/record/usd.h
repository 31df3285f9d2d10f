// Sums of money as people read them.
#pragma once

#include <string>

namespace caesar {

std::string FormatUsd(double usd);  // "0 USD", "0.0012 USD", "0.047 USD", "12.35 USD"

}  // namespace caesar
