// Texts with placeholders: {{name}}, of lower-case letters, digits and "_". Strict: a name without
// a value, a value without a placeholder, and braces that are no placeholder are Errors. Values are
// put in as they are and never expanded again.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

namespace caesar {

using TemplateValues = std::map<std::string, std::string>;

// Errors (kBadInput) name `file` and line. Used to check a template before it is needed.
Status CheckTemplate(std::string_view file, std::string_view text,
                     const std::set<std::string>& names);

// A line that holds nothing but placeholders and white space, and of which all values are empty, is
// left out together with the blank line after it, so that optional parts leave no gaps.
Result<std::string> Render(std::string_view file, std::string_view text,
                           const TemplateValues& values);

// `text` between code fences that are longer than any in it; ends in "\n".
std::string Fenced(std::string_view text, std::string_view info);

}  // namespace caesar
