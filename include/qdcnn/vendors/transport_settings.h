#pragma once

#include "qdcnn/accounts/settings.h"
#include "qdcnn/http/transport.h"

namespace qdcnn::vendors {

/// How the network is reached: ca_file, proxy and no_proxy of the settings, wherever they come from
/// (`--ca-file`, CURL_CA_BUNDLE, HTTPS_PROXY, ...).
http::TransportSettings transport_settings(const accounts::Settings& settings);

}  // namespace qdcnn::vendors
