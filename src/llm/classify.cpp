// Failures by what is to be done about them: a table of what providers say, then one of statuses.
#include <algorithm>
#include <array>

#include "base/strings.h"
#include "llm/api_error.h"

namespace caesar {
namespace {

using Class = FailureClass;

// Where a rule's text, in lower case, is looked for.
enum class In {
  kWord,    // equal to the code, type, status word, or a reason
  kPart,    // part of a reason
  kPhrase,  // part of the message
};

// Of which statuses a rule holds; 0 is an error inside an answer of status 200.
using When = bool (*)(int status);
bool Always(int) { return true; }
bool Unsaid(int status) { return status == 0; }  // words too common to overrule a status
bool Refused(int status) { return status == 0 || status == 400 || status == 413 || status == 422; }
bool Limited(int status) { return status == 413 || status == 429; }
bool Busy(int status) { return status == 0 || status == 429 || status >= 500; }
bool BadRequest(int status) { return status == 400; }
bool Unavailable(int status) { return status == 503; }

struct Rule {
  Class what;
  In in;
  std::string_view text;
  When when = &Always;
};

// The first rule that fits counts.
constexpr Rule kRules[] = {
    // Money: whatever the status (mostly 429), waiting does not help.
    // OpenAI: help.openai.com 5955604; the last three are in older answers of it.
    {Class::kQuota, In::kWord, "insufficient_quota"},
    {Class::kQuota, In::kWord, "credit_balance_exhausted"},
    {Class::kQuota, In::kWord, "organization_usage_limit_exceeded"},
    {Class::kQuota, In::kWord, "organization_spend_limit_exceeded"},
    {Class::kQuota, In::kWord, "project_spend_limit_exceeded"},
    {Class::kQuota, In::kWord, "billing_hard_limit_reached"},
    {Class::kQuota, In::kWord, "billing_not_active"},
    {Class::kQuota, In::kWord, "quota_exceeded"},
    // Anthropic's documented errors: 429 with this code in its details, 402, and 400 twice.
    {Class::kQuota, In::kWord, "enforced_spend_limit_reached"},
    {Class::kQuota, In::kWord, "billing_error"},
    {Class::kQuota, In::kPhrase, "you have reached your specified"},
    {Class::kQuota, In::kPhrase, "credit balance is too low"},
    // Gemini: QuotaFailure's quotaId, "GenerateRequestsPerDayPerProjectPerModel-FreeTier"; and
    // models that the free tier does not have. Its quotas per minute have the same message.
    {Class::kQuota, In::kPart, "perday"},
    {Class::kQuota, In::kPhrase, "limit: 0,"},
    {Class::kQuota, In::kPhrase, "limit: 0\n"},
    // OpenRouter; Moonshot; DeepSeek and Z.ai; xAI, Fireworks and Groq.
    {Class::kQuota, In::kPhrase, "free-models-per-day"},
    {Class::kQuota, In::kWord, "exceeded_current_quota_error"},
    {Class::kQuota, In::kPhrase, "insufficient balance"},
    {Class::kQuota, In::kPhrase, "spending limit"},
    {Class::kQuota, In::kPhrase, "spend limit"},

    // Keys: OpenAI (and those like it), Google (status 400), Anthropic inside a stream.
    {Class::kKey, In::kWord, "invalid_api_key"},
    {Class::kKey, In::kWord, "account_deactivated"},
    {Class::kKey, In::kPhrase, "incorrect api key", &Refused},
    {Class::kKey, In::kPhrase, "invalid api key", &Refused},
    {Class::kKey, In::kWord, "api_key_invalid"},
    {Class::kKey, In::kWord, "api_key_service_blocked"},
    {Class::kKey, In::kPhrase, "api key not valid", &Refused},
    {Class::kKey, In::kPhrase, "api key expired", &Refused},
    {Class::kKey, In::kWord, "unauthenticated"},
    {Class::kKey, In::kWord, "permission_denied", &Unsaid},
    {Class::kKey, In::kWord, "authentication_error", &Unsaid},
    {Class::kKey, In::kWord, "permission_error", &Unsaid},

    // The prompt does not fit. Codes: OpenAI, llama.cpp, OpenAI, Anthropic (413).
    {Class::kContextTooLong, In::kWord, "context_length_exceeded"},
    {Class::kContextTooLong, In::kWord, "exceed_context_size_error"},
    {Class::kContextTooLong, In::kWord, "string_above_max_length"},
    {Class::kContextTooLong, In::kWord, "request_too_large"},
    // More tokens in one request than the minute allows (OpenAI 429, Groq 413).
    {Class::kContextTooLong, In::kPhrase, "request too large for", &Limited},
    // OpenAI, vLLM, DeepSeek, Mistral; Responses; Anthropic three times; Gemini.
    {Class::kContextTooLong, In::kPhrase, "maximum context length", &Refused},
    {Class::kContextTooLong, In::kPhrase, "exceeds the context window", &Refused},
    {Class::kContextTooLong, In::kPhrase, "prompt is too long", &Refused},
    {Class::kContextTooLong, In::kPhrase, "input is too long", &Refused},
    {Class::kContextTooLong, In::kPhrase, "exceed context limit", &Refused},
    {Class::kContextTooLong, In::kPhrase, "exceeds the maximum number of tokens", &Refused},
    // xAI; Groq; llama.cpp; Ollama; vLLM; SGLang twice; TGI and Together; gateways.
    {Class::kContextTooLong, In::kPhrase, "maximum prompt length", &Refused},
    {Class::kContextTooLong, In::kPhrase, "reduce the length of the messages", &Refused},
    {Class::kContextTooLong, In::kPhrase, "exceeds the available context size", &Refused},
    {Class::kContextTooLong, In::kPhrase, "exceeds the context length", &Refused},
    {Class::kContextTooLong, In::kPhrase, "longer than the maximum model length", &Refused},
    {Class::kContextTooLong, In::kPhrase, "longer than the model's context length", &Refused},
    {Class::kContextTooLong, In::kPhrase, "exceeds the maximum allowed length", &Refused},
    {Class::kContextTooLong, In::kPhrase, "tokens + `max_new_tokens` must be", &Refused},
    {Class::kContextTooLong, In::kPhrase, "context length exceeded", &Refused},
    {Class::kContextTooLong, In::kPhrase, "context window exceeded", &Refused},

    // The content is declined. OpenAI, Azure, OpenRouter's moderation, DashScope; Anthropic,
    // DeepSeek, xAI.
    {Class::kPolicy, In::kWord, "content_policy_violation"},
    {Class::kPolicy, In::kWord, "content_filter"},
    {Class::kPolicy, In::kWord, "content_filter_error"},
    {Class::kPolicy, In::kWord, "cyber_policy"},
    {Class::kPolicy, In::kWord, "bio_policy"},
    {Class::kPolicy, In::kWord, "invalid_prompt"},
    {Class::kPolicy, In::kWord, "responsibleaipolicyviolation"},
    {Class::kPolicy, In::kWord, "moderation"},
    {Class::kPolicy, In::kWord, "data_inspection_failed"},
    {Class::kPolicy, In::kPhrase, "content filtering policy", &Refused},
    {Class::kPolicy, In::kPhrase, "content exists risk", &Refused},
    {Class::kPolicy, In::kPhrase, "violates usage guidelines"},

    // OpenAI (also as 403), Together, Groq (as 400), Azure; Anthropic and Google inside a stream.
    {Class::kModel, In::kWord, "model_not_found"},
    {Class::kModel, In::kWord, "model_not_available"},
    {Class::kModel, In::kWord, "model_decommissioned"},
    {Class::kModel, In::kWord, "deploymentnotfound"},
    {Class::kModel, In::kWord, "not_found_error", &Unsaid},
    {Class::kModel, In::kWord, "not_found", &Unsaid},

    // llama.cpp: 503 {"error":{"message":"Loading model","type":"unavailable_error"}}; TGI.
    // Ollama says "error loading model" with a 500, and means it.
    {Class::kLoading, In::kPhrase, "loading model", &Unavailable},
    {Class::kLoading, In::kPhrase, "is currently loading", &Unavailable},

    // Google (429 and 503), OpenAI, Anthropic, Azure, Mistral.
    {Class::kRateLimit, In::kWord, "resource_exhausted"},
    {Class::kRateLimit, In::kWord, "rate_limit_exceeded"},
    {Class::kRateLimit, In::kWord, "rate_limit_error"},
    {Class::kRateLimit, In::kWord, "ratelimitexceeded"},
    {Class::kRateLimit, In::kWord, "too_many_requests"},
    {Class::kRateLimit, In::kWord, "rate_limited"},

    // Anthropic (529, or inside a 200), Responses twice, Moonshot, TGI; Gemini says "The model is
    // overloaded" with its 503 UNAVAILABLE.
    {Class::kOverloaded, In::kWord, "overloaded_error"},
    {Class::kOverloaded, In::kWord, "server_is_overloaded"},
    {Class::kOverloaded, In::kWord, "slow_down"},
    {Class::kOverloaded, In::kWord, "engine_overloaded_error"},
    {Class::kOverloaded, In::kWord, "overloaded"},
    {Class::kOverloaded, In::kPhrase, "overloaded", &Busy},

    // Anthropic: a request whose upload was cut ("not valid JSON: unexpected end of data").
    {Class::kTransient, In::kPhrase, "unexpected end of data", &BadRequest},

    // llama.cpp's 501. Then what says inside an answer that the next one will be the same: OpenAI,
    // Anthropic, Google, vLLM. Anything else inside an answer is worth another try.
    {Class::kPermanent, In::kWord, "not_supported_error"},
    {Class::kPermanent, In::kWord, "invalid_request_error", &Unsaid},
    {Class::kPermanent, In::kWord, "invalid_argument", &Unsaid},
    {Class::kPermanent, In::kWord, "failed_precondition", &Unsaid},
    {Class::kPermanent, In::kWord, "badrequesterror", &Unsaid},
    {Class::kTransient, In::kPhrase, "", &Unsaid},
};

// An error's words in lower case.
struct Said {
  std::vector<std::string> words;  // code, type, status, reasons
  std::string message;
};

Said SaidBy(const ApiError& error) {
  Said said{{ToLower(error.code), ToLower(error.type), ToLower(error.status)},
            ToLower(error.message)};
  for (const std::string& reason : error.reasons) said.words.push_back(ToLower(reason));
  return said;
}

bool Fits(const Rule& rule, const Said& said, int status) {
  if (!rule.when(status)) return false;
  if (rule.in == In::kPhrase) return said.message.find(rule.text) != std::string::npos;
  return std::any_of(said.words.begin(), said.words.end(), [&](const std::string& word) {
    return rule.in == In::kWord ? word == rule.text : word.find(rule.text) != std::string::npos;
  });
}

// Statuses by range; the first that holds counts. Sources: RFC 9110; openai-python, which retries
// 408, 409, 429 and all from 500; 425 RFC 8470; 499 and 529 Google's and Anthropic's errors.
struct StatusRule {
  int first;
  int last;
  Class what;
};
constexpr StatusRule kStatuses[] = {
    {401, 401, Class::kKey},        {402, 402, Class::kQuota},
    {403, 403, Class::kKey},        {404, 404, Class::kModel},
    {408, 409, Class::kTransient},  {413, 413, Class::kContextTooLong},
    {425, 425, Class::kTransient},  {429, 429, Class::kRateLimit},
    {499, 499, Class::kTransient},  {501, 501, Class::kPermanent},
    {505, 505, Class::kPermanent},  {511, 511, Class::kPermanent},
    {529, 529, Class::kOverloaded}, {500, 999, Class::kTransient},
};

Class OfStatus(int status) {
  for (const StatusRule& rule : kStatuses) {
    if (status >= rule.first && status <= rule.last) return rule.what;
  }
  return Class::kPermanent;
}

Class OfTransport(HttpFailure::Kind kind) {
  using Kind = HttpFailure::Kind;
  switch (kind) {
    case Kind::kBadUrl:
    case Kind::kCertificate:
    case Kind::kProxy:
    case Kind::kTooLarge:
    case Kind::kStopped:
      return Class::kPermanent;
    case Kind::kResolve:
    case Kind::kConnect:
    case Kind::kTls:
    case Kind::kTimedOut:
    case Kind::kCut:
      return Class::kTransient;
  }
  return Class::kPermanent;
}

Class OfAnswer(const CallFailure& failure) {
  int status = failure.EffectiveStatus();
  if (failure.kind == CallFailure::Kind::kInStream && status < 300) status = 0;
  const Said said = SaidBy(failure.error);
  for (const Rule& rule : kRules) {
    if (Fits(rule, said, status)) return rule.what;
  }
  return OfStatus(status);
}

}  // namespace

FailureClass Classify(const CallFailure& failure) {
  switch (failure.kind) {
    case CallFailure::Kind::kTransport:
      return OfTransport(failure.transport);
    case CallFailure::Kind::kTruncated:
      return Class::kTransient;
    case CallFailure::Kind::kMalformed:
      return LooksLikeHtml(failure.error.raw) ? Class::kPermanent : Class::kTransient;
    case CallFailure::Kind::kStatus:
    case CallFailure::Kind::kInStream:
      break;
  }
  const Class what = OfAnswer(failure);
  // A server that overrules its own status says so in this header (OpenAI's clients obey it). It
  // does not make a key valid, or a prompt fit.
  const std::string should_retry = ToLower(Trim(failure.Header("x-should-retry")));
  if (what == Class::kPermanent && should_retry == "true") return Class::kTransient;
  const bool again = what == Class::kTransient || what == Class::kRateLimit ||
                     what == Class::kOverloaded || what == Class::kLoading;
  return again && should_retry == "false" ? Class::kPermanent : what;
}

}  // namespace caesar
