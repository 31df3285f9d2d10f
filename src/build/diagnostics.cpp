#include "build/diagnostics.h"

#include <array>
#include <charconv>
#include <filesystem>
#include <utility>

#include "base/format.h"
#include "base/strings.h"
#include "build/diagnostic_line.h"

namespace caesar {
namespace {

constexpr std::size_t kLineBytesMax = 2000;
constexpr std::size_t kForeignShownMax = 5;

// Said by a compiler program that could not do its work, whatever the source. Not a candidate's
// error, never cached.
constexpr std::array<std::string_view, 15> kCrashMarks = {"died due to signal",
                                                          "internal compiler error",
                                                          "internal error",
                                                          "Internal error",
                                                          "core dumped",
                                                          "No space left",
                                                          "Killed",
                                                          "Cannot allocate",
                                                          "out of memory",
                                                          "memory exhausted",
                                                          "Segmentation fault",
                                                          "nvcc fatal",
                                                          "nvcc error",
                                                          "cannot execute",
                                                          "assertion failed"};

// Phrases of a launcher that is not the declared one.
constexpr std::array<std::string_view, 5> kSignatureMarks = {
    "has \"C\" linkage", "distinguished by return type alone", "was declared 'extern' and later",
    "conflicting declaration", "linkage specification is incompatible"};

// Summaries of what was said before.
constexpr std::array<std::string_view, 6> kNoise = {"detected in the compilation of",
                                                    "Remark: The warnings can be suppressed",
                                                    "compilation terminated.",
                                                    "collect2: error: ld returned",
                                                    "Ptx assembly aborted due to errors",
                                                    "Assembler messages:"};

// What the linker says of a call into a library of machine code.
constexpr std::array<std::string_view, 7> kLibraryMarks = {
    "undefined reference to `cublas",   "undefined reference to `cudnn",
    "undefined reference to `cufft",    "undefined reference to `curand",
    "undefined reference to `cusolver", "undefined reference to `cusparse",
    "undefined reference to `cutensor"};

template <std::size_t N>
bool ContainsAny(std::string_view text, const std::array<std::string_view, N>& marks) {
  for (std::string_view mark : marks) {
    if (text.find(mark) != std::string_view::npos) return true;
  }
  return false;
}

enum class Origin { kCandidate, kEntry, kHeader, kForeign };

bool InAnyFolder(const std::string& path, const std::vector<std::string>& folders) {
  const std::string normal = std::filesystem::path(path).lexically_normal().string();
  for (const std::string& folder : folders) {
    if (!folder.empty() && StartsWith(normal, folder + "/")) return true;
  }
  return false;
}

Origin OriginOf(const std::string& file, const std::vector<std::string>& header_folders) {
  if (InAnyFolder(file, header_folders)) return Origin::kHeader;
  // Only our generated source lies in the working folder, so a relative name cannot be somebody
  // else's file.
  const bool elsewhere = StartsWith(file, "/") || file.find("..") != std::string::npos;
  if (elsewhere) return Origin::kForeign;
  return StartsWith(file, "caesar") ? Origin::kEntry : Origin::kCandidate;
}

// '_Z1kPf' -> 'k(float*)', and 0x61a80 -> 400000: ptxas knows no names or numbers for people.
std::string Readable(std::string text) {
  for (std::size_t at = text.find("'_Z"); at != std::string::npos; at = text.find("'_Z", at + 1)) {
    const std::size_t end = text.find('\'', at + 1);
    if (end == std::string::npos) break;
    text.replace(at + 1, end - at - 1, Demangled(text.substr(at + 1, end - at - 1)));
  }
  for (std::size_t at = text.find("0x"); at != std::string::npos; at = text.find("0x", at + 1)) {
    std::uint64_t value = 0;
    const char* const first = text.data() + at + 2;
    const auto [rest, error] = std::from_chars(first, text.data() + text.size(), value, 16);
    if (error != std::errc() || rest == first) continue;
    text.replace(at, static_cast<std::size_t>(rest - text.data()) - at, Format("{}", value));
  }
  return text;
}

class Reader {
 public:
  explicit Reader(const DiagnosticsContext& context) : context_(context) {}

  void Take(std::string_view raw) {
    if (ptxas_.Take(raw)) return;
    std::string line = Shorten(raw, kLineBytesMax);
    if (std::optional<DiagnosticLine> head = ParseDiagnosticLine(line))
      return TakeHead(*std::move(head));
    if (ContainsAny(line, kNoise)) return;
    line = WithoutPaths(std::move(line));
    // Echoed source is indented and may quote anything.
    if (!StartsWith(line, " ") && ContainsAny(line, kCrashMarks)) {
      result_.crashed = true;
      if (crash_line_.empty()) crash_line_ = line;
    }
    if (std::optional<std::string> error = ParseToolError(line))
      return TakeToolError(*std::move(error));
    TakeRest(std::move(line));
  }

  Diagnostics Finish() {
    EndRepeats();
    if (wrong_launcher_) {
      Add(
          Format("The launcher must be defined with exactly this prototype (parameter names are "
                 "free):\n  {}\n"
                 "A function of that name with other types, in a namespace, or static, is another "
                 "function.",
                 context_.prototype));
    }
    for (std::string* line : {&first_error_, &first_entry_error_, &crash_line_}) {
      if (result_.headline.empty()) result_.headline = Shorten(*line, kHeadlineBytesMax);
    }
    // nvcc ends a message with a blank line or two, which separate it from the next one only.
    log_.erase(log_.find_last_not_of(" \t\n") + 1);
    if (!log_.empty()) log_ += '\n';
    result_.log = Shorten(log_, kLogBytesMax);
    result_.kernels = ptxas_.kernels();
    return std::move(result_);
  }

 private:
  void TakeHead(DiagnosticLine head) {
    const Origin origin =
        head.file.empty() ? Origin::kCandidate : OriginOf(head.file, context_.header_folders);
    if (origin == Origin::kForeign) result_.foreign = true;
    // Of its own lines only what no source can have the compiler say.
    const bool said_by_compiler = origin != Origin::kCandidate ||
                                  StartsWith(head.text, "catastrophic error: error while writing");
    if (said_by_compiler && ContainsAny(head.text, kCrashMarks)) {
      result_.crashed = true;
      if (crash_line_.empty()) crash_line_ = head.text;
    }
    if (ContainsAny(head.text, kSignatureMarks)) wrong_launcher_ = true;
    in_entry_ = origin == Origin::kEntry;
    std::string place = WithoutPaths(head.place);
    if (head.file.empty()) place = context_.file + ", at its end";
    if (in_entry_) {
      place = context_.file + ", beside the generated entry point";
      if (head.severity == Severity::kError) wrong_launcher_ = true;
    }
    const std::string line = place + ": " + WithoutPaths(head.text);
    if (head.severity == Severity::kError) CountError(line, in_entry_);
    // What gcc says of generated code beside an error is no help.
    if (in_entry_ && head.severity != Severity::kError) return;
    Add(line);
  }

  void TakeToolError(std::string error) {
    in_entry_ = false;
    const bool of_launcher = error.find("`" + context_.launcher + "'") != std::string::npos;
    if (of_launcher && error.find("required symbol") != std::string::npos) {
      wrong_launcher_ = true;
      error =
          Format("{}: error: the launcher `{}` is not defined with extern \"C\" and its prototype",
                 context_.file, context_.launcher);
    } else if (of_launcher && error.find("undefined reference") != std::string::npos) {
      return;  // the same again, from the entry point's call
    }
    error = Readable(std::move(error));
    if (context_.simulated && ContainsAny(error, kLibraryMarks)) error += WhyNoLibrary();
    CountError(error, false);
    Add(error);
  }

  // Said once, for the first of its calls.
  std::string WhyNoLibrary() {
    if (std::exchange(said_no_library_, true)) return "";
    return ": libraries of machine code (cuBLAS, cuDNN) cannot run on the simulated GPU";
  }

  void TakeRest(std::string line) {
    if (in_entry_) return;  // its source
    if (NamesForeignFile(line)) {
      result_.foreign = true;
      return;
    }
    if (line.find("<generated>") != std::string::npos)
      return;  // "in function `f':" of an intermediate file
    if (const std::size_t from = line.find("from ");
        from != std::string::npos && EndsIncludeLine(line)) {
      const std::string file = line.substr(from + 5, line.find(':', from) - from - 5);
      if (OriginOf(file, context_.header_folders) == Origin::kForeign) result_.foreign = true;
    }
    if (!log_.empty() || !Trim(line).empty()) AddEcho(std::move(line));
  }

  // "/some/file:12: Error: ...": the assembler quotes what it was told to include (asm(".include
  // ...")).
  bool NamesForeignFile(const std::string& line) const {
    if (!StartsWith(line, "/") && !StartsWith(line, ".")) return false;
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || colon + 1 >= line.size()) return false;
    const std::size_t end = line.find_first_not_of("0123456789", colon + 1);
    if (end == colon + 1 || end == std::string::npos || line[end] != ':') return false;
    return OriginOf(line.substr(0, colon), context_.header_folders) == Origin::kForeign;
  }

  // "In file included from kernel.cu:1," and its continuation "                 from kernel.cu:1:".
  static bool EndsIncludeLine(const std::string& line) {
    return StartsWith(line, "In file included from ") || StartsWith(line, "                 from ");
  }

  // Source echoes come with a caret line below; restoring a qualifier moves the caret too.
  void AddEcho(std::string line) {
    const std::size_t caret = line.find('^');
    if (caret != std::string::npos && line.find_first_not_of(" ^~") == std::string::npos &&
        shift_source_.size() > 0) {
      std::string source = shift_source_;
      const std::size_t shift = RestoreQualifiers(source, caret);
      line.erase(0, std::min(shift, caret));
      shift_source_.clear();
      return Add(line);
    }
    shift_source_ = line;
    RestoreQualifiers(line, 0);
    Add(line);
  }

  void CountError(const std::string& line, bool in_entry) {
    ++result_.errors;
    std::string& first = in_entry ? first_entry_error_ : first_error_;
    if (first.empty()) first = line;
  }

  void Add(const std::string& line) {
    if (line == last_line_ && !line.empty()) {
      ++repeats_;
      return;
    }
    EndRepeats();
    last_line_ = line;
    if (log_.size() < 32 * kLogBytesMax) log_ += line + "\n";
  }

  void EndRepeats() {
    if (repeats_ > 0) log_ += Format("[the line above {} more times]\n", repeats_);
    repeats_ = 0;
  }

  std::string WithoutPaths(std::string text) const {
    const std::string& home = context_.toolkit_home;
    if (!context_.work_folder.empty()) text = ReplaceAll(text, context_.work_folder + "/", "");
    if (!home.empty()) {
      text = ReplaceAll(text, home + "/bin/../", home + "/");
      for (const char* below : {"/targets/x86_64-linux/include/", "/include/", "/"}) {
        text = ReplaceAll(text, home + below, "<cuda>/");
      }
    }
    for (std::string_view mark : {"tmp/tmpxft_", "tmpxft_"})
      text = WithoutNames(std::move(text), mark);
    return text;
  }

  // nvcc's names of intermediate files, up to the next separator, become "<generated>".
  static std::string WithoutNames(std::string text, std::string_view mark) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
      const std::size_t end = text.find_first_of(" :,;'\"`()", at);
      text.replace(at, (end == std::string::npos ? text.size() : end) - at, "<generated>");
    }
    return text;
  }

  const DiagnosticsContext& context_;
  Diagnostics result_;
  PtxasReader ptxas_;
  std::string log_;
  std::string first_error_;
  std::string first_entry_error_;
  std::string crash_line_;
  std::string last_line_;
  std::string shift_source_;  // the echo above, as nvcc printed it
  int repeats_ = 0;
  bool in_entry_ = false;
  bool wrong_launcher_ = false;
  bool said_no_library_ = false;
};

// The words of a make rule after its colon; "\ " is a space in a name, "\" at a line's end
// continues.
std::vector<std::string> Prerequisites(std::string_view depends) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  const std::size_t colon = depends.find(':');
  if (colon == std::string_view::npos) return words;
  for (std::size_t i = colon + 1; i < depends.size(); ++i) {
    const char c = depends[i];
    const char next = i + 1 < depends.size() ? depends[i + 1] : '\n';
    if (c == '\\' && next == '\n') {
      end_word();
      ++i;
    } else if (c == '\\' && (next == ' ' || next == '#' || next == '\\')) {
      word += next;
      ++i;
    } else if (c == '$' && next == '$') {
      word += next;
      ++i;
    } else if (c == ' ' || c == '\n' || c == '\t') {
      end_word();
    } else {
      word += c;
    }
  }
  end_word();
  return words;
}

}  // namespace

Diagnostics ReadDiagnostics(std::string_view errors, std::string_view output,
                            const DiagnosticsContext& context) {
  Reader reader(context);
  for (std::string_view stream : {errors, output}) {
    const std::string text = ForTerminal(stream);
    for (std::string_view line : Lines(text)) reader.Take(line);
  }
  return reader.Finish();
}

std::vector<std::string> ForeignIncludes(std::string_view depends,
                                         const std::vector<std::string>& header_folders) {
  std::vector<std::string> foreign;
  for (const std::string& file : Prerequisites(depends)) {
    if (OriginOf(file, header_folders) == Origin::kForeign) foreign.push_back(file);
  }
  return foreign;
}

std::string WithFile(const std::string& file, std::string text) {
  if (file.empty()) return text;
  const std::string compiled = kCandidateFile;
  text = ReplaceAll(text, compiled + "(", file + "(");
  text = ReplaceAll(text, compiled + ":", file + ":");
  return ReplaceAll(text, " of " + compiled, " of " + file);
}

std::string ForeignIncludeText(const std::string& file, const std::vector<std::string>& foreign) {
  std::string names;
  for (std::size_t i = 0; i < foreign.size() && i < kForeignShownMax; ++i) {
    names += (i == 0 ? ": " : ", ") + Shorten(ForTerminal(foreign[i]), 200);
  }
  return Format(
      "{}: error: it includes a file that is not a header of the CUDA toolkit or of the system{}\n"
      "Only those headers may be included; everything else belongs into the one file. The "
      "compiler's messages are "
      "withheld, since they may quote that file.\n",
      file, names);
}

}  // namespace caesar
