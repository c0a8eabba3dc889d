#include "qdcnn/circuit/unitary.h"

#include <fmt/format.h>

#include "qdcnn/base/error.h"
#include "qdcnn/base/memory.h"

namespace qdcnn::circuit {

void apply_matrix(const Matrix& matrix, std::span<const Qubit> qubits, std::span<Complex> state) {
    std::size_t mask = 0;
    for (const Qubit qubit : qubits) mask |= std::size_t{1} << qubit;
    std::vector<std::size_t> offset(matrix.size, 0);
    for (std::size_t row = 0; row < matrix.size; ++row)
        for (std::size_t bit = 0; bit < qubits.size(); ++bit)
            if (row >> bit & 1) offset[row] |= std::size_t{1} << qubits[bit];
    std::vector<Complex> before(matrix.size);
    for (std::size_t base = 0; base < state.size(); ++base) {
        if (base & mask) continue;
        for (std::size_t row = 0; row < matrix.size; ++row) before[row] = state[base | offset[row]];
        for (std::size_t row = 0; row < matrix.size; ++row) {
            Complex sum = 0;
            for (std::size_t column = 0; column < matrix.size; ++column)
                sum += matrix(row, column) * before[column];
            state[base | offset[row]] = sum;
        }
    }
}

void apply_gate(const Gate& gate, std::span<Complex> state) {
    std::vector<double> angles;
    for (const Angle& angle : gate.angles) {
        if (!angle.is_bound())
            throw Error(ErrorKind::invalid_input,
                        fmt::format("gate {} has an unbound parameter", gate_row(gate.id).name),
                        "Give every parameter a value first.");
        angles.push_back(angle.constant());
    }
    apply_matrix(gate_row(gate.id).matrix(angles), gate.qubits, state);
}

Matrix unitary_of(const Circuit& circuit) {
    if (!circuit.is_unitary())
        throw Error(ErrorKind::unsupported,
                    "a circuit that measures, resets, prepares or branches has no unitary");
    if (!circuit.global_phase().is_bound())
        throw Error(ErrorKind::invalid_input, "the global phase has an unbound parameter",
                    "Give every parameter a value first.");
    // The number of bytes of more qubits needs more than 64 bits.
    if (circuit.num_qubits() > 29)
        throw Error(ErrorKind::out_of_memory,
                    fmt::format("the matrix of {} qubits fits in no memory", circuit.num_qubits()),
                    "Use fewer qubits.");
    const std::size_t size = std::size_t{1} << circuit.num_qubits();
    require_memory(size * size * sizeof(Complex),
                   fmt::format("the matrix of {} qubits", circuit.num_qubits()));
    Matrix unitary = Matrix::zero(size);
    const Complex phase = std::polar(1.0, circuit.global_phase().constant());
    std::vector<Complex> column(size);
    for (std::size_t index = 0; index < size; ++index) {
        column.assign(size, 0);
        column[index] = phase;
        for (const Operation& operation : circuit.operations())
            if (const auto* gate = std::get_if<Gate>(&operation.kind())) apply_gate(*gate, column);
        for (std::size_t row = 0; row < size; ++row) unitary(row, index) = column[row];
    }
    return unitary;
}

}  // namespace qdcnn::circuit
