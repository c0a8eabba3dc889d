#include <algorithm>
#include <numeric>
#include <optional>

#include "model/coherent.h"
#include "model/cross_entropy.h"
#include "model/recipes.h"
#include "qdcnn/base/error.h"

namespace qdcnn::model {
namespace {

/// Windows of one pass through the simulator: bounds the memory, changes no number.
constexpr std::size_t kRowsAtOnce = 512;

class CoherentLoss final : public LossFunction {
  public:
    CoherentLoss(const Definition& definition, const CoherentNumbers& numbers, const CoherentTemplate& from,
                 backend::Backend& backend, std::span<const text::Tokens> sentences,
                 std::span<const std::size_t> labels)
        : numbers_(numbers), shape_(numbers.shape()), labels_(labels.begin(), labels.end()) {
        std::vector<circuit::ParameterIndex> all(shape_.data_angles() + shape_.circuit_weights());
        std::iota(all.begin(), all.end(), circuit::ParameterIndex{0});
        compiled_ = backend.differentiable(from.circuit, from.observables, all);
        if (!compiled_)
            throw Error(ErrorKind::unsupported, "the backend \"" + backend.name() + "\" has no gradients",
                        "Take the gradient parameter-shift or spsa, or the backend local.");
        for (const text::Tokens& tokens : sentences)
            inputs_.push_back(CoherentNumbers::input(definition.vocabulary, tokens));
    }

    std::size_t size() const override { return inputs_.size(); }
    void draw(const Random& chance) override { chance_ = chance; }

    double gradient(std::span<const double> parameters, std::span<const std::size_t> batch,
                    std::span<double> gradient) override {
        std::fill(gradient.begin(), gradient.end(), 0.0);
        present(parameters, batch);
        const std::vector<double>& z = forward();
        const std::size_t classes = shape_.classes;
        const auto count = static_cast<double>(batch.size());
        std::vector<double> logits(classes), by_logits(classes), by_z(z.size());
        double loss = 0.0;
        for (std::size_t b = 0; b < batch.size(); ++b) {
            const auto [first, size] = values_of(b);
            const auto own = std::span(z).subspan(first, size);
            numbers_.logits(parameters, presented_[b], own, logits);
            loss += cross_entropy(logits, labels_[batch[b]], by_logits);
            for (double& value : by_logits) value /= count;
            numbers_.logits_backward(parameters, presented_[b], own, by_logits,
                                     std::span(by_z).subspan(first, size), gradient);
        }
        backward(by_z, parameters, gradient);
        return loss / count + numbers_.penalty(parameters, gradient);
    }

    std::vector<double> logits(std::span<const double> parameters) override {
        return logits_of(parameters, inputs_);
    }

    /// On the sentences and their copies with one position of every window unknown, so that a restart that
    /// leans on single words shows. Where no word is dropped, nothing is known of unknown ones.
    double selection_loss(std::span<const double> parameters) override {
        double sum = mean_cross_entropy(logits(parameters), labels_);
        if (shape_.word_dropout == 0.0) return sum;
        for (std::size_t t = 0; t < kForgetfulCopies; ++t) {
            std::vector<CoherentNumbers::Input> copies = inputs_;
            for (CoherentNumbers::Input& copy : copies) forget_every_fourth(copy.words, t);
            sum += mean_cross_entropy(logits_of(parameters, copies), labels_);
        }
        return sum / (kForgetfulCopies + 1);
    }

  private:
    /// Fills presented_ and rows_ with the batch as chance has it. What befalls a sentence depends on its own
    /// stream alone.
    void present(std::span<const double> parameters, std::span<const std::size_t> batch) {
        presented_.clear();
        std::vector<std::optional<Random>> chances;
        for (const std::size_t s : batch) {
            presented_.push_back(inputs_[s]);
            chances.push_back(chance_ ? std::optional(chance_->stream(s)) : std::nullopt);
            if (chances.back())
                for (text::WordId& word : presented_.back().words)
                    if (chances.back()->uniform() < shape_.word_dropout) forget(word);
        }
        fill_rows(parameters);
        if (!chance_ || shape_.angle_jitter == 0.0) return;
        for (std::size_t b = 0; b < presented_.size(); ++b)
            for (std::size_t row = first_row_[b]; row < first_row_[b + 1]; ++row)
                for (std::size_t k = 0; k < shape_.data_angles(); ++k)
                    rows_(row, k) += chances[b]->normal(0.0, shape_.angle_jitter);
    }

    /// rows_: a window of presented_ each; first_row_: where each sentence starts, and the end.
    void fill_rows(std::span<const double> parameters) {
        first_row_.assign(1, 0);
        for (const CoherentNumbers::Input& input : presented_)
            first_row_.push_back(first_row_.back() + input.windows());
        rows_ = backend::ParameterMatrix(first_row_.back(), shape_.data_angles() + shape_.circuit_weights());
        const auto circuit = numbers_.circuit(parameters);
        for (std::size_t b = 0; b < presented_.size(); ++b) {
            const std::size_t windows = presented_[b].windows();
            angles_.resize(windows * shape_.data_angles());
            numbers_.data_angles(parameters, presented_[b], angles_);
            for (std::size_t w = 0; w < windows; ++w) {
                const auto row = rows_.row(first_row_[b] + w);
                const auto first = angles_.begin() + static_cast<std::ptrdiff_t>(w * shape_.data_angles());
                std::copy_n(first, shape_.data_angles(), row.begin());
                std::copy(circuit.begin(), circuit.end(), row.subspan(shape_.data_angles()).begin());
            }
        }
    }

    /// Where <Z> of sentence b of presented_ stand in what forward returns: first and number.
    std::pair<std::size_t, std::size_t> values_of(std::size_t b) const {
        return {first_row_[b] * shape_.observables(),
                (first_row_[b + 1] - first_row_[b]) * shape_.observables()};
    }

    backend::ParameterMatrix part_of_rows(std::size_t first, std::size_t count) const {
        backend::ParameterMatrix part(count, rows_.columns());
        for (std::size_t r = 0; r < count; ++r) {
            const auto from = rows_.row(first + r);
            std::copy(from.begin(), from.end(), part.row(r).begin());
        }
        return part;
    }

    const std::vector<double>& forward() {
        const std::size_t observables = shape_.observables();
        z_.resize(rows_.rows() * observables);
        if (rows_.rows() <= kRowsAtOnce) {
            compiled_->forward(rows_, z_);
            return z_;
        }
        for (std::size_t first = 0; first < rows_.rows(); first += kRowsAtOnce) {
            const std::size_t count = std::min(kRowsAtOnce, rows_.rows() - first);
            compiled_->forward(part_of_rows(first, count),
                               std::span(z_).subspan(first * observables, count * observables));
        }
        return z_;
    }

    void backward(std::span<const double> by_z, std::span<const double> parameters,
                  std::span<double> gradient) {
        const std::size_t observables = shape_.observables(), width = rows_.columns();
        std::vector<double> by_rows(rows_.rows() * width);
        if (rows_.rows() <= kRowsAtOnce) {
            compiled_->backward(by_z, by_rows);
        } else {
            std::vector<double> ignored(kRowsAtOnce * observables);
            for (std::size_t first = 0; first < rows_.rows(); first += kRowsAtOnce) {
                const std::size_t count = std::min(kRowsAtOnce, rows_.rows() - first);
                compiled_->forward(part_of_rows(first, count), std::span(ignored).first(count * observables));
                compiled_->backward(by_z.subspan(first * observables, count * observables),
                                    std::span(by_rows).subspan(first * width, count * width));
            }
        }
        // The circuit's weights are the first tensor.
        for (std::size_t b = 0; b < presented_.size(); ++b) {
            const std::size_t windows = presented_[b].windows();
            angles_.resize(windows * shape_.data_angles());
            for (std::size_t w = 0; w < windows; ++w) {
                const double* row = by_rows.data() + (first_row_[b] + w) * width;
                std::copy_n(row, shape_.data_angles(),
                            angles_.begin() + static_cast<std::ptrdiff_t>(w * shape_.data_angles()));
                for (std::size_t k = 0; k < shape_.circuit_weights(); ++k)
                    gradient[k] += row[shape_.data_angles() + k];
            }
            numbers_.data_angles_backward(parameters, presented_[b], angles_, gradient);
        }
    }

    std::vector<double> logits_of(std::span<const double> parameters,
                                  const std::vector<CoherentNumbers::Input>& inputs) {
        const std::size_t classes = shape_.classes;
        std::vector<double> logits(inputs.size() * classes);
        for (std::size_t begin = 0, end = 0; begin < inputs.size(); begin = end) {
            std::size_t rows = 0;
            for (end = begin; end < inputs.size() && rows < kRowsAtOnce; ++end) rows += inputs[end].windows();
            presented_.assign(inputs.begin() + static_cast<std::ptrdiff_t>(begin),
                              inputs.begin() + static_cast<std::ptrdiff_t>(end));
            fill_rows(parameters);
            const std::vector<double>& z = forward();
            for (std::size_t b = 0; b < presented_.size(); ++b) {
                const auto [first, size] = values_of(b);
                numbers_.logits(parameters, presented_[b], std::span(z).subspan(first, size),
                                std::span(logits).subspan((begin + b) * classes, classes));
            }
        }
        return logits;
    }

    const CoherentNumbers numbers_;
    const CoherentShape shape_;
    std::vector<std::size_t> labels_;
    std::vector<CoherentNumbers::Input> inputs_;
    std::unique_ptr<backend::Differentiable> compiled_;
    std::optional<Random> chance_;
    std::vector<CoherentNumbers::Input> presented_;
    std::vector<std::size_t> first_row_;
    backend::ParameterMatrix rows_;
    std::vector<double> angles_, z_;
};

}  // namespace

std::unique_ptr<LossFunction> coherent_loss(const Definition& definition, const CoherentNumbers& numbers,
                                            const CoherentTemplate& from, backend::Backend& backend,
                                            std::span<const text::Tokens> sentences,
                                            std::span<const std::size_t> labels) {
    return std::make_unique<CoherentLoss>(definition, numbers, from, backend, sentences, labels);
}

}  // namespace qdcnn::model
