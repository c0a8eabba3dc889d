#include "qdcnn/accounts/settings.h"
#include "qdcnn/accounts/surroundings.h"
#include "qdcnn/base/clock.h"
#include "qdcnn/http/transport.h"
#include "qdcnn/run/remote_device.h"
#include "qdcnn/vendors/registry.h"
#include "qdcnn/vendors/transport_settings.h"

namespace qdcnn::run {
namespace {

/// A service with the connections it speaks through.
struct Connected {
    std::unique_ptr<http::Transport> transport;
    std::unique_ptr<vendors::Service> service;
};

}  // namespace

std::shared_ptr<vendors::Service> open_vendor(const std::string& vendor, const ServiceOpener& opener) {
    if (opener) return opener(vendor);
    const auto settings = accounts::Settings::load(accounts::Surroundings::of_process());
    auto connected = std::make_shared<Connected>();
    connected->transport = http::make_curl_transport(vendors::transport_settings(settings));
    connected->service =
        vendors::open_service(vendor, {.transport = *connected->transport, .clock = system_clock()});
    vendors::Service* service = connected->service.get();
    return {std::move(connected), service};
}

}  // namespace qdcnn::run
