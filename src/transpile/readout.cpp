#include "qdcnn/transpile/readout.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "device_model.h"

namespace qdcnn::transpile {

using namespace circuit;

ReadoutMap plain_readout(std::uint32_t num_clbits) {
    ReadoutMap readout;
    for (Clbit bit = 0; bit < num_clbits; ++bit) readout.values.push_back({{bit}, false});
    return readout;
}

bool is_plain(const ReadoutMap& readout) {
    return readout == plain_readout(static_cast<std::uint32_t>(readout.values.size()));
}

double parity_error(std::span<const double> errors) {
    double bias = 1.0;
    for (const double error : errors) bias *= 1.0 - 2.0 * error;
    return (1.0 - bias) / 2.0;
}

double log_value_success(const Circuit& circuit, const target::Target& target, const ReadoutMap& readout) {
    double gates = 0;
    std::map<Clbit, double> errors;
    std::set<Clbit> fed_forward;
    for_each_operation(circuit.operations(), [&](const Operation& operation) {
        if (const auto* measure = std::get_if<Measure>(&operation.kind())) {
            const double error = readout_error(target, measure->qubit);
            errors[measure->clbit] = std::isnan(error) ? 0.0 : error;
        }
        if (const auto* condition = condition_of(operation))
            fed_forward.insert(condition->bits.begin(), condition->bits.end());
        const auto* gate = std::get_if<Gate>(&operation.kind());
        const auto* native = gate ? target.find_native(gate->id) : nullptr;
        if (!native || native->is_virtual) return;
        gates -= cost_of_error(
            target.properties_of(native->name, {gate->qubits.begin(), gate->qubits.end()}).error);
    });
    for (const Clbit bit : fed_forward)
        if (const auto found = errors.find(bit); found != errors.end()) gates -= cost_of_error(found->second);
    double values = 0;
    std::size_t count = 0;
    for (const Parity& parity : readout.values) {
        std::vector<double> own;
        for (const Clbit bit : parity.bits)
            if (const auto found = errors.find(bit); found != errors.end()) own.push_back(found->second);
        if (own.empty()) continue;
        values -= cost_of_error(parity_error(own));
        ++count;
    }
    return gates + (count ? values / static_cast<double>(count) : 0.0);
}

}  // namespace qdcnn::transpile
