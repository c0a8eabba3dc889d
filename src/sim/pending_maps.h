#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "qdcnn/sim/density_matrix.h"

namespace qdcnn::sim {

/// Maps that wait to be applied to a state, folded together: gates, channels and measurements on one qubit go
/// into the neighbouring map on two, and maps on the same two qubits into one, so that the state is swept
/// about once for every change of partner. Each qubit belongs to at most one waiting block.
class PendingMaps {
  public:
    explicit PendingMaps(std::uint32_t qubits) : block_of_(qubits, kNone), blocks_(qubits) {}

    /// Memory that one for so many qubits takes.
    static double bytes(std::uint32_t qubits) {
        return static_cast<double>(qubits) * (sizeof(Block) + sizeof(std::uint32_t));
    }

    /// map: 4 x 4. keeps_trace: false for a measurement's map.
    void add_one(std::span<const double> map, circuit::Qubit qubit, bool keeps_trace = true);
    /// map: 16 x 16, trace preserving, `first` in the low bits of its index. What must go before is applied
    /// to the state.
    void add_two(std::span<const double> map, circuit::Qubit first, circuit::Qubit second,
                 DensityMatrix& state);
    /// Applies what waits on the qubit.
    void flush(circuit::Qubit qubit, DensityMatrix& state);
    /// Applies what waits on the qubit, and all that changes the trace: the probabilities of a measurement of
    /// the qubit can be read off the state then.
    void flush_for_measurement(circuit::Qubit qubit, DensityMatrix& state);
    void flush_all(DensityMatrix& state);

  private:
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};

    struct Block {
        /// Equal for a block of one qubit.
        circuit::Qubit low = 0;
        circuit::Qubit high = 0;
        bool keeps_trace = true;
        /// 4 x 4 or 16 x 16.
        std::array<double, 256> map;
        bool is_pair() const { return low != high; }
    };

    void apply(Block& block, DensityMatrix& state);

    /// Index into blocks_, which is the lower qubit's number.
    std::vector<std::uint32_t> block_of_;
    std::vector<Block> blocks_;
};

}  // namespace qdcnn::sim
