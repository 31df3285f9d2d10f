// How driver and judge speak: one JSON object a line, over a stream socket.
//
//   driver: {"id":1,"verb":"hello"}
//           {"id":2,"verb":"warm"|"check"|"measure","order":{...},"verdict":{...}}      verdict:
//           with measure
//   judge:  {"id":1,"reply":"hello","device":{...}}
//           {"id":2,"reply":"alive"} every few seconds, {"id":2,"reply":"progress","text":"..."}
//           {"id":2,"reply":"warmed"} | {"id":2,"reply":"verdict","verdict":{...}}
//           {"id":2,"reply":"error","code":"environment","message":"...","detail":"..."}
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "judge/client.h"
#include "judge/evaluator.h"
#include "record/device_info.h"
#include "record/verdict.h"

namespace caesar {

inline constexpr std::size_t kLineBytesMax = std::size_t{32} << 20;

struct DriverMessage {
  enum class Verb { kHello, kWarm, kCheck, kMeasure } verb = Verb::kHello;
  std::int64_t id = 0;
  JudgeOrder order;  // not with hello
  Verdict checked;   // with measure
};

struct JudgeMessage {
  enum class Reply { kHello, kAlive, kProgress, kWarmed, kVerdict, kError } reply = Reply::kAlive;
  std::int64_t id = 0;
  DeviceInfo device;
  std::string text;
  Verdict verdict;
  Error error;
};

// Both end in "\n".
std::string ToLine(DriverMessage::Verb verb, std::int64_t id, const JudgeRequest* request,
                   const Verdict* checked);
std::string ToLine(const JudgeMessage& message);

// Errors: kInternal, for a line that neither side would write.
Result<DriverMessage> ParseDriverMessage(std::string_view line);
Result<JudgeMessage> ParseJudgeMessage(std::string_view line);

}  // namespace caesar
