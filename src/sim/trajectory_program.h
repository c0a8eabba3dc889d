#pragma once

#include <map>
#include <span>
#include <variant>
#include <vector>

#include "channel_parts.h"
#include "qdcnn/circuit/circuit.h"
#include "qdcnn/sim/noise_model.h"
#include "record_bits.h"

namespace qdcnn::sim {

/// A bound circuit with its noise as what a trajectory does step by step. Qubits are places in the state.
/// Holds on to the circuit.
class TrajectoryProgram {
  public:
    struct Apply {
        circuit::Matrix matrix;
        std::vector<circuit::Qubit> qubits;
    };
    /// A channel: the rest strikes when the hazards that have come by exceed an exponential random number.
    struct Strike {
        /// -log of the identity's part; infinite where that is 0.
        double hazard;
        const ChannelParts* parts;
        std::vector<circuit::Qubit> qubits;
    };
    struct Measure {
        circuit::Qubit qubit;
        std::uint64_t bit;
        ReadoutError readout;
    };
    struct Reset {
        circuit::Qubit qubit;
    };
    struct Prepare {
        std::vector<circuit::Qubit> qubits;
        /// Norm 1.
        std::vector<double> amplitudes;
    };
    struct Branch;
    struct Loop;
    using Step = std::variant<Apply, Strike, Measure, Reset, Prepare, Branch, Loop, const circuit::Store*>;
    struct Branch {
        const circuit::Condition* condition;
        std::vector<Step> then_steps, else_steps;
    };
    struct Loop {
        const circuit::Condition* condition;
        std::vector<Step> body;
    };
    /// A measurement that nothing comes after; kIdle for a qubit that is |0>.
    struct Final {
        circuit::Qubit qubit;
        std::uint64_t bit;
        ReadoutError readout;
    };

    TrajectoryProgram(const circuit::Circuit& bound, const NoiseModel& noise);
    TrajectoryProgram(const TrajectoryProgram&) = delete;
    TrajectoryProgram& operator=(const TrajectoryProgram&) = delete;

    std::uint32_t num_qubits() const { return num_qubits_; }
    const std::vector<Step>& steps() const { return steps_; }
    /// The first steps, up to here, only apply and strike.
    std::size_t plain_steps() const { return plain_steps_; }
    bool is_plain() const { return plain_steps_ == steps_.size(); }
    const std::vector<Final>& finals() const { return finals_; }
    const RecordBits& bits() const { return bits_; }
    /// By qubit of the circuit; kIdle for one that nothing acts on.
    const std::vector<circuit::Qubit>& places() const { return places_; }

  private:
    std::vector<Step> steps_of(std::span<const circuit::Operation> operations, bool is_top);
    void add_gate(const circuit::Gate& gate, std::vector<Step>& steps);
    void add_pieces(const circuit::Gate& gate, std::vector<Step>& steps);
    void add_error(const GateError* error, std::span<const circuit::Qubit> qubits, std::vector<Step>& steps);
    void add_channel(std::span<const double> map, std::vector<circuit::Qubit> qubits,
                     std::vector<Step>& steps);
    std::vector<circuit::Qubit> places_of(std::span<const circuit::Qubit> qubits) const;

    const circuit::Circuit& circuit_;
    const NoiseModel& noise_;
    RecordBits bits_;
    std::vector<bool> is_final_;
    std::vector<circuit::Qubit> places_;
    std::uint32_t num_qubits_ = 0;
    std::vector<Step> steps_;
    std::size_t plain_steps_ = 0;
    std::vector<Final> finals_;
    /// By the channel's map; the addresses stay.
    std::map<std::vector<double>, ChannelParts> parts_;
};

}  // namespace qdcnn::sim
