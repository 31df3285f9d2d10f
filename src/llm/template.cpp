#include "llm/template.h"

#include <algorithm>
#include <vector>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

bool IsNameByte(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

// The name of the placeholder that begins at text[at]; empty: there is none.
std::string_view NameAt(std::string_view text, std::size_t at) {
  const std::size_t begin = at + 2;
  std::size_t end = begin;
  while (end < text.size() && IsNameByte(text[end])) ++end;
  return text.substr(end, 2) == "}}" ? text.substr(begin, end - begin) : std::string_view();
}

struct RenderedLine {
  std::string text;
  bool optional = false;  // placeholders and white space only
};

Result<RenderedLine> RenderLine(std::string_view file, std::size_t number, std::string_view line,
                                const TemplateValues& values, std::set<std::string>& used) {
  RenderedLine rendered;
  bool other = false;
  std::size_t at = 0;
  for (std::size_t open = line.find("{{"); open != std::string_view::npos;
       open = line.find("{{", at)) {
    const std::string name(NameAt(line, open));
    if (name.empty()) {
      return Error{ErrorCode::kBadInput,
                   Format("{}:{}: \"{{{{\" begins no placeholder.", file, number),
                   "Placeholders look like {{name}}, in lower case and without spaces."};
    }
    const auto value = values.find(name);
    if (value == values.end()) {
      std::vector<std::string> known;
      for (const auto& [key, unused] : values) known.push_back(key);
      return Error{ErrorCode::kBadInput,
                   Format("{}:{}: unknown placeholder {{{{{}}}}}.", file, number, name),
                   known.empty() ? "This file has no placeholders."
                                 : "Known here: " + Join(known, ", ") + "."};
    }
    used.insert(name);
    const std::string_view between = line.substr(at, open - at);
    other = other || !Trim(between).empty();
    rendered.text.append(between).append(value->second);
    at = open + name.size() + 4;
  }
  other = other || !Trim(line.substr(at)).empty();
  rendered.text += line.substr(at);
  rendered.optional = !other && at > 0;
  return rendered;
}

}  // namespace

Status CheckTemplate(std::string_view file, std::string_view text,
                     const std::set<std::string>& names) {
  TemplateValues values;
  for (const std::string& name : names) values[name] = "";
  TRY(Render(file, text, values));
  return {};
}

Result<std::string> Render(std::string_view file, std::string_view text,
                           const TemplateValues& values) {
  std::string rendered;
  std::set<std::string> used;
  bool skip_blank = false;
  const std::vector<std::string_view> lines = Lines(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const RenderedLine line = TRY(RenderLine(file, i + 1, lines[i], values, used));
    const bool blank = Trim(line.text).empty();
    const bool skipped = blank && (line.optional || skip_blank);
    skip_blank = skipped && line.optional;
    if (!skipped) rendered.append(line.text);
    if (!skipped && !EndsWith(line.text, "\n"))
      rendered += '\n';  // a value may end its line itself
  }
  for (const auto& [name, value] : values) {
    if (used.contains(name)) continue;
    return Error{ErrorCode::kBadInput,
                 Format("{}: the placeholder {{{{{}}}}} is missing.", file, name),
                 "A template uses each of its placeholders at least once."};
  }
  return rendered;
}

std::string Fenced(std::string_view text, std::string_view info) {
  std::size_t longest = 2;
  for (std::size_t at = text.find('`'); at != std::string_view::npos; at = text.find('`', at)) {
    const std::size_t end = std::min(text.find_first_not_of('`', at), text.size());
    longest = std::max(longest, end - at);
    at = end;
  }
  const std::string fence(longest + 1, '`');
  return Format("{}{}\n{}{}{}\n", fence, info, text,
                EndsWith(text, "\n") || text.empty() ? "" : "\n", fence);
}

}  // namespace caesar
