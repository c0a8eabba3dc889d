#include <algorithm>
#include <nlohmann/json.hpp>

#include "qdcnn/base/clock.h"
#include "qdcnn/http/transport.h"
#include "qdcnn/run/remote_device.h"
#include "qdcnn/vendors/ibm/account.h"
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

std::shared_ptr<vendors::Service> open_vendor(const std::string& vendor, const ServiceOpener& opener,
                                              const std::string& device) {
    if (opener) return opener(vendor);
    const auto surroundings = accounts::Surroundings::of_process();
    return open_vendor(vendor, accounts::Settings::load(surroundings), surroundings, device);
}

std::shared_ptr<vendors::Service> open_vendor(const std::string& vendor, const accounts::Settings& settings,
                                              const accounts::Surroundings& surroundings,
                                              const std::string& device,
                                              const std::function<void(const std::string&)>& warn) {
    http::TransportSettings network = vendors::transport_settings(settings);
    std::map<std::string, std::string> values;
    if (vendor == "ibm") {
        vendors::ibm::AccountChoice choice;
        if (!device.empty()) choice.device = device;
        const auto account = vendors::ibm::require_account(settings, surroundings, choice);
        if (warn) std::for_each(account.warnings.begin(), account.warnings.end(), warn);
        network.proxy = account.proxy.value_or(network.proxy);
        network.ca_file = account.ca_file.value_or(network.ca_file);
        values = vendors::ibm::values_of(account);
        if (const auto& price = settings.value("ibm.price_per_second"))
            values["price_per_second"] = price->text;
    }
    auto connected = std::make_shared<Connected>();
    connected->transport = http::make_curl_transport(network);
    connected->service = vendors::open_service(
        vendor, {.transport = *connected->transport, .clock = system_clock(), .values = std::move(values)});
    vendors::Service* service = connected->service.get();
    return {std::move(connected), service};
}

}  // namespace qdcnn::run
