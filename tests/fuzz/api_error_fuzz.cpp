// Any error that a server may send, from its bytes to what is done and said about it: what is kept
// of it is short and valid UTF-8, waits keep their limits, and no key shows.
//
// Input: a byte for the kind of failure, one for its status, a line for the header retry-after, the
// rest is the body, in which each byte 0x7f stands for the key.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/strings.h"
#include "llm/api_error.h"
#include "llm/explain.h"
#include "llm/retry.h"

namespace {

constexpr std::string_view kKey = "sk-fuzz/0123456789abcdefghijklmnopqrstuvwxyz=";
constexpr std::size_t kKeyPart = 12;
constexpr int kStatuses[] = {0,   200, 302, 400, 401, 402, 403, 404, 408, 409, 413,
                             422, 429, 499, 500, 501, 502, 503, 504, 529, 599};

void CheckText(const std::string& text, std::size_t bytes_max) {
  CHECK(text.size() <= bytes_max);
  CHECK(caesar::ToValidUtf8(text) == text);
}

void CheckError(const caesar::ApiError& error) {
  CheckText(error.message, 700);
  CheckText(error.raw, 700);
  for (const std::string* word :
       {&error.type, &error.code, &error.status, &error.param, &error.request_id})
    CheckText(*word, 1000);
  CHECK(error.reasons.size() <= 16);
  for (const std::string& reason : error.reasons) CheckText(reason, 300);
}

void CheckHidden(const std::string& text) {
  CHECK(text.find(kKey.substr(0, kKeyPart)) == std::string::npos);
}

void CheckRetry(const caesar::CallFailure& failure) {
  caesar::Tries tries;
  tries.Count(failure);
  const auto decision = caesar::DecideRetry(tries, failure, 0.5, {});
  if (const auto* retry = std::get_if<caesar::RetryIn>(&decision))
    CHECK(retry->delay.count() > 0 && retry->delay.count() <= 120'000);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t line = std::min(rest.find('\n'), rest.size());
  using Kind = caesar::CallFailure::Kind;
  caesar::CallFailure failure;
  failure.kind = data[0] % 4 == 0   ? Kind::kInStream
                 : data[0] % 4 == 1 ? Kind::kMalformed
                                    : Kind::kStatus;
  failure.status = kStatuses[data[1] % std::size(kStatuses)];
  failure.headers = {{"retry-after", std::string(rest.substr(0, line))}};
  failure.error = caesar::ParseApiError(
      caesar::ReplaceAll(rest.substr(std::min(line + 1, rest.size())), "\x7f", kKey));
  CheckError(failure.error);
  CheckRetry(failure);

  caesar::Endpoint endpoint;
  endpoint.base_url = "http://localhost/v1";
  endpoint.key = kKey;
  const caesar::Error error = caesar::Explain(failure, endpoint, "m", "after 6 tries");
  CHECK(!error.message.empty() && !error.detail.empty());
  CheckHidden(error.message + error.detail);
  CheckHidden(caesar::ExplainRefusal(failure, endpoint));
  CheckHidden(caesar::ShortReason(failure));
  return 0;
}
