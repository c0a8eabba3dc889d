#include "bench_sim_model.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "qdcnn/base/json.h"
#include "qdcnn/sim/local_backend.h"

namespace qdcnn::bench {

using namespace circuit;

namespace {

constexpr Qubit kQubits = 7;
constexpr std::size_t kKernel = 3, kClasses = 2;

Angle named(Circuit& circuit, const char* prefix, std::size_t index) {
    return circuit.parameter(prefix + std::to_string(index));
}

Circuit embedding(bool is_sentence) {
    Circuit c(kQubits);
    std::vector<Qubit> all;
    for (Qubit q = 0; q < kQubits; ++q) all.push_back(q);
    if (is_sentence) {
        std::vector<Angle> amplitudes;
        for (std::size_t k = 0; k < std::size_t{1} << kQubits; ++k) amplitudes.push_back(named(c, "a", k));
        c.prepare(all, amplitudes);
    } else {
        for (const Qubit q : all) c.ry(named(c, "x", q), q);
    }
    for (const Qubit q : all) c.h(q);
    for (Qubit layer = 0; layer < 5; ++layer) {
        for (const Qubit q : all) c.ry(named(c, "w", layer * kQubits + q), q);
        for (const Qubit q : all) c.cx(q, (q + layer + 1) % kQubits);
    }
    return c;
}

Circuit convolution() {
    Circuit c(kKernel);
    for (Qubit q = 0; q < kKernel; ++q) c.h(q).ry(named(c, "x", q), q);
    for (std::size_t depth = 0; depth < 2; ++depth) {
        c.cx(0, 1).cx(1, 2);
        for (Qubit q = 0; q < kKernel; ++q) c.ry(named(c, "p", depth * kKernel + q), q);
    }
    return c;
}

Circuit linear() {
    Circuit c(kQubits);
    for (Qubit q = 0; q < kQubits; ++q) c.ry(named(c, "x", q), q);
    for (Qubit i = 0; i <= kQubits; ++i)
        c.ry(named(c, "p", i), i % kQubits).cx(i % kQubits, (i + kClasses) % kQubits);
    return c;
}

std::vector<Observable> each_z(Qubit count) {
    std::vector<Observable> observables;
    for (Qubit q = 0; q < count; ++q) observables.push_back(Observable::z(q));
    return observables;
}

}  // namespace

StagedModel::StagedModel(const std::string& path) {
    const nlohmann::json document = read_json_file(path);
    const JsonView root(document, "");
    const auto backend = sim::make_local_backend();
    const auto fill = [&](Layer& layer, const Circuit& circuit, std::vector<Observable> observables,
                          const char* weights, bool passes_on) {
        layer.weights = root.at(weights).numbers();
        layer.outputs = observables.size();
        layer.shared = layer.weights.size();
        layer.inputs = circuit.parameters().size() - layer.shared;
        layer.passes_on = passes_on;
        std::vector<ParameterIndex> wrt;
        for (std::size_t k = passes_on ? 0 : layer.inputs; k < circuit.parameters().size(); ++k)
            wrt.push_back(static_cast<ParameterIndex>(k));
        layer.tape = backend->differentiable(std::make_shared<const Circuit>(circuit), observables, wrt);
    };
    Observable sum;
    for (Qubit q = 0; q < kKernel; ++q) sum.terms.push_back({1.0, {{q, Pauli::z}}});
    fill(word_, embedding(false), each_z(kQubits), "word", false);
    fill(sentence_, embedding(true), each_z(kQubits), "sent", false);
    fill(convolutions_[0], convolution(), {sum}, "conv1", true);
    fill(convolutions_[1], convolution(), {sum}, "conv2", true);
    fill(linear_, linear(), each_z(kClasses), "linear", true);
    for (const JsonView& given : root.at("sentences").elements()) {
        Sentence sentence{{}, std::vector<double>(std::size_t{1} << kQubits), 0};
        for (const JsonView& word : given.at("words").elements())
            sentence.words.push_back(static_cast<std::size_t>(word.integer()));
        for (const std::string& key : given.at("sentence").keys()) {
            std::size_t turned = 0;
            for (Qubit q = 0; q < kQubits; ++q)
                if (std::stoul(key) >> (kQubits - 1 - q) & 1) turned |= std::size_t{1} << q;
            sentence.amplitudes[turned] = given.at("sentence").at(key).number();
        }
        sentence.label = static_cast<int>(given.at("label").integer());
        sentences_.push_back(std::move(sentence));
    }
}

void StagedModel::Layer::forward(std::size_t rows, std::span<const double> in) {
    if (parameters.rows() != rows || parameters.columns() != inputs + shared)
        parameters = backend::ParameterMatrix(rows, inputs + shared);
    for (std::size_t row = 0; row < rows; ++row) {
        const auto into = parameters.row(row);
        std::copy_n(in.begin() + static_cast<std::ptrdiff_t>(row * inputs), inputs, into.begin());
        std::copy(weights.begin(), weights.end(), into.begin() + static_cast<std::ptrdiff_t>(inputs));
    }
    values.resize(rows * outputs);
    tape->forward(parameters, values);
}

void StagedModel::Layer::backward(std::span<const double> cotangent, std::span<double> into) {
    const std::size_t rows = values.size() / outputs;
    gradient.resize(rows * columns());
    tape->backward(cotangent, gradient);
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t k = 0; k < shared; ++k)
            into[k] += gradient[row * columns() + columns() - shared + k];
}

void StagedModel::forward(std::size_t first, std::size_t last) {
    const std::size_t count = last - first;
    positions_ = sentences_.at(first).words.size();
    // A word that stands twice in the batch is embedded once.
    std::map<std::size_t, std::size_t> row_of_word;
    std::vector<double> angles, amplitudes;
    row_of_.clear();
    for (std::size_t s = first; s < last; ++s) {
        for (const std::size_t word : sentences_[s].words) {
            const auto [found, is_first] = row_of_word.try_emplace(word, row_of_word.size());
            row_of_.push_back(found->second);
            for (Qubit q = 0; is_first && q < kQubits; ++q)
                angles.push_back(word >> (kQubits - 1 - q) & 1 ? std::numbers::pi : 0.0);
        }
        amplitudes.insert(amplitudes.end(), sentences_[s].amplitudes.begin(), sentences_[s].amplitudes.end());
    }
    word_.forward(row_of_word.size(), angles);
    sentence_.forward(count, amplitudes);

    // A window for each sentence, position and dimension, in this order.
    auto value = [&](std::size_t s, std::size_t position, std::size_t q) {
        return word_.values[row_of_[s * positions_ + position] * kQubits + q];
    };
    inputs_[0].clear();
    for (std::size_t s = 0; s < count; ++s)
        for (std::size_t p = 0; p + kKernel <= positions_; ++p)
            for (std::size_t q = 0; q < kQubits; ++q)
                for (std::size_t tap = 0; tap < kKernel; ++tap) inputs_[0].push_back(value(s, p + tap, q));
    convolutions_[0].forward(inputs_[0].size() / kKernel, inputs_[0]);
    const std::size_t middle = positions_ - kKernel + 1;
    inputs_[1].clear();
    for (std::size_t s = 0; s < count; ++s)
        for (std::size_t p = 0; p + kKernel <= middle; ++p)
            for (std::size_t q = 0; q < kQubits; ++q)
                for (std::size_t tap = 0; tap < kKernel; ++tap)
                    inputs_[1].push_back(convolutions_[0].values[(s * middle + p + tap) * kQubits + q]);
    convolutions_[1].forward(inputs_[1].size() / kKernel, inputs_[1]);

    const std::size_t width = middle - kKernel + 1;
    fused_ = sentence_.values;
    for (std::size_t s = 0; s < count; ++s)
        for (std::size_t p = 0; p < width; ++p)
            for (std::size_t q = 0; q < kQubits; ++q)
                fused_[s * kQubits + q] +=
                    convolutions_[1].values[(s * width + p) * kQubits + q] / static_cast<double>(width);
    linear_.forward(count, fused_);
}

std::vector<double> StagedModel::logits(std::size_t first, std::size_t last) {
    forward(first, last);
    return linear_.values;
}

void StagedModel::add_gradient(std::size_t first, std::size_t last, std::span<double> gradient) {
    forward(first, last);
    const std::size_t count = last - first, middle = positions_ - kKernel + 1, width = middle - kKernel + 1;
    std::vector<double> cotangent(count * kClasses);
    for (std::size_t s = 0; s < count; ++s) {
        const double* logit = linear_.values.data() + s * kClasses;
        const double one = 1 / (1 + std::exp(logit[0] - logit[1]));
        const int label = sentences_[first + s].label;
        cotangent[s * kClasses] = 1 - one - (label == 0);
        cotangent[s * kClasses + 1] = one - (label == 1);
    }
    linear_.backward(cotangent, gradient.subspan(82, 8));
    std::vector<double> flow(count * kQubits);
    for (std::size_t s = 0; s < count; ++s)
        for (std::size_t q = 0; q < kQubits; ++q)
            flow[s * kQubits + q] = linear_.gradient[s * linear_.columns() + q];
    sentence_.backward(flow, gradient.subspan(35, 35));

    std::vector<double> down(count * width * kQubits);
    for (std::size_t s = 0; s < count; ++s)
        for (std::size_t p = 0; p < width; ++p)
            for (std::size_t q = 0; q < kQubits; ++q)
                down[(s * width + p) * kQubits + q] = flow[s * kQubits + q] / static_cast<double>(width);
    convolutions_[1].backward(down, gradient.subspan(76, 6));
    std::vector<double> between(convolutions_[0].values.size());
    const auto& outer = convolutions_[1];
    for (std::size_t s = 0; s < count; ++s)
        for (std::size_t p = 0; p < width; ++p)
            for (std::size_t q = 0; q < kQubits; ++q)
                for (std::size_t tap = 0; tap < kKernel; ++tap)
                    between[(s * middle + p + tap) * kQubits + q] +=
                        outer.gradient[((s * width + p) * kQubits + q) * outer.columns() + tap];
    convolutions_[0].backward(between, gradient.subspan(70, 6));
    std::vector<double> words(word_.values.size());
    const auto& inner = convolutions_[0];
    for (std::size_t s = 0; s < count; ++s)
        for (std::size_t p = 0; p < middle; ++p)
            for (std::size_t q = 0; q < kQubits; ++q)
                for (std::size_t tap = 0; tap < kKernel; ++tap)
                    words[row_of_[s * positions_ + p + tap] * kQubits + q] +=
                        inner.gradient[((s * middle + p) * kQubits + q) * inner.columns() + tap];
    word_.backward(words, gradient.first(35));
}

}  // namespace qdcnn::bench
