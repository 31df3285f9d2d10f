#include "llm/endpoint.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <map>

#include "base/strings.h"
#include "fakes/memory_files.h"
#include "fakes/temp_folder.h"

namespace caesar {
namespace {

using Variables = std::map<std::string, std::string>;

Result<Endpoint> FindFor(const char* provider, const std::string& base_url, Variables variables,
                         const std::string& key_file = "", Files* files = nullptr) {
  ModelConfig config;
  config.base_url = base_url;
  config.api_key_file = key_file;
  MemoryFiles none;
  return FindEndpoint(
      *FindProvider(provider), config,
      [variables](const std::string& name) {
        const auto found = variables.find(name);
        return found == variables.end() ? "" : found->second;
      },
      files != nullptr ? *files : none);
}

Result<Endpoint> Find(const std::string& base_url, Variables variables) {
  return FindFor("openai", base_url, std::move(variables));
}

// What is sent: "Authorization: Bearer sk-1"; "" without a key.
std::string Sent(const Result<Endpoint>& found) {
  if (!found.ok()) return "error: " + found.error().message;
  const Endpoint& endpoint = found.value();
  if (endpoint.key.empty()) return "";
  return endpoint.key_header + ": " + endpoint.key_prefix + endpoint.key;
}

std::string Warnings(const Result<Endpoint>& found) { return Join(found.value().warnings, "\n"); }

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
  for (const char* url : {"localhost:8000", "ftp://x", "http://", "http://a b", "http:///v1",
                          "http://a/v1?key=1", "http://a\\@b/v1"}) {
    const auto endpoint = Find(url, {});
    ASSERT_FALSE(endpoint.ok()) << url;
    EXPECT_EQ(endpoint.error().code, ErrorCode::kUsage);
    EXPECT_FALSE(Find("", {{"OPENAI_BASE_URL", url}}).ok()) << url;
  }
}

TEST(Endpoint, OpenAiNeedsAKey) {
  for (const char* url : {"", "https://api.openai.com", "https://api.openai.com:443/v1"}) {
    const auto endpoint = Find(url, {{"DEEPSEEK_API_KEY", "k"}});
    ASSERT_FALSE(endpoint.ok()) << url;
    EXPECT_EQ(endpoint.error().code, ErrorCode::kEnvironment);
    EXPECT_NE(endpoint.error().message.find("OPENAI_API_KEY"), std::string::npos);
  }
}

TEST(Endpoint, OtherServersNeedNone) {
  EXPECT_EQ(Sent(Find("http://localhost:8000/v1", {})), "");
  for (const char* name : {"vllm", "sglang", "ollama", "llama.cpp"}) {
    EXPECT_EQ(Sent(FindFor(name, "", {{"OPENAI_API_KEY", "sk-secret"}})), "") << name;
    EXPECT_EQ(Sent(FindFor(name, "", {{"CAESAR_API_KEY", "mine"}})), "Authorization: Bearer mine");
  }
}

TEST(Endpoint, EveryProviderIsNeedingItsOwnKeyAndSendsIt) {
  for (const ProviderInfo& provider : Providers()) {
    const std::string name(provider.name);
    if (provider.keys.empty() || provider.base_url.empty()) continue;
    const auto without = FindFor(name.c_str(), "", {});
    ASSERT_FALSE(without.ok()) << name;
    EXPECT_EQ(without.error().code, ErrorCode::kEnvironment) << name;
    for (const KeyVariable& variable : provider.keys) {
      const auto with = FindFor(name.c_str(), "", {{std::string(variable.name), "sk-secret"}});
      EXPECT_EQ(Sent(with),
                std::string(variable.header) + ": " + std::string(variable.prefix) + "sk-secret");
    }
  }
}

TEST(Endpoint, KeysStayWhereTheyBelong) {
  Variables all = {{"OPENAI_CUSTOM_HEADERS", "X-Team: very-secret-team"},
                   {"OPENAI_ORG_ID", "org-1"}};
  for (const ProviderInfo& provider : Providers()) {
    for (const KeyVariable& variable : provider.keys) all[std::string(variable.name)] = "sk-secret";
    if (!provider.headers_variable.empty())
      all[std::string(provider.headers_variable)] = "X-Team: very-secret-team";
  }
  for (const char* url :
       {"https://other.example/v1", "http://api.openai.com/v1", "https://api.openai.com:8443/v1",
        "https://api.openai.com./v1", "https://api.openai.com.evil.org/v1",
        "https://evil.org/api.openai.com/v1", "https://xapi.openai.com/v1",
        "https://api-openai.com/v1", "https://openai.azure.com/v1",
        "https://x.openai.azure.com.evil.org/v1", "http://x.openai.azure.com/v1",
        "https://x.openai.azure.com:8443/v1", "https://xopenai.azure.com/v1",
        "http://api.deepseek.com/v1", "https://127.0.0.1/v1", "https://[::1]/v1",
        "http://localhost:8000/v1"}) {
    for (const ProviderInfo& provider : Providers()) {
      const auto endpoint = FindFor(std::string(provider.name).c_str(), url, all);
      ASSERT_TRUE(endpoint.ok()) << url << endpoint.error().message;
      EXPECT_EQ(Sent(endpoint), "") << provider.name << " at " << url;
      EXPECT_TRUE(endpoint.value().headers.empty()) << provider.name << " at " << url;
      if (!provider.keys.empty()) {
        EXPECT_EQ(endpoint.value().withheld, provider.keys[0].name) << url;
      }
    }
  }
}

TEST(Endpoint, KeysGoToTheirOriginHoweverItIsWritten) {
  for (const char* url : {"https://api.openai.com", "https://api.openai.com:443/v1",
                          "HTTPS://API.OPENAI.COM/v1", "https://api.openai.com/v2/anything"})
    EXPECT_EQ(Sent(Find(url, {{"OPENAI_API_KEY", "sk-1"}})), "Authorization: Bearer sk-1") << url;
}

TEST(Endpoint, UrlVariablesSayWhereKeysBelong) {
  const Variables set = {{"OPENAI_API_KEY", "sk-1"}, {"OPENAI_BASE_URL", " https://a:8443/v1/ "}};
  EXPECT_EQ(Sent(Find("", set)), "Authorization: Bearer sk-1");
  EXPECT_EQ(Sent(Find("https://a:8443/other", set)), "Authorization: Bearer sk-1");
  for (const char* url :
       {"https://a/v1", "http://a:8443/v1", "https://a.b:8443/v1", "https://b/v1"})
    EXPECT_EQ(Sent(Find(url, set)), "") << url;
  // A variable that says no address gives no key away.
  EXPECT_EQ(Sent(Find("http://b/v1", {{"OPENAI_API_KEY", "sk-1"}, {"OPENAI_BASE_URL", "b"}})), "");
}

TEST(Endpoint, TheKeyIsTheAddressOwners) {
  const Variables both = {{"OPENAI_API_KEY", "sk-openai"}, {"DEEPSEEK_API_KEY", "sk-deep"}};
  EXPECT_EQ(Sent(Find("https://api.deepseek.com/v1", both)), "Authorization: Bearer sk-deep");
  EXPECT_EQ(Sent(FindFor("deepseek", "https://api.openai.com/v1", both)),
            "Authorization: Bearer sk-openai");
  EXPECT_EQ(Sent(FindFor("vllm", "https://api.deepseek.com/v1", both)),
            "Authorization: Bearer sk-deep");
  // Without its key, the address' owner is named.
  const auto without = Find("https://api.deepseek.com/v1", {{"OPENAI_API_KEY", "sk-openai"}});
  ASSERT_FALSE(without.ok());
  EXPECT_NE(without.error().message.find("DEEPSEEK_API_KEY"), std::string::npos);
  // Where a variable points one provider at another, either key will do, that of the former first.
  Variables pointed = {{"OPENAI_BASE_URL", "https://api.deepseek.com/v1"},
                       {"DEEPSEEK_API_KEY", "sk-deep"}};
  EXPECT_EQ(Sent(Find("", pointed)), "Authorization: Bearer sk-deep");
  pointed["OPENAI_API_KEY"] = "sk-openai";
  EXPECT_EQ(Sent(Find("", pointed)), "Authorization: Bearer sk-openai");
}

TEST(Endpoint, AnthropicTakesAKeyOrAToken) {
  EXPECT_EQ(Sent(FindFor("anthropic", "", {{"ANTHROPIC_API_KEY", "sk-ant"}})), "x-api-key: sk-ant");
  EXPECT_EQ(Sent(FindFor("anthropic", "", {{"ANTHROPIC_AUTH_TOKEN", "token"}})),
            "Authorization: Bearer token");
  const auto both = FindFor("anthropic", "",
                            {{"ANTHROPIC_API_KEY", "sk-ant"}, {"ANTHROPIC_AUTH_TOKEN", "token"}});
  EXPECT_EQ(Sent(both), "x-api-key: sk-ant");
  EXPECT_NE(Warnings(both), "");
  EXPECT_EQ(Sent(FindFor("anthropic", "https://gateway.example", {{"CAESAR_API_KEY", "mine"}})),
            "x-api-key: mine");
  EXPECT_FALSE(FindFor("anthropic", "",
                       {{"ANTHROPIC_API_KEY", "sk-ant"},
                        {"ANTHROPIC_CUSTOM_HEADERS", "Anthropic-Version: 1"}})
                   .ok());
}

TEST(Endpoint, GooglesTwoNamesForAKey) {
  for (const char* name : {"GOOGLE_API_KEY", "GEMINI_API_KEY"})
    EXPECT_EQ(Sent(FindFor("gemini", "", {{name, "AI-1"}})), "x-goog-api-key: AI-1");
  const auto both = FindFor("gemini", "", {{"GOOGLE_API_KEY", "AI-1"}, {"GEMINI_API_KEY", "AI-2"}});
  EXPECT_EQ(Sent(both), "x-goog-api-key: AI-1");
  EXPECT_EQ(Warnings(both), "GOOGLE_API_KEY and GEMINI_API_KEY are both set; the first is sent.");
}

// Anthropic and Google speak OpenAI's format too, and there take their keys as OpenAI's are sent.
TEST(Endpoint, AKeyTravelsAsTheFormatInUseHasIt) {
  EXPECT_EQ(Sent(Find("https://api.anthropic.com/v1", {{"ANTHROPIC_API_KEY", "sk-ant"}})),
            "Authorization: Bearer sk-ant");
  EXPECT_EQ(Sent(Find("https://generativelanguage.googleapis.com/v1beta/openai",
                      {{"GEMINI_API_KEY", "AI-1"}})),
            "Authorization: Bearer AI-1");
  for (const char* provider : {"openai", "openai-responses"}) {
    EXPECT_EQ(Sent(FindFor(provider, "https://api.openai.com/v1", {{"CAESAR_API_KEY", "mine"}})),
              "Authorization: Bearer mine");
  }
  EXPECT_EQ(Sent(FindFor("anthropic", "http://localhost:8080", {{"CAESAR_API_KEY", "mine"}})),
            "x-api-key: mine");
  EXPECT_EQ(Sent(FindFor("openai-responses", "https://me.openai.azure.com/openai/v1",
                         {{"AZURE_OPENAI_API_KEY", "az-1"}})),
            "Authorization: Bearer az-1");
}

TEST(Endpoint, Azure) {
  const Variables set = {{"AZURE_OPENAI_ENDPOINT", "https://me.openai.azure.com/"},
                         {"AZURE_OPENAI_API_KEY", "az-1"}};
  const auto endpoint = FindFor("azure", "", set);
  EXPECT_EQ(endpoint.value().base_url, "https://me.openai.azure.com/openai/v1");
  EXPECT_EQ(Sent(endpoint), "api-key: az-1");
  EXPECT_EQ(FindFor("azure", "https://b.openai.azure.com/x", set).value().base_url,
            "https://b.openai.azure.com/x");
  EXPECT_EQ(Sent(FindFor("azure", "https://b.openai.azure.com", set)), "api-key: az-1");
  EXPECT_EQ(Sent(Find("https://me.openai.azure.com/openai/v1", set)), "api-key: az-1");
  EXPECT_EQ(Sent(FindFor("azure", "https://me.openai.azure.com", {{"CAESAR_API_KEY", "mine"}})),
            "api-key: mine");
  const auto nowhere = FindFor("azure", "", {{"AZURE_OPENAI_API_KEY", "az-1"}});
  ASSERT_FALSE(nowhere.ok());
  EXPECT_EQ(nowhere.error().code, ErrorCode::kUsage);
  EXPECT_NE(nowhere.error().detail.find("AZURE_OPENAI_ENDPOINT"), std::string::npos);
  const auto keyless = FindFor("azure", "https://me.openai.azure.com", {});
  ASSERT_FALSE(keyless.ok());
  EXPECT_NE(keyless.error().message.find("AZURE_OPENAI_API_KEY"), std::string::npos);
}

TEST(Endpoint, CaesarKeyGoesAnywhereAndFirst) {
  const Variables set = {{"OPENAI_API_KEY", "secret"}, {"CAESAR_API_KEY", "mine"}};
  for (const char* url : {"https://other.example/v1", "https://api.openai.com/v1", ""}) {
    EXPECT_EQ(Sent(Find(url, set)), "Authorization: Bearer mine") << url;
    EXPECT_EQ(Find(url, set).value().key_source, "CAESAR_API_KEY");
  }
}

TEST(Endpoint, OrganizationGoesWithTheOpenAiKeyOnly) {
  const Variables set = {
      {"OPENAI_API_KEY", "k"}, {"OPENAI_ORG_ID", "o"}, {"OPENAI_PROJECT_ID", "p"}};
  EXPECT_EQ(Find("", set).value().headers,
            (Headers{{"OpenAI-Organization", "o"}, {"OpenAI-Project", "p"}}));
  EXPECT_TRUE(Find("http://b/v1", {{"CAESAR_API_KEY", "k"}, {"OPENAI_ORG_ID", "o"}})
                  .value()
                  .headers.empty());
  EXPECT_EQ(Find("", {{"OPENAI_API_KEY", "k"}, {"OPENAI_ORG_ID", "o\r\nX: 1"}}).error().message,
            "OPENAI_ORG_ID contains a control character.");
}

TEST(Endpoint, KeyIsTrimmedAndChecked) {
  for (const char* key : {" sk-1\n", "sk-1\r", "sk-1\r\n", "\tsk-1"})
    EXPECT_EQ(Sent(Find("", {{"OPENAI_API_KEY", key}})), "Authorization: Bearer sk-1");
  for (const char* key :
       {"sk-1\nX-Evil: 1", "sk-1\rsk-1", "sk-1 sk-1", "sk-1\x7F", "sk-1\xC3\xA9", "sk-1\x1B[0m"}) {
    for (const char* name : {"OPENAI_API_KEY", "CAESAR_API_KEY"}) {
      const auto broken = Find("", {{name, key}});
      ASSERT_FALSE(broken.ok());
      EXPECT_EQ(broken.error().code, ErrorCode::kEnvironment);
      EXPECT_NE(broken.error().message.find(name), std::string::npos);
      EXPECT_EQ((broken.error().message + broken.error().detail).find("sk-1"), std::string::npos);
    }
  }
  EXPECT_FALSE(Find("", {{"OPENAI_API_KEY", " \n"}}).ok());
}

TEST(Endpoint, TwoKeysAreSaid) {
  const auto two =
      FindFor("fireworks", "", {{"FIREWORKS_API_KEY", "fw-1"}, {"FIREWORKS_AI_API_KEY", "fw-2"}});
  EXPECT_EQ(Sent(two), "Authorization: Bearer fw-1");
  EXPECT_EQ(Warnings(two),
            "FIREWORKS_API_KEY and FIREWORKS_AI_API_KEY are both set; the first is sent.");
  EXPECT_EQ(Warnings(FindFor("fireworks", "",
                             {{"FIREWORKS_API_KEY", "fw-1"}, {"FIREWORKS_AI_API_KEY", "fw-1"}})),
            "");
}

TEST(Endpoint, UnencryptedKeyIsWarnedAbout) {
  for (const char* url : {"http://gpu.example/v1", "http://127.evil.org/v1", "HTTP://10.0.0.1/v1",
                          "http://localhost.evil.org/v1"}) {
    EXPECT_NE(Warnings(Find(url, {{"CAESAR_API_KEY", "k"}})), "") << url;
  }
  for (const char* url : {"http://localhost:1/v1", "http://127.0.0.1/v1", "http://[::1]:80/v1",
                          "https://gpu.example/v1"}) {
    EXPECT_EQ(Warnings(Find(url, {{"CAESAR_API_KEY", "k"}})), "") << url;
  }
  EXPECT_EQ(Warnings(Find("http://gpu.example/v1", {})), "");
  EXPECT_NE(Warnings(Find("", {{"OPENAI_BASE_URL", "http://localhost@gpu.example/v1"},
                               {"CAESAR_API_KEY", "k"}})),
            "");
}

TEST(Endpoint, PasswordsAreNotTakenWhereTheyWouldBeRecorded) {
  for (const char* url : {"http://me:pass-word@h/v1", "http://token-1@h/v1"}) {
    const auto named = Find(url, {});
    ASSERT_FALSE(named.ok());
    EXPECT_EQ(named.error().code, ErrorCode::kUsage);
    const std::string said = named.error().message + named.error().detail;
    EXPECT_NE(said.find("OPENAI_BASE_URL"), std::string::npos) << said;
    EXPECT_EQ(said.find("pass-word"), std::string::npos) << said;
    EXPECT_EQ(said.find("token-1"), std::string::npos) << said;
    EXPECT_EQ(Find("", {{"OPENAI_BASE_URL", url}}).value().base_url, url);
  }
}

// Files on disk, since who may read them is the system's to say.
class KeyFile : public testing::Test {
 protected:
  std::string Put(const std::string& content, mode_t mode = 0600) {
    const std::string path = folder_ / "key";
    std::ofstream(path, std::ios::binary) << content;
    ::chmod(path.c_str(), mode);
    return path;
  }
  Result<Endpoint> FindWith(const std::string& path, const std::string& url = "http://localhost/v1",
                            Variables variables = {}) {
    return FindFor("openai", url, std::move(variables), path, &RealFiles());
  }
  std::string ErrorOf(const std::string& path) {
    const auto found = FindWith(path, "http://localhost/v1", {{"CAESAR_API_KEY", "mine"}});
    if (found.ok()) return "";
    EXPECT_EQ((found.error().message + found.error().detail).find("sk-1"), std::string::npos);
    return found.error().message;
  }
  TempFolder folder_;
};

TEST_F(KeyFile, HoldsTheKeyAndBeatsTheEnvironment) {
  for (const char* content : {"sk-1", "sk-1\n", "\n  sk-1\r\n\r\n"}) {
    const auto found = FindWith(Put(content), "https://api.openai.com/v1",
                                {{"CAESAR_API_KEY", "mine"}, {"OPENAI_API_KEY", "sk-2"}});
    EXPECT_EQ(Sent(found), "Authorization: Bearer sk-1");
    EXPECT_EQ(found.value().key_source, folder_ / "key");
    EXPECT_EQ(Warnings(found), "");
  }
}

TEST_F(KeyFile, ThatOthersCanReadIsWarnedAbout) {
  for (const mode_t mode : {0644U, 0640U, 0604U, 0666U})
    EXPECT_NE(Warnings(FindWith(Put("sk-1", mode))).find("chmod 600"), std::string::npos) << mode;
  for (const mode_t mode : {0600U, 0400U, 0700U, 0611U})
    EXPECT_EQ(Warnings(FindWith(Put("sk-1", mode))), "") << mode;
}

TEST_F(KeyFile, ThatIsNoneIsAnError) {
  EXPECT_NE(ErrorOf(Put("")).find("is empty"), std::string::npos);
  EXPECT_NE(ErrorOf(Put(" \n\n")).find("is empty"), std::string::npos);
  EXPECT_NE(ErrorOf(Put("sk-1\nsk-1\n")).find("contains a space, a line break"), std::string::npos);
  EXPECT_NE(ErrorOf(Put(std::string("sk-1\0x", 6))).find("contains a space"), std::string::npos);
  EXPECT_NE(ErrorOf(Put("\x7F"
                        "ELF\x02\x01"))
                .find("contains a space"),
            std::string::npos);
  EXPECT_NE(ErrorOf(Put(std::string(1 << 20, 'k'))).find("--api-key-file: "), std::string::npos);
  EXPECT_NE(ErrorOf(folder_ / "none").find("--api-key-file: "), std::string::npos);
  EXPECT_NE(ErrorOf(folder_ / "").find("--api-key-file: "), std::string::npos);
  EXPECT_NE(ErrorOf("/dev/zero").find("--api-key-file: "), std::string::npos);
  EXPECT_EQ(ErrorOf("-"), "--api-key-file: keys are not read from standard input");
}

Result<Endpoint> WithHeaders(const std::string& lines, const std::string& url = "") {
  return Find(url, {{"OPENAI_API_KEY", "sk-key-1"}, {"OPENAI_CUSTOM_HEADERS", lines}});
}

TEST(CustomHeaders, AreSentAndHidden) {
  const Endpoint endpoint =
      WithHeaders("X-Team: team-secret\r\n\n  cf-token :Bearer abc-def-ghi \n").value();
  EXPECT_EQ(endpoint.headers,
            (Headers{{"X-Team", "team-secret"}, {"cf-token", "Bearer abc-def-ghi"}}));
  EXPECT_EQ(Redact("team-secret abc-def-ghi sk-key-1", endpoint), "[key] [key] [key]");
  EXPECT_EQ(ShownHeaders({{"X-Team", "team-secret"},
                          {"cf-token", "Bearer abc-def-ghi"},
                          {"Authorization", "Bearer sk-key-1"},
                          {"x-echo", "key sk-key-1"},
                          {"Accept", "x"}},
                         endpoint),
            (Headers{{"X-Team", "[key]"},
                     {"cf-token", "Bearer [key]"},
                     {"Authorization", "[key]"},
                     {"x-echo", "key [key]"},
                     {"Accept", "x"}}));
}

TEST(CustomHeaders, ShortValuesAreHiddenAsHeadersButGarbleNoText) {
  const Endpoint endpoint = WithHeaders("X-Fast: true").value();
  EXPECT_EQ(Redact(R"({"stream":true})", endpoint), R"({"stream":true})");
  EXPECT_EQ(ShownHeaders({{"X-Fast", "true"}}, endpoint), (Headers{{"X-Fast", "[key]"}}));
}

TEST(CustomHeaders, NeverGoElsewhere) {
  EXPECT_TRUE(
      WithHeaders("X-Team: team-secret", "https://other.example/v1").value().headers.empty());
  EXPECT_TRUE(
      WithHeaders("X-Team: team-secret", "http://api.openai.com/v1").value().headers.empty());
  EXPECT_TRUE(WithHeaders("broken", "https://other.example/v1").ok());  // not even looked at
}

TEST(CustomHeaders, ReplaceTheKeyAloud) {
  const auto found = WithHeaders("authorization: Bearer other-secret");
  EXPECT_EQ(Sent(found), "Authorization: Bearer other-secret");
  EXPECT_TRUE(found.value().headers.empty());
  EXPECT_EQ(Warnings(found),
            "The header authorization in OPENAI_CUSTOM_HEADERS is sent instead of the key in "
            "OPENAI_API_KEY.");
  const auto basic = WithHeaders("Authorization: Basic-other-secret");
  EXPECT_EQ(Sent(basic), "Authorization: Basic-other-secret");
  // And can be all there is.
  EXPECT_EQ(Sent(Find("", {{"OPENAI_CUSTOM_HEADERS", "Authorization: Bearer other"}})),
            "Authorization: Bearer other");
}

TEST(CustomHeaders, WhatIsNoHeaderIsAnErrorWithoutItsText) {
  for (const char* line :
       {"team-secret", ": team-secret", "X Team: team-secret", "X-Team:", "X\x01: team-secret",
        "X-Team: team-secret\x01", "X-T\xC3\xA9: team-secret", "X-Team: team\rsecret",
        "X-Team: \x1B[31mteam-secret"}) {
    const auto found = WithHeaders(std::string("A: b\n") + line);
    ASSERT_FALSE(found.ok()) << line;
    EXPECT_EQ(found.error().code, ErrorCode::kEnvironment);
    EXPECT_EQ(found.error().message, "Line 2 of OPENAI_CUSTOM_HEADERS is no header.");
  }
}

TEST(CustomHeaders, WhatTheRequestSaysItselfCannotBeSet) {
  for (const char* line :
       {"Host: evil.org", "content-length: 0", "Transfer-Encoding: chunked",
        "Content-Type: text/plain", "CONNECTION: close", "Accept-Encoding: br"}) {
    const auto found = WithHeaders(line);
    ASSERT_FALSE(found.ok()) << line;
    EXPECT_NE(found.error().message.find("which every request says itself"), std::string::npos);
  }
}

TEST(Endpoint, Redact) {
  Endpoint endpoint;
  endpoint.key = "sk-12345";
  endpoint.base_url = "http://me:pw%2F%40word@h/v1";
  EXPECT_EQ(Redact("bad key sk-12345 at me:pw%2F%40word@h, me:pw/@word, \"pw\\/@word\"", endpoint),
            "bad key [key] at [key]@h, [key], \"[key]\"");
  EXPECT_EQ(Redact("me and pw", endpoint), "me and pw");
  endpoint.key = "x";
  EXPECT_EQ(Redact("box", endpoint), "box");
  endpoint = {};
  EXPECT_EQ(Redact("text", endpoint), "text");
}

}  // namespace
}  // namespace caesar
