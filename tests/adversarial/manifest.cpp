#include "adversarial/manifest.h"

#include <nlohmann/json.hpp>
#include <set>

#include "base/format.h"
#include "base/strings.h"
#include "record/verdict.h"

namespace caesar {
namespace {

using Json = nlohmann::json;

Error Bad(const std::string& name, const std::string& what) {
  return Error{ErrorCode::kBadInput, Format("manifest.json, {}: {}", name, what), ""};
}

// "wrong|crashed" -> {"wrong", "crashed"}
std::vector<std::string> Outcomes(const Json& entry, const std::string& device) {
  if (!entry.contains(device)) return {};
  std::vector<std::string> outcomes;
  for (const auto& outcome : Split(entry.at(device).get<std::string>(), '|'))
    outcomes.emplace_back(outcome);
  return outcomes;
}

Status CheckOutcomes(const CorpusEntry& entry) {
  for (const std::string& outcome : entry.expected) {
    const std::string verdict = outcome.substr(0, outcome.find('+'));
    if (outcome != "no_gain" && outcome != "no_speedup" && !VerdictKindOf(verdict).has_value())
      return Bad(entry.name, Format("there is no outcome {}", outcome));
    if (!entry.honest && outcome == "correct")
      return Bad(entry.name, "a hostile candidate is never plainly correct");
  }
  return {};
}

Result<CorpusEntry> ReadEntry(const Json& json, const std::string& device) {
  CorpusEntry entry;
  entry.name = json.at("name");
  static const std::set<std::string> kFields = {
      "name",   "tries", "problem", "honest", "sim", "gpu", "call_timeout_ms", "compile_timeout_ms",
      "sandbox"};
  for (const auto& [field, value] : json.items()) {
    if (!kFields.contains(field)) return Bad(entry.name, "unknown field " + field);
  }
  entry.tries = json.at("tries");
  entry.problem = json.at("problem");
  entry.honest = json.value("honest", false);
  entry.needs_sandbox = json.value("sandbox", false);
  entry.call_timeout = Milliseconds(json.value("call_timeout_ms", 0));
  entry.compile_timeout = Milliseconds(json.value("compile_timeout_ms", 0));
  if (!json.contains("sim") && !json.contains("gpu")) return Bad(entry.name, "it shows nowhere");
  entry.expected = Outcomes(json, device);
  TRY(CheckOutcomes(entry));
  return entry;
}

Result<std::vector<CorpusEntry>> Read(const Json& json, const std::string& device) {
  std::vector<CorpusEntry> entries;
  for (const Json& each : json.at("candidates")) {
    CorpusEntry entry = TRY(ReadEntry(each, device));
    for (const CorpusEntry& known : entries) {
      if (known.name == entry.name) return Bad(entry.name, "it is there twice");
    }
    entries.push_back(std::move(entry));
  }
  for (const Json& miss : json.at("known_misses")) {
    if (miss.at("on").get<std::string>() != device) continue;
    const std::string name = miss.at("name");
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const CorpusEntry& entry) { return entry.name == name; });
    if (found == entries.end()) return Bad(name, "a known miss of no candidate");
    found->missed = miss.at("why");
    found->missed_sometimes = miss.value("sometimes", false);
  }
  return entries;
}

}  // namespace

Result<std::vector<CorpusEntry>> ParseManifest(const std::string& json, const std::string& device) {
  try {
    return Read(Json::parse(json, nullptr, true, true), device);
  } catch (const Json::exception& error) {
    return Bad("as a whole", error.what());
  }
}

}  // namespace caesar
