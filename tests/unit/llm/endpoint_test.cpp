#include "llm/endpoint.h"

#include <gtest/gtest.h>

#include <map>

#include "fakes/memory_files.h"

namespace caesar {
namespace {

Result<Endpoint> Find(const std::string& base_url, std::map<std::string, std::string> variables) {
  ModelConfig config;
  config.base_url = base_url;
  MemoryFiles files;
  return FindEndpoint(
      *FindProvider("openai"), config,
      [variables](const std::string& name) {
        const auto found = variables.find(name);
        return found == variables.end() ? "" : found->second;
      },
      files);
}

TEST(Endpoint, OrderOfAddresses) {
  EXPECT_EQ(Find("", {{"OPENAI_API_KEY", "k"}}).value().base_url, "https://api.openai.com/v1");
  EXPECT_EQ(Find("", {{"OPENAI_BASE_URL", "http://a/v1/"}}).value().base_url, "http://a/v1");
  EXPECT_EQ(Find("http://b/v1", {{"OPENAI_BASE_URL", "http://a/v1"}}).value().base_url,
            "http://b/v1");
}

TEST(Endpoint, PastedAddressIsCutToItsBase) {
  EXPECT_EQ(Find(" http://b/v1/chat/completions/ ", {}).value().base_url, "http://b/v1");
}

TEST(Endpoint, BadAddress) {
  for (const char* url : {"localhost:8000", "ftp://x", "http://", "http://a b", "http:///v1"}) {
    const auto endpoint = Find(url, {});
    ASSERT_FALSE(endpoint.ok()) << url;
    EXPECT_EQ(endpoint.error().code, ErrorCode::kUsage);
  }
}

TEST(Endpoint, OpenAiNeedsAKey) {
  const auto endpoint = Find("", {});
  ASSERT_FALSE(endpoint.ok());
  EXPECT_EQ(endpoint.error().code, ErrorCode::kEnvironment);
  EXPECT_NE(endpoint.error().message.find("OPENAI_API_KEY"), std::string::npos);
}

TEST(Endpoint, OtherServersNeedNone) {
  EXPECT_EQ(Find("http://localhost:8000/v1", {}).value().key, "");
}

TEST(Endpoint, OpenAiKeyStaysWhereItBelongs) {
  const auto other = Find("https://other.example/v1", {{"OPENAI_API_KEY", "secret"}});
  EXPECT_EQ(other.value().key, "");
  EXPECT_EQ(other.value().withheld, "OPENAI_API_KEY");
  EXPECT_EQ(Find("https://other.example/v1",
                 {{"OPENAI_API_KEY", "secret"}, {"OPENAI_BASE_URL", "https://a/v1"}})
                .value()
                .key,
            "");
  EXPECT_EQ(Find("https://api.openai.com.evil.org/v1", {{"OPENAI_API_KEY", "secret"}}).value().key,
            "");
  EXPECT_EQ(
      Find("https://a/v1", {{"OPENAI_API_KEY", "secret"}, {"OPENAI_BASE_URL", "https://a/v1/"}})
          .value()
          .key,
      "secret");
  EXPECT_EQ(
      Find("", {{"OPENAI_API_KEY", "secret"}, {"OPENAI_BASE_URL", "https://a/v1"}}).value().key,
      "secret");
}

TEST(Endpoint, CaesarKeyGoesAnywhereAndFirst) {
  const auto endpoint =
      Find("https://other.example/v1", {{"OPENAI_API_KEY", "secret"}, {"CAESAR_API_KEY", "mine"}});
  EXPECT_EQ(endpoint.value().key, "mine");
  EXPECT_EQ(endpoint.value().key_source, "CAESAR_API_KEY");
}

TEST(Endpoint, OrganizationGoesWithTheOpenAiKeyOnly) {
  EXPECT_EQ(Find("", {{"OPENAI_API_KEY", "k"}, {"OPENAI_ORG_ID", "o"}, {"OPENAI_PROJECT_ID", "p"}})
                .value()
                .headers.size(),
            2U);
  EXPECT_TRUE(Find("http://b/v1", {{"CAESAR_API_KEY", "k"}, {"OPENAI_ORG_ID", "o"}})
                  .value()
                  .headers.empty());
}

TEST(Endpoint, KeyIsTrimmedAndChecked) {
  EXPECT_EQ(Find("", {{"OPENAI_API_KEY", " sk-1\n"}}).value().key, "sk-1");
  const auto broken = Find("", {{"OPENAI_API_KEY", "sk-1\nX-Evil: 1"}});
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().message.find("sk-1"), std::string::npos);
}

TEST(Endpoint, UnencryptedKeyIsWarnedAbout) {
  EXPECT_FALSE(Find("http://gpu.example/v1", {{"CAESAR_API_KEY", "k"}}).value().warnings.empty());
  for (const char* url : {"http://localhost:1/v1", "http://127.0.0.1/v1", "http://[::1]:80/v1",
                          "https://gpu.example/v1"}) {
    EXPECT_TRUE(Find(url, {{"CAESAR_API_KEY", "k"}}).value().warnings.empty()) << url;
  }
  EXPECT_FALSE(
      Find("http://localhost@evil.org/v1", {{"CAESAR_API_KEY", "k"}}).value().warnings.empty());
  EXPECT_TRUE(Find("http://gpu.example/v1", {}).value().warnings.empty());
}

TEST(Endpoint, SecretsOfAddressesAreNotShown) {
  EXPECT_EQ(ShownUrl("https://me:pw@host/v1?key=1#x"), "https://host/v1");
  EXPECT_EQ(ShownUrl("https://host/a@b"), "https://host/a@b");
}

TEST(Endpoint, Redact) {
  Endpoint endpoint;
  endpoint.key = "sk-12345";
  endpoint.base_url = "http://me:pw@h/v1";
  EXPECT_EQ(Redact("bad key sk-12345 at me:pw@h", endpoint), "bad key [key] at [key]@h");
}

}  // namespace
}  // namespace caesar
