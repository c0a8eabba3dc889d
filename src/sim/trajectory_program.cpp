#include "trajectory_program.h"

#include <cmath>

#include "bound_values.h"
#include "places.h"
#include "qdcnn/base/error.h"
#include "qdcnn/circuit/state_preparation.h"

namespace qdcnn::sim {

using namespace circuit;

namespace {}  // namespace

TrajectoryProgram::TrajectoryProgram(const Circuit& bound, const NoiseModel& noise)
    : circuit_(bound), noise_(noise), bits_(bound) {
    is_final_ = bits_.final_measurements(circuit_, [&](Qubit qubit) { return noise_.acts_on_delay(qubit); });
    Places places = Places::compact(circuit_, noise_, is_final_);
    places_ = std::move(places.of_qubit);
    num_qubits_ = places.count;
    steps_ = steps_of(circuit_.operations(), true);
    while (plain_steps_ < steps_.size() && (std::holds_alternative<Apply>(steps_[plain_steps_]) ||
                                            std::holds_alternative<Strike>(steps_[plain_steps_])))
        ++plain_steps_;
}

std::vector<Qubit> TrajectoryProgram::places_of(std::span<const Qubit> qubits) const {
    std::vector<Qubit> places;
    for (const Qubit qubit : qubits) places.push_back(places_[qubit]);
    return places;
}

void TrajectoryProgram::add_channel(std::span<const double> map, std::vector<Qubit> qubits,
                                    std::vector<Step>& steps) {
    const auto [found, is_first] = parts_.try_emplace({map.begin(), map.end()});
    if (is_first) found->second = parts_of(map);
    const ChannelParts& parts = found->second;
    if (parts.identity < 1) steps.push_back(Strike{-std::log(parts.identity), &parts, std::move(qubits)});
}

void TrajectoryProgram::add_error(const GateError* error, std::span<const Qubit> qubits,
                                  std::vector<Step>& steps) {
    if (!error || error->is_ideal()) return;
    if (error->qubits() <= 2) {
        add_channel(error->map(), places_of(qubits), steps);
        return;
    }
    for (const GateError::Step& one : error->steps()) {
        std::vector<Qubit> on;
        for (const auto position : one.on) on.push_back(places_[qubits[position]]);
        add_channel(one.channel.map(), std::move(on), steps);
    }
}

void TrajectoryProgram::add_pieces(const Gate& gate, std::vector<Step>& steps) {
    const GateRow& row = gate_row(gate.id);
    if (row.qubits <= 2) {
        steps.push_back(Apply{row.matrix(bound_values(gate.angles, row.name)), places_of(gate.qubits)});
        return;
    }
    for (const DefinitionStep& definition : row.definition)
        add_pieces(instantiate(definition, gate.qubits, gate.angles), steps);
}

void TrajectoryProgram::add_gate(const Gate& gate, std::vector<Step>& steps) {
    add_pieces(gate, steps);
    add_error(noise_.error_of(gate.id, gate.qubits), gate.qubits, steps);
}

std::vector<TrajectoryProgram::Step> TrajectoryProgram::steps_of(std::span<const Operation> operations,
                                                                 bool is_top) {
    std::vector<Step> steps;
    for (std::size_t i = 0; i < operations.size(); ++i)
        std::visit(
            overloaded{
                [&](const Gate& gate) { add_gate(gate, steps); },
                [&](const circuit::Measure& measure) {
                    const std::span<const Qubit> qubit(&measure.qubit, 1);
                    const Qubit place = places_[measure.qubit];
                    const std::uint64_t bit = std::uint64_t{1} << bits_.position(measure.clbit);
                    if (place != kIdle) add_error(noise_.error_of("measure", qubit), qubit, steps);
                    if (is_top && is_final_[i])
                        finals_.push_back({place, bit, noise_.readout(measure.qubit)});
                    else
                        steps.push_back(Measure{place, bit, noise_.readout(measure.qubit)});
                },
                [&](const circuit::Reset& reset) {
                    steps.push_back(Reset{places_[reset.qubit]});
                    add_error(noise_.error_of("reset", {&reset.qubit, 1}), {&reset.qubit, 1}, steps);
                },
                [&](const Barrier&) {},
                [&](const Delay& delay) {
                    if (const Relaxation* relaxation = noise_.relaxation(delay.qubit)) {
                        if (delay.unit == TimeUnit::dt && std::isnan(noise_.dt()))
                            throw Error(ErrorKind::unsupported,
                                        "a delay is counted in dt, and the noise model does not say how long "
                                        "that is",
                                        "Write the delay in seconds.");
                        const double seconds =
                            delay.duration * (delay.unit == TimeUnit::dt ? noise_.dt() : 1.0);
                        add_channel(
                            thermal_relaxation(relaxation->t1, relaxation->t2, seconds, relaxation->excited)
                                .map(),
                            {places_[delay.qubit]}, steps);
                    }
                    add_error(noise_.error_of("delay", {&delay.qubit, 1}), {&delay.qubit, 1}, steps);
                },
                [&](const circuit::Prepare& prepare) {
                    const auto amplitudes = normalised(bound_values(prepare.amplitudes, "a preparation"));
                    steps.push_back(
                        Prepare{places_of(prepare.qubits), {amplitudes.begin(), amplitudes.end()}});
                },
                [&](const IfElse& branch) {
                    steps.push_back(Branch{&branch.condition, steps_of(branch.then_body, false),
                                           steps_of(branch.else_body, false)});
                },
                [&](const While& loop) {
                    steps.push_back(Loop{&loop.condition, steps_of(loop.body, false)});
                },
                [&](const Store& store) { steps.push_back(&store); },
            },
            operations[i].kind());
    return steps;
}

}  // namespace qdcnn::sim
