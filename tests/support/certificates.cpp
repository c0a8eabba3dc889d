#include "support/certificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <stdexcept>

namespace qdcnn::test {
namespace {

template <auto release>
struct Releases {
    template <typename T>
    void operator()(T* handle) const {
        release(handle);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Releases<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Releases<X509_free>>;
using Bio = std::unique_ptr<BIO, Releases<BIO_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Releases<X509_EXTENSION_free>>;

void require(bool is_good) {
    if (!is_good) throw std::runtime_error("OpenSSL could not make a certificate for the test");
}

Key new_key() {
    Key key(EVP_EC_gen("P-256"));
    require(key != nullptr);
    return key;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

/// issuer: nullptr for one that signs itself.
Certificate new_certificate(const char* subject, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key,
                            const CertificateOptions& options, bool is_authority) {
    static std::atomic<long> serial{1};
    Certificate certificate(X509_new());
    require(certificate != nullptr);
    X509* x = certificate.get();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
    X509_gmtime_adj(X509_getm_notBefore(x), options.valid_from);
    X509_gmtime_adj(X509_getm_notAfter(x), options.valid_until);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(subject), -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer != nullptr ? issuer : x));
    X509_set_pubkey(x, key);
    add_extension(x, issuer != nullptr ? issuer : x, NID_basic_constraints,
                  is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (!is_authority) add_extension(x, issuer != nullptr ? issuer : x, NID_subject_alt_name, options.names);
    require(X509_sign(x, issuer_key, EVP_sha256()) > 0);
    return certificate;
}

std::string text_of(const Bio& bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
    const Bio bio(BIO_new(BIO_s_mem()));
    require(PEM_write_bio_X509(bio.get(), certificate) == 1);
    return text_of(bio);
}

std::string pem_of(EVP_PKEY* key) {
    const Bio bio(BIO_new(BIO_s_mem()));
    require(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return text_of(bio);
}

}  // namespace

struct CertificateAuthority::Keys {
    Key key;
    Certificate certificate;
};

CertificateAuthority::CertificateAuthority() : keys_(std::make_unique<Keys>()) {
    keys_->key = new_key();
    keys_->certificate =
        new_certificate("test authority", keys_->key.get(), nullptr, keys_->key.get(), {}, true);
}

CertificateAuthority::~CertificateAuthority() = default;

TlsIdentity CertificateAuthority::issue(const CertificateOptions& options) const {
    const Key key = new_key();
    const Certificate certificate =
        new_certificate("test server", key.get(), keys_->certificate.get(), keys_->key.get(), options, false);
    return {pem_of(certificate.get()), pem_of(key.get())};
}

std::string CertificateAuthority::certificate() const { return pem_of(keys_->certificate.get()); }

TlsIdentity self_signed_identity(const CertificateOptions& options) {
    const Key key = new_key();
    const Certificate certificate =
        new_certificate("test server", key.get(), nullptr, key.get(), options, false);
    return {pem_of(certificate.get()), pem_of(key.get())};
}

}  // namespace qdcnn::test
