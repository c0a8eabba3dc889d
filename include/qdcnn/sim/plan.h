#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/circuit/observable.h"
#include "qdcnn/sim/noise_model.h"
#include "qdcnn/sim/outcome.h"

namespace qdcnn::sim {

enum class Method : std::uint8_t { density, statevector, trajectories };

/// "density_matrix", "statevector" or "trajectories".
std::string to_string(Method method);

/// What a run is going to be, found without running it.
struct Plan {
    Method method = Method::statevector;
    Precision precision = Precision::f64;
    /// Of the circuit, and those that something acts on.
    std::uint32_t circuit_qubits = 0, qubits = 0;
    /// Without barriers; `seen` of them are in the observables' light cone, all where the record counts.
    std::size_t operations = 0, seen = 0;
    /// Gates and channels, and the sweeps over the state that they are folded into.
    std::size_t maps = 0, sweeps = 0;
    /// Measurements on the way, resets, branches and loops: a density matrix may split there.
    bool is_dynamic = false;
    /// Of one state; density matrices take as much for each branch, trajectories for each thread and for some
    /// states of the run without errors.
    double bytes = 0;
    /// Rough, on this number of threads and for one branch; within a factor of 3 on the machine that the
    /// constants were taken on.
    double seconds = 0;
    std::uint64_t trajectories = 0;
};

/// observables: what the run is for; none: the record. trajectories: for that method.
Plan make_plan(const circuit::Circuit& bound, std::span<const circuit::Observable> observables,
               const NoiseModel& noise, Method method, Precision precision, std::uint64_t trajectories = 0);

}  // namespace qdcnn::sim
