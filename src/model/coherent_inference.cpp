#include <algorithm>

#include "model/coherent.h"

namespace qdcnn::model {
namespace {

/// One round, one PUB, a row a window.
class CoherentInference final : public Inference {
  public:
    CoherentInference(const Definition& definition, const CoherentNumbers& numbers,
                      const CoherentTemplate& from, std::span<const text::Tokens> sentences)
        : numbers_(numbers), parameters_(definition.parameters()) {
        const std::size_t data_angles = numbers.shape().data_angles();
        std::size_t rows = 0;
        for (const text::Tokens& tokens : sentences) {
            inputs_.push_back(CoherentNumbers::input(definition.vocabulary, tokens));
            rows += inputs_.back().windows();
        }
        Stage stage{"sentence",
                    {from.circuit, from.observables,
                     backend::ParameterMatrix(rows, data_angles + numbers.shape().circuit_weights())},
                    data_angles,
                    {}};
        std::vector<double> angles;
        const auto circuit = numbers.circuit(parameters_);
        for (std::size_t s = 0; s < inputs_.size(); ++s) {
            const std::size_t windows = inputs_[s].windows();
            angles.resize(windows * data_angles);
            numbers.data_angles(parameters_, inputs_[s], angles);
            for (std::size_t w = 0; w < windows; ++w) {
                const auto row = stage.pub.parameters.row(stage.origins.size());
                const auto first = angles.begin() + static_cast<std::ptrdiff_t>(w * data_angles);
                std::copy_n(first, data_angles, row.begin());
                std::copy(circuit.begin(), circuit.end(), row.subspan(data_angles).begin());
                stage.origins.push_back(
                    {.sentence = static_cast<int>(s), .word = {}, .position = static_cast<int>(w * kWindow)});
            }
        }
        stages_.push_back(std::move(stage));
    }

    bool is_done() const override { return stages_.empty(); }
    const std::vector<Stage>& round() const override { return stages_; }

    void accept(std::span<const std::vector<double>> values) override {
        const std::size_t classes = numbers_.shape().classes, observables = numbers_.shape().observables();
        logits_.resize(inputs_.size() * classes);
        std::size_t row = 0;
        for (std::size_t s = 0; s < inputs_.size(); ++s) {
            const std::size_t windows = inputs_[s].windows();
            numbers_.logits(parameters_, inputs_[s],
                            std::span(values[0]).subspan(row * observables, windows * observables),
                            std::span(logits_).subspan(s * classes, classes));
            row += windows;
        }
        stages_.clear();
    }

    std::vector<double> logits() const override { return logits_; }

  private:
    const CoherentNumbers& numbers_;
    std::vector<double> parameters_;
    std::vector<CoherentNumbers::Input> inputs_;
    std::vector<double> logits_;
    std::vector<Stage> stages_;
};

}  // namespace

std::unique_ptr<Inference> begin_coherent(const Definition& definition, const CoherentNumbers& numbers,
                                          const CoherentTemplate& from,
                                          std::span<const text::Tokens> sentences) {
    return std::make_unique<CoherentInference>(definition, numbers, from, sentences);
}

}  // namespace qdcnn::model
