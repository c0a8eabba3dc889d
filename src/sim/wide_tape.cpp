#include "qdcnn/base/interrupt.h"
#include "qdcnn/circuit/state_preparation.h"
#include "sim/tape.h"
#include "sim/wide_state.h"

namespace qdcnn::sim {

using namespace circuit;

namespace {

class WideTape final : public backend::Differentiable {
  public:
    WideTape(Program program, std::size_t num_parameters, std::vector<ParameterIndex> wrt)
        : program_(std::move(program)),
          num_parameters_(num_parameters),
          columns_(wrt.size()),
          gradient_terms_(gradient_terms(program_, wrt)),
          psi_(program_.num_qubits, program_.is_real) {
        for (const Observable& observable : program_.observables) {
            terms_.emplace_back();
            for (const auto& term : observable.terms)
                terms_.back().emplace_back(term.coefficient, PauliMasks(term.paulis));
        }
        while (first_wanted_ < gradient_terms_.size() && gradient_terms_[first_wanted_].empty())
            ++first_wanted_;
    }

    void forward(const backend::ParameterMatrix& parameters, std::span<double> values) override {
        check_parameters(parameters, num_parameters_);
        parameters_ = parameters;
        for (std::size_t row = 0; row < parameters.rows(); ++row) {
            interrupt().throw_if_interrupted();
            evolve(row);
            for (std::size_t o = 0; o < terms_.size(); ++o) {
                double value = 0;
                for (const auto& [coefficient, masks] : terms_[o])
                    value += coefficient * psi_.expectation(masks);
                values[row * terms_.size() + o] = value;
            }
        }
    }

    void backward(std::span<const double> cotangent, std::span<double> gradient) override {
        std::fill(gradient.begin(), gradient.end(), 0.0);
        if (first_wanted_ == gradient_terms_.size()) return;
        if (lambda_.empty()) lambda_.emplace_back(program_.num_qubits, program_.is_real);
        for (std::size_t row = 0; row < parameters_.rows(); ++row) {
            interrupt().throw_if_interrupted();
            if (held_row_ != row) evolve(row);
            held_row_ = kNone;
            set_lambda(cotangent.subspan(row * terms_.size(), terms_.size()));
            double* into = gradient.data() + row * columns_;
            for (std::size_t i = program_.primitives.size(); i-- > first_wanted_;) {
                const Primitive& primitive = program_.primitives[i];
                if (!gradient_terms_[i].empty()) {
                    const double derivative = psi_.gradient(primitive, lambda_.front());
                    for (const GradientTerm& term : gradient_terms_[i])
                        into[term.column] += term.coefficient * derivative;
                }
                if (i == first_wanted_) break;
                const double angle = primitive.angle.evaluate(parameters_.row(row));
                psi_.apply(primitive, angle, true);
                lambda_.front().apply(primitive, angle, true);
            }
        }
    }

  private:
    static constexpr std::size_t kNone = ~std::size_t{0};

    void evolve(std::size_t row) {
        const auto values = static_cast<const backend::ParameterMatrix&>(parameters_).row(row);
        psi_.set_zero_state();
        std::vector<double> amplitudes;
        for (const Preparation& preparation : program_.preparations) {
            amplitudes.clear();
            for (const Angle& amplitude : preparation.amplitudes)
                amplitudes.push_back(amplitude.evaluate(values));
            normalise(amplitudes);
            psi_.prepare(preparation.qubits, amplitudes);
        }
        for (const Primitive& primitive : program_.primitives)
            psi_.apply(primitive, primitive.angle.evaluate(values));
        held_row_ = row;
    }

    void set_lambda(std::span<const double> weights) {
        lambda_.front().clear();
        for (std::size_t o = 0; o < terms_.size(); ++o)
            if (weights[o] != 0)
                for (const auto& [coefficient, masks] : terms_[o])
                    psi_.add_pauli(masks, weights[o] * coefficient, lambda_.front());
    }

    Program program_;
    std::size_t num_parameters_;
    std::size_t columns_;
    std::vector<std::vector<GradientTerm>> gradient_terms_;
    std::vector<std::vector<std::pair<double, PauliMasks>>> terms_;
    std::size_t first_wanted_ = 0;

    backend::ParameterMatrix parameters_;
    WideState psi_;
    /// The row that psi_ is the last state of.
    std::size_t held_row_ = kNone;
    /// O psi, once a gradient has been asked for.
    std::vector<WideState> lambda_;
};

}  // namespace

std::unique_ptr<backend::Differentiable> make_wide_tape(Program program, std::size_t num_parameters,
                                                        std::vector<ParameterIndex> wrt) {
    return std::make_unique<WideTape>(std::move(program), num_parameters, std::move(wrt));
}

}  // namespace qdcnn::sim
