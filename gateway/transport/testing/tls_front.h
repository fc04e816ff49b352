// TLS in front of the plain server, as a reverse proxy does it in production, with certificates made on the spot. For tests only.
#pragma once

#include <netinet/in.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <thread>

namespace steiger::transport::testing {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* it) const {
    Free(it);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

// A certificate authority of its own.
class Authority {
 public:
  explicit Authority(const std::string& name);
  struct Wish {
    std::string names = "DNS:chat.example";  // subject alternative names, as openssl.cnf writes them
    long from = -24L * 3600;                 // seconds from now
    long until = 24L * 3600;
  };
  struct Identity {
    Key key;
    Certificate certificate;
  };
  [[nodiscard]] Identity issue(const Wish& wish) const;
  // PEM, for a client that shall trust it.
  void write(const std::string& file) const;

 private:
  Key key_;
  Certificate certificate_;
};

// Accepts TLS on loopback and passes what is inside to the plain port, one connection after the other, on a thread of its own.
class TlsFront {
 public:
  TlsFront(const Authority::Identity& identity, std::uint16_t plain_port);
  ~TlsFront();
  TlsFront(const TlsFront&) = delete;
  TlsFront& operator=(const TlsFront&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void run();
  void serve(int fd);
  std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> context_;
  std::uint16_t plain_port_;
  std::uint16_t port_ = 0;
  int listening_ = -1;
  int stop_[2] = {-1, -1};  // a pipe: closing its end stops the thread
  std::thread thread_;
};

}  // namespace steiger::transport::testing
