#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/target/target.h"
#include "qdcnn/vendors/ibm/service.h"
#include "vendors/ibm/client.h"
#include "vendors/ibm/instances.h"

namespace qdcnn::vendors::ibm {

/// What jobs for a device are checked against and priced with.
struct DeviceFacts {
    target::Target target;
    JobLimits limits;
    bool is_simulator = false;
    /// Seconds between two shots; NaN where the device does not say. The range: low, high.
    double default_rep_delay;
    std::optional<std::pair<double, double>> rep_delay_range{};
};

/// A device of GET /backends.
DeviceSummary read_device(const JsonView& device);
bool is_mock(const JsonView& device);

/// The target of the documents, with faulty places, gates that are not everywhere, and without fractional
/// gates unless asked for. Throws Error(unsupported): fractional gates asked for and none there.
DeviceFacts read_facts(const DeviceDocuments& documents, const std::string& device,
                       bool has_fractional_gates);

/// The devices of all instances. Usable from several threads.
class Devices {
  public:
    /// All outlive this.
    Devices(Client& client, Instances& instances, const Settings& settings)
        : client_(client), instances_(instances), settings_(settings) {}

    std::vector<DeviceSummary> list();
    DeviceSummary status(const std::string& device);
    DeviceDocuments documents(const std::string& device, const std::string& calibration_id,
                              const std::string& updated_before);
    /// As it is at the first call, or anew.
    DeviceFacts facts(const std::string& device, const std::string& calibration_id, bool is_fresh);
    /// The instance that offers the device. Throws Error(not_found).
    Route route(const std::string& device);

  private:
    std::vector<DeviceSummary> listing(const Route& route);
    http::Response ask(const std::string& device, const char* document, Query query,
                       const std::string& doing);
    [[noreturn]] void not_found(const std::string& device);

    Client& client_;
    Instances& instances_;
    const Settings& settings_;
    std::mutex mutex_;
    std::map<std::string, Route> routes_;
    std::map<std::pair<std::string, std::string>, DeviceFacts> facts_;
};

}  // namespace qdcnn::vendors::ibm
