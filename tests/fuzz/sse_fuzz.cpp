// Any bytes, cut anywhere, through the stream decoder: it must not crash, and the cuts must not
// show in the result.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "llm/answer_reader.h"

namespace {

class NullSink : public caesar::ReplySink {
 public:
  caesar::Status OnText(std::string_view) override { return {}; }
  caesar::Status OnReasoning(std::string_view) override { return {}; }
  caesar::Status OnReset() override { return {}; }
  void OnRetry(std::string_view, std::int64_t, int) override {}
};

struct Decoded {
  caesar::ModelAnswer answer;
  bool failed = false;
};

Decoded Decode(std::string_view body, std::size_t step) {
  NullSink sink;
  caesar::AnswerReader decoder(caesar::kOpenAiChat, sink, 4096);
  for (std::size_t at = 0; at < body.size(); at += step)
    CHECK(decoder.Feed(body.substr(at, step)).ok());
  const auto failure = decoder.Finish();
  CHECK(failure.ok());
  return {decoder.answer(), failure.value().has_value()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Decoded cut = Decode(body, 1 + data[0] % 16);
  const Decoded whole = Decode(body, body.size() + 1);
  CHECK(cut.failed == whole.failed);
  CHECK(cut.answer.text == whole.answer.text);
  CHECK(cut.answer.reasoning == whole.answer.reasoning);
  CHECK(cut.answer.finish_reason == whole.answer.finish_reason);
  return 0;
}
