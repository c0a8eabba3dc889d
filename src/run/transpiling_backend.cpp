#include "qdcnn/run/transpiling_backend.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "qdcnn/backend/pauli_groups.h"
#include "qdcnn/base/error.h"
#include "qdcnn/circuit/state_preparation.h"
#include "qdcnn/qasm/passes.h"
#include "qdcnn/run/readout.h"
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
    options.readout_folding = choice.readout_folding;
    return options;
}

struct Compiled {
    std::shared_ptr<const Circuit> circuit;
    std::vector<circuit::Qubit> final_layout;
    std::optional<transpile::ReadoutMap> readout;
};

/// A circuit on the device, and what each of the caller's observables is there; several that are summed make
/// up one PUB.
struct Part {
    std::shared_ptr<const Circuit> circuit;
    std::vector<circuit::Observable> observables;
};

/// What was sent for one PUB of the caller's: rows, when they had to go one by one, of parts.
struct Sent {
    std::size_t blocks = 0;
    std::size_t parts = 1;
};

std::string text_of(const std::vector<circuit::Observable>& observables) {
    std::string text;
    for (const circuit::Observable& observable : observables) text += to_string(observable) + "\n";
    return text;
}

/// Adds values of the same observables from independent shots.
void add(backend::EstimatorPubResult& sum, const backend::EstimatorPubResult& part) {
    for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += part.values[i];
    for (std::size_t i = 0; i < sum.deviations.size(); ++i)
        sum.deviations[i] = std::hypot(sum.deviations[i], part.deviations[i]);
}

class TranspilingBackend final : public backend::Backend {
  public:
    TranspilingBackend(std::unique_ptr<backend::Backend> device, std::string name, TranspileChoice choice)
        : device_(std::move(device)),
          name_(std::move(name)),
          pass_manager_(transpile::preset_pass_manager(choice.level, *device_->target(), options_of(choice))),
          group_manager_(pass_manager_) {
        // An estimator's circuits end unmeasured, so their read-outs cannot be fed forward.
        if (folds()) group_manager_.remove("feed_forward_controls");
    }

    const std::string& name() const override { return name_; }
    backend::Limits limits() const override { return device_->limits(); }

    std::unique_ptr<backend::Job<SamplerResult>> run(std::vector<SamplerPub> pubs,
                                                     const backend::RunOptions& options) override {
        // No row-by-row form: what a sampler returns for several rows belongs to one circuit.
        std::vector<std::pair<ReadoutRegisters, std::optional<transpile::ReadoutMap>>> readouts;
        for (SamplerPub& pub : pubs) {
            check(pub);
            if (has_symbolic_amplitudes(*pub.circuit))
                throw Error(ErrorKind::unsupported, "a sampler's circuit has amplitudes that are parameters",
                            "Bind the circuit first.");
            Compiled compiled = compile(pub.circuit);
            readouts.emplace_back(
                ReadoutRegisters{compiled.circuit->result_registers(), pub.circuit->result_registers()},
                std::move(compiled.readout));
            pub.circuit = compiled.circuit;
        }
        auto job = device_->run(std::move(pubs), options);
        if (std::none_of(readouts.begin(), readouts.end(), [](const auto& own) { return own.second; }))
            return job;
        return std::make_unique<MappedJob<SamplerResult, SamplerResult>>(
            std::move(job), [readouts = std::move(readouts)](SamplerResult received) {
                for (std::size_t i = 0; i < received.pubs.size(); ++i)
                    if (readouts[i].second)
                        received.pubs[i] =
                            recovered(received.pubs[i], readouts[i].first, *readouts[i].second);
                return received;
            });
    }

    std::unique_ptr<backend::Job<EstimatorResult>> run(std::vector<EstimatorPub> pubs,
                                                       const backend::RunOptions& options) override {
        std::vector<EstimatorPub> sent;
        std::vector<Sent> counts;
        for (const EstimatorPub& pub : pubs) {
            check(pub);
            Sent count;
            auto send = [&](const std::vector<Part>& parts, const ParameterMatrix& parameters) {
                count.parts = parts.size();
                ++count.blocks;
                for (const Part& part : parts)
                    sent.push_back({part.circuit, part.observables, parameters, pub.shots});
            };
            if (has_symbolic_amplitudes(*pub.circuit)) {
                for (std::size_t row = 0; row < pub.parameters.rows(); ++row)
                    send(parts_once(pub.circuit->bind(pub.parameters.row(row)), pub.observables),
                         ParameterMatrix::bound());
            } else {
                send(parts_of(pub), pub.parameters);
            }
            counts.push_back(count);
        }
        return std::make_unique<MappedJob<EstimatorResult, EstimatorResult>>(
            device_->run(std::move(sent), options), [counts = std::move(counts)](EstimatorResult received) {
                return joined(std::move(received), counts);
            });
    }

  private:
    bool folds() const { return pass_manager_.options().readout_folding != transpile::ReadoutFolding::off; }

    /// From the cache, as compile.
    std::vector<Part> parts_of(const EstimatorPub& pub) {
        if (!folds()) return {placed(compile(pub.circuit), pub.observables)};
        std::erase_if(folded_, [](const Folded& entry) { return entry.source.expired(); });
        const std::string observables = text_of(pub.observables);
        for (const Folded& entry : folded_)
            if (entry.source.lock() == pub.circuit && entry.observables == observables) return entry.parts;
        return folded_.emplace_back(pub.circuit, observables, parts_once(*pub.circuit, pub.observables))
            .parts;
    }

    std::vector<Part> parts_once(const Circuit& circuit,
                                 const std::vector<circuit::Observable>& observables) const {
        const auto groups = backend::group_paulis(observables);
        if (!folds() || groups.empty()) return {placed(compile_once(circuit), observables)};
        std::vector<Part> parts;
        for (const backend::PauliGroup& group : groups)
            parts.push_back(folded(circuit, group, observables.size()));
        return parts;
    }

    static Part placed(const Compiled& compiled, std::vector<circuit::Observable> observables) {
        for (circuit::Observable& observable : observables)
            observable = circuit::map_qubits(observable, compiled.final_layout);
        return {compiled.circuit, std::move(observables)};
    }

    /// The circuit that reads the group's products, and the group's part of each observable.
    Part folded(const Circuit& circuit, const backend::PauliGroup& group, std::size_t observables) const {
        const backend::MeasuredGroup measured =
            backend::measure_group(circuit::with_prepares_lowered(circuit), group, nullptr);
        transpile::ReadoutMap wanted;
        std::vector<std::vector<ReadoutTerm>> terms(observables);
        for (const backend::PauliGroup::Term& term : group.terms) {
            transpile::Parity parity;
            for (const circuit::Qubit qubit : term.qubits) parity.bits.push_back(measured.clbits.at(qubit));
            std::sort(parity.bits.begin(), parity.bits.end());
            terms[term.observable].push_back({term.coefficient, wanted.values.size()});
            wanted.values.push_back(std::move(parity));
        }
        const transpile::Result result = group_manager_.run(for_device(measured.circuit), std::move(wanted));
        Part part{std::make_shared<Circuit>(without_readouts(result.circuit)), {}};
        for (const std::vector<ReadoutTerm>& own : terms)
            part.observables.push_back(observable_of(own, *result.readout, result.circuit));
        return part;
    }

    /// From the cache when this very circuit was sent before: a model sends its templates again and again.
    /// Circuits that nobody holds any more are forgotten.
    Compiled compile(const std::shared_ptr<const Circuit>& circuit) {
        std::erase_if(compiled_, [](const auto& entry) { return entry.first.expired(); });
        for (const auto& [source, compiled] : compiled_)
            if (source.lock() == circuit) return compiled;
        return compiled_.emplace_back(circuit, compile_once(*circuit)).second;
    }

    /// Without what the device cannot do in the middle of a circuit, where only read-outs count.
    Circuit for_device(Circuit circuit) const {
        const target::Target& target = pass_manager_.target();
        if (!folds() || target.is_dynamic() || !circuit.is_dynamic()) return circuit;
        return qasm::with_measurements_deferred(circuit, target.num_qubits);
    }

    Compiled compile_once(const Circuit& circuit) const {
        transpile::Result result = pass_manager_.run(for_device(circuit::with_prepares_lowered(circuit)));
        return {std::make_shared<Circuit>(std::move(result.circuit)), std::move(result.final_layout),
                std::move(result.readout)};
    }

    static EstimatorResult joined(EstimatorResult received, const std::vector<Sent>& counts) {
        EstimatorResult result;
        result.metadata = std::move(received.metadata);
        std::size_t next = 0;
        for (const Sent& count : counts) {
            backend::EstimatorPubResult whole;
            for (std::size_t block = 0; block < count.blocks; ++block) {
                backend::EstimatorPubResult sum = received.pubs[next++];
                for (std::size_t part = 1; part < count.parts; ++part) add(sum, received.pubs[next++]);
                whole.rows += sum.rows;
                whole.observables = sum.observables;
                whole.values.insert(whole.values.end(), sum.values.begin(), sum.values.end());
                whole.deviations.insert(whole.deviations.end(), sum.deviations.begin(), sum.deviations.end());
            }
            result.pubs.push_back(std::move(whole));
        }
        return result;
    }

    struct Folded {
        std::weak_ptr<const Circuit> source;
        std::string observables;
        std::vector<Part> parts;
    };

    std::unique_ptr<backend::Backend> device_;
    std::string name_;
    transpile::PassManager pass_manager_;
    /// For the groups of an estimator's observables in measurement-aware mode.
    transpile::PassManager group_manager_;
    std::vector<std::pair<std::weak_ptr<const Circuit>, Compiled>> compiled_;
    std::vector<Folded> folded_;
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
