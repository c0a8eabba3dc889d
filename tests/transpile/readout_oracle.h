#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "qdcnn/circuit/rewrite.h"
#include "qdcnn/transpile/readout.h"
#include "support/branching_simulator.h"

namespace qdcnn::test {

/// The circuit on the qubits it touches alone.
inline circuit::Circuit on_touched_qubits(const circuit::Circuit& wide) {
    using namespace circuit;
    std::vector<Qubit> touched;
    for (const Operation& operation : wide.operations())
        if (!std::holds_alternative<Barrier>(operation.kind()))
            for (const Qubit qubit : qubits_of(operation)) touched.push_back(qubit);
    std::sort(touched.begin(), touched.end());
    touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
    Circuit narrow(static_cast<std::uint32_t>(touched.size()));
    for (const Register& own : wide.clbit_registers()) narrow.add_clbits(own.name, own.size, own.is_variable);
    for (const std::string& name : wide.parameters()) narrow.parameter(name);
    auto place = [&](Qubit qubit) {
        return static_cast<Qubit>(std::lower_bound(touched.begin(), touched.end(), qubit) - touched.begin());
    };
    for (const Operation& operation : wide.operations())
        if (!std::holds_alternative<Barrier>(operation.kind()))
            narrow.add(rewritten(operation, {place, {}, {}}));
    return narrow;
}

/// The exact distribution of the map's values; bit k of a key is values[k].
inline Records values_of(const circuit::Circuit& bound, const transpile::ReadoutMap& readout) {
    Records values;
    for (const auto& [record, probability] : records_of(on_touched_qubits(bound))) {
        std::uint64_t key = 0;
        for (std::size_t k = 0; k < readout.values.size(); ++k)
            key |=
                std::uint64_t{readout.values[k].value([&](circuit::Clbit bit) { return record >> bit & 1; })}
                << k;
        values[key] += probability;
    }
    return values;
}

/// Largest difference of two distributions' probabilities.
inline double distance(const Records& a, const Records& b) {
    double largest = 0;
    for (const auto* records : {&a, &b})
        for (const auto& [key, probability] : *records) {
            const auto at = [&](const Records& own) {
                const auto found = own.find(key);
                return found == own.end() ? 0.0 : found->second;
            };
            largest = std::max(largest, std::abs(at(a) - at(b)));
        }
    return largest;
}

}  // namespace qdcnn::test
