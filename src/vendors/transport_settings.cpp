#include "qdcnn/vendors/transport_settings.h"

namespace qdcnn::vendors {

http::TransportSettings transport_settings(const accounts::Settings& settings) {
    http::TransportSettings result;
    result.ca_file = settings.text("ca_file").value_or("");
    result.proxy = settings.text("proxy").value_or("");
    result.no_proxy = settings.text("no_proxy").value_or("");
    return result;
}

}  // namespace qdcnn::vendors
