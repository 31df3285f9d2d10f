// Just enough C++ lexing to tell a definition of a function from a declaration, a call, a comment
// or a string.
#pragma once

#include <string_view>

namespace caesar {

// True if `code` defines `name`: the name, a parameter list in parentheses, then "{". Comments,
// strings, raw strings, character literals and preprocessor lines are skipped. Linear in the code;
// never fails, whatever the text is.
bool DefinesFunction(std::string_view code, std::string_view name);

// True if `name` occurs at all, as a word of its own, outside comments, strings and preprocessor
// lines.
bool MentionsName(std::string_view code, std::string_view name);

}  // namespace caesar
