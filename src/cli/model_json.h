#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "qdcnn/model/evaluation.h"
#include "qdcnn/model/training.h"

namespace qdcnn::cli {

/// The contract's members of one prediction; `label` only where there is one.
nlohmann::ordered_json to_json(const model::Prediction& prediction);

/// {"accuracy", "loss", "n"}, or null.
nlohmann::ordered_json to_json(const std::optional<model::Score>& score);

}  // namespace qdcnn::cli
