// Stands in for `caesar judge` in tests of the whole program without a GPU (CAESAR_JUDGE names it):
// speaks the real protocol, and plays a script instead of judging.
//
// A script has one line for each verb: hello, warm, check or measure, then what happens. It is the
// file <argv[0]>.script, so that every test has its own by a link to this program; and for check
// and measure also what the candidate says of itself, in lines with "judge: check wrong". The file
// wins.
//
//   check   correct | wrong | crashed | timed_out | cheated | infra
//   measure MEDIAN_US BASELINE_US [unverified] | untimed | ambiguous | wrong | crashed | ...
//   any     error CODE TEXT | out_of_memory | die | hang | nonsense | alien
//   any     die_once ... | wait ... | slow MS ...          and then the rest of the line
//
// `wait` opens the FIFO <argv[0]>.go and goes on when a test has opened it too. `die_once` leaves
// the file <argv[0]>.died. <argv[0]>.log gets a line for every request, and one after every
// `measure`, during which this program holds the GPU's lock as the real one does.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/format.h"
#include "base/strings.h"
#include "device/gpu_lock.h"
#include "judge/arguments.h"
#include "judge/line_socket.h"
#include "judge/messages.h"

namespace caesar {
namespace {

using Words = std::vector<std::string>;

constexpr Milliseconds kForever{3'600'000};

std::string Content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Words WordsOf(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

// The words after the verb in the first line of `text` that has it after `prefix`.
Words Find(const std::string& text, const std::string& prefix, std::string_view verb) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find(prefix);
    if (at == std::string::npos) continue;
    Words words = WordsOf(line.substr(at + prefix.size()));
    if (words.empty() || words[0] != verb) continue;
    words.erase(words.begin());
    return words;
  }
  return {};
}

std::string_view Name(DriverMessage::Verb verb) {
  switch (verb) {
    case DriverMessage::Verb::kHello:
      return "hello";
    case DriverMessage::Verb::kWarm:
      return "warm";
    case DriverMessage::Verb::kCheck:
      return "check";
    case DriverMessage::Verb::kMeasure:
      return "measure";
  }
  return "";
}

DeviceInfo Device() {
  DeviceInfo device;
  device.name = "Scripted GPU";
  device.uuid = "GPU-scripted";
  device.driver = "13.0";
  device.compute_major = 9;
  device.sm_count = 132;
  device.memory_bytes = std::int64_t{80} << 30;
  device.l2_bytes = std::int64_t{50} << 20;
  device.shared_bytes_per_block_max = 232'448;
  device.shared_bytes_per_sm = 233'472;
  device.registers_per_sm = 65'536;
  device.threads_per_sm_max = 2'048;
  device.clock_mhz = 1'980;
  device.bandwidth_gbs = 3'000;
  return device;
}

Check CheckOn(const ShapeSpec& shape, const Problem& problem, bool passed) {
  Check check;
  check.shape = shape.name;
  check.fill = "as declared";
  check.seed_id = "scripted";
  check.passed = passed;
  OutputCheck output;
  output.output = problem.outputs.at(0).name;
  output.elements = 64;
  if (!passed) {
    output.mismatches = 3;
    output.error_max = 1e4;
    output.abs_error_max = 0.5;
    output.worst = {{7}, 1.5, 2};
    output.first_bad = {output.worst};
  }
  check.outputs.push_back(std::move(output));
  return check;
}

TimeStats Stats(double median_us) {
  return {.median_us = median_us,
          .q1_us = median_us * 0.99,
          .q3_us = median_us * 1.01,
          .min_us = median_us * 0.98,
          .ci_low_us = median_us * 0.998,
          .ci_high_us = median_us * 1.002,
          .samples = 30,
          .discarded = 0};
}

// A verdict without timing: one of check, or a bad one of measure.
Verdict VerdictOf(const std::string& word, const Problem& problem) {
  Verdict verdict;
  const auto kind = VerdictKindOf(word);
  CHECK(kind.has_value());
  verdict.kind = *kind;
  verdict.device = Device();
  const bool correct = verdict.kind == VerdictKind::kCorrect;
  if (!correct) verdict.reason = "scripted: " + word;
  if (verdict.kind == VerdictKind::kCrashed) verdict.detail = "signal 11";
  if (verdict.kind == VerdictKind::kCheated)
    verdict.flags.push_back({"input_changed", "x holds other values than before the call"});
  for (const ShapeSpec& shape : problem.shapes)
    verdict.correctness.push_back(CheckOn(shape, problem, verdict.kind != VerdictKind::kWrong));
  return verdict;
}

// "30 60 unverified", or the name of a verdict.
Verdict Measured(const Words& words, Verdict checked, const Problem& problem) {
  if (words[0] == "untimed") return checked;
  char* end = nullptr;
  const double median_us = std::strtod(words[0].c_str(), &end);
  if (*end != '\0') return VerdictOf(words[0], problem);
  const double baseline_us = std::stod(words.at(1));
  Timing timing;
  timing.shape = "bench";
  timing.cold = Stats(median_us);
  timing.verified = words.size() < 3;
  checked.timing = std::move(timing);
  checked.baseline = BaselineTiming{"baseline", Stats(baseline_us), std::nullopt, std::nullopt, {}};
  const double ratio = baseline_us / median_us;
  checked.speedup = Ratio{ratio, ratio * 0.99, ratio * 1.01};
  return checked;
}

class ScriptedJudge {
 public:
  ScriptedJudge(std::string self, LineSocket& socket) : self_(std::move(self)), socket_(socket) {}

  int Run() {
    for (;;) {
      auto line = socket_.Read(kForever, {});
      if (!line.ok()) return 1;
      if (!line.value().has_value()) continue;
      if (line.value()->closed) return 0;
      const auto message = ParseDriverMessage(line.value()->text);
      if (!message.ok()) {
        std::fprintf(stderr, "%s\n", message.error().message.c_str());
        return 1;
      }
      JudgeMessage reply = Answer(message.value());
      reply.id = message.value().id;
      if (!socket_.Write(ToLine(reply)).ok()) return 0;
    }
  }

 private:
  Words StepOf(const DriverMessage& message) const {
    Words words = Find(Content(self_ + ".script"), "", Name(message.verb));
    if (words.empty() && !message.order.candidate.empty())
      words = Find(Content(message.order.candidate), "judge: ", Name(message.verb));
    if (!words.empty()) return words;
    if (message.verb == DriverMessage::Verb::kMeasure) return {"20", "40"};
    return {"correct"};
  }

  void Log(const std::string& text) const {
    const int fd =
        ::open((self_ + ".log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    CHECK(fd >= 0);
    const std::string line = text + "\n";
    CHECK(::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
    ::close(fd);
  }

  void Tell(std::int64_t id, const std::string& text) {
    JudgeMessage progress;
    progress.reply = JudgeMessage::Reply::kProgress;
    progress.id = id;
    progress.text = text;
    static_cast<void>(socket_.Write(ToLine(progress)));
  }

  // Does what stands before the outcome, and takes it out of `words`.
  void TakeTime(Words& words, std::int64_t id) {
    for (bool more = true; more && !words.empty();) {
      const std::string first = words[0];
      more = first == "wait" || first == "slow" || first == "die_once";
      if (!more) return;
      words.erase(words.begin());
      Tell(id, "scripted: " + first);
      if (first == "wait") {
        const int fd = ::open((self_ + ".go").c_str(), O_RDONLY | O_CLOEXEC);
        CHECK(fd >= 0);
        ::close(fd);
      } else if (first == "slow") {
        std::this_thread::sleep_for(Milliseconds(std::stoi(words.at(0))));
        words.erase(words.begin());
      } else {
        const int fd = ::open((self_ + ".died").c_str(), O_WRONLY | O_CREAT | O_EXCL, 0666);
        if (fd >= 0) ::raise(SIGKILL);
      }
    }
  }

  static JudgeMessage Failure(const Words& words) {
    JudgeMessage message;
    message.reply = JudgeMessage::Reply::kError;
    message.error.code = ErrorCode::kEnvironment;
    if (words[0] == "out_of_memory") {
      message.error.message =
          "the GPU has not enough memory: shape bench of scale needs 96.00 GiB, 79.10 GiB are free";
      message.error.detail = "Use a GPU with more memory, or a smaller bench shape.";
      return message;
    }
    if (words.at(1) == "bad_input") message.error.code = ErrorCode::kBadInput;
    if (words[1] == "internal") message.error.code = ErrorCode::kInternal;
    message.error.message = Join({words.begin() + 2, words.end()}, " ");
    message.error.detail = "scripted advice";
    return message;
  }

  JudgeMessage Answer(const DriverMessage& message) {
    const std::string verb(Name(message.verb));
    std::unique_ptr<FileLock> lock;
    if (message.verb == DriverMessage::Verb::kMeasure) {
      auto taken =
          LockGpu(Device().uuid, LockMode::kExclusive, kForever, RealFiles(), RealClock(), {});
      CHECK(taken.ok());
      lock = std::move(taken).value();
    }
    Log(verb);
    Words words = StepOf(message);
    TakeTime(words, message.id);
    CHECK(!words.empty());
    if (words[0] == "die") ::raise(SIGKILL);
    if (words[0] == "exit") std::exit(7);
    if (words[0] == "hang") std::this_thread::sleep_for(kForever);
    if (words[0] == "nonsense") static_cast<void>(socket_.Write("this is {not a message\n"));
    if (words[0] == "alien")
      static_cast<void>(socket_.Write(R"({"id":1,"reply":"verdict","verdict":"{}"})"
                                      "\n"));
    JudgeMessage reply;
    if (words[0] == "error" || words[0] == "out_of_memory") return Failure(words);
    switch (message.verb) {
      case DriverMessage::Verb::kHello:
        reply.reply = JudgeMessage::Reply::kHello;
        reply.device = Device();
        break;
      case DriverMessage::Verb::kWarm:
        reply.reply = JudgeMessage::Reply::kWarmed;
        break;
      case DriverMessage::Verb::kCheck:
        reply.reply = JudgeMessage::Reply::kVerdict;
        reply.verdict = VerdictOf(words[0], message.order.problem);
        break;
      case DriverMessage::Verb::kMeasure:
        reply.reply = JudgeMessage::Reply::kVerdict;
        reply.verdict = Measured(words, message.checked, message.order.problem);
        Log("measured");
        break;
    }
    return reply;
  }

  const std::string self_;
  LineSocket& socket_;
};

int Main(int argc, char** argv) {
  const auto arguments = ParsePairs(argc, argv);
  if (!arguments.has_value() || arguments->count("--socket") == 0) return 2;
  LineSocket socket(Fd(std::atoi(arguments->at("--socket").c_str())));
  return ScriptedJudge(argv[0], socket).Run();
}

}  // namespace
}  // namespace caesar

int main(int argc, char** argv) { return caesar::Main(argc, argv); }
