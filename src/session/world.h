// The effects that a session needs. Only main builds the real ones; tests build fakes.
#pragma once

#include "build/compile.h"
#include "judge/client.h"
#include "llm/model.h"
#include "llm/prompts.h"
#include "record/progress.h"
#include "session/reviewer.h"
#include "sys/clock.h"
#include "sys/files.h"
#include "sys/stop.h"

namespace caesar {

struct World {
  Files& files;
  Clock& clock;
  Model& model;
  Compiler& compiler;
  Judge& judge;
  const PromptSet& prompts;
  Progress& progress;
  StopToken stop;
  Reviewer* reviewer = nullptr;  // null: nobody can be asked
};

}  // namespace caesar
