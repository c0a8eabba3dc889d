#pragma once

#include <optional>
#include <string>
#include <vector>

#include "qdcnn/base/json.h"
#include "qdcnn/model/training.h"

namespace qdcnn::model {

// The parts that model files and checkpoints share.
nlohmann::json to_json(const std::optional<Score>& score);
nlohmann::json to_json(const std::vector<EpochRecord>& history);
nlohmann::json to_json(const TrainingRecord& record);
std::vector<EpochRecord> history_from_json(const JsonView& view);
TrainingRecord record_from_json(const JsonView& view);

/// A whole number that is not negative. Throws Error(invalid_input) naming the path.
std::size_t count_at(const JsonView& view, const std::string& key);

/// Throws Error(invalid_input) naming the path when the object has a key that is not among `known`.
void refuse_unknown_keys(const JsonView& view, const std::vector<std::string>& known);

}  // namespace qdcnn::model
