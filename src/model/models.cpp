#include "qdcnn/model/models.h"

#include <algorithm>
#include <array>

#include "model/coherent.h"
#include "model/definition_checks.h"
#include "model/majority.h"
#include "model/rivals/rivals.h"
#include "model/staged.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/suggest.h"

namespace qdcnn::model {

std::span<const ModelRow> model_table() {
    static const std::array<ModelRow, 16> table{{
        {"coherent",
         "one circuit a sentence: words and sentence, depthwise and pointwise convolution, pooling by "
         "measurement, fusion",
         coherent_presets(), define_coherent, coherent_settings, make_coherent},
        {"staged",
         "the published network: word and sentence circuits, depthwise convolution, fusion, a quantum linear "
         "layer",
         common_presets(), define_staged, staged_settings, make_staged},
        {"majority", "always the most frequent class of the training data: the line to beat",
         common_presets(), define_majority, majority_settings, make_majority},
        network_row<kLogistic>(),
        network_row<kLinear>(),
        network_row<kCosine>(),
        network_row<kMlp>(),
        network_row<kCnn>(),
        network_row<kDepthwiseCnn>(),
        network_row<kTwin>(),
        network_row<kQdconv>(),
        network_row<kQconv>(),
        network_row<kQrnn>(),
        network_row<kQsann>(),
        network_row<kQmsan>(),
        network_row<kQtransformer>(),
    }};
    return table;
}

const ModelRow& find_model(const std::string& name) {
    std::vector<std::string> known;
    for (const ModelRow& row : model_table()) {
        if (row.name == name) return row;
        known.emplace_back(row.name);
    }
    throw Error(ErrorKind::not_found, "there is no model \"" + name + "\"", suggestion(name, known));
}

void check_preset(const std::string& model, const std::string& preset) {
    const auto presets = find_model(model).presets;
    if (std::find(presets.begin(), presets.end(), preset) == presets.end())
        throw Error(ErrorKind::usage, "the model " + model + " has no preset \"" + preset + "\"",
                    suggestion(preset, {presets.begin(), presets.end()}));
}

std::unique_ptr<Model> make_model(Definition definition) {
    const ModelRow& row = find_model(definition.model);
    return row.make(std::move(definition));
}

}  // namespace qdcnn::model
