// The few words of JSON Schema that include/caesar uses, enough to hold our schemas and our records
// together. Stricter than the standard in one way: a member that the schema does not name is a
// violation, unless additionalProperties allows it.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace caesar::test {

inline nlohmann::json ReadSchema(const std::string& name) {
  std::ifstream file(std::string(CAESAR_SOURCE_DIR) + "/include/caesar/" + name + ".schema.json");
  return nlohmann::json::parse(file);
}

class SchemaChecker {
 public:
  explicit SchemaChecker(nlohmann::json root) : root_(std::move(root)) {}

  // Empty where `value` conforms; else one line for each violation.
  std::vector<std::string> Violations(const nlohmann::json& value) {
    return Check(root_, value, "$");
  }

 private:
  using Json = nlohmann::json;
  using Lines = std::vector<std::string>;

  Lines Check(const Json& schema, const Json& value, const std::string& path) {
    if (schema.contains("$ref")) {
      const std::string pointer = schema["$ref"].get<std::string>().substr(1);
      return Check(root_.at(Json::json_pointer(pointer)), value, path);
    }
    Lines lines;
    if (schema.contains("anyOf")) {
      for (const Json& each : schema["anyOf"]) {
        const Lines inner = Check(each, value, path);
        if (inner.empty()) return {};
        lines.insert(lines.end(), inner.begin(), inner.end());
      }
      return lines;
    }
    const auto require = [&](bool holds, const std::string& rule) {
      if (!holds) lines.push_back(path + " breaks " + rule + ": " + value.dump());
    };
    if (schema.contains("const")) require(value == schema["const"], "const");
    if (schema.contains("enum")) require(Contains(schema["enum"], value), "enum");
    if (schema.contains("type")) require(HasType(schema["type"], value), "type");
    if (schema.contains("minimum") && value.is_number())
      require(value >= schema["minimum"], "minimum");
    if (value.is_array()) CheckItems(schema, value, path, lines);
    if (value.is_object()) CheckMembers(schema, value, path, lines);
    return lines;
  }

  void CheckItems(const Json& schema, const Json& value, const std::string& path, Lines& lines) {
    if (value.size() < schema.value("minItems", 0u)) lines.push_back(path + " breaks minItems");
    if (value.size() > schema.value("maxItems", 1u << 30))
      lines.push_back(path + " breaks maxItems");
    for (std::size_t i = 0; i < value.size() && schema.contains("items"); ++i) {
      Append(lines, Check(schema["items"], value[i], path + "[" + std::to_string(i) + "]"));
    }
  }

  void CheckMembers(const Json& schema, const Json& value, const std::string& path, Lines& lines) {
    for (const Json& name : schema.value("required", Json::array())) {
      if (!value.contains(name)) lines.push_back(path + " lacks " + name.get<std::string>());
    }
    const Json properties = schema.value("properties", Json::object());
    for (const auto& [name, member] : value.items()) {
      const std::string below = path + "." + name;
      if (properties.contains(name)) {
        Append(lines, Check(properties[name], member, below));
      } else if (schema.contains("additionalProperties") &&
                 schema["additionalProperties"].is_object()) {
        Append(lines, Check(schema["additionalProperties"], member, below));
      } else if (schema.contains("properties")) {
        lines.push_back(below + " is not in the schema");
      }
    }
  }

  static bool Contains(const Json& list, const Json& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  }

  static bool HasType(const Json& type, const Json& value) {
    if (type.is_array()) {
      return std::any_of(type.begin(), type.end(),
                         [&](const Json& each) { return HasType(each, value); });
    }
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    return type == value.type_name();
  }

  static void Append(Lines& lines, const Lines& more) {
    lines.insert(lines.end(), more.begin(), more.end());
  }

  Json root_;
};

}  // namespace caesar::test
