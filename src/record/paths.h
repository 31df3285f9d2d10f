// Every path of a run directory is made here.
//
//   <run>/run.json  ledger.jsonl  ledger.lock
//   <run>/<problem>/sample_0000/journal.jsonl  best.cu  result.json  lock
//   <run>/<problem>/sample_0000/round_001/prompt.md reply.md reply.part reasoning.md kernel.cu
//   compile.log checked.json verdict.json feedback.md human.md prompt_short.md api.jsonl
#pragma once

#include <string>
#include <string_view>

namespace caesar {

inline constexpr std::string_view kPromptFile = "prompt.md";
// What was asked instead of prompt.md, which was too long for the model.
inline constexpr std::string_view kShortPromptFile = "prompt_short.md";
inline constexpr std::string_view kApiFile = "api.jsonl";  // every call, word for word
inline constexpr std::string_view kReplyFile = "reply.md";
inline constexpr std::string_view kReplyPartFile = "reply.part";
inline constexpr std::string_view kReplyMetaFile =
    "reply.json";  // model, usage, finish reason of reply.md
inline constexpr std::string_view kReasoningFile = "reasoning.md";
inline constexpr std::string_view kKernelFile = "kernel.cu";
inline constexpr std::string_view kCompileLogFile = "compile.log";
inline constexpr std::string_view kVerdictFile = "verdict.json";
// The verdict of a candidate that passed Correct, which Profile starts from.
inline constexpr std::string_view kCheckedFile = "checked.json";
inline constexpr std::string_view kFeedbackFile = "feedback.md";
// What a person says of the round: theirs to write and to change, never in the journal.
inline constexpr std::string_view kHumanFile = "human.md";

std::string RunFile(const std::string& run);     // <run>/run.json
std::string LedgerFile(const std::string& run);  // <run>/ledger.jsonl
std::string LedgerLockFile(const std::string& run);
std::string SampleFolder(const std::string& run, const std::string& problem, int sample);
std::string JournalFile(const std::string& sample_folder);
std::string LockFile(const std::string& sample_folder);
std::string BestFile(const std::string& sample_folder);
std::string ResultFile(const std::string& sample_folder);
std::string RoundFolder(const std::string& sample_folder, int round);  // 1-based
std::string RoundFile(const std::string& sample_folder, int round, std::string_view file);

// `name` as one path component: letters, digits, '_', '-' and '.' (not leading) stay, everything
// else becomes '_'.
std::string PathComponent(std::string_view name);

}  // namespace caesar
