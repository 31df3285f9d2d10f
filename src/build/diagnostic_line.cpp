#include "build/diagnostic_line.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace caesar {
namespace {

struct Word {
  std::string_view text;
  Severity severity;
};
constexpr std::array kWords = {Word{"error", Severity::kError},
                               Word{"fatal error", Severity::kError},
                               Word{"catastrophic error", Severity::kError},
                               Word{"internal error", Severity::kError},
                               Word{"internal compiler error", Severity::kError},

                               Word{"warning", Severity::kWarning},

                               Word{"note", Severity::kNote},
                               Word{"remark", Severity::kNote}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Cuts ":123" off the end; false if there is none.
bool CutColonNumber(std::string_view& text) {
  std::size_t end = text.size();
  while (end > 0 && IsDigit(text[end - 1])) --end;
  if (end == text.size() || end == 0 || text[end - 1] != ':') return false;
  text.remove_suffix(text.size() - end + 1);
  return true;
}

// "a.cu(12)", "a.cu:12:3", "a.cu:12" -> "a.cu"; empty: not a place.
std::string_view FileOfPlace(std::string_view place) {
  if (EndsWith(place, ")")) {
    const std::size_t open = place.rfind('(');
    if (open == std::string_view::npos || open == 0 || open + 2 >= place.size()) return {};
    const std::string_view number = place.substr(open + 1, place.size() - open - 2);
    return std::all_of(number.begin(), number.end(), IsDigit) ? place.substr(0, open)
                                                              : std::string_view();
  }
  if (!CutColonNumber(place)) return {};
  CutColonNumber(place);
  return place;
}

// The severity word at the start of `text`, followed by ':' or by " #123-D:".
const Word* WordAt(std::string_view text) {
  for (const Word& word : kWords) {
    if (!StartsWith(text, word.text)) continue;
    const std::string_view rest = text.substr(word.text.size());
    if (StartsWith(rest, ":") || StartsWith(rest, " #")) return &word;
  }
  return nullptr;
}

constexpr std::string_view kScratchMark = "tmpxft_";  // how nvcc names its intermediate files

// "tmpxft_0000_6_caesar_entry.cudafe1.cpp:(.text+0x13c): undefined reference to `f'" -> from
// "undefined" on.
std::string_view WithoutTool(std::string_view line) {
  for (std::string_view mark : {"undefined reference to ", "multiple definition of ",
                                "required symbol ", "cannot find -l"}) {
    if (const std::size_t at = line.find(mark); at != std::string_view::npos)
      return line.substr(at);
  }
  return {};
}

}  // namespace

std::optional<DiagnosticLine> ParseDiagnosticLine(std::string_view line) {
  // The first ": error" wins: a message's own text may contain the same words.
  for (std::size_t colon = line.find(": "); colon != std::string_view::npos;
       colon = line.find(": ", colon + 1)) {
    const Word* word = WordAt(line.substr(colon + 2));
    if (word == nullptr) continue;
    const std::string_view place = line.substr(0, colon);
    if (place.find(kScratchMark) != std::string_view::npos) return std::nullopt;
    const std::string_view file = FileOfPlace(place);
    if (file.empty() && place != "At end of source") continue;
    DiagnosticLine result;
    result.file = std::string(file);
    result.place = std::string(place);
    result.severity = word->severity;
    result.text = std::string(line.substr(colon + 2));
    return result;
  }
  return std::nullopt;
}

std::optional<std::string> ParseToolError(std::string_view line) {
  if (StartsWith(line, "ptxas ") || StartsWith(line, "nvlink ")) {
    // "ptxas tmp/x.ptx, line 29; error   : text", "ptxas error   : text", "ptxas fatal   : text"
    for (std::string_view word : {"error   : ", "fatal   : "}) {
      const std::size_t at = line.find(word);
      if (at == std::string_view::npos) continue;
      const std::string tool(line.substr(0, line.find(' ')));
      std::string where;
      if (const std::size_t number = line.find(", line ");
          number != std::string_view::npos && number < at) {
        where = " (ptx" + std::string(line.substr(number, line.find(';', number) - number)) + ")";
      }
      return tool + where + ": error: " + std::string(line.substr(at + word.size()));
    }
    return std::nullopt;
  }
  if (const std::string_view text = WithoutTool(line); !text.empty())
    return "link: error: " + std::string(text);
  // gas: "tmp/ccGdR7Av.s:5: Error: no such instruction"
  if (const std::size_t at = line.find(".s:"); at != std::string_view::npos) {
    const std::size_t word = line.find(": Error: ", at);
    if (word != std::string_view::npos)
      return "assembler: error: " + std::string(line.substr(word + 9));
  }
  return std::nullopt;
}

std::size_t RestoreQualifiers(std::string& line, std::size_t column) {
  std::size_t removed_before = 0;
  for (std::string_view name : {"global", "device", "host", "shared", "constant", "managed"}) {
    const std::string from = "__attribute__((" + std::string(name) + "))";
    const std::string to = "__" + std::string(name) + "__";
    for (std::size_t at = line.find(from); at != std::string::npos;
         at = line.find(from, at + to.size())) {
      line.replace(at, from.size(), to);
      if (at + removed_before < column) removed_before += from.size() - to.size();
    }
  }
  return std::min(removed_before, column);
}

}  // namespace caesar
