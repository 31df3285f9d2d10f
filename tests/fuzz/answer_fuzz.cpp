// A well-formed stream of any text, broken off anywhere and cut into any pieces, through the reader
// of answers: it is complete only if its end was said, it is then all of the text, and what was
// read of a broken one is a beginning of it.
//
// Input: a byte for the size of the pieces, two for where the stream breaks off, the rest is text,
// at each zero byte divided into events.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/strings.h"
#include "llm/answer_reader.h"

namespace {

class NullSink : public caesar::ReplySink {
 public:
  caesar::Status OnText(std::string_view) override { return {}; }
  caesar::Status OnReasoning(std::string_view) override { return {}; }
  caesar::Status OnReset() override { return {}; }
  void OnRetry(std::string_view, std::int64_t, int) override {}
};

struct Stream {
  std::string bytes;
  std::size_t end = 0;  // with these many bytes the answer's end was said
  std::string text;
};

// Usage as no server should send it rides along: no count makes an answer unreadable.
Stream ChatStream(std::string_view text) {
  static constexpr std::string_view kUsage =
      R"("usage":{"prompt_tokens":1e999,"completion_tokens":-5,"prompt_tokens_details":"x"})";
  const auto event = [](const std::string& choice) {
    return "data: {\"choices\":[{\"index\":0," + choice + "}]," + std::string(kUsage) + "}\n\n";
  };
  Stream stream;
  for (const std::string& part : caesar::Split(text, '\0')) {
    const std::string valid = caesar::ToValidUtf8(part);
    stream.bytes += event("\"delta\":{\"content\":" + nlohmann::json(valid).dump() + "}");
    stream.text += valid;
  }
  stream.bytes += event(R"("delta":{},"finish_reason":"stop")");
  stream.end = stream.bytes.size();
  stream.bytes += "data: [DONE]\n\n";
  return stream;
}

void CheckBroken(const Stream& stream, std::size_t size, std::size_t step) {
  const std::string_view bytes = std::string_view(stream.bytes).substr(0, size);
  NullSink sink;
  caesar::AnswerReader reader(caesar::kOpenAiChat, sink);
  for (std::size_t at = 0; at < bytes.size(); at += step)
    CHECK(reader.Feed(bytes.substr(at, step)).ok());
  const auto failure = reader.Finish();
  CHECK(failure.ok());
  const bool complete = !failure.value().has_value();
  CHECK(complete == (size >= stream.end));
  if (!complete) CHECK(failure.value()->kind == caesar::CallFailure::Kind::kTruncated);
  CHECK(caesar::StartsWith(stream.text, reader.answer().text));
  if (complete) CHECK(reader.answer().text == stream.text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const Stream stream = ChatStream({reinterpret_cast<const char*>(data) + 3, size - 3});
  const std::size_t step = 1 + data[0] % 64;
  const std::size_t broken = (data[1] + 256U * data[2]) % (stream.bytes.size() + 1);
  CheckBroken(stream, broken, step);
  CheckBroken(stream, stream.bytes.size(), stream.bytes.size());
  return 0;
}
