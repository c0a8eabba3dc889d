#include "model/majority.h"

#include <algorithm>
#include <cmath>

#include "model/definition_checks.h"

namespace qdcnn::model {
namespace {

class MajorityInference final : public Inference {
  public:
    MajorityInference(std::size_t sentences, std::span<const double> logits) {
        for (std::size_t s = 0; s < sentences; ++s)
            logits_.insert(logits_.end(), logits.begin(), logits.end());
    }
    bool is_done() const override { return true; }
    const std::vector<Stage>& round() const override { return none_; }
    void accept(std::span<const std::vector<double>>) override {}
    std::vector<double> logits() const override { return logits_; }

  private:
    std::vector<double> logits_;
    std::vector<Stage> none_;
};

class Majority final : public Model {
  public:
    using Model::Model;
    std::size_t rounds() const override { return 0; }
    std::size_t circuit_parameters() const override { return 0; }
    std::unique_ptr<Inference> begin(std::span<const text::Tokens> sentences,
                                     const InferenceOptions&) const override {
        return std::make_unique<MajorityInference>(sentences.size(), definition().tensors.front().values);
    }
    std::unique_ptr<LossFunction> loss_function(backend::Backend&, std::span<const text::Tokens>,
                                                std::span<const std::size_t>) const override {
        return nullptr;
    }
};

}  // namespace

Definition define_majority(const text::Dataset& train, const std::string& preset, Random&) {
    Definition definition = definition_of_data("majority", preset, train);
    Tensor logits{"logits", {definition.classes.size()}, {}};
    for (const std::string& label : definition.classes) {
        const auto count =
            std::count_if(train.examples.begin(), train.examples.end(),
                          [&](const text::Example& example) { return example.label == label; });
        logits.values.push_back(
            std::log(static_cast<double>(count) / static_cast<double>(train.examples.size())));
    }
    definition.tensors.push_back(std::move(logits));
    return definition;
}

TrainingSettings majority_settings(const Definition&) {
    return {.optimiser = "none", .learning_rate = 0.0, .batch = 0, .epochs = 0};
}

std::unique_ptr<Model> make_majority(Definition definition) {
    check_hyperparameters(definition, {});
    check_tensors(definition, {{"logits", {definition.classes.size()}}});
    return std::make_unique<Majority>(std::move(definition));
}

}  // namespace qdcnn::model
