// One line of a compiler's output, taken apart:  FILE(LINE): error #20-D: TEXT   FILE:LINE:COLUMN:
// error: TEXT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace caesar {

enum class Severity { kError, kWarning, kNote };

struct DiagnosticLine {
  std::string file;   // empty: the message has no place ("At end of source")
  std::string place;  // as printed: "kernel.cu(12)", "kernel.cu:12:3"
  Severity severity = Severity::kNote;
  std::string text;  // from "error" on
};

// Empty if the line is no message head (a source echo, a caret, a list of instantiations ...).
std::optional<DiagnosticLine> ParseDiagnosticLine(std::string_view line);

// ptxas, ld and gas name no line of the candidate: "ptxas error   : ...", "undefined reference to
// ...". Returns the message without the tool's file names, or empty if the line is none of these.
std::optional<std::string> ParseToolError(std::string_view line);

// "__attribute__((global))" as the candidate wrote it: "__global__". Returns how many bytes shorter
// the text before `column` became, by which the caret below must move.
std::size_t RestoreQualifiers(std::string& line, std::size_t column);

}  // namespace caesar
