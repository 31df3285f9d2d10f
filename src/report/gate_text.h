// The report of `caesar problem check` as text.
#pragma once

#include <string>

#include "record/gate_report.h"

namespace caesar {

std::string GateText(const GateReport& report, bool color);

}  // namespace caesar
