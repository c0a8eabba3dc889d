#include "device_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qdcnn::transpile {

double cost_of_error(double error) {
    if (std::isnan(error)) return 0.0;
    return error >= 1.0 ? 1e3 : -std::log1p(-error);
}

double readout_error(const target::Target& target, Qubit qubit) {
    if (qubit < target.qubits.size()) {
        const auto& own = target.qubits[qubit];
        if (!std::isnan(own.readout_error)) return own.readout_error;
        const double mean = (own.prob_meas1_prep0 + own.prob_meas0_prep1) / 2;
        if (!std::isnan(mean)) return mean;
    }
    return target.properties_of("measure", {qubit}).error;
}

DeviceModel::DeviceModel(const target::Target& target)
    : num_qubits_(target.num_qubits),
      is_all_to_all_(target.all_to_all),
      working_(target.num_qubits, true),
      neighbours_(target.num_qubits),
      pair_cost_(std::size_t{target.num_qubits} * target.num_qubits, 0.0),
      one_qubit_cost_(target.num_qubits, 0.0),
      readout_cost_(target.num_qubits, 0.0) {
    for (Qubit q = 0; q < target.qubits.size(); ++q) working_[q] = target.qubits[q].is_operational;
    if (!is_all_to_all_) neighbours_ = target.neighbours();
    for (Qubit q = 0; q < num_qubits_; ++q) {
        const double read = readout_error(target, q);
        has_errors_ = has_errors_ || !std::isnan(read);
        readout_cost_[q] = cost_of_error(read);
        for (const auto& native : target.native_gates) {
            if (circuit::gate_row(native.gate).qubits != 1 || native.is_virtual ||
                native.gate == circuit::GateId::id)
                continue;
            const double error = target.properties_of(native.name, {q}).error;
            has_errors_ = has_errors_ || !std::isnan(error);
            one_qubit_cost_[q] = std::max(one_qubit_cost_[q], cost_of_error(error));
        }
    }
    std::fill(pair_cost_.begin(), pair_cost_.end(), std::numeric_limits<double>::infinity());
    for (const auto& native : target.native_gates) {
        if (circuit::gate_row(native.gate).qubits != 2) continue;
        has_free_angle_ = has_free_angle_ || circuit::gate_row(native.gate).parameters > 0;
        auto use = [&](Qubit a, Qubit b) {
            if (!target.is_available(native, a, b)) return;
            const double error = target.properties_of(native.name, {a, b}).error;
            has_errors_ = has_errors_ || !std::isnan(error);
            for (double* cost : {&pair_cost_[std::size_t{a} * num_qubits_ + b],
                                 &pair_cost_[std::size_t{b} * num_qubits_ + a]})
                *cost = std::min(*cost, cost_of_error(error));
        };
        if (is_all_to_all_) {
            for (Qubit a = 0; a < num_qubits_; ++a)
                for (Qubit b = a + 1; b < num_qubits_; ++b) use(a, b);
        } else {
            for (const auto& [a, b] : target.edges) use(a, b);
        }
    }
    if (!is_all_to_all_) measure_distances();
    find_parts();
}

void DeviceModel::measure_distances() {
    distance_.assign(std::size_t{num_qubits_} * num_qubits_, kFar);
    std::vector<Qubit> queue;
    for (Qubit start = 0; start < num_qubits_; ++start) {
        std::uint16_t* row = &distance_[std::size_t{start} * num_qubits_];
        row[start] = 0;
        queue.assign(1, start);
        for (std::size_t i = 0; i < queue.size(); ++i)
            for (const Qubit next : neighbours_[queue[i]])
                if (row[next] == kFar) {
                    row[next] = static_cast<std::uint16_t>(row[queue[i]] + 1);
                    queue.push_back(next);
                }
    }
}

void DeviceModel::find_parts() {
    std::vector<bool> seen(num_qubits_, false);
    for (Qubit start = 0; start < num_qubits_; ++start) {
        if (seen[start] || !working_[start]) continue;
        std::vector<Qubit> part;
        for (Qubit q = start; q < num_qubits_; ++q)
            if (working_[q] && !seen[q] && distance(start, q) != kFar) {
                seen[q] = true;
                part.push_back(q);
            }
        parts_.push_back(std::move(part));
    }
    std::stable_sort(parts_.begin(), parts_.end(),
                     [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

}  // namespace qdcnn::transpile
