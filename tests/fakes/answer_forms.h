// Well-formed answers in every wire format, of any text, for tests that break them: nothing here
// knows how answers are read.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "llm/codec.h"

namespace caesar {

struct AnswerPiece {
  std::string text;  // valid UTF-8
  bool reasoning = false;
};

struct WrittenAnswer {
  std::string bytes;
  std::size_t end = 0;  // with these many bytes the answer's end is said
  std::string text;
  std::string reasoning;
};

// The JSON of the two counts, as good or bad as they are.
struct AnswerCounts {
  std::string input = "12";
  std::string output = "34";
};

using AnswerPieces = std::vector<AnswerPiece>;

struct AnswerForm {
  std::string_view name;
  const Codec* codec;
  WrittenAnswer (*stream)(const AnswerPieces& pieces, const AnswerCounts& counts);
  WrittenAnswer (*document)(const AnswerPieces& pieces, const AnswerCounts& counts);
  // An event, and the body of a status: with that type or status word, and that message.
  std::string (*error_event)(std::string_view type, std::string_view message);
  std::string (*error_body)(std::string_view type, std::string_view message);
};

namespace answer_forms {

inline std::string Quoted(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json.append(1, '\\').append(1, c);
    } else if (byte < 0x20) {
      json += Format("\\u{:04x}", static_cast<unsigned>(byte));
    } else {
      json += c;
    }
  }
  return json + "\"";
}

inline std::string Data(const std::string& json) { return "data: " + json + "\n\n"; }
inline std::string Named(std::string_view type, const std::string& fields) {
  return Format("event: {}\n", type) + Data(Format("{{\"type\":\"{}\",", type) + fields + "}");
}

inline WrittenAnswer Begun(const AnswerPieces& pieces) {
  WrittenAnswer answer;
  for (const AnswerPiece& piece : pieces)
    (piece.reasoning ? answer.reasoning : answer.text) += piece.text;
  return answer;
}

inline void End(WrittenAnswer& answer, const std::string& bytes, const std::string& after = "") {
  answer.bytes += bytes;
  answer.end = answer.bytes.size();
  answer.bytes += after;
}

// Chat completions.

inline std::string ChatUsage(const AnswerCounts& counts) {
  return Format(
      R"("usage":{{"prompt_tokens":{},"completion_tokens":{},"prompt_tokens_details":"x"}})",
      counts.input, counts.output);
}

inline WrittenAnswer ChatStream(const AnswerPieces& pieces, const AnswerCounts& counts) {
  WrittenAnswer answer = Begun(pieces);
  const std::string usage = "," + ChatUsage(counts);
  for (const AnswerPiece& piece : pieces) {
    answer.bytes += Data(R"({"choices":[{"index":0,"delta":{")" +
                         std::string(piece.reasoning ? "reasoning_content" : "content") +
                         "\":" + Quoted(piece.text) + R"(},"finish_reason":null}])" + usage + "}");
  }
  End(answer, Data(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}])" + usage + "}"),
      Data("[DONE]"));
  return answer;
}

inline WrittenAnswer ChatDocument(const AnswerPieces& pieces, const AnswerCounts& counts) {
  WrittenAnswer answer = Begun(pieces);
  End(answer, "{" + ChatUsage(counts) +
                  R"(,"choices":[{"finish_reason":"stop","index":0,"message":{"content":)" +
                  Quoted(answer.text) + R"(,"reasoning_content":)" + Quoted(answer.reasoning) +
                  "}}]}");
  return answer;
}

inline std::string ChatErrorBody(std::string_view type, std::string_view message) {
  return Format(R"({{"error":{{"message":{},"type":{},"param":null,"code":null}}}})",
                Quoted(message), Quoted(type));
}
inline std::string ChatErrorEvent(std::string_view type, std::string_view message) {
  return Data(ChatErrorBody(type, message));
}

// Responses.

inline std::string Response(std::string_view status, const std::string& output,
                            const std::string& usage) {
  return Format(R"({{"id":"resp_1","model":"m","status":"{}","error":null,"output":[)", status) +
         output + "],\"usage\":" + usage + "}";
}

inline std::string WholeResponse(const WrittenAnswer& answer, const AnswerCounts& counts) {
  return Response(
      "completed",
      R"({"type":"reasoning","summary":[{"type":"summary_text","text":)" +
          Quoted(answer.reasoning) +
          R"(}]},{"type":"message","content":[{"type":"output_text","text":)" +
          Quoted(answer.text) + "}]}",
      Format(R"({{"input_tokens":{},"output_tokens":{}}})", counts.input, counts.output));
}

inline WrittenAnswer ResponsesStream(const AnswerPieces& pieces, const AnswerCounts& counts) {
  WrittenAnswer answer = Begun(pieces);
  answer.bytes = Named("response.created", "\"response\":" + Response("in_progress", "", "null"));
  for (const AnswerPiece& piece : pieces) {
    answer.bytes +=
        Named(piece.reasoning ? "response.reasoning_text.delta" : "response.output_text.delta",
              R"("output_index":0,"delta":)" + Quoted(piece.text));
  }
  End(answer, Named("response.completed", "\"response\":" + WholeResponse(answer, counts)));
  return answer;
}

inline WrittenAnswer ResponsesDocument(const AnswerPieces& pieces, const AnswerCounts& counts) {
  WrittenAnswer answer = Begun(pieces);
  End(answer, WholeResponse(answer, counts));
  return answer;
}

inline std::string ResponsesErrorEvent(std::string_view type, std::string_view message) {
  return Named("error",
               "\"code\":" + Quoted(type) + ",\"message\":" + Quoted(message) + R"(,"param":null)");
}

// Messages.

inline WrittenAnswer MessagesStream(const AnswerPieces& pieces, const AnswerCounts& counts) {
  WrittenAnswer answer = Begun(pieces);
  answer.bytes =
      Named("message_start",
            Format(R"("message":{{"id":"msg_1","model":"m","content":[],"stop_reason":null,)"
                   R"("usage":{{"input_tokens":{},"output_tokens":1}}}})",
                   counts.input)) +
      Named("content_block_start", R"("index":0,"content_block":{"type":"text","text":""})") +
      Named("ping", R"("x":0)");
  for (const AnswerPiece& piece : pieces) {
    const std::string field = piece.reasoning ? "thinking" : "text";
    answer.bytes +=
        Named("content_block_delta", R"("index":0,"delta":{"type":")" + field + "_delta\",\"" +
                                         field + "\":" + Quoted(piece.text) + "}");
  }
  answer.bytes += Named("content_block_stop", R"("index":0)");
  End(answer,
      Named("message_delta", Format(R"("delta":{{"stop_reason":"end_turn"}},)"
                                    R"("usage":{{"output_tokens":{}}})",
                                    counts.output)),
      Named("message_stop", R"("x":0)"));
  return answer;
}

inline WrittenAnswer MessagesDocument(const AnswerPieces& pieces, const AnswerCounts& counts) {
  WrittenAnswer answer = Begun(pieces);
  End(answer, Format(R"({{"type":"message","stop_reason":"end_turn",)"
                     R"("usage":{{"input_tokens":{},"output_tokens":{}}},"content":[)",
                     counts.input, counts.output) +
                  R"({"type":"thinking","thinking":)" + Quoted(answer.reasoning) +
                  R"(},{"type":"text","text":)" + Quoted(answer.text) + "}]}");
  return answer;
}

inline std::string MessagesErrorBody(std::string_view type, std::string_view message) {
  return Format(R"({{"type":"error","error":{{"type":{},"message":{}}},"request_id":"req_1"}})",
                Quoted(type), Quoted(message));
}
inline std::string MessagesErrorEvent(std::string_view type, std::string_view message) {
  return "event: error\n" + Data(MessagesErrorBody(type, message));
}

// generateContent.

inline std::string GeminiChunk(const AnswerPiece& piece, std::string_view end) {
  return R"({"candidates":[{"content":{"parts":[{"text":)" + Quoted(piece.text) +
         (piece.reasoning ? R"(,"thought":true)" : "") + R"(}],"role":"model"},"index":0)" +
         std::string(end);
}
inline std::string GeminiLast(const AnswerCounts& counts) {
  return GeminiChunk({}, Format(R"(,"finishReason":"STOP"}}],"usageMetadata":{{)"
                                R"("promptTokenCount":{},"candidatesTokenCount":{}}}}})",
                                counts.input, counts.output));
}
constexpr std::string_view kGeminiGoesOn = R"(}],"modelVersion":"m"})";

inline WrittenAnswer GeminiStream(const AnswerPieces& pieces, const AnswerCounts& counts) {
  WrittenAnswer answer = Begun(pieces);
  for (const AnswerPiece& piece : pieces) answer.bytes += Data(GeminiChunk(piece, kGeminiGoesOn));
  End(answer, Data(GeminiLast(counts)));
  return answer;
}

// What is sent where no stream of events was asked for.
inline WrittenAnswer GeminiDocument(const AnswerPieces& pieces, const AnswerCounts& counts) {
  WrittenAnswer answer = Begun(pieces);
  answer.bytes = "[";
  for (const AnswerPiece& piece : pieces) answer.bytes += GeminiChunk(piece, kGeminiGoesOn) + ",\n";
  End(answer, GeminiLast(counts) + "]");
  return answer;
}

inline std::string GeminiErrorBody(std::string_view type, std::string_view message) {
  return Format(R"({{"error":{{"message":{},"status":{},"details":[]}}}})", Quoted(message),
                Quoted(type));
}
inline std::string GeminiErrorEvent(std::string_view type, std::string_view message) {
  return Data(GeminiErrorBody(type, message));
}

}  // namespace answer_forms

inline const std::array<AnswerForm, 4>& AnswerForms() {
  using namespace answer_forms;
  static const std::array<AnswerForm, 4> forms = {{
      {"chat_completions", &kOpenAiChat, &ChatStream, &ChatDocument, &ChatErrorEvent,
       &ChatErrorBody},
      {"responses", &kOpenAiResponses, &ResponsesStream, &ResponsesDocument, &ResponsesErrorEvent,
       &ChatErrorBody},
      {"messages", &kAnthropic, &MessagesStream, &MessagesDocument, &MessagesErrorEvent,
       &MessagesErrorBody},
      {"generate_content", &kGemini, &GeminiStream, &GeminiDocument, &GeminiErrorEvent,
       &GeminiErrorBody},
  }};
  return forms;
}

}  // namespace caesar
