#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "qdcnn/backend/backend.h"

namespace qdcnn::bench {

/// The published text classifier of w1_model.json (shared/bench/sim) on the local backend's tapes, one batch
/// at a time: embeddings of words and sentences, two convolutions, the linear layer. The file's wire 0 is the
/// most significant bit of an amplitude index; here wire w is qubit w, and amplitudes are turned round.
class StagedModel {
  public:
    explicit StagedModel(const std::string& path);

    std::size_t sentences() const { return sentences_.size(); }
    /// Logits of sentences [first, last), two each.
    std::vector<double> logits(std::size_t first, std::size_t last);
    /// Adds the gradient of the sum of the sentences' losses, flat: word, sent, conv1, conv2, linear.
    void add_gradient(std::size_t first, std::size_t last, std::span<double> gradient);
    static constexpr std::size_t kParameters = 35 + 35 + 6 + 6 + 8;

  private:
    struct Sentence {
        std::vector<std::size_t> words;
        /// 128 amplitudes.
        std::vector<double> amplitudes;
        int label;
    };
    /// One circuit template with its rows; the last parameters are shared by all rows.
    struct Layer {
        std::unique_ptr<backend::Differentiable> tape;
        std::size_t outputs = 0, inputs = 0, shared = 0;
        /// Whether a gradient by the inputs is asked for.
        bool passes_on = false;
        std::vector<double> weights;
        backend::ParameterMatrix parameters{1, 1};
        std::vector<double> values, gradient;

        void forward(std::size_t rows, std::span<const double> in);
        /// Adds up the shared parameters' part into `into`.
        void backward(std::span<const double> cotangent, std::span<double> into);
        std::size_t columns() const { return shared + (passes_on ? inputs : 0); }
    };

    void forward(std::size_t first, std::size_t last);

    std::vector<Sentence> sentences_;
    Layer word_, sentence_, convolutions_[2], linear_;
    /// Of the last batch: row of the word layer for each sentence and position.
    std::vector<std::size_t> row_of_;
    std::vector<double> inputs_[2], fused_;
    std::size_t positions_ = 0;
};

}  // namespace qdcnn::bench
