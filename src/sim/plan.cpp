#include "qdcnn/sim/plan.h"

#include <omp.h>

#include <algorithm>
#include <cmath>

#include "amplitudes.h"
#include "density_memory.h"
#include "light_cone.h"
#include "places.h"
#include "record_bits.h"

namespace qdcnn::sim {
namespace {

using namespace circuit;

/// Seconds for a sweep over one number of a state, double and single precision: W2 at 10 and 12 qubits, W7 at
/// 16 and 20 of tools/bench/sim.
constexpr double kPerCoefficient[] = {0.8e-9, 0.5e-9};
constexpr double kPerAmplitude[] = {0.6e-9, 0.3e-9};
/// For each gate or channel, whatever the state.
constexpr double kPerMap = 0.3e-6;
/// States with fewer numbers are swept by one thread.
constexpr double kParallelCoefficients = 0x1p22;
constexpr double kParallelAmplitudes = 0x1p20;

/// Counts sweeps as PendingMaps and PendingGates make them.
class Folding {
  public:
    explicit Folding(std::uint32_t qubits) : block_of_(qubits, kNone), partner_(qubits, kNone) {}

    std::size_t sweeps() const {
        std::size_t waiting = 0;
        for (std::size_t q = 0; q < block_of_.size(); ++q) waiting += block_of_[q] == q;
        return sweeps_ + waiting;
    }
    void add(std::span<const Qubit> qubits) {
        if (qubits.size() == 1) {
            if (block_of_[qubits[0]] == kNone) block_of_[qubits[0]] = partner_[qubits[0]] = qubits[0];
            return;
        }
        const Qubit low = std::min(qubits[0], qubits[1]), high = std::max(qubits[0], qubits[1]);
        if (block_of_[low] != kNone && block_of_[low] == block_of_[high]) return;
        for (const Qubit qubit : {low, high})
            // A single one goes into the pair.
            if (block_of_[qubit] != kNone && partner_[qubit] != qubit) flush(qubit);
        block_of_[low] = block_of_[high] = low;
        partner_[low] = high;
        partner_[high] = low;
    }
    void flush(Qubit qubit) {
        if (block_of_[qubit] == kNone) return;
        ++sweeps_;
        block_of_[partner_[qubit]] = kNone;
        block_of_[qubit] = kNone;
    }

  private:
    static constexpr Qubit kNone = ~Qubit{0};
    /// The lower qubit of the block a qubit waits in.
    std::vector<Qubit> block_of_;
    /// The other qubit of the block, or the qubit itself.
    std::vector<Qubit> partner_;
    std::size_t sweeps_ = 0;
};

std::size_t without_barriers(const Circuit& circuit) {
    return static_cast<std::size_t>(
        std::count_if(circuit.operations().begin(), circuit.operations().end(),
                      [](const Operation& one) { return !std::holds_alternative<Barrier>(one.kind()); }));
}

/// Counts the maps and sweeps of everything once, branches and loops included.
void count_sweeps(const Circuit& circuit, const NoiseModel& noise, const std::vector<bool>& is_final,
                  const Places& places, Plan& plan) {
    Folding folding(places.count);
    const auto add = [&](const Operation& operation) {
        if (std::holds_alternative<Barrier>(operation.kind()) || condition_of(operation) ||
            std::holds_alternative<Store>(operation.kind())) {
            plan.is_dynamic = plan.is_dynamic || condition_of(operation) != nullptr;
            return;
        }
        std::vector<Qubit> qubits;
        for (const Qubit qubit : qubits_of(operation))
            if (places.of_qubit[qubit] != kIdle) qubits.push_back(places.of_qubit[qubit]);
        if (qubits.empty()) return;
        const bool is_gate = std::holds_alternative<Gate>(operation.kind());
        ++plan.maps;
        if (const auto* gate = std::get_if<Gate>(&operation.kind()))
            if (const GateError* error = noise.error_of(gate->id, gate->qubits))
                plan.maps += error->steps().size();
        if (!is_gate && !std::holds_alternative<Delay>(operation.kind())) {
            plan.is_dynamic = true;
            for (const Qubit qubit : qubits) folding.flush(qubit);
        }
        for (std::size_t i = 0; i + 1 < qubits.size(); ++i) folding.add(std::span(qubits).subspan(i, 2));
        if (qubits.size() == 1) folding.add(qubits);
    };
    for (std::size_t i = 0; i < circuit.operations().size(); ++i)
        if (!is_final[i]) for_each_operation({&circuit.operations()[i], 1}, add);
    plan.sweeps = folding.sweeps();
}

}  // namespace

std::string to_string(Method method) {
    switch (method) {
        case Method::density:
            return "density_matrix";
        case Method::statevector:
            return "statevector";
        case Method::trajectories:
            return "trajectories";
    }
    return {};
}

Plan make_plan(const Circuit& bound, std::span<const Observable> observables, const NoiseModel& noise,
               Method method, Precision precision, std::uint64_t trajectories) {
    Plan plan{.method = method, .precision = precision, .circuit_qubits = bound.num_qubits()};
    plan.operations = without_barriers(bound);
    const Circuit seen = observables.empty() ? bound : light_cone(bound, observables);
    plan.seen = without_barriers(seen);
    const auto is_final =
        RecordBits(seen).final_measurements(seen, [&](Qubit qubit) { return noise.acts_on_delay(qubit); });
    const Places places = Places::compact(seen, noise, is_final);
    plan.qubits = places.count;
    count_sweeps(seen, noise, is_final, places, plan);
    const int single = precision == Precision::f32;
    const double threads = omp_get_max_threads();
    const double amplitudes = std::ldexp(1.0, static_cast<int>(plan.qubits));
    const auto sweeps = static_cast<double>(plan.sweeps);
    if (method == Method::density) {
        const double coefficients = amplitudes * amplitudes;
        plan.bytes = density_bytes(plan.qubits, precision);
        plan.seconds = sweeps * coefficients * kPerCoefficient[single] /
                           (coefficients >= kParallelCoefficients ? threads : 1) +
                       kPerMap * static_cast<double>(plan.maps);
        return plan;
    }
    plan.bytes = single ? Amplitudes<float>::bytes(plan.qubits) : Amplitudes<double>::bytes(plan.qubits);
    plan.seconds = sweeps * amplitudes * kPerAmplitude[single] + kPerMap * static_cast<double>(plan.maps);
    if (method == Method::trajectories) {
        plan.trajectories = trajectories;
        // One in two steps, on the mean, lies before the first strike.
        plan.seconds *= static_cast<double>(trajectories) / 2 / threads;
    } else if (amplitudes >= kParallelAmplitudes) {
        plan.seconds /= threads;
    }
    return plan;
}

}  // namespace qdcnn::sim
