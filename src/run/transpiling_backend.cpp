#include "qdcnn/run/transpiling_backend.h"

#include <algorithm>
#include <utility>

#include "qdcnn/base/error.h"
#include "qdcnn/circuit/state_preparation.h"
#include "qdcnn/transpile/pass_manager.h"
#include "run/mapped_job.h"

namespace qdcnn::run {
namespace {

using backend::EstimatorPub;
using backend::EstimatorResult;
using backend::ParameterMatrix;
using backend::SamplerPub;
using backend::SamplerResult;
using circuit::Circuit;

/// Whether an amplitude encoding waits for its numbers.
bool has_symbolic_amplitudes(const Circuit& circuit) {
    bool found = false;
    circuit::for_each_operation(circuit.operations(), [&](const circuit::Operation& operation) {
        if (const auto* prepare = std::get_if<circuit::Prepare>(&operation.kind()))
            found |= std::any_of(prepare->amplitudes.begin(), prepare->amplitudes.end(),
                                 [](const circuit::Angle& amplitude) { return !amplitude.is_bound(); });
    });
    return found;
}

transpile::Options options_of(const TranspileChoice& choice) {
    transpile::Options options;
    options.level = choice.level;
    options.seed = choice.seed;
    return options;
}

struct Compiled {
    std::shared_ptr<const Circuit> circuit;
    std::vector<circuit::Qubit> final_layout;
};

class TranspilingBackend final : public backend::Backend {
  public:
    TranspilingBackend(std::unique_ptr<backend::Backend> device, std::string name, TranspileChoice choice)
        : device_(std::move(device)),
          name_(std::move(name)),
          pass_manager_(
              transpile::preset_pass_manager(choice.level, *device_->target(), options_of(choice))) {}

    const std::string& name() const override { return name_; }
    backend::Limits limits() const override { return device_->limits(); }

    std::unique_ptr<backend::Job<SamplerResult>> run(std::vector<SamplerPub> pubs,
                                                     const backend::RunOptions& options) override {
        // No row-by-row form: what a sampler returns for several rows belongs to one circuit.
        for (SamplerPub& pub : pubs) {
            check(pub);
            if (has_symbolic_amplitudes(*pub.circuit))
                throw Error(ErrorKind::unsupported, "a sampler's circuit has amplitudes that are parameters",
                            "Bind the circuit first.");
            pub.circuit = compile(pub.circuit).circuit;
        }
        return device_->run(std::move(pubs), options);
    }

    std::unique_ptr<backend::Job<EstimatorResult>> run(std::vector<EstimatorPub> pubs,
                                                       const backend::RunOptions& options) override {
        std::vector<EstimatorPub> sent;
        // Of each caller's PUB, how many were sent for it.
        std::vector<std::size_t> parts;
        for (const EstimatorPub& pub : pubs) {
            check(pub);
            const std::size_t before = sent.size();
            if (has_symbolic_amplitudes(*pub.circuit)) {
                for (std::size_t row = 0; row < pub.parameters.rows(); ++row)
                    sent.push_back(
                        transpiled({std::make_shared<Circuit>(pub.circuit->bind(pub.parameters.row(row))),
                                    pub.observables, ParameterMatrix::bound(), pub.shots},
                                   /*keep=*/false));
            } else {
                sent.push_back(transpiled(pub, /*keep=*/true));
            }
            parts.push_back(sent.size() - before);
        }
        return std::make_unique<MappedJob<EstimatorResult, EstimatorResult>>(
            device_->run(std::move(sent), options), [parts = std::move(parts)](EstimatorResult received) {
                return joined(std::move(received), parts);
            });
    }

  private:
    EstimatorPub transpiled(EstimatorPub pub, bool keep) {
        const Compiled compiled = keep ? compile(pub.circuit) : compile_once(*pub.circuit);
        pub.circuit = compiled.circuit;
        for (circuit::Observable& observable : pub.observables)
            observable = circuit::map_qubits(observable, compiled.final_layout);
        return pub;
    }

    /// From the cache when this very circuit was sent before: a model sends its templates again and again.
    /// Circuits that nobody holds any more are forgotten.
    Compiled compile(const std::shared_ptr<const Circuit>& circuit) {
        std::erase_if(compiled_, [](const auto& entry) { return entry.first.expired(); });
        for (const auto& [source, compiled] : compiled_)
            if (source.lock() == circuit) return compiled;
        return compiled_.emplace_back(circuit, compile_once(*circuit)).second;
    }

    Compiled compile_once(const Circuit& circuit) const {
        transpile::Result result = pass_manager_.run(circuit::with_prepares_lowered(circuit));
        return {std::make_shared<Circuit>(std::move(result.circuit)), std::move(result.final_layout)};
    }

    static EstimatorResult joined(EstimatorResult received, const std::vector<std::size_t>& parts) {
        EstimatorResult result;
        result.metadata = std::move(received.metadata);
        std::size_t next = 0;
        for (const std::size_t count : parts) {
            backend::EstimatorPubResult whole;
            for (std::size_t i = 0; i < count; ++i, ++next) {
                const auto& part = received.pubs[next];
                whole.rows += part.rows;
                whole.observables = part.observables;
                whole.values.insert(whole.values.end(), part.values.begin(), part.values.end());
                whole.deviations.insert(whole.deviations.end(), part.deviations.begin(),
                                        part.deviations.end());
            }
            result.pubs.push_back(std::move(whole));
        }
        return result;
    }

    std::unique_ptr<backend::Backend> device_;
    std::string name_;
    transpile::PassManager pass_manager_;
    std::vector<std::pair<std::weak_ptr<const Circuit>, Compiled>> compiled_;
};

}  // namespace

std::unique_ptr<backend::Backend> make_transpiling_backend(std::unique_ptr<backend::Backend> device,
                                                           std::string name, TranspileChoice choice) {
    if (!device->target())
        throw Error(ErrorKind::invalid_input,
                    "backend \"" + device->name() + "\" has no target to transpile to");
    return std::make_unique<TranspilingBackend>(std::move(device), std::move(name), choice);
}

}  // namespace qdcnn::run
