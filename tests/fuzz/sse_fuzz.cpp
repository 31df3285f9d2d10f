// Any bytes, cut anywhere, through the reader of answers of any format: it must not crash, and the
// cuts must not show in the result.
//
// Input: a byte whose lower half is the size of the pieces and whose upper half is the format, then
// the body.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "fakes/answer_forms.h"
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

Decoded Decode(const caesar::Codec& codec, std::string_view body, std::size_t step) {
  NullSink sink;
  caesar::AnswerReader decoder(codec, sink, 4096);
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
  const caesar::Codec& codec = *caesar::AnswerForms()[(data[0] >> 4) % 4].codec;
  const Decoded cut = Decode(codec, body, 1 + data[0] % 16);
  const Decoded whole = Decode(codec, body, body.size() + 1);
  CHECK(cut.failed == whole.failed);
  CHECK(cut.answer.text == whole.answer.text);
  CHECK(cut.answer.reasoning == whole.answer.reasoning);
  CHECK(cut.answer.refusal == whole.answer.refusal);
  CHECK(cut.answer.finish_reason == whole.answer.finish_reason);
  const caesar::TokenUsage& tokens = whole.answer.tokens;
  CHECK(cut.answer.tokens.total() == tokens.total());
  CHECK(tokens.input >= 0 && tokens.output >= 0 && tokens.cached >= 0 && tokens.reasoning >= 0);
  return 0;
}
