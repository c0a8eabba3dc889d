#pragma once

#include <map>
#include <string>
#include <vector>

#include "qdcnn/run/study.h"

namespace qdcnn::run {

enum class StudyPart : std::uint8_t { official, cv, condition };

/// One piece of a study: a row on a task with one seed.
struct StudyCell {
    const StudyTask* task;
    const StudyRow* row;
    StudyPart part;
    std::uint64_t seed;
    /// Of StudyPart::condition.
    const StudyCondition* condition = nullptr;

    std::string name() const;
};

/// What it came to.
struct CellResult {
    std::size_t parameters = 0, circuit_parameters = 0;
    /// Of each sentence: the test sentences, or all of the task.
    std::vector<bool> right;
    std::optional<double> train, dev, published_rule, margin;
    /// Mean of one training.
    double training_cpu_seconds = 0.0;
    /// Chosen ones, a fold each.
    std::vector<std::string> presets;
    /// Of the official part: all that was trained.
    std::vector<double> weights;
};

/// Whether the row's model has circuits to run.
bool has_circuits(const StudyRow& row, const StudyTask& task);

/// All cells of the request, in an order that depends on it alone.
std::vector<StudyCell> cells_of(const StudyRequest& request);

/// A condition's cell takes the trained model from the official one, which is done first where it is not
/// there.
CellResult run_cell(const StudyRequest& request, const StudyCell& cell);

std::string path_of(const StudyRequest& request, const StudyCell& cell);
void write_cell(const StudyRequest& request, const StudyCell& cell, const CellResult& result);
/// Nothing when it is not done. Throws Error(invalid_input) for a cell of other settings or data.
std::optional<CellResult> read_cell(const StudyRequest& request, const StudyCell& cell);

}  // namespace qdcnn::run
