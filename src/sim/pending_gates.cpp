#include "pending_gates.h"

#include <algorithm>

namespace qdcnn::sim {

using circuit::Complex;
using circuit::Matrix;
using circuit::Qubit;

namespace {

/// std::complex checks every product for NaN; these are finite.
Complex times(Complex a, Complex b) {
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

Matrix product(const Matrix& left, const Matrix& right) {
    Matrix result = Matrix::zero(left.size);
    for (std::size_t row = 0; row < left.size; ++row)
        for (std::size_t k = 0; k < left.size; ++k) {
            const Complex factor = left(row, k);
            if (factor == Complex(0)) continue;
            for (std::size_t column = 0; column < left.size; ++column)
                result(row, column) += times(factor, right(k, column));
        }
    return result;
}

/// A matrix on one qubit as one on two, in bit `at` of the index.
Matrix widened(const Matrix& one, unsigned at) {
    Matrix result = Matrix::zero(4);
    for (std::size_t row = 0; row < 4; ++row)
        for (std::size_t column = 0; column < 4; ++column)
            if (((row ^ column) & ~(std::size_t{1} << at)) == 0)
                result(row, column) = one(row >> at & 1, column >> at & 1);
    return result;
}

Matrix with_qubits_exchanged(const Matrix& two) {
    const auto exchange = [](std::size_t index) { return (index & 1) << 1 | index >> 1; };
    Matrix result = Matrix::zero(4);
    for (std::size_t row = 0; row < 4; ++row)
        for (std::size_t column = 0; column < 4; ++column)
            result(row, column) = two(exchange(row), exchange(column));
    return result;
}

}  // namespace

template <typename Real>
void PendingGates::add(const Matrix& matrix, std::span<const Qubit> qubits, Amplitudes<Real>& state) {
    if (qubits.size() == 1) {
        const Qubit qubit = qubits[0];
        if (block_of_[qubit] == kNone) {
            blocks_[qubit] = {{qubit}, matrix};
            block_of_[qubit] = qubit;
            return;
        }
        Block& block = blocks_[block_of_[qubit]];
        const unsigned at = block.qubits[0] == qubit ? 0 : 1;
        block.matrix = product(block.qubits.size() == 1 ? matrix : widened(matrix, at), block.matrix);
        return;
    }
    const Qubit low = std::min(qubits[0], qubits[1]), high = std::max(qubits[0], qubits[1]);
    Matrix pair = qubits[0] == low ? matrix : with_qubits_exchanged(matrix);
    if (block_of_[low] != kNone && block_of_[low] == block_of_[high]) {
        blocks_[low].matrix = product(pair, blocks_[low].matrix);
        return;
    }
    for (const Qubit qubit : {low, high}) {
        if (block_of_[qubit] == kNone) continue;
        Block& block = blocks_[block_of_[qubit]];
        if (block.qubits.size() == 2)
            flush(qubit, state);
        else
            pair = product(pair, widened(block.matrix, qubit == low ? 0 : 1));
    }
    blocks_[low] = {{low, high}, std::move(pair)};
    block_of_[low] = block_of_[high] = low;
}

template <typename Real>
void PendingGates::flush(Qubit qubit, Amplitudes<Real>& state) {
    if (block_of_[qubit] == kNone) return;
    const Block& block = blocks_[block_of_[qubit]];
    state.apply(block.matrix, block.qubits);
    for (const Qubit one : block.qubits) block_of_[one] = kNone;
}

template <typename Real>
void PendingGates::flush_all(Amplitudes<Real>& state) {
    for (Qubit qubit = 0; qubit < block_of_.size(); ++qubit) flush(qubit, state);
}

template void PendingGates::add(const Matrix&, std::span<const Qubit>, Amplitudes<float>&);
template void PendingGates::add(const Matrix&, std::span<const Qubit>, Amplitudes<double>&);
template void PendingGates::flush(Qubit, Amplitudes<float>&);
template void PendingGates::flush(Qubit, Amplitudes<double>&);
template void PendingGates::flush_all(Amplitudes<float>&);
template void PendingGates::flush_all(Amplitudes<double>&);

}  // namespace qdcnn::sim
