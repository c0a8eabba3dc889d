#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/circuit/observable.h"
#include "qdcnn/sim/channels.h"
#include "qdcnn/sim/noise_model.h"
#include "qdcnn/sim/outcome.h"
#include "qdcnn/sim/simulator.h"

namespace qdcnn::sim {

/// The density matrix of n qubits, held as its 4^n real Pauli coefficients r[P] = Tr(P rho), half the size of
/// the matrix itself: rho = 2^-n sum_P r[P] P. Bits 2q and 2q+1 of an index are the letter of qubit q (0 I, 1
/// X, 2 Y, 3 Z). It may have a trace below 1: a branch of a measurement. In single precision (f32) it takes
/// half the memory; probabilities are then good to about 1e-7.
class DensityMatrix {
  public:
    /// |0..0><0..0|. Throws Error(out_of_memory) before anything is allocated when 8 * 4^n bytes (4 * 4^n in
    /// single precision) are not there.
    explicit DensityMatrix(std::uint32_t qubits, Precision precision = Precision::f64);

    std::uint32_t num_qubits() const { return num_qubits_; }
    Precision precision() const { return coefficients_.index() == 0 ? Precision::f64 : Precision::f32; }
    double coefficient(std::size_t index) const {
        return std::visit([&](const auto& r) { return static_cast<double>(r[index]); }, coefficients_);
    }

    /// Error(invalid_input): a qubit out of range or twice, a wrong number of qubits.
    void apply(const Channel& channel, std::span<const circuit::Qubit> qubits);
    /// A real map on Pauli coefficients (Channel::map has the form), which need not preserve the trace.
    void apply_map(std::span<const double> map, std::span<const circuit::Qubit> qubits);
    /// Discards the state of the qubits and puts sum_k amplitudes[k] |k> in its place, divided by the norm;
    /// bit i of k is qubits[i]. Error(invalid_input): a wrong number of amplitudes, or all zero.
    void prepare(std::span<const circuit::Qubit> qubits, std::span<const double> amplitudes);
    DensityMatrix& operator+=(const DensityMatrix& other);

    double trace() const { return coefficient(0); }
    /// Tr(rho^2).
    double purity() const;
    /// Tr(P rho).
    double expectation(const circuit::PauliString& paulis) const;
    /// <row| rho |column>, from 2^n coefficients.
    Complex entry(std::uint64_t row, std::uint64_t column) const;
    /// Probabilities of the listed qubits' values, bit i of an index is qubits[i]; all others are summed
    /// over.
    std::vector<double> probabilities(std::span<const circuit::Qubit> qubits) const;
    /// Of all qubits: the diagonal.
    std::vector<double> probabilities() const;

  private:
    std::uint32_t num_qubits_;
    std::variant<std::vector<double>, std::vector<float>> coefficients_;
};

struct DensityMatrixOptions {
    /// Off: the records' distribution is not asked for, and branches merge as soon as the bits that part them
    /// are read no more. Outcome::records is then one empty record.
    bool records = true;
    /// Turns of a loop before the run stops with Error(unsupported), unless less than 1e-15 of the
    /// probability is left inside.
    std::uint64_t max_loop_turns = 10'000;
    Precision precision = Precision::f64;
    /// Bytes that the branches' states may take together; 0: what is free.
    double memory_limit = 0;
};

/// The bound circuit from |0..0> under the noise model, exactly.
///
/// Measurements: a branch is kept for each value of the bits measured so far, weighted by its probability;
/// branches of equal bits are one. Measurements after which nothing touches qubit and bit need no branch. The
/// record of every measurement has the read-out error of its qubit, and conditions act on what was recorded;
/// the state collapses to what was really there. Branches of a weight below 1e-16 are dropped. Noise: the
/// channel of a gate acts after it, those of "reset" and "delay" likewise, that of "measure" before the
/// measurement. A delay relaxes where the model says so. Prepare, barriers and gates without an entry are
/// ideal. Qubits that nothing acts on cost nothing; memory is 8 * 4^qubits bytes a branch, and
/// about 2 KiB for each of its qubits.
///
/// Throws Error(invalid_input): an unbound angle, an observable outside the circuit, amplitudes that are all
/// zero. Error(unsupported): more than 64 bits written; a delay in dt where the model does not know dt.
/// Error(out_of_memory), before allocating.
Outcome run_density_matrix(const circuit::Circuit& bound, std::span<const circuit::Observable> observables,
                           const NoiseModel& noise, const DensityMatrixOptions& options = {});

/// The final state of the same run over all qubits of the circuit, averaged over the records.
DensityMatrix final_density_matrix(const circuit::Circuit& bound, const NoiseModel& noise);

/// run_density_matrix as the local backend takes it.
std::shared_ptr<const Simulator> make_noisy_simulator(NoiseModel noise, DensityMatrixOptions options = {});

}  // namespace qdcnn::sim
