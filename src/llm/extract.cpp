#include "llm/extract.h"

#include <algorithm>

#include "base/format.h"
#include "base/strings.h"
#include "llm/code_scan.h"
#include "llm/fences.h"

namespace caesar {
namespace {

constexpr std::size_t kCodeBytesMax = std::size_t{1} << 20;

// "\r\n" and a lone "\r" become "\n"; a byte order mark goes.
std::string NormalizeLines(std::string_view text) {
  if (StartsWith(text, "\xEF\xBB\xBF")) text.remove_prefix(3);
  std::string normal;
  normal.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      normal += text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      normal += '\n';
    }
  }
  return normal;
}

struct ThinkTag {
  std::string_view open;
  std::string_view close;
};
// Kimi writes the third.
constexpr ThinkTag kThinkTags[] = {{"<think>", "</think>"},
                                   {"<thinking>", "</thinking>"},
                                   {"\u25c1think\u25b7", "\u25c1/think\u25b7"}};

struct Answer {
  std::string text;
  bool inside_thought = false;  // the text ended before its thought did
};

// The first `tag` from `at` on that has only blanks before it on its line.
std::size_t FindAtLineStart(std::string_view text, std::string_view tag, std::size_t at) {
  for (std::size_t found = text.find(tag, at); found != std::string_view::npos;
       found = text.find(tag, found + 1)) {
    const std::size_t before = found == 0 ? found : text.find_last_not_of(" \t", found - 1);
    if (found == 0 || before == std::string_view::npos || text[before] == '\n') return found;
  }
  return std::string_view::npos;
}

// Takes thoughts out. A closing tag without an opening one ends a thought that began with the text
// (DeepSeek-R1's template holds the opening tag). An opening tag counts at the start of a line
// only, so that code may speak of it.
Answer WithoutThoughts(std::string text, const ThinkTag& tag) {
  Answer answer;
  std::size_t at = 0;
  std::size_t open = FindAtLineStart(text, tag.open, 0);
  std::size_t close = text.find(tag.close);
  for (bool first = true;; first = false) {
    if (open != std::string::npos && open < at) open = FindAtLineStart(text, tag.open, at);
    if (close != std::string::npos && close < at) close = text.find(tag.close, at);
    if (close > open || !first) answer.text.append(text, at, std::min(open, close) - at);
    if (close == std::string::npos) {
      if (open == std::string::npos && first) answer.text = std::move(text);
      answer.inside_thought = open != std::string::npos;
      return answer;
    }
    at = close + tag.close.size();
  }
}

Answer FindAnswer(std::string_view reply) {
  Answer answer{NormalizeLines(reply), false};
  for (const ThinkTag& tag : kThinkTags) {
    Answer rest = WithoutThoughts(std::move(answer.text), tag);
    answer.text = std::move(rest.text);
    answer.inside_thought = answer.inside_thought || rest.inside_thought;
  }
  // GPT-OSS in raw form: the answer is in the last channel named "final".
  static constexpr std::string_view kFinal = "<|channel|>final<|message|>";
  const std::size_t final_channel = answer.text.rfind(kFinal);
  if (final_channel != std::string::npos) answer.text.erase(0, final_channel + kFinal.size());
  return answer;
}

bool Contains(const FencedBlock& outer, const FencedBlock& inner) {
  return outer.begin < inner.begin && inner.end <= outer.end;
}

std::string WhyNone(const Answer& answer, const std::vector<FencedBlock>& blocks,
                    std::string_view launcher) {
  const auto mentions = [&](const FencedBlock& block) {
    return MentionsName(block.text, launcher);
  };
  const auto cut = [&](const FencedBlock& block) {
    return !block.complete && block.end > block.begin + 1;
  };
  if (Trim(answer.text).empty()) {
    return answer.inside_thought ? "The reply ended while still thinking: it contains no answer."
                                 : "The reply is empty.";
  }
  if (blocks.empty()) return "The reply contains no fenced code block.";
  if (std::any_of(blocks.begin(), blocks.end(), cut)) {
    return "The last code block was cut off: the reply ended before its closing fence.";
  }
  if (std::any_of(blocks.begin(), blocks.end(), mentions)) {
    return Format("No code block defines `{}`: it is only declared or called.", launcher);
  }
  return Format("None of the reply's {} code blocks defines `{}`.", blocks.size(), launcher);
}

}  // namespace

Extraction ExtractKernel(std::string_view reply, std::string_view launcher) {
  const Answer answer = FindAnswer(reply);
  std::vector<FencedBlock> blocks = FindFencedBlocks(answer.text);
  if (blocks.empty() && DefinesFunction(answer.text, launcher)) {
    blocks.push_back({answer.text + (EndsWith(answer.text, "\n") ? "" : "\n"), 0, 0, true});
  }
  FencedBlock* found = nullptr;
  for (FencedBlock& block :
       blocks) {  // in the order of their ends: an outer block comes after those in it
    if (!block.complete || !DefinesFunction(block.text, launcher)) continue;
    if (found == nullptr || !Contains(block, *found)) found = &block;
  }
  if (found == nullptr) return {std::nullopt, WhyNone(answer, blocks, launcher)};
  if (found->text.size() > kCodeBytesMax) {
    return {std::nullopt, Format("The code block has {} bytes; at most {} are accepted.",
                                 found->text.size(), kCodeBytesMax)};
  }
  return {std::move(found->text), ""};
}

}  // namespace caesar
