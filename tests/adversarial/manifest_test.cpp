// What a manifest may say.
#include "adversarial/manifest.h"

#include <gtest/gtest.h>

#include "adversarial/table.h"
#include "base/format.h"

namespace caesar {
namespace {

std::string Manifest(const std::string& fields, const std::string& misses = "") {
  return Format(
      R"({{"candidates": [{{"name": "x", "tries": "t", "problem": "p"{}}}], "known_misses": [{}]}})",
      fields, misses);
}

CorpusEntry Entry(const std::string& fields, const std::string& misses = "") {
  auto entries = ParseManifest(Manifest(fields, misses), "sim");
  EXPECT_TRUE(entries.ok()) << entries.error().message;
  return entries.ok() ? entries.value().at(0) : CorpusEntry();
}

std::string Refused(const std::string& json) {
  const auto entries = ParseManifest(json, "sim");
  return entries.ok() ? "accepted" : entries.error().message;
}

Judged Correct(double us, std::set<std::string> flags = {}, double speedup = 1) {
  Judged judged;
  judged.verdict = "correct";
  judged.us = us;
  judged.flags = std::move(flags);
  judged.speedup = speedup;
  return judged;
}

TEST(Manifest, IsReadForOneDevice) {
  const CorpusEntry entry = Entry(R"(, "sim": "wrong|correct+host_copy", "gpu": "crashed")",
                                  R"({"name": "x", "on": "gpu", "why": "there"})");
  EXPECT_EQ(entry.expected, (std::vector<std::string>{"wrong", "correct+host_copy"}));
  EXPECT_EQ(entry.missed, "");
  EXPECT_TRUE(Entry(R"(, "gpu": "wrong")").expected.empty());
}

TEST(Manifest, RefusesWhatCannotBeMeant) {
  EXPECT_NE(Refused(Manifest(R"(, "sim": "correct")")).find("never plainly correct"),
            std::string::npos);
  EXPECT_NE(Refused(Manifest(R"(, "sim": "wrog")")).find("no outcome wrog"), std::string::npos);
  EXPECT_NE(Refused(Manifest(R"(, "smi": "wrong")")).find("unknown field smi"), std::string::npos);
  EXPECT_NE(Refused(Manifest("")).find("shows nowhere"), std::string::npos);
  EXPECT_NE(Refused(Manifest(R"(, "sim": "wrong")", R"({"name": "y", "on": "sim", "why": ""})"))
                .find("no candidate"),
            std::string::npos);
}

TEST(Manifest, SaysWhatIsCaught) {
  const CorpusEntry hostile = Entry(R"(, "sim": "wrong|no_gain|correct+host_copy")");
  const Judged honest = Correct(10);
  EXPECT_TRUE(IsExpected(hostile, Correct(10), honest));
  EXPECT_FALSE(IsExpected(hostile, Correct(5), honest)) << "a gain";
  EXPECT_FALSE(IsExpected(hostile, Correct(10, {}, 2), honest)) << "against a baseline it slowed";
  EXPECT_TRUE(IsExpected(hostile, Correct(5, {"graph", "host_copy"}), honest));
  const CorpusEntry saboteur = Entry(R"(, "sim": "cheated|no_speedup")");
  EXPECT_TRUE(IsExpected(saboteur, Correct(10, {}, 1.01), honest));
  EXPECT_FALSE(IsExpected(saboteur, Correct(10, {}, 1.05), honest));
  const CorpusEntry kind = Entry(R"(, "honest": true, "sim": "correct+graph")");
  EXPECT_TRUE(IsExpected(kind, Correct(5, {"graph"}), honest));
  EXPECT_FALSE(IsExpected(kind, Correct(5), honest)) << "the flag is missing";
  EXPECT_FALSE(IsExpected(kind, Correct(5, {"graph", "host_work"}), honest)) << "a false alarm";
}

}  // namespace
}  // namespace caesar
