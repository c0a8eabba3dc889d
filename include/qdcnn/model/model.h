#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "qdcnn/backend/backend.h"
#include "qdcnn/base/random.h"
#include "qdcnn/text/vocabulary.h"

namespace qdcnn::model {

/// Trainable numbers under a name; values row by row.
struct Tensor {
    std::string name;
    std::vector<std::size_t> shape;
    std::vector<double> values;
};

/// What a network is, as data: all that a model file holds of it.
struct Definition {
    /// A row of the models table.
    std::string model;
    /// The hyper-parameter set it was made with.
    std::string preset;
    std::vector<std::string> classes;
    text::Vocabulary vocabulary;
    /// One for each vocabulary entry.
    std::vector<double> idf;
    /// Structure by name; which names there are is the model's business.
    std::map<std::string, double> hyperparameters;
    std::vector<Tensor> tensors;

    /// All trainable numbers, tensor after tensor.
    std::vector<double> parameters() const;
    /// Takes them back; `values` has as many.
    void set_parameters(std::span<const double> values);
};

/// What one row of a PUB stands for. -1 or empty: does not apply.
struct RowOrigin {
    /// Index among the sentences of the inference.
    int sentence = -1;
    std::string word;
    int channel = -1;
    /// Of the word, or of the window's first word, in the (padded) sentence.
    int position = -1;
};

/// One PUB of a round.
struct Stage {
    /// The tensor it is built on, for example "conv1": also the `stage` of emitted files.
    std::string name;
    backend::EstimatorPub pub;
    /// Where the row's numbers are data (0 .. data_parameters - 1); the columns after it are trained weights.
    std::size_t data_parameters = 0;
    /// One a row.
    std::vector<RowOrigin> origins;
};

struct InferenceOptions {
    /// A circuit that several sentences need alike is run once.
    bool share_words = true;
    /// Circuits may measure, reset and branch on the way. Without, a model that has them gives a form that
    /// does not.
    bool may_be_dynamic = true;
};

/// The conversation of a model with whoever runs circuits: round after round, PUBs out and expectation values
/// in, for all sentences at once.
///
///     while (!inference.is_done()) inference.accept(answer_to(inference.round()));
class Inference {
  public:
    virtual ~Inference() = default;
    virtual bool is_done() const = 0;
    /// The PUBs to run next.
    virtual const std::vector<Stage>& round() const = 0;
    /// values[i]: rows x observables of round()[i].
    virtual void accept(std::span<const std::vector<double>> values) = 0;
    /// When done: sentences x classes.
    virtual std::vector<double> logits() const = 0;
};

/// The mean softmax cross-entropy of labelled sentences as a function of the parameters.
class LossFunction {
  public:
    virtual ~LossFunction() = default;
    virtual std::size_t size() const = 0;
    /// Decides what a model leaves to chance in the gradients that follow (dropped words, jitter): the same
    /// numbers for the same seed of `chance`, whatever came before. Until the first call nothing is left to
    /// chance.
    virtual void draw(const Random& /*chance*/) {}
    /// Mean loss over the sentences `batch` (indices), with what the model adds to it in training
    /// (penalties), and its gradient, overwritten.
    virtual double gradient(std::span<const double> parameters, std::span<const std::size_t> batch,
                            std::span<double> gradient) = 0;
    /// size() x classes; nothing is left to chance.
    virtual std::vector<double> logits(std::span<const double> parameters) = 0;
    /// Chooses among restarts: the lowest is kept. Mean cross-entropy, or what a model has that tells more;
    /// nothing is left to chance.
    virtual double selection_loss(std::span<const double> parameters) = 0;
};

/// A trained or untrained network. It makes circuits and reads numbers; who runs the circuits it does not
/// know.
class Model {
  public:
    explicit Model(Definition definition) : definition_(std::move(definition)) {}
    virtual ~Model() = default;

    const Definition& definition() const { return definition_; }
    const std::string& name() const { return definition_.model; }
    const std::vector<std::string>& classes() const { return definition_.classes; }
    const text::Vocabulary& vocabulary() const { return definition_.vocabulary; }
    void set_parameters(std::span<const double> values) { definition_.set_parameters(values); }

    /// How often circuits are sent for one prediction.
    virtual std::size_t rounds() const = 0;
    /// Trainable numbers that are angles of gates.
    virtual std::size_t circuit_parameters() const = 0;
    /// Starts on sentences, each of at least one token. Refers to this model.
    virtual std::unique_ptr<Inference> begin(std::span<const text::Tokens> sentences,
                                             const InferenceOptions& options = {}) const = 0;
    /// labels: indices of classes. Null: nothing to train by gradient, the definition is final as it was
    /// made. Throws Error(unsupported) when the backend has no gradients. Refers to the backend.
    virtual std::unique_ptr<LossFunction> loss_function(backend::Backend& backend,
                                                        std::span<const text::Tokens> sentences,
                                                        std::span<const std::size_t> labels) const = 0;

  private:
    Definition definition_;
};

/// Throws Error(unsupported) for a classical model, which has no circuit to write, send or disturb.
void require_circuits(const Model& model);

}  // namespace qdcnn::model
