#include "llm/base_url.h"

#include <gtest/gtest.h>

namespace caesar {
namespace {

TEST(BaseUrl, OriginsOfOneServerAreEqual) {
  for (const char* url :
       {"https://api.openai.com", "https://api.openai.com/", "https://api.openai.com/v1",
        "https://api.openai.com:443/v1", "HTTPS://API.OpenAI.com/v1",
        "https://me:pw@api.openai.com", "https://api.openai.com:0443", "https://api.openai.com?x=1",
        "https://api.openai.com#@evil"}) {
    EXPECT_EQ(OriginOf(url), "https://api.openai.com:443") << url;
  }
  EXPECT_EQ(OriginOf("http://[::1]/v1"), "http://[::1]:80");
  EXPECT_EQ(OriginOf("http://[fe80::1%25eth0]:8000/v1"), "http://[fe80::1%25eth0]:8000");
}

TEST(BaseUrl, OriginsOfOthersDiffer) {
  for (const char* url :
       {"http://api.openai.com/v1", "https://api.openai.com:8443/v1", "https://api.openai.com.",
        "https://api.openai.com.evil.org", "https://evil.org/api.openai.com",
        "https://api.openai.com@evil.org", "https://api.openai.com:443@evil.org",
        "https://xapi.openai.com", "https://openai.com", "https://evil.org?https://api.openai.com",
        "https://evil.org#@api.openai.com", "https://api-openai.com"}) {
    EXPECT_NE(OriginOf(url), "https://api.openai.com:443") << url;
    EXPECT_NE(OriginOf(url), "") << url;
  }
}

// Addresses that one client reads like this and the next like that.
TEST(BaseUrl, WhatClientsDisagreeOnIsRefused) {
  for (const char* url : {"https://evil.org\\@api.openai.com",
                          "https://api.openai.com\\.evil.org",
                          "https://a@api.openai.com@evil.org",
                          "https://api.openai.com%2eevil.org",
                          "https://api%2eopenai.com",
                          "https://api.openai.com:443:8443",
                          "https://api.openai.com:",
                          "https://api.openai.com:0",
                          "https://api.openai.com:65536",
                          "https://api.openai.com:443x",
                          "https://api.openai.com:+443",
                          "https://\xEF\xBD\x81pi.openai.com",
                          "https://m\xC3\xBCller.de",
                          "https://[api.openai.com]",
                          "https://[::1",
                          "https://::1",
                          "https://[]",
                          "https://[::1]x",
                          "https:///api.openai.com",
                          "https:api.openai.com",
                          "https//api.openai.com",
                          "//api.openai.com",
                          "ftp://api.openai.com",
                          "httpss://api.openai.com",
                          "https://",
                          "https://@",
                          "",
                          "https://api.openai.com\t",
                          "https://api.openai.com\r\nHost: evil.org",
                          "https://a b",
                          "https://api.openai.com\x7F",
                          "https://user@"}) {
    EXPECT_EQ(OriginOf(url), "") << url;
    const Status checked = CheckBaseUrl(url, "--base-url");
    ASSERT_FALSE(checked.ok()) << url;
    EXPECT_EQ(checked.error().code, ErrorCode::kUsage);
    EXPECT_NE(checked.error().message.find("--base-url"), std::string::npos);
  }
}

TEST(BaseUrl, LettersOutsideAsciiHaveAnAsciiForm) {
  EXPECT_NE(CheckBaseUrl("https://m\xC3\xBCller.de/v1", "X").error().detail.find("xn--"),
            std::string::npos);
  EXPECT_TRUE(CheckBaseUrl("https://xn--mller-kva.de/v1", "X").ok());
}

TEST(BaseUrl, QueriesAreRefused) {
  for (const char* url : {"https://h/v1?api-version=secret-1", "https://h/v1#x", "https://h?"}) {
    const Status checked = CheckBaseUrl(url, "OPENAI_BASE_URL");
    ASSERT_FALSE(checked.ok()) << url;
    EXPECT_NE(checked.error().message.find("has a query"), std::string::npos);
    EXPECT_EQ(checked.error().message.find("secret-1"), std::string::npos);
  }
}

TEST(BaseUrl, Hosts) {
  EXPECT_EQ(HostOf("https://Me:pw@API.example.com:8443/v1"), "api.example.com");
  EXPECT_EQ(HostOf("http://[::1]:80/v1"), "::1");
  EXPECT_EQ(HostOf("http://["), "");
  EXPECT_EQ(HostOf(""), "");
}

TEST(BaseUrl, SecretsOfAddressesAreNotShown) {
  EXPECT_EQ(ShownUrl("https://me:pw@host/v1?key=1#x"), "https://host/v1");
  EXPECT_EQ(ShownUrl("https://host/a@b"), "https://host/a@b");
  EXPECT_EQ(ShownUrl("https://a@b@host"), "https://host");
  EXPECT_EQ(ShownUrl("https://host@host/host@/v1"), "https://host/host@/v1");
  EXPECT_EQ(ShownUrl("https://?key=1"), "https://");
  EXPECT_EQ(UserInfo("https://me:pw@host/v1"), "me:pw");
  EXPECT_EQ(UserInfo("https://host/a@b"), "");
}

}  // namespace
}  // namespace caesar
