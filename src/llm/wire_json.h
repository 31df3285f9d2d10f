// JSON as servers send it, read fast and leniently: from their bytes to a flat list of nodes, in
// one pass. Strings are decoded when they are asked for.
//
// Lenient where servers are sloppy and nothing is lost by it: half a surrogate pair and invalid
// UTF-8 become U+FFFD, a number beyond a double's range is that range's end, control characters in
// strings are taken as they are, a byte order mark at the start is skipped. Anything else that is
// no JSON is refused, and so is what nests deeper than kDepthMax or has more than kNodesMax values
// (a member of an object counts twice). Source: RFC 8259.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caesar {

class WireJson;

// One value, as a view into its WireJson, which must outlive it. A value that is not there answers
// like an empty one, so that a path can be followed without checks:
// json["error"]["message"].text().
class WireValue {
 public:
  enum class Kind : std::uint8_t {
    kMissing,
    kNull,
    kFalse,
    kTrue,
    kNumber,
    kString,
    kArray,
    kObject
  };

  WireValue() = default;

  Kind kind() const;
  bool exists() const;  // there, and not null
  bool is_object() const { return kind() == Kind::kObject; }
  bool is_array() const { return kind() == Kind::kArray; }
  bool is_string() const { return kind() == Kind::kString; }
  bool is_number() const { return kind() == Kind::kNumber; }
  bool empty() const;  // no members, no items, no text; true of all that is neither

  WireValue operator[](std::string_view key) const;  // of an object; of two equal keys the last
  WireValue operator[](std::size_t index) const;     // of an array

  std::string text() const;              // of a string, as valid UTF-8; else empty
  bool is(std::string_view text) const;  // a string of exactly these bytes
  double number() const;                 // of a number; else 0
  std::int64_t count() const;    // of a number, cut to 0..1e15 and to its whole part; else 0
  bool boolean() const;          // true for `true` alone
  std::string_view raw() const;  // its JSON text, of a string without the quotes; empty: not there

  // for (WireValue item : array): the items of an array; nothing for any other value.
  class Iterator;
  Iterator begin() const;
  Iterator end() const;

 private:
  friend class WireJson;
  WireValue(const WireJson* json, std::uint32_t node) : json_(json), node_(node) {}
  const WireJson* json_ = nullptr;
  std::uint32_t node_ = 0;
};

class WireJson {
 public:
  static constexpr int kDepthMax = 64;
  static constexpr std::size_t kNodesMax = std::size_t{1} << 22;

  // Whether `text` is JSON. It is looked at, not copied, and must live as long as values of it are
  // used. An object that is used again keeps its storage.
  bool Parse(std::string_view text);

  WireValue root() const;  // missing if Parse refused

 private:
  friend class WireValue;
  friend class WireValue::Iterator;

  // A value, or an object's key before its value, in the order of the text. Strings are without
  // their quotes.
  struct Node {
    WireValue::Kind kind;
    bool escaped;         // a string with a backslash in it
    std::uint32_t begin;  // [begin, end) of the text
    std::uint32_t end;
    std::uint32_t next;  // the first node behind this one and all that is in it
  };
  class Parser;

  const Node& At(std::uint32_t node) const { return nodes_[node]; }
  std::string_view Text(const Node& node) const {
    return text_.substr(node.begin, node.end - node.begin);
  }

  std::string_view text_;
  std::vector<Node> nodes_;
};

class WireValue::Iterator {
 public:
  WireValue operator*() const { return {json_, node_}; }
  Iterator& operator++();
  bool operator!=(const Iterator& other) const { return node_ != other.node_; }

 private:
  friend class WireValue;
  Iterator(const WireJson* json, std::uint32_t node) : json_(json), node_(node) {}
  const WireJson* json_;
  std::uint32_t node_;
};

}  // namespace caesar
