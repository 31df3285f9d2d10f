#include "llm/fences.h"

#include <algorithm>

#include "base/strings.h"

namespace caesar {
namespace {

struct Fence {
  char mark = '\0';  // '\0': the line is no fence
  std::size_t length = 0;
  std::size_t indent = 0;
  bool bare = false;  // no info string
};

Fence ParseFence(std::string_view line) {
  Fence fence;
  fence.indent = std::min(line.find_first_not_of(" \t"), line.size());
  line.remove_prefix(fence.indent);
  if (line.empty() || (line[0] != '`' && line[0] != '~')) return {};
  fence.length = std::min(line.find_first_not_of(line[0]), line.size());
  if (fence.length < 3) return {};
  const std::string_view info = Trim(line.substr(fence.length));
  if (line[0] == '`' && info.find('`') != std::string_view::npos)
    return {};  // inline code: ```x```
  fence.mark = line[0];
  fence.bare = info.empty();
  return fence;
}

struct OpenBlock {
  Fence fence;
  std::size_t line = 0;
};

// Index of the open block that a bare fence closes, or open.size(). A fence of the very length
// comes first: in a longer block, a shorter fence that was opened by mistake must not catch the end
// of the longer one.
std::size_t FindClosed(const std::vector<OpenBlock>& open, const Fence& fence) {
  std::size_t shorter = open.size();
  for (std::size_t i = open.size(); i-- > 0;) {
    if (open[i].fence.mark != fence.mark) continue;
    if (open[i].fence.length == fence.length) return i;
    if (open[i].fence.length < fence.length && shorter == open.size()) shorter = i;
  }
  return shorter;
}

FencedBlock MakeBlock(const std::vector<std::string_view>& lines, const OpenBlock& open,
                      std::size_t end, bool complete) {
  FencedBlock block{"", open.line, end, complete};
  for (std::size_t i = open.line + 1; i < end; ++i) {
    const std::size_t blank = std::min(lines[i].find_first_not_of(" \t"), lines[i].size());
    block.text += lines[i].substr(std::min(blank, open.fence.indent));
    block.text += '\n';
  }
  return block;
}

}  // namespace

std::vector<FencedBlock> FindFencedBlocks(std::string_view text) {
  const std::vector<std::string_view> lines = Lines(text);
  std::vector<FencedBlock> blocks;
  std::vector<FencedBlock> cut;
  std::vector<OpenBlock> open;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Fence fence = ParseFence(lines[i]);
    if (fence.mark == '\0') continue;
    const std::size_t closed = fence.bare ? FindClosed(open, fence) : open.size();
    if (closed < open.size()) {
      for (std::size_t k = open.size(); k-- > closed + 1;)
        cut.push_back(MakeBlock(lines, open[k], i, false));
      blocks.push_back(MakeBlock(lines, open[closed], i, true));
      open.resize(closed);
    } else if (open.size() < kFenceDepthMax) {
      open.push_back({fence, i});
    }
  }
  for (const OpenBlock& block : open) cut.push_back(MakeBlock(lines, block, lines.size(), false));
  std::move(cut.begin(), cut.end(), std::back_inserter(blocks));
  return blocks;
}

}  // namespace caesar
