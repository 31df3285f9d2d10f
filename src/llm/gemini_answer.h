// What Gemini answers: the reading half of the codec in gemini.cpp.
#pragma once

#include <string_view>

#include "llm/codec.h"

namespace caesar {

ParsedAnswer GeminiEvent(const SseEvent& event);
// Also a list of chunks, which is what a stream without events is.
ParsedAnswer GeminiDocument(std::string_view json);

}  // namespace caesar
