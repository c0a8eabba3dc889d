#pragma once

#include <optional>
#include <string>

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/target/target.h"
#include "qdcnn/vendors/service.h"
#include "vendors/ibm/devices.h"

namespace qdcnn::vendors::ibm {

/// Seconds from the first operation to the end of the last when each begins as soon as its qubits and bits
/// are free. Operations whose time the target does not know take none.
double scheduled_seconds(const circuit::Circuit& circuit, const target::Target& target);

struct Price {
    std::optional<double> per_second{};
    std::string currency{};
};

/// From the body of POST /jobs: for every PUB rows x shots x (schedule + delay between shots), an estimator's
/// once for each group of observables measured together and each noise factor; and the service's overhead.
/// The learning of noise is not in it.
Cost quote_request(const std::string& content, const DeviceFacts& facts, const Price& price);

/// amount = qpu_seconds x price, where there is one.
void put_price(Cost& cost, const Price& price);

}  // namespace qdcnn::vendors::ibm
