// From a ModelConfig to a Model.
#pragma once

#include <memory>

#include "base/result.h"
#include "llm/endpoint.h"
#include "llm/model.h"
#include "problem/problem.h"
#include "record/run_config.h"
#include "sys/clock.h"
#include "sys/files.h"
#include "sys/http.h"
#include "sys/process.h"

namespace caesar {

// What a model is made with.
struct ModelWorld {
  Environment environment;
  Http& http;
  Processes& processes;
  Files& files;
  Clock& clock;
};

// `sample` is which sample of the problem asks: a replayed run answers each with its own replies.
// Errors: kUsage (unknown provider, no model given), kEnvironment (no key: names the variable),
// kBadInput (no replies, an unusable price list).
Result<std::unique_ptr<Model>> MakeModel(const ModelConfig& config, const Problem& problem,
                                         int sample, const ModelWorld& world);

}  // namespace caesar
