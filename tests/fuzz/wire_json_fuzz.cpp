// Any bytes through the reader of servers' JSON, against nlohmann_json: what one takes the other
// takes, with the same values, but for the leniencies that wire_json.h names. Those are taken out
// first: control characters become blanks, invalid UTF-8 U+FFFD.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "base/check.h"
#include "base/strings.h"
#include "llm/wire_json.h"

namespace {

using caesar::WireJson;
using caesar::WireValue;
using nlohmann::json;

// Every value, its text and its members: no index may leave the list of nodes.
std::size_t Touch(WireValue value) {
  std::size_t sum = value.raw().size() + value.text().size();
  CHECK(caesar::ToValidUtf8(value.text()) == value.text());
  CHECK(value.count() >= 0 && value.count() <= 1'000'000'000'000'000);
  CHECK(std::abs(value.number()) <= std::numeric_limits<double>::max());
  sum += value["a"].raw().size() + value[1].raw().size();
  for (const WireValue item : value) sum += Touch(item);
  return sum;
}

void Compare(WireValue value, const json& reference);

// nlohmann keeps the last of two equal keys, as WireValue does.
void CompareObject(WireValue value, const json& reference) {
  CHECK(value.is_object() && value.empty() == reference.empty());
  for (const auto& [key, member] : reference.items()) Compare(value[key], member);
}

void CompareArray(WireValue value, const json& reference) {
  CHECK(value.is_array());
  std::size_t index = 0;
  for (const WireValue item : value) {
    CHECK(index < reference.size());
    if (index < 8) CHECK(value[index].raw() == item.raw());
    Compare(item, reference[index++]);
  }
  CHECK(index == reference.size());
}

void Compare(WireValue value, const json& reference) {
  switch (reference.type()) {
    case json::value_t::null:
      return CHECK(value.kind() == WireValue::Kind::kNull);
    case json::value_t::boolean:
      return CHECK(value.kind() ==
                   (reference.get<bool>() ? WireValue::Kind::kTrue : WireValue::Kind::kFalse));
    case json::value_t::string:
      return CHECK(value.is_string() && value.text() == reference.get<std::string>());
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
    case json::value_t::number_float:
      return CHECK(value.is_number() && value.number() == reference.get<double>());
    case json::value_t::array:
      return CompareArray(value, reference);
    case json::value_t::object:
      return CompareObject(value, reference);
    case json::value_t::binary:
    case json::value_t::discarded:
      break;
  }
  CHECK(false);
}

std::string WithoutControls(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text;
}

// How deep brackets outside strings nest.
int Depth(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted) {
      depth += (text[i] == '{' || text[i] == '[') - (text[i] == '}' || text[i] == ']');
      deepest = std::max(deepest, depth);
    }
  }
  return deepest;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  WireJson parsed;
  if (parsed.Parse(bytes)) Touch(parsed.root());

  const std::string text = WithoutControls(caesar::ToValidUtf8(bytes));
  const bool taken = parsed.Parse(text);
  if (Depth(text) > WireJson::kDepthMax) {
    CHECK(!taken);
    return 0;
  }
  json reference;
  try {
    reference = json::parse(text);
  } catch (const json::out_of_range&) {  // a number beyond a double's range
    return 0;
  } catch (const json::parse_error& error) {
    // Half a surrogate pair; the message is nlohmann's only name for it.
    const bool half = std::string_view(error.what()).find("surrogate") != std::string_view::npos;
    CHECK(half || !taken);
    return 0;
  }
  CHECK(taken);
  Compare(parsed.root(), reference);
  return 0;
}
