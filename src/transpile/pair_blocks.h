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

/// Appends what stands for a block. Gives whether that leaves the qubits of the block exchanged, which only
/// may be where `may_exchange` says so.
using WriteBlock = std::function<bool(PairBlock&, bool may_exchange, std::vector<Operation>&)>;

/// Goes once through the operations, bodies of branches too, and has every block written again. Everything
/// else stays as it is; only gates on different qubits change their order. place: null, or where each qubit
/// ends; then blocks outside of branches may exchange their qubits, and what follows moves along.
std::vector<Operation> with_blocks_rewritten(std::vector<Operation> operations, std::uint32_t num_qubits,
                                             const WriteBlock& write, std::vector<Qubit>* place = nullptr);

/// Of a bound gate on two qubits, its first qubit first.
Matrix4 pair_matrix(const Gate& gate);

/// `local` on side 0 or 1 after m.
void multiply_local(Matrix4& m, std::size_t side, const Matrix2& local);

}  // namespace qdcnn::transpile
