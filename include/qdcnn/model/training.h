#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/backend/backend.h"
#include "qdcnn/model/models.h"
#include "qdcnn/text/dataset.h"

namespace qdcnn::model {

struct Score {
    /// Share of sentences classified rightly, and mean softmax cross-entropy.
    double accuracy = 0.0;
    double loss = 0.0;
    std::size_t n = 0;
};

/// After one epoch; epochs count from 1.
struct EpochRecord {
    std::size_t epoch = 0;
    Score train;
    std::optional<Score> dev;
    /// For the figure "published rule" only; it selects nothing.
    std::optional<Score> test;
};

/// How the derivatives by the parameters are found.
enum class GradientMethod : std::uint8_t {
    adjoint,          ///< by the backend itself, exactly: the noiseless simulator
    parameter_shift,  ///< circuits at shifted angles, on any backend; exact where its values are
    spsa              ///< two losses at parameters moved all at once, by chance
};
/// adjoint, parameter-shift, spsa. Throws Error(usage) with "did you mean".
GradientMethod gradient_method_of(const std::string& name);
std::string name_of(GradientMethod method);

/// How a model came to be: kept in its file.
struct TrainingRecord {
    std::string data;
    std::string data_hash;
    TrainingSettings settings;
    std::uint64_t seed = 0;
    GradientMethod gradient = GradientMethod::adjoint;
    /// Where the circuits ran, with how many shots each (nothing: exactly).
    std::string backend = "local";
    std::optional<std::uint64_t> shots = {};
    /// The epoch whose parameters were kept; 0 for a model that has no epochs.
    std::size_t selected_epoch = 0;
    /// The restart that was kept, from 0; the history and all scores are its own.
    std::size_t selected_restart = 0;
    /// "dev" (best dev accuracy, then lowest dev loss, then earliest) or "last".
    std::string selection = "last";
    Score train;
    std::optional<Score> dev;
    std::optional<Score> test;
    std::vector<EpochRecord> history;
};

struct TrainingRequest {
    std::string model = kDefaultModel;
    std::string preset = "auto";
    std::uint64_t seed = 0;
    /// Instead of the preset's.
    std::optional<std::size_t> epochs;
    std::optional<std::size_t> batch, restarts;
    std::optional<std::string> optimiser, schedule;
    std::optional<double> learning_rate;
    /// Ends a restart when so many epochs brought nothing better on dev; 0: never.
    std::size_t patience = 0;
    GradientMethod gradient = GradientMethod::adjoint;
    /// Of every circuit, also for scores; nothing: exact values. Not with adjoint.
    std::optional<std::uint64_t> shots = {};
    /// How far spsa moves each parameter.
    double perturbation = 0.1;
    text::Dataset train;
    /// Selects the epoch; without it the last is kept.
    std::optional<text::Dataset> dev;
    std::optional<text::Dataset> test;
    /// Scores train and test after every epoch, for curves and the published rule. Without, only where the
    /// choice of an epoch needs it and after the last: the same network in less time, most of `history`
    /// empty.
    bool scores_every_epoch = true;
    /// The checkpoint's path; empty: none. It is written every few seconds and when interrupted; who has
    /// saved the result removes it.
    std::string checkpoint;
    /// Goes on from the checkpoint, if there is one.
    bool resume = false;
};

struct TrainingProgress {
    /// Finished epochs, over all restarts, and batches of the current one.
    std::size_t epoch = 0, epochs = 0, batch = 0, batches = 0;
    /// The last finished epoch; null before there is one.
    const EpochRecord* last = nullptr;
    double seconds_left = 0.0;
};

/// What training gives: data for a model file, and what it took.
struct TrainingResult {
    Definition definition;
    TrainingRecord record;
    std::size_t circuit_parameters = 0;
    /// CPU time over all threads: of all epochs, and the mean of one with its evaluations. Of this run only,
    /// when it went on from a checkpoint.
    double cpu_seconds = 0.0;
    double epoch_cpu_seconds = 0.0;
};

/// Trains on values and gradients of `backend`, as often as the settings ask for restarts. Each epoch
/// goes through a fresh permutation in batches, the short last one included, then scores train, dev and test.
/// Same request, same numbers, also when it was interrupted and resumed. progress: called after every batch
/// and epoch. Throws Error: invalid_input (a label of dev or test that train has not, a checkpoint of another
/// run, shots with adjoint, patience without dev), not_found (an optimiser or schedule), unsupported (a
/// backend without gradients of its own, with adjoint), cancelled (interrupt(), asked after every batch; the
/// checkpoint is written first).
TrainingResult train(const TrainingRequest& request, backend::Backend& backend,
                     const std::function<void(const TrainingProgress&)>& progress = {});

}  // namespace qdcnn::model
