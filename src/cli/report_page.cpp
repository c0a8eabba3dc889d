#include "cli/report_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/json.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/report/chart.h"
#include "qdcnn/report/confusion.h"
#include "qdcnn/report/drawing.h"
#include "qdcnn/report/html.h"

namespace qdcnn::cli {
namespace {

using report::Section;

/// Wider drawings help nobody: the page says how much is left out.
constexpr std::size_t kDrawnColumns = 60;

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string percent_interval(const JsonView& interval) {
    return fmt::format("{:.1f} to {:.1f} %", 100 * interval.at(0).number(), 100 * interval.at(1).number());
}

report::Series history_series(const JsonView& history, const std::string& part, const std::string& name) {
    report::Series series{.name = name, .points = {}};
    for (const JsonView& epoch : history.elements())
        if (epoch.has(part) && epoch.at(part).value().is_object())
            series.points.push_back({epoch.at("epoch").number(), epoch.at(part).at("accuracy").number()});
    return series;
}

void add_training(const JsonView& model, std::vector<Section>& sections) {
    if (!model.has("training") || !model.at("training").value().is_object()) return;
    const JsonView training = model.at("training");
    const JsonView history = training.at("history");
    if (history.size() < 2) return;
    report::LineChart chart;
    chart.title = "Training";
    chart.x.label = "epoch";
    chart.y = {.label = "accuracy", .is_percent = true};
    chart.right = report::Axis{.label = "loss"};
    for (const auto& [part, name] :
         {std::pair("train", "train accuracy"), std::pair("dev", "dev accuracy")}) {
        report::Series series = history_series(history, part, name);
        if (!series.points.empty()) chart.series.push_back(std::move(series));
    }
    report::Series loss{.name = "train loss", .points = {}, .is_on_right_axis = true};
    for (const JsonView& epoch : history.elements())
        loss.points.push_back({epoch.at("epoch").number(), epoch.at("train").at("loss").number()});
    chart.series.push_back(std::move(loss));
    const std::string selected = fmt::format(
        "Epoch {} of {} was kept ({}). Data: {}.", training.at("selected_epoch").integer(), history.size(),
        training.at("selection").text() == "dev" ? "best on the dev set" : "the last one",
        training.at("data").text());
    sections.push_back({"Training", {report::Pictures{{{to_svg(chart), selected}}}}});
}

struct Evaluations {
    report::KeyFigures figures;
    report::Pictures matrices;
    report::Table table{{{"backend"},
                         {"accuracy", report::Align::right},
                         {"95 % interval", report::Align::right},
                         {"majority class", report::Align::right},
                         {"sentences", report::Align::right},
                         {"circuits", report::Align::right},
                         {"rounds", report::Align::right},
                         {"shots", report::Align::right}},
                        {}};
    report::Table mistakes{{{"backend"}, {"sentence"}, {"label"}, {"predicted"}}, {}};
};

void add_evaluation(const JsonView& answer, Evaluations& all) {
    const std::string backend = answer.at("backend").text();
    const bool exact = !answer.has("shots") || !answer.at("shots").value().is_number();
    const std::string shots = exact ? "exact" : fmt::format("{}", answer.at("shots").integer());
    const std::string accuracy = percent(answer.at("accuracy").number());
    const std::string interval = percent_interval(answer.at("interval"));
    all.figures.figures.push_back({accuracy, "accuracy, " + backend, interval});
    all.table.rows.push_back({backend, accuracy, interval, percent(answer.at("majority").number()),
                              fmt::format("{}", answer.at("n").integer()),
                              fmt::format("{}", answer.at("circuits").integer()),
                              fmt::format("{}", answer.at("rounds").integer()), shots});
    std::vector<std::string> labels, predicted, classes;
    for (const JsonView& one : answer.at("predictions").elements()) {
        labels.push_back(one.at("label").text());
        predicted.push_back(one.at("predicted").text());
        if (labels.back() != predicted.back())
            all.mistakes.rows.push_back({backend, one.at("text").text(), labels.back(), predicted.back()});
        classes.push_back(labels.back());
        classes.push_back(predicted.back());
    }
    std::sort(classes.begin(), classes.end());
    classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
    all.matrices.pictures.push_back(
        {to_svg(report::confusion_matrix(classes, labels, predicted), backend), backend + ", " + shots});
}

void add_sweep(const JsonView& sweep, double majority, std::vector<Section>& sections) {
    report::LineChart chart;
    chart.title = "Accuracy against noise";
    chart.x.label = sweep.text_or("axis", "noise strength (1: the device as calibrated)");
    chart.y = {.label = "accuracy", .high = 1.0, .is_percent = true};
    report::Series accuracy{.name = "accuracy, 95 % interval", .points = {}};
    report::Series reference{.name = "majority class", .points = {}, .is_reference = true};
    report::Table table{{{"noise", report::Align::right},
                         {"accuracy", report::Align::right},
                         {"95 % interval", report::Align::right},
                         {"mean margin", report::Align::right},
                         {"seeds", report::Align::right}},
                        {}};
    for (const JsonView& point : sweep.at("points").elements()) {
        const double scale = point.at("scale").number();
        accuracy.points.push_back({scale, point.at("accuracy").number(), point.at("interval").at(0).number(),
                                   point.at("interval").at(1).number()});
        if (majority > 0) reference.points.push_back({scale, majority});
        table.rows.push_back({fmt::format("{:g}", scale), percent(point.at("accuracy").number()),
                              percent_interval(point.at("interval")),
                              fmt::format("{:.3f}", point.at("margin").number()),
                              fmt::format("{}", point.at("seeds").integer())});
    }
    chart.series.push_back(std::move(accuracy));
    if (!reference.points.empty()) chart.series.push_back(std::move(reference));
    sections.push_back(
        {"Noise",
         {report::Pictures{{{to_svg(chart), sweep.text_or("target", "")}}},
          report::CaptionedTable{std::move(table),
                                 "Margin: the true class's logit less the best other one, mean over "
                                 "sentences and seeds."}}});
}

void add_circuit(const std::string& path, Section& circuits) {
    const circuit::Circuit circuit = qasm::read_qasm_file(path);
    const circuit::CircuitMetrics counts = metrics(circuit);
    const std::string name = std::filesystem::path(path).filename().string();
    const std::string caption = fmt::format("{}: {} two-qubit gates, {} one-qubit gates, depth {}", name,
                                            counts.two_qubit_gates, counts.one_qubit_gates, counts.depth);
    circuits.blocks.push_back(
        report::Pictures{{{report::draw_svg(circuit, name, {.max_columns = kDrawnColumns}), caption}}});
    circuits.blocks.push_back(report::Listing{read_file(path), "OpenQASM of " + name, /*is_folded=*/true});
}

}  // namespace

std::string report_page(const std::vector<std::string>& files) {
    std::vector<Section> training, noise;
    Section circuits{"Circuits", {}};
    Evaluations evaluations;
    std::vector<nlohmann::json> sweeps;
    double majority = 0;
    for (const std::string& path : files) {
        if (path.ends_with(".qasm")) {
            add_circuit(path, circuits);
            continue;
        }
        const nlohmann::json document = read_json_file(path);
        try {
            const JsonView view(document, "");
            const std::string schema = view.at("schema").text();
            if (schema == "qdcnn.model/1") {
                add_training(view, training);
            } else if (schema == "qdcnn.eval/1") {
                add_evaluation(view, evaluations);
                majority = view.at("majority").number();
            } else if (schema == "qdcnn.sweep/1") {
                sweeps.push_back(document);
            } else {
                throw Error(
                    ErrorKind::unsupported, "a report has no place for \"" + schema + "\"",
                    "Give model files, answers of eval --json, points.json of sweep, and .qasm files.");
            }
        } catch (const Error& error) {
            throw error.at({path, 0, 0});
        }
    }
    for (const nlohmann::json& sweep : sweeps) add_sweep(JsonView(sweep, ""), majority, noise);

    report::Page page{.title = "Quantum text classification", .subtitle = "", .sections = {}, .footer = ""};
    if (!evaluations.table.rows.empty()) {
        Section results{"Results", {evaluations.figures}};
        results.blocks.push_back(report::CaptionedTable{evaluations.table, "Intervals: Wilson, 95 %."});
        results.blocks.push_back(evaluations.matrices);
        if (!evaluations.mistakes.rows.empty())
            results.blocks.push_back(
                report::CaptionedTable{evaluations.mistakes, "Sentences taken for another class."});
        page.sections.push_back(std::move(results));
    }
    for (auto* part : {&training, &noise})
        for (Section& section : *part) page.sections.push_back(std::move(section));
    if (!circuits.blocks.empty()) page.sections.push_back(std::move(circuits));
    page.footer = fmt::format("Made by qdcnn {} from {} files.", QDCNN_VERSION, files.size());
    return to_html(page);
}

}  // namespace qdcnn::cli
