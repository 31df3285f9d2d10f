// JsonIo over nlohmann_json, whose exceptions stop here.
#include "record/json_io.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/check.h"
#include "base/format.h"

namespace caesar {
namespace {

// Members keep their order; lookup is linear, which the limit on members keeps cheap.
using Json = nlohmann::ordered_json;

constexpr int kDepthMax = 64;
constexpr std::size_t kMembersMax = 1024;

struct Refused {
  std::string message;
};

// Parses with limits. Throws Refused or nlohmann's exceptions.
Json ParseLimited(std::string_view text) {
  std::vector<std::set<std::string>> keys;
  const auto guard = [&keys](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kDepthMax) throw Refused{Format("is nested deeper than {} levels", kDepthMax)};
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event != Json::parse_event_t::key) return true;
    const auto& key = parsed.get_ref<const std::string&>();
    if (!keys.back().insert(key).second) {
      throw Refused{Format("names the field '{}' twice in one object", Shorten(key, 80))};
    }
    if (keys.back().size() > kMembersMax) {
      throw Refused{Format("has an object with more than {} members", kMembersMax)};
    }
    return true;
  };
  return Json::parse(text.begin(), text.end(), guard);
}

// "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error ..." without the
// bracket.
std::string Reason(const std::exception& exception) {
  const std::string_view what = exception.what();
  const std::size_t end = what.find("] ");
  return Shorten(ToValidUtf8(end == what.npos ? what : what.substr(end + 2)), 400);
}

std::string Dump(const auto& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string_view ReasonOf(double value) {
  if (std::isnan(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}

std::optional<double> DoubleOf(std::string_view reason) {
  if (reason == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (reason == "inf") return std::numeric_limits<double>::infinity();
  if (reason == "-inf") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

std::string ReasonField(std::string_view name) { return std::string(name) + "_reason"; }

Json Finite(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

constexpr std::string_view kReasonRule =
    "is null, so its reason beside it must be \"nan\", \"inf\" or \"-inf\"";

}  // namespace

bool IsJson(std::string_view text) {
  try {
    ParseLimited(text);
    return true;
  } catch (const Refused&) {
    return true;  // valid as far as it was read; too large is not torn
  } catch (const Json::exception&) {
    return false;
  }
}

struct JsonIo::Impl {
  struct Frame {
    Json* node = nullptr;
    std::string step;             // ".median_us" or "[3]"
    std::set<std::string> known;  // members that the description asked for
  };

  bool reading = false;
  UnknownFields unknown = UnknownFields::kIgnore;
  std::string what;
  Json root;
  std::vector<Frame> frames;
  std::optional<Error> error;

  std::string Path() const {
    std::string path;
    for (const Frame& frame : frames) path += frame.step;
    return StartsWith(path, ".") ? path.substr(1) : path;
  }
  Json& Node() { return *frames.back().node; }

  // The member, or null after recording that it is missing.
  Json* Member(std::string_view name) {
    if (error) return nullptr;
    frames.back().known.emplace(name);
    const auto found = Node().find(std::string(name));
    return found == Node().end() ? nullptr : &*found;
  }
};

JsonIo::JsonIo() : impl_(std::make_unique<Impl>()) {
  impl_->frames.push_back({&impl_->root, "", {}});
}

JsonIo::JsonIo(std::string_view text, std::string what, UnknownFields unknown) : JsonIo() {
  impl_->reading = true;
  impl_->unknown = unknown;
  impl_->what = std::move(what);
  try {
    impl_->root = ParseLimited(text);
  } catch (const Refused& refused) {
    impl_->error = Error{ErrorCode::kBadInput, impl_->what + " " + refused.message, ""};
  } catch (const Json::exception& exception) {
    impl_->error =
        Error{ErrorCode::kBadInput, impl_->what + " is not valid JSON", Reason(exception)};
  }
}

JsonIo::~JsonIo() = default;

bool JsonIo::reading() const { return impl_->reading; }
bool JsonIo::failed() const { return impl_->error.has_value(); }

Status JsonIo::status() const {
  if (impl_->error) return *impl_->error;
  return {};
}

void JsonIo::Fail(const std::string& message) {
  if (impl_->error) return;  // the first problem is the one to tell
  const std::string path = impl_->Path();
  const std::string place =
      path.empty() ? impl_->what : impl_->what + ": field " + Shorten(path, 200);
  impl_->error = Error{ErrorCode::kBadInput, place + " " + message, ""};
}

void JsonIo::FailField(std::string_view name, const std::string& message) {
  impl_->frames.push_back({nullptr, "." + std::string(name), {}});
  Fail(message);
  impl_->frames.pop_back();
}

std::string JsonIo::Text(int indent) const { return Dump(impl_->root, indent); }

std::string JsonIo::SortedText(int indent) const {
  return Dump(nlohmann::json(impl_->root), indent);
}

bool JsonIo::Open(std::string_view name) {
  if (failed()) return false;
  Json* node = nullptr;
  if (reading()) {
    node = impl_->Member(name);
    if (!node) FailField(name, "is missing");
    if (!node) return false;
  } else {
    node = &impl_->Node()[std::string(name)];
  }
  impl_->frames.push_back({node, "." + std::string(name), {}});
  return true;
}

bool JsonIo::OpenItem(std::size_t index) {
  if (failed()) return false;
  if (!reading()) impl_->Node().push_back(nullptr);
  impl_->frames.push_back({&impl_->Node()[index], Format("[{}]", index), {}});
  return true;
}

void JsonIo::Close() { impl_->frames.pop_back(); }

void JsonIo::BeginObject() {
  if (failed()) return;
  if (!reading()) {
    impl_->Node() = Json::object();
  } else if (!impl_->Node().is_object()) {
    Fail(Format("must be an object, not {}", impl_->Node().type_name()));
  }
}

void JsonIo::EndObject() {
  if (failed() || !reading() || impl_->unknown == UnknownFields::kIgnore) return;
  const auto& known = impl_->frames.back().known;
  for (const auto& [key, value] : impl_->Node().items()) {
    if (known.count(key)) continue;
    const auto nearest = Nearest(key, {known.begin(), known.end()});
    FailField(key,
              "is unknown" + (nearest ? " (did you mean '" + *nearest + "'?)" : std::string()));
    return;
  }
}

std::size_t JsonIo::BeginArray() {
  if (failed()) return 0;
  if (!reading()) {
    impl_->Node() = Json::array();
    return 0;
  }
  if (!impl_->Node().is_array()) {
    Fail(Format("must be an array, not {}", impl_->Node().type_name()));
    return 0;
  }
  return impl_->Node().size();
}

std::vector<std::string> JsonIo::Keys() const {
  std::vector<std::string> keys;
  if (failed()) return keys;
  for (const auto& [key, value] : impl_->Node().items()) keys.push_back(key);
  return keys;
}

bool JsonIo::IsNull(std::string_view name) {
  if (failed()) return true;
  const Json* member = impl_->Member(name);
  if (!member && impl_->unknown == UnknownFields::kRefuse) FailField(name, "is missing");
  if (!member) return true;
  if (!member->is_null()) return false;
  // A number may be null and yet be there: NaN.
  const bool number_with_reason = impl_->Node().contains(ReasonField(name));
  return !number_with_reason;
}

bool JsonIo::Lacks(std::string_view name) {
  return reading() && !failed() && impl_->Member(name) == nullptr;
}

void JsonIo::Null(std::string_view name) { impl_->Node()[std::string(name)] = nullptr; }

void JsonIo::Value(std::int64_t& value) {
  Json& node = impl_->Node();
  if (!reading()) {
    node = value;
  } else if (node.is_number_unsigned() &&
             node.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    Fail("is too large");
  } else if (!node.is_number_integer()) {
    Fail(Format("must be an integer, not {}", node.is_number() ? "a fraction" : node.type_name()));
  } else {
    value = node.get<std::int64_t>();
  }
}

void JsonIo::Value(std::string& value) {
  Json& node = impl_->Node();
  if (!reading()) {
    node = value;
  } else if (!node.is_string()) {
    Fail(Format("must be a string, not {}", node.type_name()));
  } else {
    value = node.get<std::string>();
  }
}

void JsonIo::Field(std::string_view name, bool& value) {
  if (!Open(name)) return;
  Json& node = impl_->Node();
  if (!reading()) {
    node = value;
  } else if (!node.is_boolean()) {
    Fail(Format("must be true or false, not {}", node.type_name()));
  } else {
    value = node.get<bool>();
  }
  Close();
}

void JsonIo::Field(std::string_view name, std::int64_t& value) {
  if (!Open(name)) return;
  Value(value);
  Close();
}

void JsonIo::Field(std::string_view name, int& value) {
  std::int64_t wide = value;
  Field(name, wide);
  if (failed()) return;
  if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max()) {
    return FailField(name, "is too large");
  }
  value = static_cast<int>(wide);
}

void JsonIo::Field(std::string_view name, std::uint64_t& value) {
  if (!Open(name)) return;
  Json& node = impl_->Node();
  if (!reading()) {
    node = value;
  } else if (!node.is_number_unsigned()) {
    Fail(Format("must be an integer of at least 0, not {}",
                node.is_number() ? Dump(node, -1) : node.type_name()));
  } else {
    value = node.get<std::uint64_t>();
  }
  Close();
}

void JsonIo::Field(std::string_view name, std::string& value) {
  if (!Open(name)) return;
  Value(value);
  Close();
}

void JsonIo::Field(std::string_view name, double& value) {
  if (failed()) return;
  if (!reading()) {
    impl_->Node()[std::string(name)] = Finite(value);
    if (!std::isfinite(value)) impl_->Node()[ReasonField(name)] = ReasonOf(value);
    return;
  }
  const Json* member = impl_->Member(name);
  const Json* reason = impl_->Member(ReasonField(name));
  if (!member) return FailField(name, "is missing");
  if (member->is_number()) {
    value = member->get<double>();
    return;
  }
  if (!member->is_null())
    return FailField(name, Format("must be a number, not {}", member->type_name()));
  const auto special =
      reason && reason->is_string() ? DoubleOf(reason->get<std::string>()) : std::nullopt;
  if (!special) return FailField(name, std::string(kReasonRule));
  value = *special;
}

void JsonIo::Range(std::string_view name, double& low, double& high) {
  if (failed()) return;
  double* const ends[] = {&low, &high};
  if (!reading()) {
    Json& parent = impl_->Node();
    parent[std::string(name)] = {Finite(low), Finite(high)};
    if (std::isfinite(low) && std::isfinite(high)) return;
    Json reasons = Json::array();
    for (const double* end : ends)
      reasons.push_back(std::isfinite(*end) ? Json(nullptr) : Json(ReasonOf(*end)));
    parent[ReasonField(name)] = std::move(reasons);
    return;
  }
  const Json* member = impl_->Member(name);
  const Json* reasons = impl_->Member(ReasonField(name));
  if (!member) return FailField(name, "is missing");
  if (!member->is_array() || member->size() != 2) return FailField(name, "must be [low, high]");
  for (std::size_t i = 0; i < 2; ++i) {
    const Json& end = (*member)[i];
    if (end.is_number()) {
      *ends[i] = end.get<double>();
      continue;
    }
    const bool reasoned = end.is_null() && reasons && reasons->is_array() && reasons->size() == 2 &&
                          (*reasons)[i].is_string();
    const auto special = reasoned ? DoubleOf((*reasons)[i].get<std::string>()) : std::nullopt;
    if (!special)
      return FailField(name, end.is_null() ? std::string(kReasonRule) : "must be two numbers");
    *ends[i] = *special;
  }
}

void JsonIo::RawObject(std::string_view name, std::string& json) {
  if (!Open(name)) return;
  Json& node = impl_->Node();
  if (reading()) {
    if (node.is_object()) {
      json = Dump(node, -1);
    } else {
      Fail(Format("must be an object, not {}", node.type_name()));
    }
  } else {
    node = Json::parse(json, nullptr, false);
    if (node.is_discarded()) node = Json::parse(ToValidUtf8(json), nullptr, false);
    CHECK(node.is_object());  // whoever made it is ours
  }
  Close();
}

void JsonIo::Version(std::string_view name, int& version, int newest) {
  Field(name, version);
  if (failed() || !reading()) return;
  if (version < 1) FailField(name, Format("is {}, but versions start at 1", version));
  if (version > newest) {
    FailField(name, Format("is {}, but this caesar reads versions up to {}: use a newer caesar",
                           version, newest));
  }
}

void JsonIo::Derived(std::string_view name, std::optional<double> value) {
  if (failed()) return;
  if (reading()) {
    impl_->Member(name);
    impl_->Member(ReasonField(name));
    return;
  }
  Field(name, value);
}

}  // namespace caesar
