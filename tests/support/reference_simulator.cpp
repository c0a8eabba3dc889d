#include "support/reference_simulator.h"

#include <cmath>
#include <stdexcept>

namespace qdcnn::test {

using namespace circuit;

namespace {

const Matrix kPaulis[4] = {
    Matrix::identity(2), {2, {0, 1, 1, 0}}, {2, {0, Complex(0, -1), Complex(0, 1), 0}}, {2, {1, 0, 0, -1}}};

void add_to(Matrix& sum, const Matrix& term, double weight = 1) {
    if (sum.size == 0) sum = Matrix::zero(term.size);
    for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += weight * term.values[i];
}

double trace(const Matrix& matrix) {
    double sum = 0;
    for (std::size_t i = 0; i < matrix.size; ++i) sum += matrix(i, i).real();
    return sum;
}

class Runner {
  public:
    Runner(std::uint32_t num_qubits, const ReferenceNoise& noise) : noise_(noise) {
        state_.num_qubits = num_qubits;
        Matrix rho = Matrix::zero(std::size_t{1} << num_qubits);
        rho(0, 0) = 1;
        state_.branches.emplace(0, rho);
    }

    void run(std::span<const Operation> operations, bool top_level) {
        for (std::size_t index = 0; index < operations.size(); ++index) {
            const Operation& operation = operations[index];
            std::visit([&](const auto& kind) { step(kind); }, operation.kind());
            if (noise_.after_operation && condition_of(operation) == nullptr)
                apply(noise_.after_operation(operation));
            if (noise_.after_step && top_level) apply(noise_.after_step(index));
        }
    }

    ReferenceState take() { return std::move(state_); }

  private:
    void apply(const std::vector<KrausOnQubits>& channels) {
        for (const KrausOnQubits& channel : channels) apply(channel.operators, channel.qubits);
    }
    void apply(const std::vector<Matrix>& kraus, const std::vector<Qubit>& qubits) {
        for (auto& [record, rho] : state_.branches) {
            Matrix sum;
            for (const Matrix& one : kraus) {
                const Matrix whole = whole_matrix(one, qubits, state_.num_qubits);
                add_to(sum, whole * rho * whole.adjoint());
            }
            rho = sum;
        }
    }

    void step(const Gate& gate) {
        std::vector<double> angles;
        for (const Angle& angle : gate.angles) angles.push_back(angle.evaluate({}));
        apply({gate_row(gate.id).matrix(angles)}, {gate.qubits.begin(), gate.qubits.end()});
    }
    void step(const Measure& measure) {
        const auto [reads1, reads0] =
            noise_.readout.empty() ? std::pair(0.0, 0.0) : noise_.readout[measure.qubit];
        const double probability[2][2] = {{1 - reads1, reads1}, {reads0, 1 - reads0}};
        std::map<std::uint64_t, Matrix> after;
        for (const auto& [record, rho] : state_.branches)
            for (std::uint64_t value = 0; value < 2; ++value) {
                Matrix projector = Matrix::zero(2);
                projector(value, value) = 1;
                const Matrix whole = whole_matrix(projector, {measure.qubit}, state_.num_qubits);
                const Matrix projected = whole * rho * whole;
                for (std::uint64_t read = 0; read < 2; ++read) {
                    const std::uint64_t bit = std::uint64_t{1} << measure.clbit;
                    if (probability[value][read] > 0)
                        add_to(after[(record & ~bit) | (read ? bit : 0)], projected,
                               probability[value][read]);
                }
            }
        state_.branches = std::move(after);
    }
    void step(const Reset& reset) { apply({{2, {1, 0, 0, 0}}, {2, {0, 1, 0, 0}}}, {reset.qubit}); }
    void step(const Barrier&) {}
    void step(const Delay&) {}
    void step(const Prepare& prepare) {
        std::vector<double> amplitudes;
        double norm = 0;
        for (const Angle& amplitude : prepare.amplitudes) {
            amplitudes.push_back(amplitude.evaluate({}));
            norm += amplitudes.back() * amplitudes.back();
        }
        std::vector<Matrix> kraus;
        for (std::size_t column = 0; column < amplitudes.size(); ++column) {
            Matrix one = Matrix::zero(amplitudes.size());
            for (std::size_t row = 0; row < amplitudes.size(); ++row)
                one(row, column) = amplitudes[row] / std::sqrt(norm);
            kraus.push_back(one);
        }
        apply(kraus, prepare.qubits);
    }
    void step(const IfElse& branch) {
        std::map<std::uint64_t, Matrix> held, after;
        held.swap(state_.branches);
        for (const auto& [record, rho] : held) {
            state_.branches = {{record, rho}};
            run(holds(branch.condition, word(record, branch.condition.bits)) ? branch.then_body
                                                                             : branch.else_body,
                false);
            for (const auto& [key, result] : state_.branches) add_to(after[key], result);
        }
        state_.branches = std::move(after);
    }

    /// Turn after turn, until less than 1e-15 of the weight is left inside.
    void step(const While& loop) {
        std::map<std::uint64_t, Matrix> after;
        for (int turn = 0; turn < 10'000; ++turn) {
            std::map<std::uint64_t, Matrix> inside;
            double weight = 0;
            for (const auto& [record, rho] : state_.branches) {
                if (holds(loop.condition, word(record, loop.condition.bits))) {
                    inside[record] = rho;
                    weight += trace(rho);
                } else {
                    add_to(after[record], rho);
                }
            }
            state_.branches = std::move(inside);
            if (weight < 1e-15) {
                state_.branches = std::move(after);
                return;
            }
            run(loop.body, false);
        }
        throw std::runtime_error("a loop does not end");
    }
    void step(const Store& store) {
        std::map<std::uint64_t, Matrix> after;
        for (const auto& [record, rho] : state_.branches) {
            const std::uint64_t value = store.formula.evaluate(word(record, store.bits));
            std::uint64_t changed = record;
            for (std::size_t i = 0; i < store.targets.size(); ++i) {
                const std::uint64_t bit = std::uint64_t{1} << store.targets[i];
                changed = value >> i & 1 ? changed | bit : changed & ~bit;
            }
            add_to(after[changed], rho);
        }
        state_.branches = std::move(after);
    }
    static std::uint64_t word(std::uint64_t record, const std::vector<Clbit>& bits) {
        return word_of(bits, [&](Clbit bit) { return (record >> bit & 1) != 0; });
    }

    const ReferenceNoise& noise_;
    ReferenceState state_;
};

}  // namespace

Matrix whole_matrix(const Matrix& matrix, const std::vector<Qubit>& qubits, std::uint32_t num_qubits) {
    std::size_t mask = 0;
    for (const Qubit qubit : qubits) mask |= std::size_t{1} << qubit;
    auto local = [&](std::size_t index) {
        std::size_t value = 0;
        for (std::size_t i = 0; i < qubits.size(); ++i) value |= (index >> qubits[i] & 1) << i;
        return value;
    };
    Matrix whole = Matrix::zero(std::size_t{1} << num_qubits);
    for (std::size_t row = 0; row < whole.size; ++row)
        for (std::size_t column = 0; column < whole.size; ++column)
            if ((row & ~mask) == (column & ~mask)) whole(row, column) = matrix(local(row), local(column));
    return whole;
}

Matrix whole_matrix(const Observable& observable, std::uint32_t num_qubits) {
    Matrix sum = Matrix::zero(std::size_t{1} << num_qubits);
    for (const Observable::Term& term : observable.terms) {
        Matrix product = Matrix::identity(sum.size);
        for (const auto& [qubit, pauli] : term.paulis)
            product = product * whole_matrix(kPaulis[static_cast<int>(pauli)], {qubit}, num_qubits);
        add_to(sum, product, term.coefficient);
    }
    return sum;
}

Matrix ReferenceState::density_matrix() const {
    Matrix sum = Matrix::zero(std::size_t{1} << num_qubits);
    for (const auto& [record, rho] : branches) add_to(sum, rho);
    return sum;
}

std::map<std::uint64_t, double> ReferenceState::records() const {
    std::map<std::uint64_t, double> result;
    for (const auto& [record, rho] : branches)
        if (const double probability = trace(rho); probability > 1e-300) result[record] = probability;
    return result;
}

double ReferenceState::expectation(const Observable& observable) const {
    return trace(density_matrix() * whole_matrix(observable, num_qubits));
}

ReferenceState reference_run(const Circuit& bound, const ReferenceNoise& noise) {
    if (bound.num_clbits() > 64) throw std::runtime_error("the reference takes at most 64 classical bits");
    Runner runner(bound.num_qubits(), noise);
    runner.run(bound.operations(), true);
    return runner.take();
}

}  // namespace qdcnn::test
