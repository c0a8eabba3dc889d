#include "cli/study_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace qdcnn::cli {
namespace {

using nlohmann::ordered_json;
using report::Align;

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

const run::StudyDeviceFacts* facts_on(const run::StudyEntry& entry, const std::string& device) {
    for (const run::StudyDeviceFacts& facts : entry.devices)
        if (facts.device == device) return &facts;
    return nullptr;
}

bool has(const run::StudyResult& result, std::optional<run::StudyScores> run::StudyEntry::*scores) {
    return std::any_of(result.entries.begin(), result.entries.end(),
                       [&](const run::StudyEntry& entry) { return (entry.*scores).has_value(); });
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

ordered_json json_of(const run::StudyConditionScores& one) {
    ordered_json out{{"device", nullptr}, {"scale", nullptr}, {"shots", nullptr}};
    if (!one.condition.device.empty()) {
        out["device"] = one.condition.device;
        out["scale"] = one.condition.scale;
    }
    if (one.condition.shots) out["shots"] = *one.condition.shots;
    out["accuracy"] = json_of(std::optional(one.scores));
    out["margin"] = json_of(std::optional(one.margin));
    return out;
}

ordered_json json_of(const run::StudyDeviceFacts& facts) {
    ordered_json out{{"device", facts.device},
                     {"two_qubit_gates", facts.two_qubit_gates},
                     {"two_qubit_depth", facts.two_qubit_depth},
                     {"seconds_per_shot", nullptr},
                     {"without_duration", facts.missing}};
    if (std::isfinite(facts.seconds_per_shot)) out["seconds_per_shot"] = facts.seconds_per_shot;
    return out;
}

template <typename Item>
ordered_json array_of(const std::vector<Item>& items) {
    ordered_json array = ordered_json::array();
    for (const Item& item : items) array.push_back(json_of(item));
    return array;
}

}  // namespace

report::Table study_accuracies(const run::StudyResult& result) {
    report::Table table{{{"task"}, {"model"}, {"numbers", Align::right}, {"angles", Align::right}}, {}};
    auto columns = [&](const std::string& name) {
        table.columns.push_back({name + ", %", Align::right});
        table.columns.push_back({"range", Align::right});
        table.columns.push_back({"95 % interval", Align::right});
    };
    const bool official = has(result, &run::StudyEntry::official), cv = has(result, &run::StudyEntry::cv);
    const auto compared = [&](const char* part) {
        return std::any_of(result.comparisons.begin(), result.comparisons.end(),
                           [&](const auto& one) { return one.part == part; });
    };
    const bool official_p = compared("official"), cv_p = compared("cv");
    if (official) columns("test");
    if (official_p) table.columns.push_back({"p", Align::right});
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

report::Table study_conditions(const run::StudyResult& result) {
    report::Table table{{{"task"},
                         {"model"},
                         {"noise, shots"},
                         {"test, %", Align::right},
                         {"range", Align::right},
                         {"95 % interval", Align::right},
                         {"margin", Align::right}},
                        {}};
    const auto margin_of = [](const model::Summary& margin) {
        return fmt::format("{:.3f} ± {:.3f}", margin.mean, margin.deviation);
    };
    for (const run::StudyEntry& entry : result.entries) {
        if (entry.conditions.empty()) continue;
        std::vector<std::string> cells{entry.task, entry.row, "neither"};
        add_scores(cells, entry.official);
        cells.push_back(entry.margin ? margin_of(*entry.margin) : "-");
        table.rows.push_back(std::move(cells));
        for (const run::StudyConditionScores& one : entry.conditions) {
            cells = {entry.task, entry.row, one.condition.name()};
            add_scores(cells, one.scores);
            cells.push_back(margin_of(one.margin));
            table.rows.push_back(std::move(cells));
        }
    }
    return table;
}

report::Table study_devices(const run::StudyResult& result) {
    report::Table table{{{"task"},
                         {"model"},
                         {"device"},
                         {"2-qubit gates", Align::right},
                         {"2-qubit depth", Align::right},
                         {"time, µs", Align::right},
                         {"without a duration"}},
                        {}};
    for (const run::StudyEntry& entry : result.entries)
        for (const run::StudyDeviceFacts& facts : entry.devices)
            table.rows.push_back({entry.task, entry.row, facts.device,
                                  fmt::format("{}", facts.two_qubit_gates),
                                  fmt::format("{}", facts.two_qubit_depth),
                                  report::format_fixed(1e6 * facts.seconds_per_shot, 2),
                                  fmt::format("{}", fmt::join(facts.missing, ", "))});
    return table;
}

report::Table study_lines(const run::StudyResult& result) {
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
                         {"high"},
                         {"device"},
                         {"scale"},
                         {"shots"},
                         {"margin"},
                         {"device_two_qubit_gates"},
                         {"device_two_qubit_depth"},
                         {"device_seconds_per_shot"}},
                        {}};
    const auto add = [&](const run::StudyEntry& entry, const char* part, const run::StudyScores& scores,
                         const std::optional<model::Summary>& margin, const run::StudyCondition* condition) {
        const model::Summary& accuracy = scores.accuracy;
        std::vector<std::string> cells{entry.task, entry.row, part};
        for (const std::size_t number :
             {entry.parameters, entry.circuit_parameters, accuracy.n, scores.sentences})
            cells.push_back(fmt::format("{}", number));
        for (const double number : {accuracy.mean, accuracy.deviation, accuracy.smallest, accuracy.largest,
                                    scores.interval.low, scores.interval.high})
            cells.push_back(fmt::format("{}", number));
        const run::StudyDeviceFacts* facts = nullptr;
        if (condition) {
            cells.insert(cells.end(), {condition->device,
                                       condition->device.empty() ? "" : fmt::format("{}", condition->scale),
                                       condition->shots ? fmt::format("{}", *condition->shots) : ""});
            facts = facts_on(entry, condition->device);
        } else {
            cells.insert(cells.end(), {"", "", ""});
        }
        cells.push_back(margin ? fmt::format("{}", margin->mean) : "");
        if (facts)
            cells.insert(
                cells.end(),
                {fmt::format("{}", facts->two_qubit_gates), fmt::format("{}", facts->two_qubit_depth),
                 std::isfinite(facts->seconds_per_shot) ? fmt::format("{}", facts->seconds_per_shot) : ""});
        else
            cells.insert(cells.end(), {"", "", ""});
        table.rows.push_back(std::move(cells));
    };
    for (const run::StudyEntry& entry : result.entries) {
        if (entry.official) add(entry, "official", *entry.official, entry.margin, nullptr);
        if (entry.cv) add(entry, "cv", *entry.cv, std::nullopt, nullptr);
        for (const run::StudyConditionScores& one : entry.conditions)
            add(entry, "condition", one.scores, one.margin, &one.condition);
    }
    return table;
}

ordered_json study_json(const run::StudyResult& result, const run::StudyRequest& request,
                        double wall_seconds) {
    ordered_json answer{{"schema", "qdcnn.study/1"},
                        {"seeds", request.seeds},
                        {"folds", request.folds},
                        {"inner_dev", request.inner_dev},
                        {"cells", result.cells},
                        {"missing", result.missing},
                        {"entries", ordered_json::array()},
                        {"comparisons", ordered_json::array()},
                        {"wall_seconds", wall_seconds}};
    for (const run::StudyEntry& entry : result.entries)
        answer["entries"].push_back({{"task", entry.task},
                                     {"model", entry.row},
                                     {"parameters", entry.parameters},
                                     {"circuit_parameters", entry.circuit_parameters},
                                     {"official", json_of(entry.official)},
                                     {"margin", json_of(entry.margin)},
                                     {"conditions", array_of(entry.conditions)},
                                     {"devices", array_of(entry.devices)},
                                     {"cv", json_of(entry.cv)},
                                     {"train", json_of(entry.train)},
                                     {"dev", json_of(entry.dev)},
                                     {"published_rule", json_of(entry.published_rule)},
                                     {"circuits", entry.circuits},
                                     {"rounds", entry.rounds},
                                     {"qubits", entry.qubits},
                                     {"two_qubit_gates", entry.two_qubit_gates},
                                     {"two_qubit_depth", entry.two_qubit_depth},
                                     {"training_cpu_seconds", entry.training_cpu_seconds},
                                     {"all_training_cpu_seconds", entry.all_training_cpu_seconds}});
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

std::string study_notes(const run::StudyResult& result, const run::StudyRequest& request) {
    std::string notes = fmt::format(
        "mean ± standard deviation over {} seeds; 95 % interval: Wilson, of the mean among the sentences\n"
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
    if (!request.conditions.empty())
        notes +=
            "noise, shots: the models of the column \"test\" on the local simulator; x 2: twice the device's "
            "noise; "
            "margin: the true class's logit less the best other one\n";
    if (!request.devices.empty())
        notes +=
            "on a device: one sentence, transpiled at level 1; time: one shot of every circuit by the "
            "device's "
            "durations, without waits between shots and for classical bits\n";
    double quantum = 0.0, classical = 0.0;
    for (const run::StudyEntry& entry : result.entries)
        (entry.circuits > 0 ? quantum : classical) += entry.all_training_cpu_seconds;
    notes += fmt::format("CPU of all trainings: {:.1f} s of models with circuits, {:.1f} s of the others\n",
                         quantum, classical);
    if (result.missing > 0)
        notes += fmt::format("{} of {} cells are not done yet\n", result.missing, result.cells);
    return notes;
}

std::string study_text(const run::StudyResult& result, const run::StudyRequest& request) {
    std::string text;
    for (const report::Table& table :
         {study_accuracies(result), study_conditions(result), study_devices(result)})
        if (!table.rows.empty()) text += report::to_text(table) + "\n";
    return text + study_notes(result, request);
}

}  // namespace qdcnn::cli
