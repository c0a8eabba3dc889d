#include "qdcnn/run/study.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/circuit/state_preparation.h"
#include "qdcnn/model/models.h"
#include "qdcnn/run/open_backend.h"
#include "run/study/cells.h"
#include "run/study/device_facts.h"

namespace qdcnn::run {
namespace {

using Progress = std::function<void(std::size_t, std::size_t, const std::string&)>;

void check(const StudyRequest& request) {
    auto invalid = [](const std::string& message) { throw Error(ErrorKind::invalid_input, message); };
    if (request.tasks.empty() || request.rows.empty()) invalid("a study needs a task and a model");
    if (request.seeds < 1 || request.shards < 1 || request.shard >= request.shards)
        invalid("a study needs a seed, and a shard below the number of shards");
    for (std::size_t i = 0; i < request.tasks.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (request.tasks[i].name == request.tasks[j].name)
                invalid("two tasks are called \"" + request.tasks[i].name + "\"");
    for (const StudyRow& row : request.rows)
        if (std::none_of(request.tasks.begin(), request.tasks.end(),
                         [&](const StudyTask& task) { return row.is_for(task); }))
            invalid("the model " + row.name + " is for the task \"" + row.only_task +
                    "\", which is not among these");
    for (std::size_t i = 0; i < request.rows.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (request.rows[i].name == request.rows[j].name &&
                (request.rows[i].only_task == request.rows[j].only_task ||
                 request.rows[i].only_task.empty() || request.rows[j].only_task.empty()))
                invalid("the model \"" + request.rows[i].name + "\" stands twice");
}

/// This shard's cells that are not done yet, each on one of the threads.
void run_cells(const StudyRequest& request, const std::vector<StudyCell>& cells, const Progress& progress) {
    std::vector<const StudyCell*> mine;
    std::size_t done = 0, total = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i % request.shards != request.shard) continue;
        ++total;
        if (read_cell(request, cells[i]))
            ++done;
        else
            mine.push_back(&cells[i]);
    }
    std::atomic<std::size_t> next{0};
    std::mutex guard;
    std::exception_ptr error;
    auto work = [&] {
        for (std::size_t i = next++; i < mine.size(); i = next++) {
            try {
                interrupt().throw_if_interrupted();
                write_cell(request, *mine[i], run_cell(request, *mine[i]));
                const std::lock_guard lock(guard);
                if (progress) progress(++done, total, mine[i]->name());
            } catch (...) {
                next = mine.size();
                const std::lock_guard lock(guard);
                if (!error) error = std::current_exception();
            }
        }
    };
    std::vector<std::jthread> threads;
    const std::size_t count = std::min(std::max<std::size_t>(1, request.threads), mine.size());
    for (std::size_t t = 1; t < count; ++t) threads.emplace_back(work);
    if (!mine.empty()) work();
    threads.clear();
    if (error) std::rethrow_exception(error);
}

StudyScores scores_of(std::vector<std::vector<bool>> right) {
    StudyScores scores;
    scores.sentences = right.front().size();
    const auto n = static_cast<double>(scores.sentences);
    std::vector<double> accuracies;
    for (const auto& seed : right)
        accuracies.push_back(static_cast<double>(std::count(seed.begin(), seed.end(), true)) / n);
    scores.accuracy = model::summarise(accuracies);
    scores.interval = model::wilson_interval(scores.accuracy.mean * n, scores.sentences);
    scores.right = std::move(right);
    return scores;
}

/// Gates, depth and time of one sentence's circuits, here and on the devices asked for.
class CircuitCounter {
  public:
    CircuitCounter(const StudyRequest& request, StudyEntry& entry) : entry_(entry) {
        for (const std::string& device : request.devices) devices_.emplace_back(device);
    }

    /// The weights are the first ones: counts do not depend on them.
    void count(const StudyRow& row, const StudyTask& task) {
        Random random(1);
        const model::ModelRow& kind = model::find_model(row.model);
        const auto network = kind.make(kind.define(task.train, row.presets.front(), random));
        const text::Dataset& data = task.test ? *task.test : task.train;
        const std::vector<text::Tokens> sentence{data.examples.front().tokens};
        follow(
            *network->begin(sentence),
            [&](const circuit::Circuit& circuit, std::size_t times) { add(circuit, times); },
            [&](std::size_t deepest) {
                ++entry_.rounds;
                entry_.two_qubit_depth += deepest;
            });
        if (entry_.rounds == 0) return;
        for (DeviceCounter& device : devices_) {
            follow(
                *network->begin(sentence, {.may_be_dynamic = device.is_dynamic()}),
                [&](const circuit::Circuit& circuit, std::size_t times) { device.add(circuit, times); },
                [&](std::size_t) { device.end_round(); });
            entry_.devices.push_back(device.facts());
        }
    }

  private:
    static bool has_amplitudes(const circuit::Circuit& circuit) {
        bool found = false;
        circuit::for_each_operation(circuit.operations(), [&](const circuit::Operation& operation) {
            found |= std::holds_alternative<circuit::Prepare>(operation.kind());
        });
        return found;
    }

    /// visit(circuit, how often it is run); round_ends(the largest two-qubit depth of its circuits)
    static void follow(model::Inference& inference,
                       const std::function<void(const circuit::Circuit&, std::size_t)>& visit,
                       const std::function<void(std::size_t)>& round_ends) {
        const auto backend = open_backend("local");
        while (!inference.is_done()) {
            std::vector<backend::EstimatorPub> pubs;
            std::size_t deepest = 0;
            for (const model::Stage& stage : inference.round()) {
                pubs.push_back(stage.pub);
                // A template serves all its rows, unless amplitudes decide on its gates.
                const std::size_t rows = stage.pub.parameters.rows();
                const bool is_bound = has_amplitudes(*stage.pub.circuit);
                for (std::size_t r = 0; r < (is_bound ? rows : 1); ++r) {
                    const auto circuit = is_bound ? circuit::with_prepares_lowered(
                                                        stage.pub.circuit->bind(stage.pub.parameters.row(r)))
                                                  : *stage.pub.circuit;
                    deepest = std::max(deepest, circuit::metrics(circuit).two_qubit_depth);
                    visit(circuit, is_bound ? 1 : rows);
                }
            }
            round_ends(deepest);
            const auto result = backend->run(std::move(pubs), {})->result();
            std::vector<std::vector<double>> values;
            for (const auto& pub : result.pubs) values.push_back(pub.values);
            inference.accept(values);
        }
    }

    void add(const circuit::Circuit& circuit, std::size_t times) {
        entry_.circuits += times;
        entry_.qubits = std::max<std::size_t>(entry_.qubits, circuit.num_qubits());
        entry_.two_qubit_gates += times * circuit::metrics(circuit).two_qubit_gates;
    }

    StudyEntry& entry_;
    std::vector<DeviceCounter> devices_;
};

/// What the cells of one condition came to; nothing when there is none.
std::optional<StudyConditionScores> scores_under(const StudyRequest& request,
                                                 const std::vector<StudyCell>& cells, const StudyTask& task,
                                                 const StudyRow& row, const StudyCondition& condition) {
    std::vector<std::vector<bool>> right;
    std::vector<double> margins;
    for (const StudyCell& cell : cells) {
        if (cell.task != &task || cell.row != &row || cell.condition != &condition) continue;
        const auto result = read_cell(request, cell);
        if (!result) continue;
        right.push_back(result->right);
        margins.push_back(result->margin.value_or(0.0));
    }
    if (right.empty()) return std::nullopt;
    return StudyConditionScores{condition, scores_of(std::move(right)), model::summarise(margins)};
}

StudyEntry entry_of(const StudyRequest& request, const std::vector<StudyCell>& cells, const StudyTask& task,
                    const StudyRow& row) {
    StudyEntry entry;
    entry.task = task.name;
    entry.row = row.name;
    entry.model = row.model;
    std::vector<std::vector<bool>> official, cv;
    std::vector<double> train, dev, published, seconds, cv_seconds, margins;
    for (const StudyCell& cell : cells) {
        if (cell.task != &task || cell.row != &row || cell.condition) continue;
        const auto result = read_cell(request, cell);
        if (!result) continue;
        const bool is_official = cell.part == StudyPart::official;
        (is_official ? official : cv).push_back(result->right);
        if (is_official || entry.parameters == 0) entry.parameters = result->parameters;
        entry.circuit_parameters = result->circuit_parameters;
        (is_official ? seconds : cv_seconds).push_back(result->training_cpu_seconds);
        entry.all_training_cpu_seconds +=
            result->training_cpu_seconds * (is_official ? 1.0 : static_cast<double>(request.folds));
        if (!is_official) continue;
        if (result->margin) margins.push_back(*result->margin);
        if (result->train) train.push_back(*result->train);
        if (result->dev) dev.push_back(*result->dev);
        if (result->published_rule) published.push_back(*result->published_rule);
    }
    if (!official.empty()) entry.official = scores_of(std::move(official));
    if (!cv.empty()) entry.cv = scores_of(std::move(cv));
    if (!margins.empty()) entry.margin = model::summarise(margins);
    for (const StudyCondition& condition : request.conditions)
        if (auto scores = scores_under(request, cells, task, row, condition))
            entry.conditions.push_back(std::move(*scores));
    if (!train.empty()) entry.train = model::summarise(train);
    if (!dev.empty()) entry.dev = model::summarise(dev);
    if (!published.empty()) entry.published_rule = model::summarise(published);
    entry.training_cpu_seconds = model::summarise(seconds.empty() ? cv_seconds : seconds).mean;
    CircuitCounter(request, entry).count(row, task);
    return entry;
}

std::optional<StudyComparison> comparison_of(const StudyEntry& first, const StudyEntry& second,
                                             const char* part,
                                             std::optional<StudyScores> StudyEntry::*scores) {
    const auto& left = first.*scores;
    const auto& right = second.*scores;
    if (!left || !right || left->right.size() != right->right.size()) return std::nullopt;
    StudyComparison comparison{first.task, part, first.row, second.row};
    std::vector<double> p_values;
    const auto seeds = static_cast<double>(left->right.size());
    for (std::size_t seed = 0; seed < left->right.size(); ++seed) {
        const model::Discordance one = model::compare(left->right[seed], right->right[seed]);
        comparison.only_first += static_cast<double>(one.only_first) / seeds;
        comparison.only_second += static_cast<double>(one.only_second) / seeds;
        p_values.push_back(model::mcnemar(one));
    }
    comparison.difference = left->accuracy.mean - right->accuracy.mean;
    comparison.p = model::combined_p(std::move(p_values));
    return comparison;
}

}  // namespace

StudyResult study(const StudyRequest& request, const Progress& progress) {
    check(request);
    make_folders(request.folder + "/cells");
    const std::vector<StudyCell> cells = cells_of(request);
    if (cells.empty())
        throw Error(ErrorKind::invalid_input,
                    "there is nothing to do: no test sentences, no cross-validation");
    run_cells(request, cells, progress);
    StudyResult result;
    result.cells = cells.size();
    for (const StudyCell& cell : cells) result.missing += !exists(path_of(request, cell));
    for (const StudyTask& task : request.tasks) {
        const std::size_t first = result.entries.size();
        for (const StudyRow& row : request.rows)
            if (row.is_for(task)) result.entries.push_back(entry_of(request, cells, task, row));
        // With cells missing, the seeds of two rows need not be the same.
        for (std::size_t i = first; i < result.entries.size() && result.missing == 0; ++i)
            for (std::size_t j = i + 1; j < result.entries.size(); ++j)
                for (const auto& [part, scores] :
                     {std::pair("official", &StudyEntry::official), std::pair("cv", &StudyEntry::cv)})
                    if (auto one = comparison_of(result.entries[i], result.entries[j], part, scores))
                        result.comparisons.push_back(std::move(*one));
    }
    return result;
}

}  // namespace qdcnn::run
