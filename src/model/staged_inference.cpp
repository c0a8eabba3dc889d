#include <algorithm>
#include <map>

#include "model/staged.h"

namespace qdcnn::model {
namespace {

using backend::ParameterMatrix;

class StagedInference final : public Inference {
  public:
    StagedInference(const Definition& definition, const StagedShape& shape, const StagedTemplates& templates,
                    std::span<const text::Tokens> sentences, const InferenceOptions& options)
        : definition_(definition), shape_(shape), templates_(templates) {
        for (const text::Tokens& tokens : sentences)
            inputs_.push_back(staged_input(definition, shape, tokens));
        prepare_embeddings(options.share_words);
    }

    bool is_done() const override { return round_ == shape_.conv_layers + 2; }
    const std::vector<Stage>& round() const override { return stages_; }

    void accept(std::span<const std::vector<double>> values) override {
        const std::uint32_t round = round_++;
        if (round == 0) {
            sentence_values_ = values[1];
            take_words(values[0]);
            prepare_convolution(0);
        } else if (round < shape_.conv_layers) {
            features_ = values[0];
            prepare_convolution(round);
        } else if (round == shape_.conv_layers) {
            features_ = values[0];
            prepare_head();
        } else {
            logits_ = values[0];
            stages_.clear();
        }
    }

    std::vector<double> logits() const override { return logits_; }

  private:
    const std::vector<double>& weights(const std::string& tensor) const {
        for (const Tensor& one : definition_.tensors)
            if (one.name == tensor) return one.values;
        std::abort();  // make_staged has checked the tensors.
    }

    Stage stage(const StageTemplate& from, std::size_t rows, const std::string& tensor) const {
        Stage stage{from.name,
                    {from.circuit, from.observables, ParameterMatrix(rows, from.data + from.weights)},
                    from.data,
                    {}};
        const auto& values = weights(tensor);
        for (std::size_t r = 0; r < rows; ++r)
            std::copy(values.begin(), values.end(),
                      stage.pub.parameters.row(r).begin() + static_cast<std::ptrdiff_t>(from.data));
        stage.origins.resize(rows);
        return stage;
    }

    /// Rows of the word PUB: one for each different word, or, unshared, one for each position of each
    /// sentence.
    void prepare_embeddings(bool share_words) {
        std::vector<text::WordId> words;
        std::vector<RowOrigin> origins;
        std::map<text::WordId, std::size_t> row_of;
        for (std::size_t s = 0; s < inputs_.size(); ++s)
            for (std::size_t t = 0; t < shape_.sequence_length; ++t) {
                const text::WordId word = inputs_[s].words[t];
                const auto [known, is_new] = row_of.emplace(word, words.size());
                if (is_new || !share_words) {
                    word_rows_.push_back(words.size());
                    words.push_back(word);
                    origins.push_back({.word = definition_.vocabulary.entries()[word]});
                    if (!share_words) {
                        origins.back().sentence = static_cast<int>(s);
                        origins.back().position = static_cast<int>(t);
                    }
                } else {
                    word_rows_.push_back(known->second);
                }
            }
        Stage word = stage(templates_.word, words.size(), "word_embedding");
        for (std::size_t r = 0; r < words.size(); ++r)
            fill_basis_angles(words[r], word.pub.parameters.row(r).first(templates_.word.data));
        word.origins = std::move(origins);
        Stage sentence = stage(templates_.sentence, inputs_.size(), "sentence_embedding");
        for (std::size_t s = 0; s < inputs_.size(); ++s) {
            fill_amplitudes(inputs_[s], sentence.pub.parameters.row(s));
            sentence.origins[s].sentence = static_cast<int>(s);
        }
        stages_ = {std::move(word), std::move(sentence)};
    }

    /// features_: sentences x channels x positions.
    void take_words(const std::vector<double>& values) {
        const std::size_t n = shape_.qubits, length = shape_.sequence_length;
        features_.resize(inputs_.size() * n * length);
        for (std::size_t s = 0; s < inputs_.size(); ++s)
            for (std::size_t channel = 0; channel < n; ++channel)
                for (std::size_t t = 0; t < length; ++t)
                    features_[(s * n + channel) * length + t] =
                        values[word_rows_[s * length + t] * n + channel];
    }

    /// Rows: sentences x channels x windows.
    void prepare_convolution(std::uint32_t layer) {
        const std::size_t windows = shape_.windows(layer), length = windows + kKernelSize - 1;
        Stage conv = stage(templates_.conv[layer], inputs_.size() * shape_.qubits * windows,
                           templates_.conv[layer].name);
        for (std::size_t r = 0; r < conv.origins.size(); ++r) {
            const std::size_t line = r / windows, position = r % windows;
            for (std::size_t k = 0; k < kKernelSize; ++k)
                conv.pub.parameters(r, k) = features_[line * length + position + k];
            conv.origins[r] = {.sentence = static_cast<int>(line / shape_.qubits),
                               .word = {},
                               .channel = static_cast<int>(line % shape_.qubits),
                               .position = static_cast<int>(position)};
        }
        stages_.clear();
        stages_.push_back(std::move(conv));
    }

    void prepare_head() {
        const std::size_t n = shape_.qubits, windows = shape_.windows(shape_.conv_layers - 1);
        Stage fc = stage(templates_.fc, inputs_.size(), "fc");
        for (std::size_t s = 0; s < inputs_.size(); ++s) {
            fc.origins[s].sentence = static_cast<int>(s);
            for (std::size_t channel = 0; channel < n; ++channel) {
                double sum = 0.0;
                for (std::size_t t = 0; t < windows; ++t) sum += features_[(s * n + channel) * windows + t];
                fc.pub.parameters(s, channel) =
                    sum / static_cast<double>(windows) + sentence_values_[s * n + channel];
            }
        }
        stages_.clear();
        stages_.push_back(std::move(fc));
    }

    const Definition& definition_;
    const StagedShape& shape_;
    const StagedTemplates& templates_;
    std::vector<StagedInput> inputs_;
    /// sentences x positions: the word PUB's row.
    std::vector<std::size_t> word_rows_;
    std::vector<double> sentence_values_;
    std::vector<double> features_;
    std::vector<double> logits_;
    std::uint32_t round_ = 0;
    std::vector<Stage> stages_;
};

}  // namespace

std::unique_ptr<Inference> begin_staged(const Definition& definition, const StagedShape& shape,
                                        const StagedTemplates& templates,
                                        std::span<const text::Tokens> sentences,
                                        const InferenceOptions& options) {
    return std::make_unique<StagedInference>(definition, shape, templates, sentences, options);
}

}  // namespace qdcnn::model
