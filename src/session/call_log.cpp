#include "session/call_log.h"

#include "base/log.h"

#include "record/paths.h"

namespace caesar {
namespace {

constexpr std::uint64_t kApiBytesMax = std::uint64_t{2} << 30;

// How much of the file is whole lines: a killed process may have left part of one.
Result<std::uint64_t> GoodBytes(const std::string& path, Files& files) {
  if (!TRY(files.Stat(path))) return std::uint64_t{0};
  const std::string content = TRY(files.Read(path, kApiBytesMax));
  return static_cast<std::uint64_t>(content.rfind('\n') + 1);  // npos + 1 is 0
}

}  // namespace

RoundCallLog::~RoundCallLog() {
  if (const Status flushed = Flush(); !flushed.ok())
    LogWarning("a call is not recorded in full: {}", flushed.error().message);
}

Result<bool> RoundCallLog::OnCall(const CallStart& call) {
  TRY(Flush());
  if (!TRY(budget_.Begin(call.expected))) return false;
  attempt_ = call.attempt;
  ApiRequest request;
  request.utc = UtcText(world_.clock.Utc());
  request.attempt = call.attempt;
  request.url = call.url;
  request.headers = call.headers;
  request.body = call.body;
  if (Status written = Append(ToJsonLine(request)); !written.ok()) {
    TRY(budget_.End(TokenUsage{}));  // it is not made
    return written.error();
  }
  return true;
}

Status RoundCallLog::OnCallEnd(const CallEnd& end) {
  pending_ = end;
  pending_utc_ = UtcText(world_.clock.Utc());
  return end.failure.empty() ? Status() : Flush();
}

Status RoundCallLog::Flush() {
  if (!pending_) return {};
  CallEnd end = std::move(*pending_);
  pending_.reset();
  TRY(budget_.End(end.counted));
  ApiResponse response;
  response.utc = std::move(pending_utc_);
  response.attempt = attempt_;
  response.status = end.status;
  response.headers = std::move(end.headers);
  response.body = std::move(end.body);
  response.body_cut = end.body_cut;
  response.failure = std::move(end.failure);
  response.tokens = end.tokens;
  response.ms = end.ms;
  return Append(ToJsonLine(response));
}

Status RoundCallLog::Append(const std::string& line) {
  if (file_ == nullptr)
    file_ = TRY(world_.files.Append(path_, TRY(GoodBytes(path_, world_.files))));
  return file_->Append(line);
}

}  // namespace caesar
