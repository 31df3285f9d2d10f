// A well-formed answer of any format and any text, broken off anywhere and cut into any pieces,
// through the reader of answers: it is complete only if its end was said, it is then all of the
// text, and what was read of a broken one is a beginning of it.
//
// Input: a byte whose upper two bits are the format and whose others are the size of the pieces;
// two for where the answer breaks off, whose highest bit makes it a document instead of a stream;
// the rest is text, at each zero byte divided into events, of which those that begin with the byte
// 1 are reasoning.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/strings.h"
#include "fakes/answer_forms.h"
#include "llm/answer_reader.h"

namespace {

constexpr std::size_t kInputBytesMax = 1000;  // a zero byte is an event of a hundred

using caesar::AnswerForm;
using caesar::WrittenAnswer;

class NullSink : public caesar::ReplySink {
 public:
  caesar::Status OnText(std::string_view) override { return {}; }
  caesar::Status OnReasoning(std::string_view) override { return {}; }
  caesar::Status OnReset() override { return {}; }
  void OnRetry(std::string_view, std::int64_t, int) override {}
};

caesar::AnswerPieces PiecesOf(std::string_view text) {
  caesar::AnswerPieces pieces;
  for (const std::string& part : caesar::Split(text, '\0')) {
    const bool reasoning = caesar::StartsWith(part, "\x01");
    pieces.push_back(
        {caesar::ToValidUtf8(std::string_view(part).substr(reasoning ? 1 : 0)), reasoning});
  }
  return pieces;
}

void CheckBroken(const AnswerForm& form, const WrittenAnswer& written, std::size_t size,
                 std::size_t step) {
  const std::string_view bytes = std::string_view(written.bytes).substr(0, size);
  NullSink sink;
  caesar::AnswerReader reader(*form.codec, sink);
  for (std::size_t at = 0; at < bytes.size(); at += step)
    CHECK(reader.Feed(bytes.substr(at, step)).ok());
  const auto failure = reader.Finish();
  CHECK(failure.ok());
  const bool complete = !failure.value().has_value();
  CHECK(complete == (size >= written.end));
  const bool stream = caesar::EndsWith(written.bytes, "\n\n");
  if (!complete && stream) CHECK(failure.value()->kind == caesar::CallFailure::Kind::kTruncated);
  CHECK(caesar::StartsWith(written.text, reader.answer().text));
  CHECK(caesar::StartsWith(written.reasoning, reader.answer().reasoning));
  if (complete) CHECK(reader.answer().text == written.text);
  if (complete) CHECK(reader.answer().reasoning == written.reasoning);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3 || size > kInputBytesMax) return 0;
  const AnswerForm& form = caesar::AnswerForms()[data[0] >> 6];
  const auto pieces = PiecesOf({reinterpret_cast<const char*>(data) + 3, size - 3});
  // Usage as no server should send it rides along: no count makes an answer unreadable.
  const caesar::AnswerCounts counts{"1e999", "-5"};
  const WrittenAnswer written =
      data[2] < 128 ? form.stream(pieces, counts) : form.document(pieces, counts);
  const std::size_t broken = (data[1] + 256U * (data[2] % 128)) % (written.bytes.size() + 1);
  CheckBroken(form, written, broken, 1 + data[0] % 64);
  CheckBroken(form, written, written.bytes.size(), written.bytes.size());
  return 0;
}
