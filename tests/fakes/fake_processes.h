// Processes that do not exist: records each Command and answers from a script.
#pragma once

#include <deque>
#include <functional>
#include <mutex>

#include "base/format.h"
#include "sys/process.h"

namespace caesar {

class FakeProcesses : public Processes {
 public:
  using Answer = std::function<Result<ProcessEnd>(const Command&)>;

  // Answers one command each, in this order.
  void Add(Result<ProcessEnd> end) {
    Add([end](const Command&) { return end; });
  }
  void Add(Answer answer) {
    const std::lock_guard lock(mutex_);
    script_.push_back(std::move(answer));
  }
  // Answers every command for which the script has nothing left. Without it, that is an Error
  // (kInternal).
  void AnswerAll(Answer answer) {
    const std::lock_guard lock(mutex_);
    answer_all_ = std::move(answer);
  }

  static ProcessEnd Exit(int code, std::string output = "", std::string errors = "") {
    ProcessEnd end;
    end.exit_code = code;
    end.output = std::move(output);
    end.errors = std::move(errors);
    return end;
  }
  static ProcessEnd End(ProcessEnd::How how, int signal = 0) {
    ProcessEnd end;
    end.how = how;
    end.signal = signal;
    return end;
  }

  std::vector<Command> commands() const {
    const std::lock_guard lock(mutex_);
    return commands_;
  }
  std::vector<Milliseconds> timeouts() const {  // of each Run
    const std::lock_guard lock(mutex_);
    return timeouts_;
  }

  Result<ProcessEnd> Run(const Command& command, Milliseconds timeout, StopToken stop) override {
    {
      const std::lock_guard lock(mutex_);
      timeouts_.push_back(timeout);
    }
    if (stop.now()) {
      Record(command);
      return End(ProcessEnd::How::kStopped);
    }
    return Ask(command);
  }

  Result<std::unique_ptr<Child>> Start(const Command& command) override {
    return std::unique_ptr<Child>(std::make_unique<FakeChild>(TRY(Ask(command))));
  }

 private:
  class FakeChild : public Child {
   public:
    explicit FakeChild(ProcessEnd end) : end_(std::move(end)) {}
    int pid() const override { return 4242; }
    // A scripted kTimedOut never ends by itself.
    Result<std::optional<ProcessEnd>> Wait(Milliseconds, StopToken stop) override {
      if (stop.now()) end_.how = ProcessEnd::How::kStopped;
      if (end_.how == ProcessEnd::How::kTimedOut) return std::optional<ProcessEnd>();
      return std::optional(end_);
    }
    void Kill() override {
      if (end_.how == ProcessEnd::How::kTimedOut) end_ = End(ProcessEnd::How::kSignaled, 9);
    }

   private:
    ProcessEnd end_;
  };

  void Record(const Command& command) {
    const std::lock_guard lock(mutex_);
    commands_.push_back(command);
  }

  Result<ProcessEnd> Ask(const Command& command) {
    Record(command);
    Answer answer;
    {
      const std::lock_guard lock(mutex_);
      if (!script_.empty()) {
        answer = std::move(script_.front());
        script_.pop_front();
      } else {
        answer = answer_all_;
      }
    }
    if (answer) return answer(command);
    return Error{ErrorCode::kInternal,
                 Format("FakeProcesses has no answer for {}", command.argv.at(0)), ""};
  }

  mutable std::mutex mutex_;
  std::deque<Answer> script_;
  Answer answer_all_;
  std::vector<Command> commands_;
  std::vector<Milliseconds> timeouts_;
};

}  // namespace caesar
