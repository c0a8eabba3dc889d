#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/run/journal.h"
#include "qdcnn/vendors/service.h"

namespace qdcnn::cli {

/// {"qpu_seconds", "amount", "currency", "basis"}; null for what is not known.
nlohmann::ordered_json to_json(const vendors::Cost& cost);
nlohmann::ordered_json to_json(const std::optional<vendors::Cost>& cost);

/// The contract's qdcnn.job/1.
nlohmann::ordered_json to_json(const run::JobRecord& job);
/// The contract's qdcnn.jobs/1.
nlohmann::ordered_json to_json(const std::vector<run::JobRecord>& jobs);

/// "12.5 s of QPU time, 20.00 EUR", "nothing known".
std::string in_words(const vendors::Cost& cost);
/// One line.
std::string in_words(const run::JobRecord& job);
/// "45 s", "3 min", "2.5 h", "4 days".
std::string spoken_time(double seconds);

}  // namespace qdcnn::cli
