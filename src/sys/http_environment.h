// What the environment says about requests, beyond what libcurl reads itself (https_proxy,
// HTTPS_PROXY, http_proxy, ALL_PROXY, NO_PROXY).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace caesar {

struct HttpEnvironment {
  // Certificates to trust, as the curl program takes them: of CURL_CA_BUNDLE, else SSL_CERT_FILE.
  // Empty: those that libcurl was built for.
  std::string ca_file;
  std::string ca_source;  // which of the two it came from, for messages: "SSL_CERT_FILE=/a.pem"
  std::string ca_folder;  // SSL_CERT_DIR
  // The proxy for this request, or "" for none. Not set: libcurl decides.
  std::optional<std::string> proxy;
};

// An address of this machine is never asked through a proxy: on the proxy's machine it is another
// one, and a key may be on its way. For http, libcurl ignores HTTP_PROXY (in a CGI program it is
// the client's header), where nearly every other client takes it: so do we, except under CGI.
HttpEnvironment ReadHttpEnvironment(std::string_view url);

bool IsLoopbackUrl(std::string_view url);  // localhost, 127.x.x.x, [::1]

}  // namespace caesar
