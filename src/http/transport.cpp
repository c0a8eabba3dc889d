#include "qdcnn/http/transport.h"

#include <cstdlib>

namespace qdcnn::http {

Outcome Transport::send(const Request& request) { return std::move(send_all({&request, 1}).front()); }

TransportSettings TransportSettings::from_environment(
    const std::function<const char*(const char*)>& variable) {
    const auto first_of = [&](std::initializer_list<const char*> names) -> std::string {
        for (const char* name : names) {
            const char* value = variable ? variable(name) : std::getenv(name);
            if (value != nullptr && *value != '\0') return value;
        }
        return {};
    };
    TransportSettings settings;
    settings.ca_file = first_of({"CURL_CA_BUNDLE", "SSL_CERT_FILE"});
    settings.proxy = first_of({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
    settings.no_proxy = first_of({"no_proxy", "NO_PROXY"});
    return settings;
}

}  // namespace qdcnn::http
