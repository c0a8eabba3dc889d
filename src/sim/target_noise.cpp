#include <algorithm>
#include <cmath>
#include <limits>

#include "qdcnn/sim/noise_model.h"

namespace qdcnn::sim {
namespace {

using circuit::Qubit;
using target::Target;

/// T1 and T2 as far as they are known; infinite T1 when neither is.
struct Times {
    double t1 = std::numeric_limits<double>::infinity();
    double t2 = std::numeric_limits<double>::infinity();
    bool are_known() const { return std::isfinite(t1) || std::isfinite(t2); }
};

Times times_of(const Target& target, Qubit qubit) {
    Times times;
    if (qubit >= target.qubits.size()) return times;
    const auto& figures = target.qubits[qubit];
    if (figures.t1 > 0) times.t1 = figures.t1;
    times.t2 = figures.t2 > 0 ? std::min(figures.t2, 2 * times.t1) : 2 * times.t1;
    return times;
}

/// Aer's choice: what relaxation explains of the figure is left to it, the rest is depolarizing.
double depolarizing_lambda(double error, double relaxation_infidelity, int qubits) {
    const double d = std::ldexp(1.0, qubits);
    if (!(error > relaxation_infidelity)) return 0;
    const double largest_error = d / (d + 1), largest_lambda = d * d / (d * d - 1);
    const double rest = std::min(error, largest_error) - relaxation_infidelity;
    return std::clamp(rest / (1 - relaxation_infidelity - 1 / d), 0.0, largest_lambda);
}

GateError error_from(const Target& target, const target::GateProperties& figures,
                     const std::vector<Qubit>& qubits) {
    const int size = static_cast<int>(qubits.size());
    GateError relaxation(size);
    for (std::uint8_t position = 0; position < qubits.size(); ++position) {
        const Times times = times_of(target, qubits[position]);
        if (times.are_known() && figures.duration > 0)
            relaxation.add(thermal_relaxation(times.t1, times.t2, figures.duration), {position});
    }
    double lambda = 0;
    if (!std::isnan(figures.error)) {
        if (target.error_kind == target::ErrorKindOfTarget::depolarizing_parameter) {
            lambda = figures.error;
        } else {
            // The infidelity of the product follows from the trace of its map.
            const auto& map = relaxation.map();
            const std::size_t rows = std::size_t{1} << 2 * size;
            double trace = 0;
            for (std::size_t i = 0; i < rows; ++i) trace += map[i * rows + i];
            const double d = std::ldexp(1.0, size);
            lambda = depolarizing_lambda(figures.error, (d * d - trace) / (d * (d + 1)), size);
        }
    }
    GateError error(size);
    if (lambda > 0) error.append(depolarizing(lambda, size));
    return error.append(relaxation);
}

std::vector<std::vector<Qubit>> places_of(const Target& target, int qubits) {
    std::vector<std::vector<Qubit>> places;
    if (qubits == 1) {
        for (Qubit q = 0; q < target.num_qubits; ++q) places.push_back({q});
    } else if (target.all_to_all) {
        for (Qubit a = 0; a < target.num_qubits; ++a)
            for (Qubit b = 0; b < target.num_qubits; ++b)
                if (a != b) places.push_back({a, b});
    } else {
        for (const auto& [a, b] : target.edges) places.push_back({a, b});
    }
    return places;
}

/// Whether every place has the same figures, so that one error serves them all.
bool is_uniform(const Target& target, const std::string& operation) {
    for (Qubit q = 0; q < target.num_qubits; ++q)
        if (times_of(target, q).are_known()) return false;
    return std::none_of(target.gates.begin(), target.gates.end(),
                        [&](const auto& entry) { return entry.first.first == operation; });
}

/// operation: its name in the target's figures; name: in the noise model.
void add_operation(NoiseModel& model, const Target& target, const std::string& operation,
                   const std::string& name, int qubits, bool is_symmetric) {
    if (is_uniform(target, operation)) {
        std::vector<Qubit> any(static_cast<std::size_t>(qubits));
        for (std::size_t i = 0; i < any.size(); ++i) any[i] = static_cast<Qubit>(i);
        const GateError error = error_from(target, target.properties_of(operation, any), any);
        if (!error.is_ideal()) model.add_error(name, error);
        return;
    }
    for (const auto& place : places_of(target, qubits)) {
        const GateError error = error_from(target, target.properties_of(operation, place), place);
        if (error.is_ideal()) continue;
        model.add_error(name, place, error);
        const bool has_reverse =
            target.all_to_all ||
            (place.size() == 2 &&
             std::binary_search(target.edges.begin(), target.edges.end(), std::pair(place[1], place[0])));
        if (is_symmetric && place.size() == 2 && !has_reverse)
            model.add_error(name, {place[1], place[0]}, error.swapped());
    }
}

}  // namespace

NoiseModel noise_model_from_target(const Target& target, double scale) {
    NoiseModel model;
    for (const target::NativeGate& native : target.native_gates) {
        if (native.is_virtual) continue;
        const auto& row = circuit::gate_row(native.gate);
        if (row.qubits > 2) continue;
        // A vendor may have a name of its own for a gate of the table.
        const bool is_known = circuit::find_gate(native.name) == &row;
        add_operation(model, target, native.name, is_known ? native.name : std::string(row.name), row.qubits,
                      row.is_symmetric);
    }
    add_operation(model, target, "reset", "reset", 1, false);
    for (Qubit q = 0; q < target.num_qubits; ++q) {
        const auto [p1_given_0, p0_given_1] = target.readout_flips(q);
        if (p1_given_0 > 0 || p0_given_1 > 0) model.set_readout(q, {p1_given_0, p0_given_1});
        const Times times = times_of(target, q);
        if (times.are_known()) model.set_relaxation(q, {times.t1, times.t2});
    }
    if (target.dt > 0) model.set_dt(target.dt);
    return scale == 1.0 ? model : model.scaled(scale);
}

}  // namespace qdcnn::sim
