#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/scales.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/json.h"
#include "qdcnn/model/model_file.h"
#include "qdcnn/report/chart.h"
#include "qdcnn/report/table.h"
#include "qdcnn/run/sweep.h"
#include "qdcnn/text/dataset.h"

namespace qdcnn::cli {
namespace {

nlohmann::ordered_json to_json(const std::vector<run::SweepPoint>& points, const run::SweepRequest& request,
                               const std::string& axis) {
    nlohmann::ordered_json answer{
        {"schema", "qdcnn.sweep/1"},
        {"target", request.axis.target.empty() ? request.axis.channel : request.axis.target},
        {"axis", axis},
        {"shots", nullptr},
        {"seed", request.seed},
        {"points", nlohmann::ordered_json::array()}};
    if (request.shots) answer["shots"] = *request.shots;
    for (const run::SweepPoint& point : points)
        answer["points"].push_back({{"scale", point.scale},
                                    {"accuracy", point.accuracy},
                                    {"interval", {point.interval.low, point.interval.high}},
                                    {"margin", point.margin},
                                    {"seeds", point.seeds}});
    return answer;
}

report::Table to_table(const std::vector<run::SweepPoint>& points) {
    using enum report::Align;
    report::Table table{{{"scale", right},
                         {"accuracy", right},
                         {"low", right},
                         {"high", right},
                         {"margin", right},
                         {"seeds", right}},
                        {}};
    for (const run::SweepPoint& point : points)
        table.rows.push_back({fmt::format("{}", point.scale), fmt::format("{}", point.accuracy),
                              fmt::format("{}", point.interval.low), fmt::format("{}", point.interval.high),
                              fmt::format("{}", point.margin), fmt::format("{}", point.seeds)});
    return table;
}

report::Table to_rounded_table(const std::vector<run::SweepPoint>& points, const std::string& axis) {
    using enum report::Align;
    report::Table table{
        {{axis, right}, {"accuracy", right}, {"95 % interval", right}, {"margin", right}, {"seeds", right}},
        {}};
    for (const run::SweepPoint& point : points)
        table.rows.push_back({fmt::format("{:g}", point.scale), report::format_fixed(point.accuracy),
                              report::format_interval(point.interval.low, point.interval.high),
                              report::format_fixed(point.margin), fmt::format("{}", point.seeds)});
    return table;
}

std::string to_chart(const std::vector<run::SweepPoint>& points, const std::string& axis) {
    report::LineChart chart;
    chart.title = "Accuracy against noise";
    chart.x.label = axis;
    chart.y = {.label = "accuracy", .high = 1.0, .is_percent = true};
    report::Series series{.name = "accuracy, 95 % interval", .points = {}};
    for (const run::SweepPoint& point : points)
        series.points.push_back({point.scale, point.accuracy, point.interval.low, point.interval.high});
    chart.series.push_back(std::move(series));
    return report::to_svg(chart);
}

}  // namespace

Options sweep_options() {
    Options options("sweep",
                    "Accuracy of a model against noise strength: points.csv, points.json and sweep.svg.");
    options.value("model", "FILE", "the trained model").required();
    options.value("data", "FILE", "labelled sentences, or builtin:NAME[:SPLIT]").required();
    options.value("target", "NAME|FILE", "the device whose noise is scaled");
    options.value("channel", "NAME",
                  "instead: this channel on every qubit of every gate; scales are its rate");
    options.value("scale", "FROM:TO:POINTS", "noise strengths (0:4:9; with --channel 0:0.05:6)");
    options.value("seeds", "N", "repetitions of each point (1)");
    options.value("seed", "N", "of the first repetition (0)");
    options.value("shots", "N", "shots a circuit (exact)");
    options.value("output", "DIR", "the folder for the files", 'o').required();
    return options;
}

int run_sweep(const ParsedOptions& given, Console& console) {
    run::SweepRequest request;
    request.axis = {given.text_or("target", ""), given.text_or("channel", "")};
    if (request.axis.target.empty() == request.axis.channel.empty())
        throw Error(ErrorKind::usage, "sweep takes either --target or --channel", "See qdcnn sweep --help.");
    const bool by_channel = !request.axis.channel.empty();
    request.scales = read_scales(given.text_or("scale", by_channel ? "0:0.05:6" : "0:4:9"));
    request.seeds = static_cast<std::size_t>(given.integer("seeds", 1, 10000).value_or(1));
    request.seed = static_cast<std::uint64_t>(given.integer("seed", 0, 1'000'000'000'000).value_or(0));
    if (const auto shots = given.integer("shots", 1, 1'000'000'000))
        request.shots = static_cast<std::uint64_t>(*shots);
    const std::string axis =
        by_channel ? "rate of " + request.axis.channel : "noise strength (1: the device as calibrated)";

    const auto model = model::make_model(model::read_model(*given.text("model")).definition);
    model::require_circuits(*model);
    const text::Dataset data = text::load_dataset(*given.text("data"));
    const std::string folder = *given.text("output");
    // Made first, so that a folder that cannot be is known before the work.
    const bool is_new = !exists(folder);
    make_folders(folder);
    std::vector<run::SweepPoint> points;
    nlohmann::ordered_json answer;
    try {
        {
            Progress progress(console, "sweep");
            points = run::sweep(*model, data, request,
                                [&](std::size_t done, std::size_t total) { progress.update(done, total); });
        }
        answer = to_json(points, request, axis);
        write_file_atomic(folder + "/points.csv", report::to_csv(to_table(points)));
        write_file_atomic(folder + "/points.json", to_text(answer, 2) + "\n");
        write_file_atomic(folder + "/sweep.svg", to_chart(points, axis));
    } catch (...) {
        std::error_code ignored;
        if (is_new) std::filesystem::remove_all(folder, ignored);
        throw;
    }
    if (given.json())
        console.out << to_text(answer) << '\n';
    else
        console.out << report::to_text(to_rounded_table(points, by_channel ? "rate" : "scale")) << "wrote "
                    << folder << "/points.csv, points.json, sweep.svg\n";
    return 0;
}

}  // namespace qdcnn::cli
