// The descriptions that several records share. Private to src/record.
#pragma once

#include <optional>
#include <string_view>

#include "record/json_io.h"
#include "record/sim_report.h"
#include "record/tokens.h"
#include "record/verdict.h"

namespace caesar {

void Describe(JsonIo& io, DeviceInfo& device);
void Describe(JsonIo& io, Flag& flag);
void Describe(JsonIo& io, Ratio& ratio);
void Describe(JsonIo& io, TokenUsage& tokens);
void Describe(JsonIo& io, SimReport& report);  // bounded when it is read

void DescribeChange(JsonIo& io, Change& change);  // the member "change"
void DescribeChangeOrNull(JsonIo& io, std::optional<Change>& change);
void DescribeKind(JsonIo& io, VerdictKind& kind);  // the member "verdict"
// `ms_name`: what the member for the compile's time is called.
void DescribeCompile(JsonIo& io, std::string_view ms_name, CompileInfo& compile);

}  // namespace caesar
