#include "gateway/transport/testing/tls_front.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace steiger::transport::testing {
namespace {

// The test cannot go on without it.
void require(bool held) {
  if (!held) std::abort();
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void extend(X509* certificate, X509* issuer, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
  require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

Certificate unsigned_certificate(EVP_PKEY* key, const std::string& name, long serial, long from, long until) {
  Certificate out(X509_new());
  require(out && X509_set_version(out.get(), X509_VERSION_3) == 1 && X509_set_pubkey(out.get(), key) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(out.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(out.get()), from);
  X509_gmtime_adj(X509_getm_notAfter(out.get()), until);
  require(X509_NAME_add_entry_by_txt(X509_get_subject_name(out.get()), "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0) == 1);
  return out;
}

bool write_all(int fd, const char* data, ssize_t size) {
  while (size > 0) {
    const ssize_t n = ::send(fd, data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    if (n <= 0) return false;
    data += n;
    size -= n;
  }
  return true;
}

}  // namespace

Authority::Authority(const std::string& name) : key_(EVP_EC_gen("P-256")) {
  require(key_ != nullptr);
  certificate_ = unsigned_certificate(key_.get(), name, 1, -2L * 24 * 3600, 2L * 24 * 3600);
  X509* own = certificate_.get();
  X509_set_issuer_name(own, X509_get_subject_name(own));
  extend(own, own, NID_basic_constraints, "critical,CA:TRUE");
  extend(own, own, NID_key_usage, "critical,keyCertSign");
  require(X509_sign(own, key_.get(), EVP_sha256()) > 0);
}

Authority::Identity Authority::issue(const Wish& wish) const {
  Key key(EVP_EC_gen("P-256"));
  require(key != nullptr);
  Certificate out = unsigned_certificate(key.get(), "server", 2, wish.from, wish.until);
  X509_set_issuer_name(out.get(), X509_get_subject_name(certificate_.get()));
  extend(out.get(), certificate_.get(), NID_subject_alt_name, wish.names);
  extend(out.get(), certificate_.get(), NID_ext_key_usage, "serverAuth");
  require(X509_sign(out.get(), key_.get(), EVP_sha256()) > 0);
  return {std::move(key), std::move(out)};
}

void Authority::write(const std::string& file) const {
  FILE* out = std::fopen(file.c_str(), "w");
  require(out != nullptr && PEM_write_X509(out, certificate_.get()) == 1);
  require(std::fclose(out) == 0);
}

TlsFront::TlsFront(const Authority::Identity& identity, std::uint16_t plain_port)
    : context_(SSL_CTX_new(TLS_server_method())), plain_port_(plain_port) {
  require(SSL_CTX_use_certificate(context_.get(), identity.certificate.get()) == 1 &&
          SSL_CTX_use_PrivateKey(context_.get(), identity.key.get()) == 1);
  listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  require(::bind(listening_, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(listening_, 8) == 0 &&
          ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) == 0 && ::pipe(stop_) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

TlsFront::~TlsFront() {
  ::close(stop_[1]);
  thread_.join();
  ::close(stop_[0]);
  ::close(listening_);
}

void TlsFront::run() {
  for (;;) {
    pollfd ready[] = {{listening_, POLLIN, 0}, {stop_[0], POLLIN, 0}};
    if (::poll(ready, 2, -1) < 0 || ready[1].revents != 0) return;
    const int fd = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    serve(fd);
    ::close(fd);
  }
}

void TlsFront::serve(int fd) {
  const std::unique_ptr<SSL, Freed<SSL_free>> tls(SSL_new(context_.get()));
  SSL_set_fd(tls.get(), fd);
  if (SSL_accept(tls.get()) != 1) return;  // the client did not like the certificate
  const int plain = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(plain_port_);
  bool on = ::connect(plain, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  char buffer[4096];
  while (on) {
    pollfd ready[] = {{fd, POLLIN, 0}, {plain, POLLIN, 0}, {stop_[0], POLLIN, 0}};
    if (SSL_pending(tls.get()) == 0 && ::poll(ready, 3, -1) < 0) break;
    if (ready[2].revents != 0) break;
    if (ready[0].revents != 0 || SSL_pending(tls.get()) > 0) {
      const int n = SSL_read(tls.get(), buffer, sizeof buffer);
      on = n > 0 && write_all(plain, buffer, n);
    }
    if (on && ready[1].revents != 0) {
      const ssize_t n = ::recv(plain, buffer, sizeof buffer, 0);
      on = n > 0 && SSL_write(tls.get(), buffer, static_cast<int>(n)) > 0;
    }
  }
  ::close(plain);
}

}  // namespace steiger::transport::testing
