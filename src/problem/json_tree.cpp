// nlohmann's event parser gives no positions; it is fed through an iterator that tells how far it
// has read.
#include "problem/json_tree.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kDepthMax = 32;

class TrackedInput {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  TrackedInput(const char* at, const char** read_to) : at_(at), read_to_(read_to) {}
  reference operator*() const { return *at_; }
  TrackedInput& operator++() {
    *read_to_ = ++at_;
    return *this;
  }
  TrackedInput operator++(int) {
    TrackedInput before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const TrackedInput& a, const TrackedInput& b) { return a.at_ == b.at_; }
  friend bool operator!=(const TrackedInput& a, const TrackedInput& b) { return a.at_ != b.at_; }

 private:
  const char* at_;
  const char** read_to_;
};

class Builder : public nlohmann::json_sax<Json> {
 public:
  Builder(const char* begin, const char* const* read_to, std::string file)
      : begin_(begin), counted_to_(begin), read_to_(read_to), file_(std::move(file)) {}

  bool null() override { return Add(JsonTree::Kind::kNull) != nullptr; }
  bool boolean(bool value) override {
    JsonTree* node = Add(JsonTree::Kind::kBool);
    if (node) node->boolean = value;
    return node != nullptr;
  }
  bool number_integer(number_integer_t value) override {
    JsonTree* node = Add(JsonTree::Kind::kInteger, kReadsAhead);
    if (!node) return false;
    node->integer = value;
    node->number = static_cast<double>(value);
    return true;
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value <= number_unsigned_t{std::numeric_limits<std::int64_t>::max()}) {
      return number_integer(static_cast<std::int64_t>(value));
    }
    return number_float(static_cast<double>(value), "");
  }
  bool number_float(number_float_t value, const string_t&) override {
    JsonTree* node = Add(JsonTree::Kind::kNumber, kReadsAhead);
    if (node) node->number = value;
    return node != nullptr;
  }
  bool string(string_t& value) override {
    JsonTree* node = Add(JsonTree::Kind::kString);
    if (node) node->text = std::move(value);
    return node != nullptr;
  }
  bool binary(binary_t&) override { return false; }  // text JSON has none
  bool start_object(std::size_t) override { return Begin(JsonTree::Kind::kObject); }
  bool start_array(std::size_t) override { return Begin(JsonTree::Kind::kArray); }
  bool end_object() override { return End(); }
  bool end_array() override { return End(); }

  bool key(string_t& value) override {
    key_ = std::move(value);
    key_line_ = LineHere(0);
    const auto& members = open_.back()->children;
    const bool twice = std::any_of(members.begin(), members.end(),
                                   [this](const JsonTree& member) { return member.key == *key_; });
    if (twice)
      return Refuse(key_line_, Format("the field '{}' is given twice", Shorten(*key_, 80)));
    if (members.size() >= kMembersMax)
      return Refuse(key_line_, Format("an object has more than {} fields", kMembersMax));
    return true;
  }

  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& exception) override {
    // "[json.exception.parse_error.101] parse error at line 3, column 7: syntax error while ..."
    std::string_view what = exception.what();
    int line = LineHere(0);
    int column = 0;
    if (const auto at = what.find("at line "); at != what.npos) {
      std::sscanf(what.data() + at, "at line %d, column %d", &line, &column);
      what.remove_prefix(std::min(what.size(), what.find(": ", at)));
      if (StartsWith(what, ": ")) what.remove_prefix(2);
    } else if (const auto end = what.find("] "); end != what.npos) {
      what.remove_prefix(end + 2);
    }
    if (column == 0) column = ColumnBefore(*read_to_ - kReadsAhead);  // an end of line is unread
    const std::string place = Format("{}:{}:{}", file_, line, column);
    error_ = Error{ErrorCode::kBadInput, place + ": " + Shorten(ToValidUtf8(what), 400), ""};
    return false;
  }

  Result<JsonTree> Finish() && {
    if (error_) return *std::move(error_);
    return std::move(root_);
  }

 private:
  static constexpr std::size_t kMembersMax = 256;
  // The end of a number shows only in the character after it.
  static constexpr std::ptrdiff_t kReadsAhead = 1;

  int LineHere(std::ptrdiff_t ahead) {
    const char* to = std::max(counted_to_, *read_to_ - ahead);
    line_ += static_cast<int>(std::count(counted_to_, to, '\n'));
    counted_to_ = to;
    return line_;
  }

  int ColumnBefore(const char* end) const {
    const char* start = std::max(begin_, end);
    while (start > begin_ && start[-1] != '\n') --start;
    return static_cast<int>(std::max(start, end) - start);
  }

  bool Refuse(int line, const std::string& reason) {
    error_ = Error{ErrorCode::kBadInput, Format("{}:{}: {}", file_, line, reason), ""};
    return false;
  }

  JsonTree* Add(JsonTree::Kind kind, std::ptrdiff_t ahead = 0) {
    const int line = LineHere(ahead);
    JsonTree* node = &root_;
    if (!open_.empty()) node = &open_.back()->children.emplace_back();
    node->kind = kind;
    node->line = key_ ? key_line_ : line;
    if (key_) node->key = *std::move(key_);
    key_.reset();
    return node;
  }

  bool Begin(JsonTree::Kind kind) {
    if (open_.size() == kDepthMax) {
      return Refuse(LineHere(0), Format("values are nested deeper than {} levels", kDepthMax));
    }
    open_.push_back(Add(kind));  // stays valid: a child is closed before its parent grows
    return true;
  }

  bool End() {
    open_.pop_back();
    return true;
  }

  JsonTree root_;
  std::vector<JsonTree*> open_;
  std::optional<std::string> key_;
  int key_line_ = 0;
  int line_ = 1;
  const char* begin_;
  const char* counted_to_;
  const char* const* read_to_;
  std::string file_;
  std::optional<Error> error_;
};

}  // namespace

Result<JsonTree> ParseJsonTree(std::string_view text, const std::string& file) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* read_to = begin;
  Builder builder(begin, &read_to, file);
  try {
    constexpr bool kStrict = true;
    constexpr bool kComments = true;
    Json::sax_parse(TrackedInput(begin, &read_to), TrackedInput(end, &read_to), &builder,
                    Json::input_format_t::json, kStrict, kComments);
  } catch (const Json::exception& exception) {
    return Error{ErrorCode::kBadInput, file + ": " + Shorten(ToValidUtf8(exception.what()), 400),
                 ""};
  }
  return std::move(builder).Finish();
}

}  // namespace caesar
