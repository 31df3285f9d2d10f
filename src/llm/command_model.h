// Provider `command`: any program as a model. The prompt is its standard input, its standard output
// the reply.
#pragma once

#include <memory>

#include "llm/model.h"
#include "llm/provider.h"

namespace caesar {

// `config.command` is a command line for /bin/sh, run in our folder with our environment; it is
// killed with all its descendants after config.timeout_ms. Ask: kEnvironment if it cannot be
// started, fails or runs out of time; it is not tried again, since nobody knows what it costs.
Result<std::unique_ptr<Model>> MakeCommandModel(const ModelConfig& config, const ModelWorld& world);

}  // namespace caesar
