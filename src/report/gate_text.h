// The report of `caesar problem check` as text.
#pragma once

#include <string>

#include "record/gate_report.h"

namespace caesar {

struct GateTextStyle {
  bool color = false;
  bool cut = false;  // long cells, with "...": for a terminal
};

std::string GateText(const GateReport& report, const GateTextStyle& style);

}  // namespace caesar
