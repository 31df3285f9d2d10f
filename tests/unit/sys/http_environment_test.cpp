#include "sys/http_environment.h"

#include <gtest/gtest.h>

#include "unit/sys/http_fixture.h"

namespace caesar {
namespace {

class HttpEnvironmentTest : public HttpFixture {};

TEST_F(HttpEnvironmentTest, AddressesOfThisMachine) {
  for (const char* url :
       {"http://localhost", "https://LOCALHOST:8000/v1", "http://127.0.0.1/", "http://127.1.2.3:80",
        "http://[::1]:11434/v1", "http://a.localhost?x", "http://user:pw@127.0.0.1#x"}) {
    EXPECT_TRUE(IsLoopbackUrl(url)) << url;
  }
  for (const char* url :
       {"", "http://", "http://127.0.0.1.evil.test/", "http://localhost.evil.test",
        "http://127.0.0.1@evil.test/", "http://evil.test/127.0.0.1", "http://[::2]", "http://[",
        "http://10.0.0.1", "http://evil.test?@localhost", "http://notlocalhost"}) {
    EXPECT_FALSE(IsLoopbackUrl(url)) << url;
  }
}

TEST_F(HttpEnvironmentTest, HttpProxyIsNotTakenFromACgiClient) {
  const ScopedVariable proxy("HTTP_PROXY", "http://proxy.test:1");
  EXPECT_EQ(ReadHttpEnvironment("http://model.test").proxy, "http://proxy.test:1");
  EXPECT_EQ(ReadHttpEnvironment("https://model.test").proxy, std::nullopt);
  EXPECT_EQ(ReadHttpEnvironment("http://127.0.0.1").proxy, "");
  const ScopedVariable cgi("REQUEST_METHOD", "POST");
  EXPECT_EQ(ReadHttpEnvironment("http://model.test").proxy, std::nullopt);
}

TEST_F(HttpEnvironmentTest, TheLowerCaseVariableIsLeftToLibcurl) {
  const ScopedVariable upper("HTTP_PROXY", "http://proxy.test:1");
  const ScopedVariable lower("http_proxy", "http://proxy.test:2");
  EXPECT_EQ(ReadHttpEnvironment("http://model.test").proxy, std::nullopt);
}

TEST_F(HttpEnvironmentTest, CertificatesToTrust) {
  EXPECT_EQ(ReadHttpEnvironment("https://model.test").ca_file, "");
  const ScopedVariable folder("SSL_CERT_DIR", "/c");
  const ScopedVariable file("SSL_CERT_FILE", "/a");
  EXPECT_EQ(ReadHttpEnvironment("https://model.test").ca_file, "/a");
  EXPECT_EQ(ReadHttpEnvironment("https://model.test").ca_folder, "/c");
  const ScopedVariable bundle("CURL_CA_BUNDLE", "/b");
  EXPECT_EQ(ReadHttpEnvironment("https://model.test").ca_file, "/b");
  EXPECT_EQ(ReadHttpEnvironment("https://model.test").ca_source, "CURL_CA_BUNDLE=/b");
}

}  // namespace
}  // namespace caesar
