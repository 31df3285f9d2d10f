// Fenced code blocks of a Markdown text, as models write them: nested, indented, and sometimes cut
// off.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace caesar {

struct FencedBlock {
  std::string text;       // "\n" line ends; the fence's own indentation is taken off
  std::size_t begin = 0;  // lines of the opening and the closing fence, from 0
  std::size_t end = 0;
  bool complete = false;  // false: the text ended, or an outer block did, before its closing fence
};

// All blocks in the order in which they end; blocks without an end come last. `text` has "\n" line
// ends. Fences are of three or more backticks or tildes, at any indentation. Inside a block, a
// fence with an info string opens a nested block, and so does a bare fence that cannot close
// anything; at most kFenceDepthMax deep, so that this is linear in the text.
inline constexpr std::size_t kFenceDepthMax = 8;
std::vector<FencedBlock> FindFencedBlocks(std::string_view text);

}  // namespace caesar
