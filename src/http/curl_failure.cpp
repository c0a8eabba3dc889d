#include "http/curl_failure.h"

namespace qdcnn::http {

FailureKind kind_of(CURLcode code, Reach reach, long proxy_status) {
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
            return FailureKind::dns;
        case CURLE_COULDNT_CONNECT:
            return proxy_status != 0 ? FailureKind::proxy : FailureKind::refused;
        case CURLE_PROXY:
            return FailureKind::proxy;
        case CURLE_OPERATION_TIMEDOUT:
            return FailureKind::timeout;
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_SSL_ENGINE_NOTFOUND:
        case CURLE_SSL_ENGINE_SETFAILED:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CRL_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_INVALIDCERTSTATUS:
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        case CURLE_SSL_CLIENTCERT:
        case CURLE_USE_SSL_FAILED:
        case CURLE_PEER_FAILED_VERIFICATION:
            return FailureKind::tls;
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
            // A proxy that answers CONNECT with something else than 2xx ends here too.
            if (reach == Reach::not_sent && proxy_status != 0 && proxy_status / 100 != 2)
                return FailureKind::proxy;
            return FailureKind::reset;
        case CURLE_GOT_NOTHING:
        case CURLE_SSL_SHUTDOWN_FAILED:
            return FailureKind::reset;
        case CURLE_PARTIAL_FILE:
            return FailureKind::truncated;
        case CURLE_FILESIZE_EXCEEDED:
            return FailureKind::too_large;
        default:
            return FailureKind::protocol;
    }
}

}  // namespace qdcnn::http
