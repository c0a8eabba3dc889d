#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/model/evaluation.h"
#include "qdcnn/model/model.h"
#include "qdcnn/text/dataset.h"

namespace qdcnn::run {

/// What makes the noise stronger from point to point.
struct NoiseAxis {
    /// A device (as target::load_target takes it) whose noise is multiplied by each scale; empty when a
    /// channel is swept.
    std::string target;
    /// A one-qubit channel of one parameter (sim::channel_table) on every qubit of every gate of the
    /// untranspiled circuits; each scale is its rate. Empty when a target is swept.
    std::string channel;
};

struct SweepRequest {
    NoiseAxis axis;
    std::vector<double> scales;
    /// Repetitions of each point; each has its own layout seed and its own shots.
    std::size_t seeds = 1;
    std::uint64_t seed = 0;
    /// Nothing: exact values.
    std::optional<std::uint64_t> shots = {};
};

/// One noise strength.
struct SweepPoint {
    double scale = 0.0;
    /// Mean over the seeds, and Wilson's 95 % interval of that share among the sentences (not of sentences
    /// times seeds: the same sentences come again).
    double accuracy = 0.0;
    model::Interval interval;
    /// The true class's logit less the best other one, mean over sentences and seeds.
    double margin = 0.0;
    std::size_t seeds = 0;
};

/// Accuracy of a trained model against noise strength. progress(done, total) after each run. Throws what
/// open_backend and model::evaluate throw; Error(invalid_input) for a channel that is not of one qubit and
/// one parameter, or a rate outside its range; Error(cancelled) between runs.
std::vector<SweepPoint> sweep(const model::Model& model, const text::Dataset& data,
                              const SweepRequest& request,
                              const std::function<void(std::size_t, std::size_t)>& progress = {});

}  // namespace qdcnn::run
