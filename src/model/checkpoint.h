#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/model/training.h"

namespace qdcnn::model {

/// What is left of a finished restart.
struct FinishedRestart {
    std::size_t restart = 0;
    /// LossFunction::selection_loss of the parameters; 0 when there is nothing to choose.
    double selection_loss = 0.0;
    std::vector<double> parameters;
    std::size_t epoch = 0;
    std::vector<EpochRecord> history;
};

/// Where a training stands between two batches: with it the rest runs as if nothing had happened, to the last
/// bit.
struct Checkpoint {
    /// What makes it this training: model, preset, seed, settings, hashes of the data. By name, for the
    /// message when they differ.
    std::map<std::string, std::string> run;
    /// Finished restarts, and the best of them.
    std::size_t restart = 0;
    std::optional<FinishedRestart> kept;
    /// Finished epochs of the current restart, finished batches of the current epoch.
    std::size_t epoch = 0;
    std::size_t batch = 0;
    /// The generator as it was before the current epoch's permutation was drawn.
    std::string random;
    std::vector<double> parameters;
    std::vector<double> optimiser;
    /// Parameters after the best epoch so far; empty before the first is done.
    std::vector<double> best;
    std::size_t best_epoch = 0;
    std::vector<EpochRecord> history;
};

/// Atomically. Throws Error(storage).
void write_checkpoint(const std::string& path, const Checkpoint& checkpoint);

/// Nothing when there is no such file. Throws Error: parse, invalid_input (not of the run `run`, naming the
/// first difference; damaged, or not of `parameters` parameters and `batches` batches an epoch).
std::optional<Checkpoint> read_checkpoint(const std::string& path,
                                          const std::map<std::string, std::string>& run,
                                          std::size_t parameters, std::size_t batches);

}  // namespace qdcnn::model
