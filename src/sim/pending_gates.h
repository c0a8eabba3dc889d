#pragma once

#include <span>
#include <vector>

#include "amplitudes.h"

namespace qdcnn::sim {

/// Matrices that wait to be applied to a state, folded together as PendingMaps does it for maps: those on one
/// qubit go into the neighbour on two, those on the same two qubits into one. Each qubit belongs to at most
/// one waiting block.
class PendingGates {
  public:
    explicit PendingGates(std::uint32_t qubits) : block_of_(qubits, kNone), blocks_(qubits) {}

    /// 2 x 2 or 4 x 4; bit i of its index is qubits[i]. What must go before is applied to the state.
    template <typename Real>
    void add(const circuit::Matrix& matrix, std::span<const circuit::Qubit> qubits, Amplitudes<Real>& state);
    /// Applies what waits on the qubit.
    template <typename Real>
    void flush(circuit::Qubit qubit, Amplitudes<Real>& state);
    template <typename Real>
    void flush_all(Amplitudes<Real>& state);

  private:
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};

    struct Block {
        /// One qubit or two, ascending; the lower is the block's own number.
        std::vector<circuit::Qubit> qubits;
        circuit::Matrix matrix;
    };

    std::vector<std::uint32_t> block_of_;
    std::vector<Block> blocks_;
};

}  // namespace qdcnn::sim
