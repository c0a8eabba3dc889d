#include "qdcnn/vendors/service.h"

#include <fmt/format.h>

#include <cstdint>

namespace qdcnn::vendors {

const char* to_string(RemoteState state) {
    switch (state) {
        case RemoteState::queued:
            return "queued";
        case RemoteState::running:
            return "running";
        case RemoteState::done:
            return "done";
        case RemoteState::failed:
            return "failed";
        case RemoteState::cancelled:
            return "cancelled";
    }
    return "";
}

DeviceSummary least_busy(const std::vector<DeviceSummary>& devices, std::uint32_t min_qubits) {
    const DeviceSummary* best = nullptr;
    for (const DeviceSummary& device : devices) {
        if (!device.is_online || device.is_simulator || device.qubits < min_qubits) continue;
        if (!best || device.queue_length.value_or(INT64_MAX) < best->queue_length.value_or(INT64_MAX))
            best = &device;
    }
    if (!best)
        throw Error(ErrorKind::not_found,
                    fmt::format("none of {} devices is online and has {} qubits", devices.size(), min_qubits),
                    "See qdcnn device list.");
    return *best;
}

}  // namespace qdcnn::vendors
