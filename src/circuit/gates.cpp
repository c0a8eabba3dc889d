#include "qdcnn/circuit/gates.h"

#include <cmath>
#include <unordered_map>

#include "gate_rows.h"

namespace qdcnn::circuit {
namespace {

/// The same gate on the same qubits, all angles negated.
DefinitionStep negated(const GateRow& row) {
    DefinitionStep step{row.id, {}, {}};
    for (int q = 0; q < row.qubits; ++q) step.qubits.push_back(static_cast<std::uint8_t>(q));
    for (int k = 0; k < row.parameters; ++k)
        step.angles.push_back(Angle::of_parameter(static_cast<ParameterIndex>(k), -1.0));
    return step;
}

const std::vector<GateRow>& table() {
    static const std::vector<GateRow> rows = [] {
        std::vector<GateRow> made = gate_rows();
        for (GateRow& row : made)
            if (row.inverse.empty()) row.inverse = {negated(row)};
        return made;
    }();
    return rows;
}

}  // namespace

Matrix Matrix::identity(std::size_t size) {
    Matrix m = zero(size);
    for (std::size_t i = 0; i < size; ++i) m(i, i) = 1;
    return m;
}

Matrix Matrix::operator*(const Matrix& right) const {
    Matrix m = zero(size);
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t k = 0; k < size; ++k) {
            const Complex factor = (*this)(i, k);
            if (factor == 0.0) continue;
            for (std::size_t j = 0; j < size; ++j) m(i, j) += factor * right(k, j);
        }
    return m;
}

Matrix Matrix::adjoint() const {
    Matrix m = zero(size);
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t j = 0; j < size; ++j) m(j, i) = std::conj((*this)(i, j));
    return m;
}

double distance_up_to_phase(const Matrix& a, const Matrix& b) {
    std::size_t largest = 0;
    for (std::size_t i = 0; i < b.values.size(); ++i)
        if (std::abs(b.values[i]) > std::abs(b.values[largest])) largest = i;
    const Complex ratio = a.values[largest] / b.values[largest];
    const Complex aligned = std::abs(ratio) > 0 ? ratio / std::abs(ratio) : Complex(1);
    double distance = 0;
    for (std::size_t i = 0; i < b.values.size(); ++i)
        distance = std::max(distance, std::abs(a.values[i] - aligned * b.values[i]));
    return distance;
}

const GateRow& gate_row(GateId id) { return table()[static_cast<std::size_t>(id)]; }

std::span<const GateRow> gate_table() { return table(); }

const GateRow* find_gate(std::string_view name) {
    static const auto by_name = [] {
        std::unordered_map<std::string_view, const GateRow*> map;
        for (const GateRow& row : table()) {
            map.emplace(row.name, &row);
            for (const auto alias : row.aliases) map.emplace(alias, &row);
        }
        return map;
    }();
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : found->second;
}

}  // namespace qdcnn::circuit
