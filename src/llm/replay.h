// Provider `replay`: recorded replies instead of a model. Round n gets the n-th one, exactly as
// recorded.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "llm/model.h"
#include "problem/problem.h"
#include "record/run_config.h"
#include "sys/files.h"

namespace caesar {

// `config.replies` names a folder of NNN.md files, a run directory (which gives each sample of each
// problem its own replies), or the folder of one of its samples; empty: the problem's own replies.
// `files` is used as long as the model lives. Errors: kBadInput where there are no replies. Ask:
// kBadInput after the last one.
Result<std::unique_ptr<Model>> MakeReplayModel(const ModelConfig& config, const Problem& problem,
                                               int sample, Files& files);

}  // namespace caesar
