// What the commands need of the world. main.cpp builds the real one, tests build fakes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "build/compile.h"
#include "judge/client.h"
#include "llm/provider.h"
#include "record/run_config.h"
#include "report/sink.h"
#include "sys/clock.h"
#include "sys/files.h"
#include "sys/http.h"
#include "sys/keyboard.h"
#include "sys/process.h"
#include "sys/stop.h"

namespace caesar {

struct CliContext {
  Files& files;
  Processes& processes;
  Http& http;
  Clock& clock;
  Environment environment;
  StopToken stop;
  Sink& out;  // results
  Sink& err;  // messages and progress
  std::function<Result<std::string>(std::size_t bytes_max)>
      read_input;  // standard input, for `eval PROBLEM -`
  // From now on the first interrupt asks for `first`, later ones and SIGTERM for kNow. Before the
  // call they end the process.
  std::function<void(StopLevel first)> catch_signals;
  std::function<std::unique_ptr<Judge>(const RunConfig& config)> make_judge;
  std::function<Result<std::unique_ptr<Compiler>>(const RunConfig& config)>
      make_compiler;                   // error: no toolkit
  Keyboard* keyboard = nullptr;        // of the person at the terminal; null: nobody
  std::vector<std::string> variables;  // names of the environment's CAESAR_ variables
};

}  // namespace caesar
