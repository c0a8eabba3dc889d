#include "model/network.h"

#include <algorithm>
#include <optional>

#include "model/cross_entropy.h"
#include "model/recipes.h"
#include "qdcnn/base/error.h"
#include "qdcnn/text/tfidf.h"

namespace qdcnn::model {
namespace {

using Node = Graph::Node;
using text::WordId;

/// Sentences of one graph when nothing is trained: bounds the memory, changes no number.
constexpr std::size_t kSentencesAtOnce = 64;

std::vector<WordId> words_of(const Definition& definition, const Network& network,
                             const text::Tokens& tokens) {
    return definition.vocabulary.ids(tokens, network.length(tokens.size()));
}

/// Graph nodes of each sentence's logits, in order.
std::vector<Node> build(Graph& graph, const Network& network,
                        std::span<const std::vector<WordId>> sentences) {
    std::vector<Node> outputs;
    for (const auto& words : sentences) {
        graph.start_sentence();
        const auto logits = network.logits(graph, words);
        outputs.insert(outputs.end(), logits.begin(), logits.end());
    }
    return outputs;
}

/// With two classes the first one's logit is 0.
void read(const Graph& graph, std::span<const Node> outputs, std::span<double> logits) {
    std::fill(logits.begin(), logits.end(), 0.0);
    const std::size_t first = logits.size() - outputs.size();
    for (std::size_t k = 0; k < outputs.size(); ++k) logits[first + k] = graph.value(outputs[k]);
}

class NetworkInference final : public Inference {
  public:
    NetworkInference(const Definition& definition, const Network& network, bool may_be_dynamic,
                     std::span<const text::Tokens> sentences)
        : network_(network),
          may_be_dynamic_(may_be_dynamic),
          parameters_(definition.parameters()),
          graph_(network.circuits()),
          classes_(definition.classes.size()) {
        std::vector<std::vector<WordId>> words;
        for (const text::Tokens& tokens : sentences) words.push_back(words_of(definition, network, tokens));
        count_ = words.size();
        outputs_ = build(graph_, network, words);
        start_round();
    }

    bool is_done() const override { return stages_.empty(); }
    const std::vector<Stage>& round() const override { return stages_; }

    void accept(std::span<const std::vector<double>> values) override {
        for (std::size_t i = 0; i < values.size(); ++i) graph_.accept(circuits_[i], values[i]);
        ++round_;
        start_round();
    }

    std::vector<double> logits() const override {
        std::vector<double> logits(count_ * classes_);
        const std::size_t outputs = outputs_.size() / std::max<std::size_t>(1, count_);
        for (std::size_t s = 0; s < count_; ++s)
            read(graph_, std::span(outputs_).subspan(s * outputs, outputs),
                 std::span(logits).subspan(s * classes_, classes_));
        return logits;
    }

  private:
    void start_round() {
        stages_.clear();
        circuits_.clear();
        graph_.evaluate(round_, parameters_);
        for (std::size_t c = 0; c < network_.circuits().size(); ++c) {
            const NetworkCircuit& from = network_.circuits()[c];
            if (from.round != round_ || graph_.rows(c) == 0) continue;
            const bool is_static = !may_be_dynamic_ && from.static_circuit;
            circuits_.push_back(c);
            stages_.push_back(
                {from.name,
                 {is_static ? from.static_circuit : from.circuit,
                  is_static ? from.static_observables : from.observables, graph_.matrix(c, parameters_)},
                 from.data,
                 graph_.origins(c)});
        }
    }

    const Network& network_;
    bool may_be_dynamic_;
    std::vector<double> parameters_;
    Graph graph_;
    std::size_t classes_, count_ = 0, round_ = 0;
    std::vector<Node> outputs_;
    /// Of stages_.
    std::vector<std::size_t> circuits_;
    std::vector<Stage> stages_;
};

class NetworkLoss final : public LossFunction {
  public:
    NetworkLoss(const Definition& definition, const Network& network, backend::Backend& backend,
                std::span<const text::Tokens> sentences, std::span<const std::size_t> labels)
        : network_(network),
          labels_(labels.begin(), labels.end()),
          classes_(definition.classes.size()),
          word_dropout_(definition.hyperparameters.at("word_dropout")),
          penalty_(definition.hyperparameters.at("penalty")),
          graph_(network.circuits()) {
        for (const NetworkCircuit& from : network.circuits()) compile(backend, from);
        for (const text::Tokens& tokens : sentences) inputs_.push_back(words_of(definition, network, tokens));
    }

    std::size_t size() const override { return inputs_.size(); }
    void draw(const Random& chance) override { chance_ = chance; }

    double gradient(std::span<const double> parameters, std::span<const std::size_t> batch,
                    std::span<double> gradient) override {
        std::fill(gradient.begin(), gradient.end(), 0.0);
        present(batch);
        const std::vector<Node> outputs = forward(parameters, presented_);
        const std::size_t each = outputs.size() / batch.size(), first = classes_ - each;
        const auto count = static_cast<double>(batch.size());
        std::vector<double> logits(classes_), by_logits(classes_), by_outputs;
        double loss = 0.0;
        for (std::size_t b = 0; b < batch.size(); ++b) {
            read(graph_, std::span(outputs).subspan(b * each, each), logits);
            loss += cross_entropy(logits, labels_[batch[b]], by_logits);
            for (std::size_t k = first; k < classes_; ++k) by_outputs.push_back(by_logits[k] / count);
        }
        graph_.backward(outputs, by_outputs, compiled_, gradient);
        return loss / count + add_penalty(parameters, gradient);
    }

    std::vector<double> logits(std::span<const double> parameters) override {
        return logits_of(parameters, inputs_);
    }

    /// On the forgetful copies too (recipes.h), where words are dropped.
    double selection_loss(std::span<const double> parameters) override {
        double sum = mean_cross_entropy(logits(parameters), labels_);
        if (word_dropout_ == 0.0) return sum;
        for (std::size_t t = 0; t < kForgetfulCopies; ++t) {
            auto copies = inputs_;
            for (auto& words : copies) forget_every_fourth(words, t);
            sum += mean_cross_entropy(logits_of(parameters, copies), labels_);
        }
        return sum / (kForgetfulCopies + 1);
    }

  private:
    void compile(backend::Backend& backend, const NetworkCircuit& from) {
        std::vector<circuit::ParameterIndex> angles;
        for (std::size_t k = from.amplitudes; k < from.data + from.weights; ++k)
            angles.push_back(static_cast<circuit::ParameterIndex>(k));
        const bool is_static = from.static_circuit && !backend.limits().is_dynamic;
        compiled_.push_back(backend.differentiable(is_static ? from.static_circuit : from.circuit,
                                                   is_static ? from.static_observables : from.observables,
                                                   angles));
        if (!compiled_.back())
            throw Error(ErrorKind::unsupported, "the backend \"" + backend.name() + "\" has no gradients",
                        "Take the gradient parameter-shift or spsa, or the backend local.");
    }

    /// What befalls a sentence depends on its own stream alone.
    void present(std::span<const std::size_t> batch) {
        presented_.clear();
        for (const std::size_t s : batch) {
            presented_.push_back(inputs_[s]);
            if (!chance_ || word_dropout_ == 0.0) continue;
            Random chance = chance_->stream(s);
            for (WordId& word : presented_.back())
                if (chance.uniform() < word_dropout_) forget(word);
        }
    }

    std::vector<Node> forward(std::span<const double> parameters,
                              std::span<const std::vector<WordId>> sentences) {
        graph_.clear();
        std::vector<Node> outputs = build(graph_, network_, sentences);
        graph_.forward(parameters, compiled_);
        return outputs;
    }

    std::vector<double> logits_of(std::span<const double> parameters,
                                  const std::vector<std::vector<WordId>>& inputs) {
        std::vector<double> logits(inputs.size() * classes_);
        for (std::size_t first = 0; first < inputs.size(); first += kSentencesAtOnce) {
            const std::size_t count = std::min(kSentencesAtOnce, inputs.size() - first);
            const auto outputs = forward(parameters, std::span(inputs).subspan(first, count));
            const std::size_t each = outputs.size() / count;
            for (std::size_t s = 0; s < count; ++s)
                read(graph_, std::span(outputs).subspan(s * each, each),
                     std::span(logits).subspan((first + s) * classes_, classes_));
        }
        return logits;
    }

    double add_penalty(std::span<const double> parameters, std::span<double> gradient) const {
        double sum = 0.0;
        for (const NetworkTensor& tensor : network_.tensors()) {
            if (!tensor.is_penalised || penalty_ == 0.0) continue;
            const std::size_t first = network_.at(tensor.name);
            const std::size_t end = first + tensor.size();
            for (std::size_t k = first; k < end; ++k) {
                sum += parameters[k] * parameters[k];
                gradient[k] += 2.0 * penalty_ * parameters[k];
            }
        }
        return penalty_ * sum;
    }

    const Network& network_;
    std::vector<std::size_t> labels_;
    std::size_t classes_;
    double word_dropout_, penalty_;
    Graph graph_;
    std::vector<std::unique_ptr<backend::Differentiable>> compiled_;
    std::vector<std::vector<WordId>> inputs_, presented_;
    std::optional<Random> chance_;
};

class NetworkModel final : public Model {
  public:
    NetworkModel(Definition definition, std::unique_ptr<Network> network)
        : Model(std::move(definition)), network_(std::move(network)) {}

    std::size_t rounds() const override {
        std::size_t rounds = 0;
        for (const NetworkCircuit& from : network_->circuits()) rounds = std::max(rounds, from.round + 1);
        return rounds;
    }
    std::size_t circuit_parameters() const override {
        std::size_t count = 0;
        for (const NetworkTensor& tensor : network_->tensors())
            if (tensor.is_circuit) count += tensor.size();
        return count;
    }
    std::unique_ptr<Inference> begin(std::span<const text::Tokens> sentences,
                                     const InferenceOptions& options) const override {
        return std::make_unique<NetworkInference>(definition(), *network_, options.may_be_dynamic, sentences);
    }
    std::unique_ptr<LossFunction> loss_function(backend::Backend& backend,
                                                std::span<const text::Tokens> sentences,
                                                std::span<const std::size_t> labels) const override {
        return std::make_unique<NetworkLoss>(definition(), *network_, backend, sentences, labels);
    }

  private:
    std::unique_ptr<Network> network_;
};

Tensor drawn(const NetworkTensor& from, Random& random) {
    Tensor tensor{from.name, from.shape, {}};
    for (std::size_t k = 0; k < from.size(); ++k)
        tensor.values.push_back(from.deviation > 0.0 ? random.normal(from.mean, from.deviation) : from.mean);
    // Words that no training sentence has (yet): nothing is known of them.
    if (from.name == "words") {
        const std::size_t width = tensor.values.size() / from.shape.front();
        std::fill_n(tensor.values.begin(), 2 * width, from.mean);
    }
    return tensor;
}

/// Checks the hyper-parameters of the training; those that are left are of the structure.
std::unique_ptr<Network> network_of(const NetworkKind& kind, Definition definition) {
    for (const auto& [name, below] : {std::pair("word_dropout", 1.0), std::pair("penalty", 1e3)}) {
        share_hyperparameter(definition, name, below);
        definition.hyperparameters.erase(name);
    }
    return kind.make(definition);
}

}  // namespace

Network::Network(std::vector<NetworkTensor> tensors, std::vector<NetworkCircuit> circuits)
    : tensors_(std::move(tensors)), circuits_(std::move(circuits)) {
    std::size_t next = 0;
    for (const NetworkTensor& tensor : tensors_) {
        offsets_.push_back(next);
        next += tensor.size();
    }
}

std::size_t Network::at(std::string_view tensor) const {
    for (std::size_t i = 0; i < tensors_.size(); ++i)
        if (tensors_[i].name == tensor) return offsets_[i];
    throw Error(ErrorKind::internal,
                "a network asks for its tensor \"" + std::string(tensor) + "\", which it has not");
}

std::vector<Graph::Node> parameters_of(Graph& graph, std::size_t first, std::size_t count) {
    std::vector<Graph::Node> nodes;
    for (std::size_t k = 0; k < count; ++k) nodes.push_back(graph.parameter(first + k));
    return nodes;
}

std::size_t outputs_of(const Definition& definition) {
    return definition.classes.size() == 2 ? 1 : definition.classes.size();
}

bool has_few_words(const text::Vocabulary& vocabulary) {
    constexpr std::size_t kFewWords = 32;
    return vocabulary.size() <= kFewWords;
}
bool takes_small_structure(const text::Vocabulary& vocabulary, const std::string& preset) {
    return preset == "mc" || (preset != "rp" && has_few_words(vocabulary));
}

Hyperparameters longest_as_positions(const text::Dataset& train, const text::Vocabulary&,
                                     const std::string&) {
    return {{"positions", static_cast<double>(longest(train))}};
}
Hyperparameters longest_as_sequence_length(const text::Dataset& train, const text::Vocabulary&,
                                           const std::string&) {
    return {{"sequence_length", static_cast<double>(longest(train))}};
}

std::size_t longest(const text::Dataset& data) {
    std::size_t words = 0;
    for (const text::Example& example : data.examples) words = std::max(words, example.tokens.size());
    return words;
}

Definition define_network(const NetworkKind& kind, const text::Dataset& train, const std::string& preset,
                          Random& random) {
    Definition definition = definition_of_data(std::string(kind.name), preset, train);
    std::vector<std::vector<WordId>> ids;
    for (const text::Example& example : train.examples)
        ids.push_back(definition.vocabulary.ids(example.tokens, example.tokens.size()));
    definition.idf = text::inverse_document_frequencies(definition.vocabulary.size(), ids);
    definition.hyperparameters = kind.hyperparameters(train, definition.vocabulary, preset);
    const bool is_plain = preset.ends_with("plain");
    definition.hyperparameters["word_dropout"] = is_plain ? 0.0 : 0.2;
    definition.hyperparameters["penalty"] = is_plain ? 0.0 : 0.001;
    const auto network = network_of(kind, definition);
    for (const NetworkTensor& tensor : network->tensors())
        definition.tensors.push_back(drawn(tensor, random));
    return definition;
}

TrainingSettings network_settings(const NetworkKind& kind, const Definition& definition) {
    if (kind.published && definition.preset.ends_with("plain")) return kind.published(definition);
    return word_dropout_recipe();
}

std::unique_ptr<Model> make_network(const NetworkKind& kind, Definition definition) {
    auto network = network_of(kind, definition);
    std::vector<TensorShape> shapes;
    for (const NetworkTensor& tensor : network->tensors()) shapes.push_back({tensor.name, tensor.shape});
    check_tensors(definition, shapes);
    return std::make_unique<NetworkModel>(std::move(definition), std::move(network));
}

}  // namespace qdcnn::model
