#pragma once

#include <memory>
#include <string>

namespace qdcnn::test {

/// What a TLS server shows and signs with, both in PEM.
struct TlsIdentity {
    std::string certificate;
    std::string key;
};

struct CertificateOptions {
    /// As OpenSSL writes a subjectAltName, for example "IP:127.0.0.1" or "DNS:api.test".
    std::string names = "IP:127.0.0.1,DNS:localhost";
    /// Seconds from now.
    long valid_from = -3600;
    long valid_until = 3600;
};

/// Signs certificates for a test. Its own is trusted by nobody who is not given it.
class CertificateAuthority {
  public:
    CertificateAuthority();
    ~CertificateAuthority();
    CertificateAuthority(const CertificateAuthority&) = delete;
    CertificateAuthority& operator=(const CertificateAuthority&) = delete;

    TlsIdentity issue(const CertificateOptions& options = {}) const;
    /// The authority's certificate, in PEM.
    std::string certificate() const;

  private:
    struct Keys;
    std::unique_ptr<Keys> keys_;
};

/// Signed by nobody but itself.
TlsIdentity self_signed_identity(const CertificateOptions& options = {});

}  // namespace qdcnn::test
