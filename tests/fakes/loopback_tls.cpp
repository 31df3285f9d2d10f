#include "fakes/loopback_tls.h"

#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <atomic>
#include <cstdio>

#include "base/check.h"

namespace caesar {
namespace {

template <auto Free>
struct Freer {
  template <class Object>
  void operator()(Object* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Memory = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Context = std::shared_ptr<SSL_CTX>;

Key NewKey() {
  Key key(EVP_EC_gen("P-256"));
  CHECK(key != nullptr);
  return key;
}

void AddExtension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  CHECK(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

struct Subject {
  std::string name;
  bool authority = false;
  long from_s = -3600;
  long to_s = 3600;
};

// Without an issuer it signs itself.
Certificate NewCertificate(const Subject& subject, EVP_PKEY* key, X509* issuer, EVP_PKEY* signer) {
  static std::atomic<long> serial = 1;
  Certificate made(X509_new());
  CHECK(made != nullptr && X509_set_version(made.get(), 2) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), subject.from_s);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), subject.to_s);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(subject.name.c_str()), -1, -1,
                             0);
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer == nullptr ? made.get() : issuer));
  CHECK(X509_set_pubkey(made.get(), key) == 1);
  if (subject.authority) {
    AddExtension(made.get(), NID_basic_constraints, "critical,CA:TRUE");
    AddExtension(made.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  } else {
    const bool address = subject.name.find_first_not_of("0123456789.") == std::string::npos;
    AddExtension(made.get(), NID_subject_alt_name, (address ? "IP:" : "DNS:") + subject.name);
  }
  CHECK(X509_sign(made.get(), signer == nullptr ? key : signer, EVP_sha256()) > 0);
  return made;
}

template <class Write>
std::string Pem(const Write& write) {
  const Memory memory(BIO_new(BIO_s_mem()));
  CHECK(write(memory.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string PemOf(X509* certificate) {
  return Pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

TlsIdentity IdentityOf(X509* certificate, EVP_PKEY* key) {
  return {PemOf(certificate), Pem([&](BIO* out) {
            return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

class TlsChannel : public LoopbackChannel {
 public:
  TlsChannel(int connection, int wake, SSL_CTX* context)
      : LoopbackChannel(connection, wake), ssl_(SSL_new(context)) {
    ::fcntl(connection, F_SETFL, O_NONBLOCK);
    CHECK(SSL_set_fd(ssl_.get(), connection) == 1);
  }

  bool Accept() {
    return Until([&] { return SSL_accept(ssl_.get()); }) > 0;
  }
  std::string Read() override {
    std::string bytes(16 * 1024, '\0');
    const int count =
        Until([&] { return SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())); });
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
  }
  bool Write(std::string_view bytes) override {
    return bytes.empty() ||
           Until([&] {
             return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
           }) > 0;
  }
  void SayGoodbye() override { SSL_shutdown(ssl_.get()); }

 private:
  template <class Call>
  int Until(const Call& call) {
    for (;;) {
      const int result = call();
      const int error = result > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), result);
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return result;
      if (!AwaitReady(error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT)) return -1;
    }
  }

  const std::unique_ptr<SSL, Freer<SSL_free>> ssl_;
};

// The list of ALPN: each name behind its length.
std::string AlpnList(const std::vector<std::string>& protocols) {
  std::string list;
  for (const std::string& name : protocols) list += static_cast<char>(name.size()) + name;
  return list;
}

int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* size,
                   const unsigned char* offered, unsigned offered_size, void* ours) {
  const auto* list = static_cast<const std::string*>(ours);
  const auto* known = reinterpret_cast<const unsigned char*>(list->data());
  unsigned char* found = nullptr;
  const int result = SSL_select_next_proto(&found, size, known, static_cast<unsigned>(list->size()),
                                           offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

struct TestAuthority::Keys {
  Key key;
  Certificate certificate;
};

TestAuthority::TestAuthority(const std::string& name)
    : keys_(std::make_unique<Keys>(Keys{NewKey(), nullptr})) {
  keys_->certificate =
      NewCertificate({.name = name, .authority = true}, keys_->key.get(), nullptr, nullptr);
}
TestAuthority::~TestAuthority() = default;

TlsIdentity TestAuthority::Issue(const std::string& host, long from_s, long to_s) const {
  const Key key = NewKey();
  const Certificate certificate =
      NewCertificate({.name = host, .from_s = from_s, .to_s = to_s}, key.get(),
                     keys_->certificate.get(), keys_->key.get());
  return IdentityOf(certificate.get(), key.get());
}

std::string TestAuthority::pem() const { return PemOf(keys_->certificate.get()); }

std::string TestAuthority::file_name() const {
  char name[32];
  std::snprintf(name, sizeof name, "%08lx.0", X509_subject_name_hash(keys_->certificate.get()));
  return name;
}

TlsIdentity SelfSigned(const std::string& host) {
  const Key key = NewKey();
  return IdentityOf(NewCertificate({.name = host}, key.get(), nullptr, nullptr).get(), key.get());
}

LoopbackWrap TlsOf(const TlsIdentity& identity, const std::vector<std::string>& protocols) {
  const Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  const auto read = [](const std::string& pem) {
    return Memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  };
  const Certificate certificate(
      PEM_read_bio_X509(read(identity.certificate_pem).get(), nullptr, nullptr, nullptr));
  const Key key(PEM_read_bio_PrivateKey(read(identity.key_pem).get(), nullptr, nullptr, nullptr));
  CHECK(SSL_CTX_use_certificate(context.get(), certificate.get()) == 1);
  CHECK(SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1);
  const auto known = std::make_shared<std::string>(AlpnList(protocols));
  if (!known->empty()) SSL_CTX_set_alpn_select_cb(context.get(), ChooseProtocol, known.get());
  return [context, known](int connection, int wake) -> std::unique_ptr<LoopbackChannel> {
    auto channel = std::make_unique<TlsChannel>(connection, wake, context.get());
    return channel->Accept() ? std::move(channel) : nullptr;
  };
}

}  // namespace caesar
