#pragma once

#include <string>

#include "qdcnn/base/json.h"
#include "qdcnn/report/table.h"
#include "qdcnn/run/study.h"

namespace qdcnn::cli {

/// For people, in per cent.
report::Table study_accuracies(const run::StudyResult& result);
/// A row for each model and condition; no rows where there is no condition.
report::Table study_conditions(const run::StudyResult& result);
/// A row for each model and device.
report::Table study_devices(const run::StudyResult& result);
/// What the figures mean, a line each.
std::string study_notes(const run::StudyResult& result, const run::StudyRequest& request);
/// The tables that have rows, and the notes.
std::string study_text(const run::StudyResult& result, const run::StudyRequest& request);

/// For programs: a line for each task, model and part or condition, shares in full.
report::Table study_lines(const run::StudyResult& result);
/// The object of schema qdcnn.study/1.
nlohmann::ordered_json study_json(const run::StudyResult& result, const run::StudyRequest& request,
                                  double wall_seconds);

}  // namespace qdcnn::cli
