#include "support/plain_backend.h"

#include <cmath>
#include <numbers>

#include "qdcnn/base/error.h"
#include "qdcnn/circuit/unitary.h"

namespace qdcnn::test {
namespace {

using namespace circuit;

using State = std::vector<Complex>;

/// One occurrence of a gate in a circuit, shifted by `amount`.
struct Shift {
    std::size_t operation = static_cast<std::size_t>(-1);
    double amount = 0.0;
};

void prepare(const Prepare& step, std::span<const double> values, State& state) {
    double norm = 0.0;
    State prepared(state.size());
    for (std::size_t k = 0; k < step.amplitudes.size(); ++k) {
        std::size_t index = 0;
        for (std::size_t bit = 0; bit < step.qubits.size(); ++bit)
            if (k >> bit & 1) index |= std::size_t{1} << step.qubits[bit];
        const double amplitude = step.amplitudes[k].evaluate(values);
        norm += amplitude * amplitude;
        for (std::size_t other = 0; other < state.size(); ++other)
            if (state[other] != Complex(0)) prepared[other | index] += amplitude * state[other];
    }
    for (Complex& amplitude : prepared) amplitude /= std::sqrt(norm);
    state = prepared;
}

State final_state(const Circuit& circuit, std::span<const double> values, const Shift& shift = {}) {
    State state(std::size_t{1} << circuit.num_qubits());
    state[0] = 1;
    for (std::size_t i = 0; i < circuit.operations().size(); ++i) {
        const auto& operation = circuit.operations()[i].kind();
        if (const auto* step = std::get_if<Prepare>(&operation)) {
            prepare(*step, values, state);
        } else if (const auto* gate = std::get_if<Gate>(&operation)) {
            Gate bound = *gate;
            for (Angle& angle : bound.angles)
                angle = angle.evaluate(values) + (i == shift.operation ? shift.amount : 0.0);
            apply_gate(bound, state);
        } else {
            throw Error(ErrorKind::unsupported, "the plain backend runs gates and preparations only");
        }
    }
    return state;
}

double expectation(const Observable& observable, const State& state) {
    static constexpr GateId kGates[] = {GateId::id, GateId::x, GateId::y, GateId::z};
    double value = 0.0;
    for (const auto& term : observable.terms) {
        State turned = state;
        for (const auto& [qubit, pauli] : term.paulis)
            apply_gate({kGates[static_cast<int>(pauli)], {qubit}, {}}, turned);
        for (std::size_t i = 0; i < state.size(); ++i)
            value += term.coefficient * (std::conj(state[i]) * turned[i]).real();
    }
    return value;
}

class PlainDifferentiable final : public backend::Differentiable {
  public:
    PlainDifferentiable(std::shared_ptr<const Circuit> circuit, std::vector<Observable> observables,
                        std::vector<ParameterIndex> wrt)
        : circuit_(std::move(circuit)), observables_(std::move(observables)), wrt_(std::move(wrt)) {}

    void forward(const backend::ParameterMatrix& parameters, std::span<double> values) override {
        parameters_ = parameters;
        for (std::size_t r = 0; r < parameters.rows(); ++r) {
            const State state = final_state(*circuit_, parameters.row(r));
            for (std::size_t o = 0; o < observables_.size(); ++o)
                values[r * observables_.size() + o] = expectation(observables_[o], state);
        }
    }

    void backward(std::span<const double> cotangent, std::span<double> gradient) override {
        for (std::size_t r = 0; r < parameters_.rows(); ++r)
            for (std::size_t k = 0; k < wrt_.size(); ++k)
                gradient[r * wrt_.size() + k] =
                    derivative(parameters_.row(r), wrt_[k],
                               cotangent.subspan(r * observables_.size(), observables_.size()));
    }

  private:
    /// (f(angle + pi/2) - f(angle - pi/2)) / 2 for every gate the parameter enters: exact for rx, ry, rz.
    double derivative(std::span<const double> values, ParameterIndex parameter,
                      std::span<const double> cotangent) const {
        double sum = 0.0;
        for (std::size_t i = 0; i < circuit_->operations().size(); ++i) {
            const auto* gate = std::get_if<Gate>(&circuit_->operations()[i].kind());
            if (!gate) continue;
            for (const Angle& angle : gate->angles)
                for (const auto& term : angle.terms()) {
                    if (term.parameter != parameter) continue;
                    if (gate->id != GateId::ry && gate->id != GateId::rx && gate->id != GateId::rz)
                        throw Error(ErrorKind::unsupported, "the plain backend shifts rx, ry and rz only");
                    const State up = final_state(*circuit_, values, {i, std::numbers::pi / 2});
                    const State down = final_state(*circuit_, values, {i, -std::numbers::pi / 2});
                    for (std::size_t o = 0; o < observables_.size(); ++o)
                        if (cotangent[o] != 0.0)
                            sum += 0.5 * term.coefficient * cotangent[o] *
                                   (expectation(observables_[o], up) - expectation(observables_[o], down));
                }
        }
        return sum;
    }

    std::shared_ptr<const Circuit> circuit_;
    std::vector<Observable> observables_;
    std::vector<ParameterIndex> wrt_;
    backend::ParameterMatrix parameters_;
};

}  // namespace

std::unique_ptr<backend::Job<backend::SamplerResult>> PlainBackend::run(std::vector<backend::SamplerPub>,
                                                                        const backend::RunOptions&) {
    throw Error(ErrorKind::unsupported, "the plain backend does not sample");
}

std::unique_ptr<backend::Job<backend::EstimatorResult>> PlainBackend::run(
    std::vector<backend::EstimatorPub> pubs, const backend::RunOptions&) {
    backend::EstimatorResult result;
    ++calls;
    for (const backend::EstimatorPub& pub : pubs) {
        backend::check(pub);
        backend::EstimatorPubResult answer{pub.parameters.rows(), pub.observables.size(), {}, {}};
        answer.values.resize(answer.rows * answer.observables);
        answer.deviations.resize(answer.values.size(), 0.0);
        PlainDifferentiable(pub.circuit, pub.observables, {}).forward(pub.parameters, answer.values);
        circuits += answer.rows;
        result.pubs.push_back(std::move(answer));
    }
    return std::make_unique<backend::CompletedJob<backend::EstimatorResult>>("plain", std::move(result));
}

std::unique_ptr<backend::Differentiable> PlainBackend::differentiable(std::shared_ptr<const Circuit> circuit,
                                                                      std::vector<Observable> observables,
                                                                      std::vector<ParameterIndex> wrt) {
    return std::make_unique<PlainDifferentiable>(std::move(circuit), std::move(observables), std::move(wrt));
}

}  // namespace qdcnn::test
