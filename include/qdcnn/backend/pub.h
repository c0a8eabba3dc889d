#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/circuit/observable.h"

namespace qdcnn::backend {

/// rows x columns numbers, row by row. A row is one binding of the circuit's parameters, in the order of
/// Circuit::parameters().
class ParameterMatrix {
  public:
    ParameterMatrix() = default;
    ParameterMatrix(std::size_t rows, std::size_t columns)
        : rows_(rows), columns_(columns), values_(rows * columns) {}
    ParameterMatrix(std::size_t rows, std::size_t columns, std::vector<double> values);
    /// One row.
    explicit ParameterMatrix(std::vector<double> row)
        : rows_(1), columns_(row.size()), values_(std::move(row)) {}
    /// One row of no parameters, for a bound circuit.
    static ParameterMatrix bound() { return ParameterMatrix(1, 0); }

    std::size_t rows() const { return rows_; }
    std::size_t columns() const { return columns_; }
    double& operator()(std::size_t row, std::size_t column) { return values_[row * columns_ + column]; }
    double operator()(std::size_t row, std::size_t column) const { return values_[row * columns_ + column]; }
    std::span<double> row(std::size_t row) { return {values_.data() + row * columns_, columns_}; }
    std::span<const double> row(std::size_t row) const { return {values_.data() + row * columns_, columns_}; }

  private:
    std::size_t rows_ = 0;
    std::size_t columns_ = 0;
    std::vector<double> values_;
};

/// Primitive unified blocs, as Qiskit's V2 primitives take them: a circuit template and the bindings to run
/// it with.
struct SamplerPub {
    std::shared_ptr<const circuit::Circuit> circuit;
    ParameterMatrix parameters = ParameterMatrix::bound();
    /// Overrides the run's own number of shots.
    std::optional<std::uint64_t> shots = {};
};

struct EstimatorPub {
    std::shared_ptr<const circuit::Circuit> circuit;
    /// Every observable is evaluated for every row.
    std::vector<circuit::Observable> observables;
    ParameterMatrix parameters = ParameterMatrix::bound();
    std::optional<std::uint64_t> shots = {};
};

/// Throws Error(invalid_input): no circuit, a matrix whose columns are not the circuit's parameters, an
/// observable on a qubit the circuit has not.
void check(const SamplerPub& pub);
void check(const EstimatorPub& pub);

}  // namespace qdcnn::backend
