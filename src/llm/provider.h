// From a ModelConfig to a Model.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "llm/model.h"
#include "problem/problem.h"
#include "record/run_config.h"
#include "sys/clock.h"
#include "sys/files.h"
#include "sys/http.h"

namespace caesar {

using Environment = std::function<std::string(const std::string& name)>;  // empty: not set

// Errors: kUsage (unknown provider, no model given), kEnvironment (no key: names the variable),
// kBadInput (no replies).
Result<std::unique_ptr<Model>> MakeModel(const ModelConfig& config, const Problem& problem,
                                         const Environment& environment, Http& http, Files& files,
                                         Clock& clock);

}  // namespace caesar
