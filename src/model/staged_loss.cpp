#include <algorithm>
#include <numeric>

#include "model/cross_entropy.h"
#include "model/staged.h"
#include "qdcnn/base/error.h"

namespace qdcnn::model {
namespace {

using backend::ParameterMatrix;

/// Sentences of one forward pass when all are evaluated: bounds the memory (2^n amplitudes each), changes no
/// number.
std::size_t chunk_of(std::uint32_t qubits) {
    return std::clamp((std::size_t{1} << 22) >> qubits, std::size_t{16}, std::size_t{1024});
}

/// A stage's circuit compiled for exact values and their vector-Jacobian products.
class CompiledStage {
  public:
    CompiledStage(backend::Backend& backend, const StageTemplate& from, bool differentiates_data)
        : data_(from.data),
          weights_(from.weights),
          outputs_(from.observables.size()),
          wrt_data_(differentiates_data ? from.data : 0) {
        std::vector<circuit::ParameterIndex> wrt(wrt_data_ + weights_);
        std::iota(wrt.begin(), wrt.end(), static_cast<circuit::ParameterIndex>(data_ - wrt_data_));
        compiled_ = backend.differentiable(from.circuit, from.observables, wrt);
        if (!compiled_)
            throw Error(ErrorKind::unsupported, "the backend \"" + backend.name() + "\" has no gradients",
                        "Take the gradient parameter-shift or spsa, or the backend local.");
    }

    /// A matrix of `rows` rows for the next forward; the caller fills its data columns.
    ParameterMatrix& start(std::size_t rows, std::span<const double> weights) {
        parameters_ = ParameterMatrix(rows, data_ + weights_);
        for (std::size_t r = 0; r < rows; ++r)
            std::copy(weights.begin(), weights.end(),
                      parameters_.row(r).begin() + static_cast<std::ptrdiff_t>(data_));
        return parameters_;
    }

    const std::vector<double>& forward() {
        values_.resize(parameters_.rows() * outputs_);
        compiled_->forward(parameters_, values_);
        return values_;
    }

    /// cotangent: rows x outputs of the last forward. Adds to weight_gradient, summed over the rows.
    void backward(std::span<const double> cotangent, std::span<double> weight_gradient) {
        const std::size_t width = wrt_data_ + weights_, rows = parameters_.rows();
        gradient_.resize(rows * width);
        compiled_->backward(cotangent, gradient_);
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t k = 0; k < weights_; ++k)
                weight_gradient[k] += gradient_[r * width + wrt_data_ + k];
    }

    /// By the data of row r, after backward.
    const double* data_gradient(std::size_t r) const { return gradient_.data() + r * (wrt_data_ + weights_); }

    std::size_t weights() const { return weights_; }

  private:
    std::size_t data_, weights_, outputs_, wrt_data_;
    std::unique_ptr<backend::Differentiable> compiled_;
    ParameterMatrix parameters_;
    std::vector<double> values_;
    std::vector<double> gradient_;
};

class StagedLoss final : public LossFunction {
  public:
    StagedLoss(const Definition& definition, const StagedShape& shape, const StagedTemplates& templates,
               backend::Backend& backend, std::span<const text::Tokens> sentences,
               std::span<const std::size_t> labels)
        : shape_(shape),
          labels_(labels.begin(), labels.end()),
          word_(backend, templates.word, false),
          sentence_(backend, templates.sentence, false),
          fc_(backend, templates.fc, true),
          row_of_word_(definition.vocabulary.size(), kNoRow) {
        for (const StageTemplate& conv : templates.conv) conv_.emplace_back(backend, conv, true);
        for (const text::Tokens& tokens : sentences)
            inputs_.push_back(staged_input(definition, shape, tokens));
    }

    std::size_t size() const override { return inputs_.size(); }

    double gradient(std::span<const double> parameters, std::span<const std::size_t> batch,
                    std::span<double> gradient) override {
        const std::vector<double>& logits = forward(parameters, batch);
        const std::size_t classes = shape_.classes;
        std::vector<double> cotangent(logits.size());
        double loss = 0.0;
        for (std::size_t b = 0; b < batch.size(); ++b)
            loss += cross_entropy(std::span(logits).subspan(b * classes, classes), labels_[batch[b]],
                                  std::span(cotangent).subspan(b * classes, classes));
        const auto count = static_cast<double>(batch.size());
        for (double& value : cotangent) value /= count;
        backward(cotangent, batch, gradient);
        return loss / count;
    }

    std::vector<double> logits(std::span<const double> parameters) override {
        std::vector<std::size_t> all(inputs_.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        std::vector<double> logits;
        const std::size_t chunk = chunk_of(shape_.qubits);
        for (std::size_t first = 0; first < all.size(); first += chunk) {
            const auto& part =
                forward(parameters, std::span(all).subspan(first, std::min(chunk, all.size() - first)));
            logits.insert(logits.end(), part.begin(), part.end());
        }
        return logits;
    }

    double selection_loss(std::span<const double> parameters) override {
        return mean_cross_entropy(logits(parameters), labels_);
    }

  private:
    static constexpr std::size_t kNoRow = static_cast<std::size_t>(-1);

    /// Cuts the parameters into the stages' weights, in the order of the tensors.
    class Cutter {
      public:
        explicit Cutter(std::size_t offset = 0) : offset_(offset) {}
        template <typename T>
        std::span<T> next(std::span<T> all, const CompiledStage& stage) {
            offset_ += stage.weights();
            return all.subspan(offset_ - stage.weights(), stage.weights());
        }

      private:
        std::size_t offset_;
    };

    const std::vector<double>& forward(std::span<const double> parameters,
                                       std::span<const std::size_t> batch) {
        Cutter cutter;
        const std::size_t n = shape_.qubits, length = shape_.sequence_length;
        find_words(batch);
        ParameterMatrix& words = word_.start(words_.size(), cutter.next(parameters, word_));
        for (std::size_t r = 0; r < words_.size(); ++r) fill_basis_angles(words_[r], words.row(r).first(n));
        const std::vector<double>& word_values = word_.forward();

        ParameterMatrix& amplitudes = sentence_.start(batch.size(), cutter.next(parameters, sentence_));
        for (std::size_t b = 0; b < batch.size(); ++b) fill_amplitudes(inputs_[batch[b]], amplitudes.row(b));
        const std::vector<double>& sentence_values = sentence_.forward();

        // Features are sentences x channels x positions throughout.
        features_.resize(batch.size() * n * length);
        for (std::size_t b = 0; b < batch.size(); ++b)
            for (std::size_t t = 0; t < length; ++t) {
                const double* values = word_values.data() + row_of_word_[inputs_[batch[b]].words[t]] * n;
                for (std::size_t channel = 0; channel < n; ++channel)
                    features_[(b * n + channel) * length + t] = values[channel];
            }
        for (std::uint32_t layer = 0; layer < shape_.conv_layers; ++layer)
            convolve(layer, batch.size() * n, cutter.next(parameters, conv_[layer]));

        const std::size_t windows = shape_.windows(shape_.conv_layers - 1);
        ParameterMatrix& fused = fc_.start(batch.size(), cutter.next(parameters, fc_));
        for (std::size_t b = 0; b < batch.size(); ++b)
            for (std::size_t channel = 0; channel < n; ++channel) {
                const auto first =
                    features_.begin() + static_cast<std::ptrdiff_t>((b * n + channel) * windows);
                const double sum = std::accumulate(first, first + static_cast<std::ptrdiff_t>(windows), 0.0);
                fused(b, channel) = sum / static_cast<double>(windows) + sentence_values[b * n + channel];
            }
        return fc_.forward();
    }

    /// words_: the different words of the batch; row_of_word_: where each stands.
    void find_words(std::span<const std::size_t> batch) {
        for (const text::WordId word : words_) row_of_word_[word] = kNoRow;
        words_.clear();
        for (const std::size_t s : batch)
            for (const text::WordId word : inputs_[s].words)
                if (row_of_word_[word] == kNoRow) {
                    row_of_word_[word] = words_.size();
                    words_.push_back(word);
                }
    }

    /// features_ from lines x length to lines x windows; a line is one channel of one sentence.
    void convolve(std::uint32_t layer, std::size_t lines, std::span<const double> weights) {
        const std::size_t windows = shape_.windows(layer), length = windows + kKernelSize - 1;
        ParameterMatrix& rows = conv_[layer].start(lines * windows, weights);
        for (std::size_t line = 0; line < lines; ++line)
            for (std::size_t w = 0; w < windows; ++w)
                for (std::size_t k = 0; k < kKernelSize; ++k)
                    rows(line * windows + w, k) = features_[line * length + w + k];
        features_ = conv_[layer].forward();
    }

    void backward(std::span<const double> cotangent, std::span<const std::size_t> batch,
                  std::span<double> gradient) {
        std::fill(gradient.begin(), gradient.end(), 0.0);
        const std::size_t n = shape_.qubits, length = shape_.sequence_length;
        Cutter cutter;
        const auto word_gradient = cutter.next(gradient, word_);
        const auto sentence_gradient = cutter.next(gradient, sentence_);
        std::vector<std::span<double>> conv_gradients;
        for (const CompiledStage& conv : conv_) conv_gradients.push_back(cutter.next(gradient, conv));
        fc_.backward(cotangent, cutter.next(gradient, fc_));

        // The fusion adds: the sentence takes the cotangent whole, each window its share.
        const std::size_t windows = shape_.windows(shape_.conv_layers - 1);
        std::vector<double> sentence(batch.size() * n), features(batch.size() * n * windows);
        for (std::size_t b = 0; b < batch.size(); ++b)
            for (std::size_t channel = 0; channel < n; ++channel) {
                const double value = fc_.data_gradient(b)[channel];
                sentence[b * n + channel] = value;
                for (std::size_t w = 0; w < windows; ++w)
                    features[(b * n + channel) * windows + w] = value / static_cast<double>(windows);
            }
        sentence_.backward(sentence, sentence_gradient);
        for (std::uint32_t layer = shape_.conv_layers; layer-- > 0;)
            features = back_through(layer, batch.size() * n, features, conv_gradients[layer]);

        std::vector<double> words(words_.size() * n, 0.0);
        for (std::size_t b = 0; b < batch.size(); ++b)
            for (std::size_t t = 0; t < length; ++t) {
                double* values = words.data() + row_of_word_[inputs_[batch[b]].words[t]] * n;
                for (std::size_t channel = 0; channel < n; ++channel)
                    values[channel] += features[(b * n + channel) * length + t];
            }
        word_.backward(words, word_gradient);
    }

    /// From cotangents of lines x windows to those of lines x length.
    std::vector<double> back_through(std::uint32_t layer, std::size_t lines,
                                     std::span<const double> cotangent, std::span<double> weight_gradient) {
        const std::size_t windows = shape_.windows(layer), length = windows + kKernelSize - 1;
        conv_[layer].backward(cotangent, weight_gradient);
        std::vector<double> before(lines * length, 0.0);
        for (std::size_t line = 0; line < lines; ++line)
            for (std::size_t w = 0; w < windows; ++w)
                for (std::size_t k = 0; k < kKernelSize; ++k)
                    before[line * length + w + k] += conv_[layer].data_gradient(line * windows + w)[k];
        return before;
    }

    StagedShape shape_;
    std::vector<std::size_t> labels_;
    std::vector<StagedInput> inputs_;
    CompiledStage word_;
    CompiledStage sentence_;
    std::vector<CompiledStage> conv_;
    CompiledStage fc_;
    std::vector<text::WordId> words_;
    std::vector<std::size_t> row_of_word_;
    std::vector<double> features_;
};

}  // namespace

std::unique_ptr<LossFunction> staged_loss(const Definition& definition, const StagedShape& shape,
                                          const StagedTemplates& templates, backend::Backend& backend,
                                          std::span<const text::Tokens> sentences,
                                          std::span<const std::size_t> labels) {
    return std::make_unique<StagedLoss>(definition, shape, templates, backend, sentences, labels);
}

}  // namespace qdcnn::model
