#include "cli/circuit_job.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/model/evaluation.h"
#include "qdcnn/model/model_file.h"
#include "qdcnn/model/models.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/run/sampling_backend.h"
#include "qdcnn/run/transpiling_backend.h"
#include "qdcnn/text/dataset.h"
#include "qdcnn/text/tokens.h"
#include "qdcnn/transpile/validate.h"

namespace qdcnn::cli {
namespace {

std::unique_ptr<model::Model> read_model(const std::string& path) {
    auto model = model::make_model(model::read_model(path).definition);
    model::require_circuits(*model);
    return model;
}

/// Whether the circuit speaks of the device's own qubits: then it stays where it is. Any other may happen to
/// be legal on the first few, which need not be good ones.
bool is_for_device(const circuit::Circuit& circuit, const target::Target& target) {
    return circuit.is_on_physical_qubits() || circuit.num_qubits() == target.num_qubits;
}

std::vector<std::string> illegal(const circuit::Circuit& circuit, const target::Target& target) {
    if (circuit.num_qubits() > target.num_qubits)
        return {fmt::format("the circuit has {} qubits, {} has {}", circuit.num_qubits(), target.name,
                            target.num_qubits)};
    return transpile::find_illegal(circuit, target);
}

}  // namespace

void CircuitJob::add_options(Options& options) {
    options.positional("IN.qasm", "the circuit, OpenQASM 3 or 2", false, true);
    options.value("model", "MODEL.json", "instead of a circuit: the first round of this model");
    options.value("data", "FILE|builtin:NAME[:SPLIT]", "on these sentences");
    options.value("observable", "\"Z0 Z2 + 0.5 X1\"", "the expectation value of this, not counts");
    options.flag("no-transpile", "refuse a circuit that is not the device's own already");
}

CircuitJob::CircuitJob(const ParsedOptions& given) : may_transpile_(!given.has("no-transpile")) {
    const auto model = given.text("model"), data = given.text("data");
    if (given.words().empty() == !model || model.has_value() != data.has_value())
        throw Error(ErrorKind::usage, "expected a circuit's file, or --model with --data", "See --help.");
    if (model) {
        if (given.has("observable"))
            throw Error(ErrorKind::usage, "--observable goes with a circuit; a model has its own");
        model_file_ = *model;
        work_.push_back(read_file(model_file_));
        for (const text::Example& example : text::load_dataset(*data).examples)
            sentences_.push_back(example.text);
        work_.insert(work_.end(), sentences_.begin(), sentences_.end());
        rounds_left_ = read_model(model_file_)->rounds() - 1;
        return;
    }
    if (given.text_or("primitive", "") == "estimator" && !given.has("observable"))
        throw Error(ErrorKind::usage, "an estimator needs --observable");
    const std::string text = read_file(given.words()[0]);
    circuit::Circuit circuit = qasm::read_qasm(text, given.words()[0]);
    if (!circuit.parameters().empty())
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{} has inputs without a value: {}", given.words()[0],
                                fmt::join(circuit.parameters(), ", ")),
                    "Write numbers in their place.");
    circuit_ = std::make_shared<const circuit::Circuit>(std::move(circuit));
    if (const auto observable = given.text("observable"))
        observables_.push_back(circuit::parse_observable(*observable));
    work_ = {text, given.text_or("observable", "")};
}

std::vector<backend::EstimatorPub> CircuitJob::model_pubs(bool may_be_dynamic) const {
    const auto model = read_model(model_file_);
    std::vector<text::Tokens> tokens;
    for (const std::string& sentence : sentences_) tokens.push_back(text::tokenise(sentence));
    const auto inference = model->begin(tokens, {.may_be_dynamic = may_be_dynamic});
    std::vector<backend::EstimatorPub> pubs;
    for (const model::Stage& stage : inference->round()) pubs.push_back(stage.pub);
    return pubs;
}

std::string CircuitJob::run_on(std::unique_ptr<backend::Backend> device, const run::OpenOptions& options,
                               const backend::RunOptions& run) const {
    const target::Target& target = *device->target();
    if (options.primitive == run::Primitive::sampler) device = run::make_sampling_backend(std::move(device));
    const auto wrong = circuit_ ? illegal(*circuit_, target) : std::vector<std::string>{"a model's circuit"};
    if (!wrong.empty() || (may_transpile_ && !is_for_device(*circuit_, target))) {
        if (!may_transpile_)
            throw Error(ErrorKind::invalid_input,
                        "the circuit does not run on " + target.name + " as it is: " + wrong.front(),
                        "Leave out --no-transpile.");
        std::string name = device->name();
        device = run::make_transpiling_backend(std::move(device), std::move(name), options.transpile);
    }
    if (!circuit_)
        return device->run(model_pubs(device->limits().is_dynamic), model::options_of_round(run, 0))->id();
    if (!observables_.empty())
        return device->run(std::vector<backend::EstimatorPub>{{circuit_, observables_}}, run)->id();
    return device->run(std::vector<backend::SamplerPub>{{circuit_}}, run)->id();
}

}  // namespace qdcnn::cli
