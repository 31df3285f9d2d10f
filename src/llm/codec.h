// A provider's wire format, as pure functions: from a question to the body of a request, and from
// what the server sends to what it says. One constant per format; http_model.h drives them.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "llm/api_error.h"
#include "llm/model.h"
#include "llm/sse.h"
#include "llm/wire_json.h"
#include "record/run_config.h"

namespace caesar {

// Token counts of one event: those that it has. A count that comes again replaces the earlier one,
// since all providers send sums so far.
struct TokenUpdate {
  std::optional<std::int64_t> input;  // includes cached and cache_written, unless see below
  std::optional<std::int64_t> cached;
  std::optional<std::int64_t> cache_written;
  std::optional<std::int64_t> output;  // includes reasoning
  std::optional<std::int64_t> reasoning;
  bool input_excludes_cache = false;  // they are counted apart, and to be added to it
};

// What one event of a stream, or a whole document, says.
struct AnswerDelta {
  std::string text;
  std::string reasoning;
  std::string refusal;  // the model's own words
  // The whole of it, as some formats repeat it at the end: taken where nothing was streamed.
  std::string whole_text;
  std::string whole_reasoning;
  std::string whole_refusal;
  // In one vocabulary: stop, length, context_length, content_filter, refusal; else the provider's
  // word in lower case. Seen: the answer is complete.
  std::string finish_reason;
  std::string model;       // as the server names it
  std::string request_id;  // where it is said in the body
  TokenUpdate tokens;
  bool last = false;    // nothing that counts comes after it
  bool answer = false;  // it is part of an answer at all, and not some other object
};

using ParsedAnswer = std::variant<AnswerDelta, CallFailure>;

// What a server and its model take. Starts as a guess, and is corrected by the server's own
// refusals; remembered as long as the model lives.
struct Dialect {
  std::set<std::string> dropped;  // request fields, by the codec's names, that are not taken
  std::set<std::string> chosen;   // of two ways to say a thing: those that are not the first choice
  std::optional<std::int64_t> max_tokens;  // instead of the configured one

  bool operator==(const Dialect&) const = default;
};

struct Repair {
  Dialect dialect;
  std::string what;    // "without stream_options"
  bool loses = false;  // something the user asked for is gone, so say so
};

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Codec {
  std::string_view name;      // "OpenAI chat completions": for messages
  std::string_view url_tail;  // what people paste behind the base URL, and what is cut off there
  std::string (*url)(std::string_view base_url, std::string_view model);
  // Beside Content-Type, Accept and the key: what the format itself asks for.
  Headers (*headers)();
  Dialect (*guess)(const ModelConfig& config, std::string_view base_url);
  // The JSON text. `config.extra_json` is merged last as an RFC 7386 merge patch: it adds,
  // replaces, and with null removes. Errors: kUsage if extra_json is no JSON object, or a setting
  // cannot be said in this format.
  Result<std::string> (*body)(const ModelConfig& config, const ModelRequest& request,
                              const Dialect& dialect);
  // The limit of output tokens that `body` sends; empty: none, the model's own holds.
  std::optional<std::int64_t> (*output_limit)(const ModelConfig& config, const Dialect& dialect);
  // An event of a stream. Failures: kInStream for an error that it reports, kMalformed for what is
  // none of the format's.
  ParsedAnswer (*event)(const SseEvent& event);
  // A whole answer in one JSON document, which servers send although a stream was asked for.
  ParsedAnswer (*document)(std::string_view json);
  // A dialect that avoids what a 400 or 422 says is not supported; empty if there is nothing to
  // avoid. Values out of range ("temperature must be at most 2") are the user's to correct.
  std::optional<Repair> (*repair)(const Dialect& dialect, const ModelConfig& config,
                                  const CallFailure& failure);
};

extern const Codec kOpenAiChat;       // openai_chat.cpp
extern const Codec kOpenAiResponses;  // openai_responses.cpp
extern const Codec kAnthropic;        // anthropic.cpp
extern const Codec kGemini;           // gemini.cpp

// Shared by the codecs (codec.cpp).

// The limit of output tokens that was learnt, else the configured one, else none.
std::optional<std::int64_t> AskedLimit(const ModelConfig& config, const Dialect& dialect);
Headers NoHeaders();

// Sets `count` where the server sent a number.
void TakeCount(WireValue number, std::optional<std::int64_t>& count);

// A failure of an answer whose status said 200.
CallFailure FailedAnswer(CallFailure::Kind kind, std::string_view body);

// True if the error says that a field as such is not taken, as opposed to its value being bad.
bool SaysUnsupported(const ApiError& error);
// True if the error is about `field`: a word of its `param`, or without one of its text.
bool NamesField(const ApiError& error, std::string_view field);
// The largest number of output tokens, where the error says that more was asked for than the model
// gives ("max_tokens: 64000 > 8192, which is the maximum allowed number of output tokens").
std::optional<std::int64_t> SaidOutputLimit(const ApiError& error, std::int64_t asked);

// One field that can be left out of a request after a server refused it.
struct Optional {
  std::string_view field;  // as the server names it
  std::string_view key;    // in Dialect::dropped; may be another one's parent
  bool sent = false;
  bool loses = true;
};
// Drops the first field of `fields` that was sent and that the failure names.
std::optional<Repair> DropRefused(const Dialect& dialect, const CallFailure& failure,
                                  const std::vector<Optional>& fields);

// `body` with the user's extra JSON merged in. Errors: kUsage if that is no JSON object.
Result<std::string> WithExtraJson(std::string body, const std::string& extra_json);

}  // namespace caesar
