#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "qdcnn/base/random.h"
#include "qdcnn/model/model.h"
#include "qdcnn/text/dataset.h"

namespace qdcnn::model {

/// How a preset is trained when nothing else is asked for.
struct TrainingSettings {
    std::string optimiser = "adam_inside";
    double learning_rate = 0.05;
    std::size_t batch = 8;
    std::size_t epochs = 40;
    /// How the learning rate goes from step to step: "constant"; "cosine" from its full value to 0 over all
    /// steps; "power", times (1 + step / a tenth of all)^-0.602, as Spall advises for spsa.
    std::string schedule = "constant";
    /// Trainings from fresh first parameters, `epochs` each; that with the lowest
    /// LossFunction::selection_loss is kept.
    std::size_t restarts = 1;
};

/// A kind of network. A new one is a file <name>.cpp and a row in models.cpp.
struct ModelRow {
    std::string_view name;
    std::string_view description;
    /// Hyper-parameter sets; "auto" first, "mc" and "rp" in every model.
    std::span<const std::string_view> presets;
    /// An untrained network for these data: vocabulary, classes, structure and first parameters (drawn from
    /// `random`). Throws Error(usage) unless the preset is one of the row's.
    Definition (*define)(const text::Dataset& train, const std::string& preset, Random& random);
    TrainingSettings (*settings)(const Definition& definition);
    /// Throws Error(invalid_input) naming the path in the model file, when the definition is no such network.
    std::unique_ptr<Model> (*make)(Definition definition);
};

std::span<const ModelRow> model_table();
/// Throws Error(not_found) with "did you mean".
const ModelRow& find_model(const std::string& name);
/// Throws Error(usage) with "did you mean" unless the model's row has the preset.
void check_preset(const std::string& model, const std::string& preset);
/// find_model(definition.model).make(definition)
std::unique_ptr<Model> make_model(Definition definition);

/// The model of `qdcnn train` without --model.
inline constexpr const char* kDefaultModel = "coherent";

}  // namespace qdcnn::model
