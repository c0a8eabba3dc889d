#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <thread>

#include "cli/commands.h"
#include "cli/progress.h"
#include "qdcnn/base/cpu_time.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/json.h"
#include "qdcnn/model/models.h"
#include "qdcnn/report/table.h"
#include "qdcnn/run/study.h"

namespace qdcnn::cli {
namespace {

using nlohmann::ordered_json;
using report::Align;

/// The published network, this one, its linear twin, and what anybody would try first.
constexpr const char* kDefaultModels = "coherent,staged,linear,logistic,majority";

/// "2/4": the second of four.
void read_shard(const ParsedOptions& given, run::StudyRequest& request) {
    const auto text = given.text("shard");
    if (!text) return;
    std::size_t index = 0, count = 0, used = 0;
    try {
        const std::size_t slash = text->find('/');
        index = std::stoul(text->substr(0, slash), &used);
        if (used != slash) index = 0;
        count = std::stoul(text->substr(slash + 1), &used);
        if (used != text->size() - slash - 1) count = 0;
    } catch (const std::exception&) {
        index = 0;
    }
    if (index < 1 || index > count)
        throw Error(ErrorKind::usage, fmt::format("--shard {}: expected I/N, I from 1 to N", *text));
    request.shard = index - 1;
    request.shards = count;
}

run::StudyRequest request_of(const ParsedOptions& given) {
    run::StudyRequest request;
    request.seeds = static_cast<std::size_t>(given.integer("seeds", 1, 100'000).value_or(20));
    request.folds = static_cast<std::size_t>(given.integer("folds", 0, 1000).value_or(5));
    if (request.folds == 1) throw Error(ErrorKind::usage, "--folds 1: expected 0 (none) or 2 and more");
    request.inner_dev = given.number("inner-dev", 0.0, 0.9).value_or(0.0);
    if (const auto epochs = given.integer("epochs", 1, 1'000'000))
        request.epochs = static_cast<std::size_t>(*epochs);
    const auto cores = static_cast<std::int64_t>(std::max(1U, std::thread::hardware_concurrency()));
    request.threads = static_cast<std::size_t>(given.integer("threads", 1, 1024).value_or(cores));
    request.noisy_device = given.text_or("noise", "");
    if (const auto shots = given.integer("shots", 1, 1'000'000'000)) {
        if (request.noisy_device.empty())
            throw Error(ErrorKind::usage, "--shots goes with --noise DEVICE: other figures are exact");
        request.shots = static_cast<std::uint64_t>(*shots);
    }
    read_shard(given, request);
    for (const std::string& row : given.list_or("models", kDefaultModels))
        request.rows.push_back(run::study_row(row));
    for (const std::string& task : given.words()) request.tasks.push_back(run::study_task(task));
    request.folder = *given.text("output");
    return request;
}

std::string per_cent(double share) { return fmt::format("{:.1f}", 100.0 * share); }

std::string mean_and_deviation(const std::optional<model::Summary>& summary) {
    if (!summary) return "-";
    return summary->n < 2 ? per_cent(summary->mean)
                          : fmt::format("{} ± {}", per_cent(summary->mean), per_cent(summary->deviation));
}

void add_scores(std::vector<std::string>& cells, const std::optional<run::StudyScores>& scores) {
    if (!scores) {
        cells.insert(cells.end(), {"-", "-", "-"});
        return;
    }
    const model::Summary& accuracy = scores->accuracy;
    cells.push_back(mean_and_deviation(accuracy));
    cells.push_back(fmt::format("{} to {}", per_cent(accuracy.smallest), per_cent(accuracy.largest)));
    cells.push_back(fmt::format("{} to {}", per_cent(scores->interval.low), per_cent(scores->interval.high)));
}

const std::string& first_row_of(const run::StudyResult& result, const std::string& task) {
    return std::find_if(result.entries.begin(), result.entries.end(),
                        [&](const run::StudyEntry& entry) { return entry.task == task; })
        ->row;
}

/// Of the row against the first one of its task.
std::string p_value(const run::StudyResult& result, const run::StudyEntry& entry, const char* part) {
    for (const run::StudyComparison& one : result.comparisons)
        if (one.task == entry.task && one.part == part && one.second == entry.row &&
            one.first == first_row_of(result, entry.task))
            return one.p < 0.001 ? "<0.001" : fmt::format("{:.3f}", one.p);
    return "-";
}

bool has(const run::StudyResult& result, std::optional<run::StudyScores> run::StudyEntry::*scores) {
    return std::any_of(result.entries.begin(), result.entries.end(),
                       [&](const run::StudyEntry& entry) { return (entry.*scores).has_value(); });
}

/// For people: per cent.
report::Table table_of(const run::StudyResult& result) {
    report::Table table{{{"task"}, {"model"}, {"numbers", Align::right}, {"angles", Align::right}}, {}};
    auto columns = [&](const std::string& name) {
        table.columns.push_back({name + ", %", Align::right});
        table.columns.push_back({"range", Align::right});
        table.columns.push_back({"95 % interval", Align::right});
    };
    const bool official = has(result, &run::StudyEntry::official), cv = has(result, &run::StudyEntry::cv),
               noisy = has(result, &run::StudyEntry::noisy);
    const auto compared = [&](const char* part) {
        return std::any_of(result.comparisons.begin(), result.comparisons.end(),
                           [&](const auto& one) { return one.part == part; });
    };
    const bool official_p = compared("official"), cv_p = compared("cv");
    if (official) columns("test");
    if (official_p) table.columns.push_back({"p", Align::right});
    if (noisy) table.columns.push_back({"noisy test, %", Align::right});
    if (cv) columns("cross-validation");
    if (cv_p) table.columns.push_back({"p", Align::right});
    if (official) table.columns.push_back({"published rule, %", Align::right});
    for (const char* title : {"circuits", "qubits", "2-qubit gates", "depth", "CPU s"})
        table.columns.push_back({title, Align::right});
    for (const run::StudyEntry& entry : result.entries) {
        std::vector<std::string> cells{entry.task, entry.row, fmt::format("{}", entry.parameters),
                                       fmt::format("{}", entry.circuit_parameters)};
        if (official) add_scores(cells, entry.official);
        if (official_p) cells.push_back(p_value(result, entry, "official"));
        if (noisy)
            cells.push_back(
                mean_and_deviation(entry.noisy ? std::optional(entry.noisy->accuracy) : std::nullopt));
        if (cv) add_scores(cells, entry.cv);
        if (cv_p) cells.push_back(p_value(result, entry, "cv"));
        if (official) cells.push_back(mean_and_deviation(entry.published_rule));
        for (const std::size_t number :
             {entry.circuits, entry.qubits, entry.two_qubit_gates, entry.two_qubit_depth})
            cells.push_back(fmt::format("{}", number));
        cells.push_back(fmt::format("{:.3f}", entry.training_cpu_seconds));
        table.rows.push_back(std::move(cells));
    }
    return table;
}

/// For programs: a line for each task, model and part, shares in full.
report::Table long_table_of(const run::StudyResult& result) {
    report::Table table{{{"task"},
                         {"model"},
                         {"part"},
                         {"parameters"},
                         {"circuit_parameters"},
                         {"seeds"},
                         {"sentences"},
                         {"mean"},
                         {"deviation"},
                         {"smallest"},
                         {"largest"},
                         {"low"},
                         {"high"}},
                        {}};
    for (const run::StudyEntry& entry : result.entries)
        for (const auto& [part, scores] : {std::pair("official", &entry.official), std::pair("cv", &entry.cv),
                                           std::pair("noisy", &entry.noisy)}) {
            if (!*scores) continue;
            const model::Summary& accuracy = (*scores)->accuracy;
            std::vector<std::string> cells{entry.task, entry.row, part};
            for (const std::size_t number :
                 {entry.parameters, entry.circuit_parameters, accuracy.n, (*scores)->sentences})
                cells.push_back(fmt::format("{}", number));
            for (const double number : {accuracy.mean, accuracy.deviation, accuracy.smallest,
                                        accuracy.largest, (*scores)->interval.low, (*scores)->interval.high})
                cells.push_back(fmt::format("{}", number));
            table.rows.push_back(std::move(cells));
        }
    return table;
}

ordered_json json_of(const std::optional<model::Summary>& summary) {
    if (!summary) return nullptr;
    return {{"seeds", summary->n},
            {"mean", summary->mean},
            {"deviation", summary->deviation},
            {"smallest", summary->smallest},
            {"largest", summary->largest}};
}

ordered_json json_of(const std::optional<run::StudyScores>& scores) {
    if (!scores) return nullptr;
    ordered_json out = json_of(std::optional(scores->accuracy));
    out["sentences"] = scores->sentences;
    out["interval"] = {scores->interval.low, scores->interval.high};
    return out;
}

ordered_json answer_of(const run::StudyResult& result, const run::StudyRequest& request, double wall) {
    ordered_json answer{{"schema", "qdcnn.study/1"},
                        {"seeds", request.seeds},
                        {"folds", request.folds},
                        {"inner_dev", request.inner_dev},
                        {"noise", nullptr},
                        {"shots", nullptr},
                        {"cells", result.cells},
                        {"missing", result.missing},
                        {"entries", ordered_json::array()},
                        {"comparisons", ordered_json::array()},
                        {"wall_seconds", wall}};
    if (!request.noisy_device.empty()) answer["noise"] = request.noisy_device;
    if (request.shots) answer["shots"] = *request.shots;
    for (const run::StudyEntry& entry : result.entries)
        answer["entries"].push_back({{"task", entry.task},
                                     {"model", entry.row},
                                     {"parameters", entry.parameters},
                                     {"circuit_parameters", entry.circuit_parameters},
                                     {"official", json_of(entry.official)},
                                     {"noisy", json_of(entry.noisy)},
                                     {"cv", json_of(entry.cv)},
                                     {"train", json_of(entry.train)},
                                     {"dev", json_of(entry.dev)},
                                     {"published_rule", json_of(entry.published_rule)},
                                     {"circuits", entry.circuits},
                                     {"rounds", entry.rounds},
                                     {"qubits", entry.qubits},
                                     {"two_qubit_gates", entry.two_qubit_gates},
                                     {"two_qubit_depth", entry.two_qubit_depth},
                                     {"training_cpu_seconds", entry.training_cpu_seconds}});
    for (const run::StudyComparison& one : result.comparisons)
        answer["comparisons"].push_back({{"task", one.task},
                                         {"part", one.part},
                                         {"first", one.first},
                                         {"second", one.second},
                                         {"difference", one.difference},
                                         {"only_first", one.only_first},
                                         {"only_second", one.only_second},
                                         {"p", one.p}});
    return answer;
}

std::string notes_of(const run::StudyResult& result, const run::StudyRequest& request) {
    std::string notes = fmt::format(
        "\nmean ± standard deviation over {} seeds; 95 % interval: Wilson, of the mean among the sentences\n"
        "numbers: all that is trained; angles: those of gates; circuits to CPU s: of one sentence, CPU of "
        "one "
        "training\n",
        request.seeds);
    if (!result.comparisons.empty())
        notes +=
            "p: exact McNemar against the task's first row, twice the median over the seeds (0.05 and more: "
            "no "
            "difference shown)\n";
    if (has(result, &run::StudyEntry::official))
        notes += "published rule: the best epoch on test, for comparison with the literature only\n";
    if (!request.noisy_device.empty())
        notes += fmt::format("noisy test: on local:{}, {}\n", request.noisy_device,
                             request.shots ? fmt::format("{} shots", *request.shots) : "exact");
    if (result.missing > 0)
        notes += fmt::format("{} of {} cells are not done yet\n", result.missing, result.cells);
    return notes;
}

}  // namespace

Options study_options() {
    Options options("study", "Compares models on the same data: many seeds, intervals, exact tests.");
    options.positional(
        "TASK",
        "a folder with train.csv and, if there are any, dev.csv and test.csv; builtin:NAME; or "
        "NAME:train=FILE,dev=FILE,test=FILE",
        true);
    options.value(
        "models", "LIST",
        fmt::format("NAME or NAME:PRESET, with commas; NAME:PRESET+PRESET chooses by "
                    "cross-validation inside the training data, @TASK keeps it to one task (default {})",
                    kDefaultModels));
    options.value("seeds", "N", "seeds 1 to N (default 20)");
    options.value("folds", "K", "of the stratified cross-validation over all of a task; 0: none (default 5)");
    options.value("inner-dev", "F",
                  "share of each training fold on which the epoch is chosen (default 0: the last is kept)");
    options.value("epochs", "N", "instead of the presets'");
    options.value("noise", "DEVICE", "the trained models also predict under this device's noise");
    options.value("shots", "N", "of these predictions; without it they are exact");
    options.value("threads", "N", "cells at once (default: the cores)");
    options.value("shard", "I/N", "does the I-th of N parts; the same folder gathers them");
    options.value("output", "DIR", "the folder: finished cells, study.txt, study.csv, study.json", 'o')
        .required();
    return options;
}

int run_study(const ParsedOptions& given, Console& console) {
    const run::StudyRequest request = request_of(given);
    const double start = wall_seconds();
    run::StudyResult result;
    {
        Progress bar(console, "study");
        result = run::study(request, [&](std::size_t done, std::size_t total, const std::string& name) {
            bar.update(done, total, name);
        });
    }
    const ordered_json answer = answer_of(result, request, wall_seconds() - start);
    const std::string text = report::to_text(table_of(result)) + notes_of(result, request);
    write_file_atomic(request.folder + "/study.txt", text);
    write_file_atomic(request.folder + "/study.csv", report::to_csv(long_table_of(result)));
    write_file_atomic(request.folder + "/study.json", to_text(answer, 1) + "\n");
    if (given.json())
        console.out << to_text(answer) << '\n';
    else
        console.out << text;
    return 0;
}

}  // namespace qdcnn::cli
