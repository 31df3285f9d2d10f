// What an AnswerReader makes of a body that comes in pieces.
#pragma once

#include <gtest/gtest.h>

#include <type_traits>
#include <utility>

#include "llm/answer_reader.h"
#include "unit/llm/recording_sink.h"

namespace caesar {

using Received = std::decay_t<decltype(std::declval<const AnswerReader&>().answer())>;

struct Decoded {
  Received answer;
  std::optional<CallFailure> failure;
  RecordingSink sink;
};

inline Decoded Decode(const Codec& codec, std::string_view body, std::size_t step = 7) {
  Decoded decoded;
  AnswerReader reader(codec, decoded.sink);
  for (std::size_t at = 0; at < body.size(); at += step)
    EXPECT_TRUE(reader.Feed(body.substr(at, step)).ok());
  decoded.failure = reader.Finish().value();
  decoded.answer = reader.answer();
  EXPECT_EQ(decoded.sink.text, decoded.answer.text);
  EXPECT_EQ(decoded.sink.reasoning, decoded.answer.reasoning);
  return decoded;
}

// Feeds every beginning of `body`: those of at least `complete` bytes are an answer, shorter ones
// are cut off, and whatever they gave is a beginning of the whole text.
inline void ExpectCompleteFrom(const Codec& codec, std::string_view body, std::size_t complete) {
  const Decoded whole = Decode(codec, body);
  ASSERT_FALSE(whole.failure.has_value());
  for (std::size_t size = 0; size <= body.size(); ++size) {
    const Decoded part = Decode(codec, body.substr(0, size), 5);
    ASSERT_EQ(part.failure.has_value(), size < complete) << "at byte " << size;
    ASSERT_TRUE(whole.answer.text.starts_with(part.answer.text)) << "at byte " << size;
    if (part.failure) {
      ASSERT_EQ(part.failure->kind, CallFailure::Kind::kTruncated) << "at byte " << size;
    } else {
      ASSERT_EQ(part.answer.text, whole.answer.text) << "at byte " << size;
    }
  }
}

// The failure that a response of this status and body is.
inline CallFailure RefusedWith(int status, std::string_view body) {
  CallFailure failure;
  failure.status = status;
  failure.error = ParseApiError(body);
  return failure;
}

}  // namespace caesar
