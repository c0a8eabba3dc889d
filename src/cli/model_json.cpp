#include "cli/model_json.h"

namespace qdcnn::cli {

nlohmann::ordered_json to_json(const model::Prediction& prediction) {
    nlohmann::ordered_json out{{"text", prediction.text}};
    if (prediction.label) out["label"] = *prediction.label;
    out["predicted"] = prediction.predicted;
    out["logits"] = prediction.logits;
    out["probabilities"] = prediction.probabilities;
    out["unknown_words"] = prediction.unknown_words;
    return out;
}

nlohmann::ordered_json to_json(const std::optional<model::Score>& score) {
    if (!score) return nullptr;
    return {{"accuracy", score->accuracy}, {"loss", score->loss}, {"n", score->n}};
}

}  // namespace qdcnn::cli
