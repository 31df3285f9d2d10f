// The descriptions that several records share. Private to src/record.
#pragma once

#include "record/json_io.h"
#include "record/tokens.h"
#include "record/verdict.h"

namespace caesar {

void Describe(JsonIo& io, DeviceInfo& device);
void Describe(JsonIo& io, Flag& flag);
void Describe(JsonIo& io, Ratio& ratio);
void Describe(JsonIo& io, TokenUsage& tokens);

}  // namespace caesar
