// TLS for a LoopbackServer, with certificates that are made when the test runs.
#pragma once

#include <memory>
#include <string>

#include "fakes/loopback_server.h"

namespace caesar {

struct TlsIdentity {
  std::string certificate_pem;
  std::string key_pem;
};

// The validity is given in seconds from now.
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name = "caesar test authority");
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  // `host` is a name or an IPv4 address.
  TlsIdentity Issue(const std::string& host, long from_s = -3600, long to_s = 3600) const;
  std::string pem() const;        // what a client must trust
  std::string file_name() const;  // by which OpenSSL finds it in a folder: "5d302a3f.0"

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
};

TlsIdentity SelfSigned(const std::string& host);

// LoopbackServer server(TlsOf(identity)): `protocols` are what it agrees to by ALPN, in the order
// of its liking; empty: it knows no ALPN.
LoopbackWrap TlsOf(const TlsIdentity& identity, const std::vector<std::string>& protocols = {});

}  // namespace caesar
