#pragma once

#include <functional>
#include <vector>

#include "one_qubit_run.h"

namespace qdcnn::transpile {

/// Bound gates on one pair with nothing else on its qubits between them, as many as there are.
struct PairBlock {
    Qubit a = 0, b = 0;
    /// In order of time, one-qubit gates before and behind included.
    std::vector<Gate> gates;
    /// Their product; the first qubit is a.
    Matrix4 unitary{};
    int two_qubit_gates = 0;
};

/// Goes once through the operations, bodies of branches too, and has every block written again: write(block,
/// out) appends what stands for it. Everything else stays as it is; only gates on different qubits change
/// their order.
std::vector<Operation> with_blocks_rewritten(
    std::vector<Operation> operations, std::uint32_t num_qubits,
    const std::function<void(PairBlock&, std::vector<Operation>&)>& write);

/// Of a bound gate on two qubits, its first qubit first.
Matrix4 pair_matrix(const Gate& gate);

/// `local` on side 0 or 1 after m.
void multiply_local(Matrix4& m, std::size_t side, const Matrix2& local);

}  // namespace qdcnn::transpile
