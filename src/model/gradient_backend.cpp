#include "model/gradient_backend.h"

#include <algorithm>

#include "model/shift_rule.h"
#include "qdcnn/base/error.h"
#include "qdcnn/circuit/rewrite.h"

namespace qdcnn::model {
namespace {

using backend::ParameterMatrix;
using circuit::Angle;
using circuit::ParameterIndex;

/// A gate's angle, at its own place in the circuit.
struct Place {
    Angle angle;
    /// Empty: nothing that is asked for depends on it, or it is an amplitude.
    std::vector<ShiftTerm> rule;
};

/// The circuit with a parameter of its own for every angle that depends on parameters.
class Opened {
  public:
    Opened(const circuit::Circuit& circuit, const std::vector<bool>& is_wanted) : is_wanted_(is_wanted) {
        opened_ = std::make_shared<circuit::Circuit>();
        for (const auto& one : circuit.qubit_registers()) opened_->add_qubits(one.name, one.size);
        for (const auto& one : circuit.clbit_registers())
            opened_->add_clbits(one.name, one.size, one.is_variable);
        for (const circuit::Operation& operation : circuit.operations()) opened_->add(opened(operation));
    }

    std::shared_ptr<const circuit::Circuit> circuit() const { return opened_; }
    const std::vector<Place>& places() const { return places_; }

  private:
    circuit::Operation opened(const circuit::Operation& operation) {
        collect(operation);
        circuit::Rewriting rewriting;
        rewriting.angle = [&](const Angle& angle) { return angle.is_bound() ? angle : next_parameter(); };
        return circuit::rewritten(operation, rewriting);
    }

    Angle next_parameter() { return opened_->parameter("at_" + std::to_string(named_++)); }

    /// Appends the operation's places in the order in which it is rewritten: its own, then those of its
    /// bodies.
    void collect(const circuit::Operation& operation) {
        if (const auto* gate = std::get_if<circuit::Gate>(&operation.kind()))
            for (std::size_t a = 0; a < gate->angles.size(); ++a)
                if (!gate->angles[a].is_bound())
                    places_.push_back({gate->angles[a], is_wanted(gate->angles[a])
                                                            ? shift_rule(gate->id, a)
                                                            : std::vector<ShiftTerm>{}});
        if (const auto* prepare = std::get_if<circuit::Prepare>(&operation.kind()))
            for (const Angle& amplitude : prepare->amplitudes)
                if (!amplitude.is_bound()) places_.push_back({amplitude, {}});
        const std::size_t before = places_.size();
        for (const auto* body : circuit::bodies_of(operation))
            for (const circuit::Operation& inner : *body) collect(inner);
        if (std::holds_alternative<circuit::While>(operation.kind()) && places_.size() > before)
            throw Error(ErrorKind::unsupported, "there is no shift rule for angles inside a loop",
                        "Use --gradient spsa, or unroll the loop.");
    }

    bool is_wanted(const Angle& angle) const {
        return std::any_of(angle.terms().begin(), angle.terms().end(),
                           [&](const Angle::Term& term) { return is_wanted_[term.parameter]; });
    }

    const std::vector<bool>& is_wanted_;
    std::shared_ptr<circuit::Circuit> opened_;
    std::vector<Place> places_;
    std::size_t named_ = 0;
};

class Shifted final : public backend::Differentiable {
  public:
    Shifted(backend::Backend& backend, const backend::RunOptions& options, RunSeeds& seeds,
            std::shared_ptr<const circuit::Circuit> circuit, std::vector<circuit::Observable> observables,
            const std::vector<ParameterIndex>& wrt, bool has_backward)
        : backend_(backend),
          options_(options),
          seeds_(seeds),
          circuit_(std::move(circuit)),
          observables_(std::move(observables)),
          columns_(wrt.size()),
          column_of_(circuit_->parameters().size(), kNone) {
        if (!has_backward) return;
        std::vector<bool> is_wanted(column_of_.size(), false);
        for (std::size_t k = 0; k < wrt.size(); ++k) {
            column_of_[wrt[k]] = k;
            is_wanted[wrt[k]] = true;
        }
        const Opened opened(*circuit_, is_wanted);
        opened_ = opened.circuit();
        places_ = opened.places();
    }

    void forward(const ParameterMatrix& parameters, std::span<double> values) override {
        parameters_ = parameters;
        const auto result = run(circuit_, parameters);
        std::copy(result.begin(), result.end(), values.begin());
    }

    void backward(std::span<const double> cotangent, std::span<double> gradient) override {
        std::fill(gradient.begin(), gradient.end(), 0.0);
        std::size_t shifts = 0;
        for (const Place& place : places_) shifts += place.rule.size();
        if (shifts == 0 || parameters_.rows() == 0) return;
        const std::vector<double> values = run(opened_, shifted_rows(shifts));
        const std::size_t count = observables_.size();
        std::size_t row = 0;
        for (std::size_t r = 0; r < parameters_.rows(); ++r)
            for (const Place& place : places_) {
                double by_place = 0.0;
                for (const ShiftTerm& term : place.rule) {
                    for (std::size_t o = 0; o < count; ++o)
                        by_place += term.weight * cotangent[r * count + o] * values[row * count + o];
                    ++row;
                }
                if (place.rule.empty()) continue;
                for (const Angle::Term& term : place.angle.terms())
                    if (const std::size_t column = column_of_[term.parameter]; column != kNone)
                        gradient[r * columns_ + column] += term.coefficient * by_place;
            }
    }

  private:
    static constexpr std::size_t kNone = ~std::size_t{0};

    /// For each row the same row once for every term of every place.
    ParameterMatrix shifted_rows(std::size_t shifts) const {
        ParameterMatrix rows(parameters_.rows() * shifts, places_.size());
        std::size_t row = 0;
        std::vector<double> angles(places_.size());
        for (std::size_t r = 0; r < parameters_.rows(); ++r) {
            for (std::size_t p = 0; p < places_.size(); ++p)
                angles[p] = places_[p].angle.evaluate(parameters_.row(r));
            for (std::size_t p = 0; p < places_.size(); ++p)
                for (const ShiftTerm& term : places_[p].rule) {
                    std::copy(angles.begin(), angles.end(), rows.row(row).begin());
                    rows(row++, p) += term.shift;
                }
        }
        return rows;
    }

    std::vector<double> run(const std::shared_ptr<const circuit::Circuit>& circuit, ParameterMatrix rows) {
        if (rows.rows() == 0) return {};
        backend::RunOptions options = options_;
        options.seed = seeds_.next();
        std::vector<backend::EstimatorPub> pubs{{circuit, observables_, std::move(rows)}};
        return backend_.run(std::move(pubs), options)->result().pubs.front().values;
    }

    backend::Backend& backend_;
    backend::RunOptions options_;
    RunSeeds& seeds_;
    std::shared_ptr<const circuit::Circuit> circuit_, opened_;
    std::vector<circuit::Observable> observables_;
    std::size_t columns_;
    /// Of each parameter, kNone where it is not asked for.
    std::vector<std::size_t> column_of_;
    std::vector<Place> places_;
    ParameterMatrix parameters_;
};

class GradientBackend final : public backend::Backend {
  public:
    GradientBackend(backend::Backend& backend, const backend::RunOptions& options, RunSeeds& seeds,
                    bool has_backward)
        : backend_(backend), options_(options), seeds_(seeds), has_backward_(has_backward) {}

    const std::string& name() const override { return backend_.name(); }
    const target::Target* target() const override { return backend_.target(); }
    backend::Limits limits() const override { return backend_.limits(); }
    std::unique_ptr<backend::Job<backend::SamplerResult>> run(std::vector<backend::SamplerPub> pubs,
                                                              const backend::RunOptions& options) override {
        return backend_.run(std::move(pubs), options);
    }
    std::unique_ptr<backend::Job<backend::EstimatorResult>> run(std::vector<backend::EstimatorPub> pubs,
                                                                const backend::RunOptions& options) override {
        return backend_.run(std::move(pubs), options);
    }
    std::unique_ptr<backend::Differentiable> differentiable(std::shared_ptr<const circuit::Circuit> circuit,
                                                            std::vector<circuit::Observable> observables,
                                                            std::vector<ParameterIndex> wrt) override {
        return std::make_unique<Shifted>(backend_, options_, seeds_, std::move(circuit),
                                         std::move(observables), wrt, has_backward_);
    }

  private:
    backend::Backend& backend_;
    backend::RunOptions options_;
    RunSeeds& seeds_;
    bool has_backward_;
};

}  // namespace

std::unique_ptr<backend::Backend> make_gradient_backend(backend::Backend& backend,
                                                        const backend::RunOptions& options, RunSeeds& seeds,
                                                        bool has_backward) {
    return std::make_unique<GradientBackend>(backend, options, seeds, has_backward);
}

}  // namespace qdcnn::model
