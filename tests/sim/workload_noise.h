#pragma once

#include <numbers>

#include "qdcnn/base/error.h"
#include "qdcnn/sim/noise_model.h"
#include "support/reference_simulator.h"
#include "support/sim_workload.h"

namespace qdcnn::test {

/// A workload's noise operations as a noise model by gate and qubits, with the circuit that goes with it.
struct ModelledWorkload {
    circuit::Circuit circuit;
    sim::NoiseModel noise;
};

inline sim::GateError error_after(const circuit::Gate& gate, const SimWorkload& workload,
                                  std::size_t position) {
    sim::GateError error(static_cast<int>(gate.qubits.size()));
    for (const WorkloadNoise& noise : workload.noise) {
        if (noise.position != position) continue;
        std::vector<std::uint8_t> on;
        for (const circuit::Qubit qubit : noise.qubits)
            for (std::uint8_t i = 0; i < gate.qubits.size(); ++i)
                if (gate.qubits[i] == qubit) on.push_back(i);
        if (noise.kind == WorkloadNoise::Kind::depolarizing)
            error.add(sim::depolarizing(noise.probability, static_cast<int>(noise.qubits.size())), on);
        else
            error.add(sim::thermal_relaxation(noise.t1, noise.t2, noise.time), on);
    }
    return error;
}

/// Gates inside branches have no noise in the workloads; the model knows gates by name, so ry is written as r
/// there.
inline circuit::Operation without_noise(const circuit::Operation& operation, const sim::NoiseModel& model) {
    if (const auto* gate = std::get_if<circuit::Gate>(&operation.kind())) {
        if (!model.error_of(gate->id, gate->qubits)) return operation;
        if (gate->id != circuit::GateId::ry)
            throw Error(ErrorKind::internal, "a workload has a gate both with noise and without");
        return circuit::Gate{circuit::GateId::r, gate->qubits, {gate->angles[0], std::numbers::pi / 2}};
    }
    if (const auto* branch = std::get_if<circuit::IfElse>(&operation.kind())) {
        circuit::IfElse copy{branch->condition, {}, {}};
        for (const auto& inner : branch->then_body) copy.then_body.push_back(without_noise(inner, model));
        for (const auto& inner : branch->else_body) copy.else_body.push_back(without_noise(inner, model));
        return copy;
    }
    return operation;
}

inline ModelledWorkload modelled(const SimWorkload& workload) {
    ModelledWorkload result{workload.circuit.empty_copy(), {}};
    const auto& operations = workload.circuit.operations();
    for (std::size_t i = 0; i < operations.size(); ++i)
        if (const auto* gate = std::get_if<circuit::Gate>(&operations[i].kind())) {
            const sim::GateError error = error_after(*gate, workload, i + 1);
            const auto* known = result.noise.error_of(gate->id, gate->qubits);
            if (known && known->map() != error.map())
                throw Error(ErrorKind::internal, "a workload has different noise after the same gate");
            if (!known)
                result.noise.add_error(std::string(circuit::gate_row(gate->id).name),
                                       {gate->qubits.begin(), gate->qubits.end()}, error);
        }
    for (const auto& operation : operations)
        result.circuit.add(std::holds_alternative<circuit::IfElse>(operation.kind())
                               ? without_noise(operation, result.noise)
                               : operation);
    for (circuit::Qubit q = 0; q < workload.readout.size(); ++q)
        result.noise.set_readout(q, {workload.readout[q].first, workload.readout[q].second});
    return result;
}

/// The model for the reference simulator, as Kraus operators of its channels.
inline ReferenceNoise reference_noise(const sim::NoiseModel& model, std::uint32_t num_qubits) {
    ReferenceNoise reference;
    reference.after_operation = [&model](const circuit::Operation& operation) {
        const auto qubits = qubits_of(operation);
        const sim::GateError* error = nullptr;
        if (const auto* gate = std::get_if<circuit::Gate>(&operation.kind()))
            error = model.error_of(gate->id, qubits);
        if (std::holds_alternative<circuit::Reset>(operation.kind())) error = model.error_of("reset", qubits);
        std::vector<KrausOnQubits> channels;
        if (const auto* delay = std::get_if<circuit::Delay>(&operation.kind()))
            if (const auto* relaxation = model.relaxation(delay->qubit))
                channels.push_back({qubits, sim::thermal_relaxation(relaxation->t1, relaxation->t2,
                                                                    delay->duration, relaxation->excited)
                                                .kraus()});
        if (!error) return channels;
        for (const auto& step : error->steps()) {
            std::vector<circuit::Qubit> on;
            for (const auto position : step.on) on.push_back(qubits[position]);
            channels.push_back({on, step.channel.kraus()});
        }
        return channels;
    };
    for (circuit::Qubit q = 0; q < num_qubits; ++q)
        reference.readout.emplace_back(model.readout(q).p1_given_0, model.readout(q).p0_given_1);
    return reference;
}

}  // namespace qdcnn::test
