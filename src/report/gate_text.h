// The report of `caesar problem check` as text.
#pragma once

#include <string>

#include "record/gate_report.h"
#include "report/table.h"

namespace caesar {

std::string GateText(const GateReport& report, const TextStyle& style);

}  // namespace caesar
