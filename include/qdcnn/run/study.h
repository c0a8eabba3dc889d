#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/model/evaluation.h"
#include "qdcnn/model/statistics.h"
#include "qdcnn/text/dataset.h"

namespace qdcnn::run {

/// Models compared on the same data, honestly (models.md, section 3). For every task, row and seed:
/// - official: trained on the training sentences; the epoch is chosen on the development sentences where the
///   task has them, else the last is kept; the test sentences are predicted once.
/// - cv: stratified cross-validation over all sentences of the task, another division for each seed and the
///   same for all rows; the vocabulary is that of the training folds; the last epoch is kept, or, with
///   inner_dev, chosen on sentences taken from the training folds.
/// A row of several presets chooses among them by cross-validation inside the training sentences. Nothing is
/// ever chosen on sentences that count; the best epoch on test is kept under the name published_rule only.
struct StudyTask {
    std::string name;
    text::Dataset train;
    std::optional<text::Dataset> dev;
    /// Without: no official part.
    std::optional<text::Dataset> test;
    /// Not empty: the name of a generated data set, of which every seed draws train and test afresh for its
    /// official part (the data above are those of seed 1).
    std::string generated = {};
};

/// "coherent", "coherent:no_cz", or "coherent:auto+two_angles": the better of two presets (nested
/// cross-validation). "staged:rp@RP": on the task RP only.
struct StudyRow {
    std::string name;
    std::string model;
    std::vector<std::string> presets;
    /// Empty: on all tasks.
    std::string only_task = {};
    bool is_for(const StudyTask& task) const { return only_task.empty() || only_task == task.name; }
};
/// Throws Error(not_found) or Error(usage) with "did you mean".
StudyRow study_row(const std::string& whole);

/// A folder with train.csv and, if there are any, dev.csv and test.csv; "builtin:NAME" (train and
/// test only: the last epoch is kept); or "NAME:train=FILE,dev=FILE,test=FILE". Throws Error(usage) and what
/// load_dataset throws.
StudyTask study_task(const std::string& text);

/// Under what the trained models of the official part predict the test sentences once more. Models without
/// circuits do not.
struct StudyCondition {
    /// As open_backend takes "local:DEVICE"; empty: the noiseless simulator.
    std::string device;
    /// Multiplies the strength of the device's noise.
    double scale = 1.0;
    /// Nothing: infinitely many.
    std::optional<std::uint64_t> shots = {};

    /// For example "ibm_torino x 2, 1000 shots"; "noiseless".
    std::string name() const;
    bool operator==(const StudyCondition&) const = default;
};

struct StudyRequest {
    std::vector<StudyTask> tasks;
    std::vector<StudyRow> rows;
    /// Seeds 1 to this.
    std::size_t seeds = 20;
    /// 0: no cross-validation.
    std::size_t folds = 5;
    /// Share of each training fold on which the epoch is chosen; 0: the last epoch.
    double inner_dev = 0.0;
    /// Instead of the presets'.
    std::optional<std::size_t> epochs = {};
    /// Every finished cell is a file below folder/cells, written in one step; what is there is not done
    /// again.
    std::string folder;
    /// Of all cells those whose number is `shard` modulo `shards` are done.
    std::size_t shard = 0;
    std::size_t shards = 1;
    std::size_t threads = 1;
    std::vector<StudyCondition> conditions = {};
    /// To which one sentence's circuits are transpiled, for their counts and time.
    std::vector<std::string> devices = {};
};

/// A row's outcome of one part of one task over all seeds.
struct StudyScores {
    model::Summary accuracy;
    /// Wilson, 95 %, of the mean accuracy among the sentences (not of sentences times seeds).
    model::Interval interval;
    std::size_t sentences = 0;
    /// right[seed - 1][sentence]
    std::vector<std::vector<bool>> right;
};

/// The same under one condition.
struct StudyConditionScores {
    StudyCondition condition;
    StudyScores scores;
    /// The true class's logit less the best other one, mean over the sentences; over the seeds.
    model::Summary margin;
};

/// The circuits of one sentence on a device.
struct StudyDeviceFacts {
    std::string device;
    /// Gates of all circuits; the depth of the deepest one of each round, the rounds added.
    std::size_t two_qubit_gates = 0, two_qubit_depth = 0;
    /// One shot of every circuit after the other, from the durations of gates, resets and read-outs that the
    /// device's figures have; without waits between shots. NaN when they have no duration of a gate on two
    /// qubits.
    double seconds_per_shot = 0.0;
    /// Figures that were asked for and are not there: their time counts as nothing.
    std::vector<std::string> missing;
};

struct StudyEntry {
    std::string task, row, model;
    std::size_t parameters = 0, circuit_parameters = 0;
    /// Of the first test (or training) sentence: circuits, rounds, the most qubits of one, gates on two
    /// qubits and the depth in them of all, the rounds after each other; preparations are counted as gates.
    std::size_t circuits = 0, rounds = 0, qubits = 0, two_qubit_gates = 0, two_qubit_depth = 0;
    std::optional<StudyScores> official, cv;
    /// Of the official part, in the order of the request; margins without noise and shots stand apart.
    std::vector<StudyConditionScores> conditions;
    std::optional<model::Summary> margin;
    std::vector<StudyDeviceFacts> devices;
    std::optional<model::Summary> train, dev, published_rule;
    /// CPU seconds of one training of the official part (else of one fold), all restarts; mean over seeds.
    double training_cpu_seconds = 0.0;
    /// Of all its trainings of both parts, over all seeds and folds (the choice among presets apart).
    double all_training_cpu_seconds = 0.0;
};

/// Two rows of one part of one task.
struct StudyComparison {
    std::string task, part, first, second;
    /// Means over the seeds: accuracy of first less second, sentences that only one has right.
    double difference = 0.0;
    double only_first = 0.0, only_second = 0.0;
    /// Exact McNemar for each seed, combined (model::combined_p).
    double p = 1.0;
};

struct StudyResult {
    std::vector<StudyEntry> entries;
    std::vector<StudyComparison> comparisons;
    std::size_t cells = 0;
    /// Cells that other shards have still to do; the entries are of those that are done.
    std::size_t missing = 0;
};

/// Does this shard's cells that are not done, on `threads` threads, then reads all that are. Same request,
/// same numbers, whatever the threads, shards and interruptions (CPU times apart). progress(done, all of this
/// shard, name of the cell). Throws Error(invalid_input) for a folder with cells of other settings,
/// Error(cancelled) when interrupted; finished cells stay.
StudyResult study(const StudyRequest& request,
                  const std::function<void(std::size_t, std::size_t, const std::string&)>& progress = {});

}  // namespace qdcnn::run
