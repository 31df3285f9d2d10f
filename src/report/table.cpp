#include "report/table.h"

#include <algorithm>

#include "base/strings.h"

namespace caesar {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// Bytes of the first `columns` columns of valid UTF-8.
std::size_t BytesOf(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (IsContinuation(text[at])) continue;
    if (columns == 0) break;
    --columns;
  }
  return at;
}

}  // namespace

std::size_t DisplayWidth(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

std::string FitLine(std::string_view text, std::size_t columns_max) {
  // A code point has at most 4 bytes; escapes may take more, but nobody sees what lies far beyond
  // the cut.
  std::string line = ForTerminal(text.substr(0, columns_max * 4 + 4096));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  line = std::string(Trim(line));
  if (DisplayWidth(line) <= columns_max) return line;
  const std::size_t keep = columns_max > 3 ? columns_max - 3 : 0;
  return line.substr(0, BytesOf(line, keep)) +
         std::string("...").substr(0, std::min<std::size_t>(3, columns_max));
}

TextTable::TextTable(std::vector<Column> columns, bool cut) : columns_(std::move(columns)) {
  constexpr std::size_t kUncut = 4096;
  if (cut) return;
  for (Column& column : columns_) column.width_max = kUncut;
}

void TextTable::AddRow(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::size_t i = 0; i < cells.size(); ++i)
    cells[i] = FitLine(cells[i], columns_[i].width_max);
  rows_.push_back(std::move(cells));
}

std::string TextTable::Line(const std::vector<std::string>& cells,
                            const std::vector<std::size_t>& widths) const {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string gap(widths[i] - DisplayWidth(cells[i]), ' ');
    if (i > 0) line += "  ";
    line += columns_[i].align == Align::kRight ? gap + cells[i] : cells[i] + gap;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string TextTable::Text(std::string_view indent) const {
  std::vector<std::string> titles;
  std::vector<std::size_t> widths;
  bool titled = false;
  for (const Column& column : columns_) {
    titles.push_back(column.title);
    widths.push_back(DisplayWidth(column.title));
    titled = titled || !column.title.empty();
  }
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  std::string text;
  if (titled) text.append(indent).append(Line(titles, widths)).append("\n");
  for (const auto& row : rows_) text.append(indent).append(Line(row, widths)).append("\n");
  return text;
}

}  // namespace caesar
