#include "session/call_log.h"

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
  TRY(Append(ToJsonLine(request)));
  return true;
}

Status RoundCallLog::OnCallEnd(const CallEnd& end) {
  ApiResponse response;
  response.utc = UtcText(world_.clock.Utc());
  response.attempt = attempt_;
  response.status = end.status;
  response.headers = end.headers;
  response.body = end.body;
  response.body_cut = end.body_cut;
  response.failure = end.failure;
  response.tokens = end.tokens;
  response.ms = end.ms;
  pending_ = ToJsonLine(response);
  pending_counted_ = end.counted;
  return end.failure.empty() ? Status() : Flush();
}

Status RoundCallLog::Flush() {
  if (pending_.empty()) return {};
  const std::string line = std::move(pending_);
  pending_.clear();
  TRY(budget_.End(pending_counted_));
  return Append(line);
}

Status RoundCallLog::Append(const std::string& line) {
  if (file_ == nullptr)
    file_ = TRY(world_.files.Append(path_, TRY(GoodBytes(path_, world_.files))));
  return file_->Append(line);
}

}  // namespace caesar
