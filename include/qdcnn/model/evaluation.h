#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "qdcnn/backend/backend.h"
#include "qdcnn/model/model.h"
#include "qdcnn/text/dataset.h"

namespace qdcnn::model {

/// What a model says of one sentence; logits and probabilities in the order of its classes.
struct Prediction {
    std::string text;
    std::optional<std::string> label;
    std::string predicted;
    std::size_t predicted_class = 0;
    std::vector<double> logits;
    std::vector<double> probabilities;
    /// Tokens that the vocabulary has not, in order, each once. All of them took the place of <UNK>.
    std::vector<std::string> unknown_words;
};

/// What a run asked of its backend.
struct RunCounts {
    /// Bound circuits (rows of PUBs), and calls.
    std::uint64_t circuits = 0;
    std::uint64_t rounds = 0;
    /// Over all circuits; 0 when exact.
    std::uint64_t shots = 0;
};

struct Interval {
    double low = 0.0;
    double high = 1.0;
};

/// Wilson score interval of `successes` of n, 95 % (z = 1.959964). n > 0; successes may be a mean over
/// repeats. Source: Wilson, 1927.
Interval wilson_interval(double successes, std::size_t n);

struct Evaluation {
    std::vector<Prediction> predictions;
    double accuracy = 0.0;
    Interval interval;
    double loss = 0.0;
    /// The true class's logit less the best other one, mean over the sentences.
    double margin = 0.0;
    std::size_t n = 0;
    /// Share of the most frequent label in these data: what guessing it always would score.
    double majority = 0.0;
    /// confusion[label][predicted], in the order of the model's classes.
    std::vector<std::vector<std::size_t>> confusion;
    RunCounts counts;
};

/// The options of round `round`, from 0: with a seed of its own, made from options.seed.
backend::RunOptions options_of_round(const backend::RunOptions& options, std::size_t round);

/// One prediction a sentence; each round is one call of the backend for all of them. Each round has a seed of
/// its own, made from options.seed. Throws Error(invalid_input) with the sentence's number when one has no
/// word; what the backend throws.
std::vector<Prediction> predict(const Model& model, backend::Backend& backend,
                                std::span<const std::string> sentences, const backend::RunOptions& options,
                                RunCounts* counts = nullptr);

/// predict on labelled sentences, and what comes of it. Throws also Error(invalid_input) for a label that is
/// none of the model's classes.
Evaluation evaluate(const Model& model, backend::Backend& backend, const text::Dataset& data,
                    const backend::RunOptions& options);

/// Indices of the examples' labels in `classes`. Throws Error(invalid_input) with the line.
std::vector<std::size_t> label_indices(const text::Dataset& data, const std::vector<std::string>& classes);

}  // namespace qdcnn::model
