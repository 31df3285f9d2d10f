// Text tables: columns as wide as their widest cell, two spaces between them, no trailing white
// space.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace caesar {

// Columns that `text` takes on a terminal: one for each code point of its (valid) UTF-8.
std::size_t DisplayWidth(std::string_view text);

// `text` as one line fit for a terminal: made safe (ForTerminal), line ends and tabs as spaces, at
// most `columns_max` columns, with "..." where it was cut.
std::string FitLine(std::string_view text, std::size_t columns_max);

// How text for people is made.
struct TextStyle {
  bool color = false;
  bool cut = false;  // long cells, with "...": for a terminal, whose lines are short
  bool verbose = false;
};

class TextTable {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
    std::size_t width_max = 60;  // longer cells are cut with "...", where any are
  };

  explicit TextTable(std::vector<Column> columns, bool cut = true);
  void AddRow(std::vector<std::string> cells);  // made safe for a terminal; missing cells are empty
  // Every line is indented by `indent`; without titles if all are empty.
  std::string Text(std::string_view indent = "") const;

 private:
  std::string Line(const std::vector<std::string>& cells,
                   const std::vector<std::size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace caesar
