#include "cli/study_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "cli/study_tables.h"
#include "qdcnn/report/chart.h"
#include "qdcnn/report/html.h"
#include "qdcnn/report/interval_plot.h"
#include "qdcnn/report/shaded_grid.h"

namespace qdcnn::cli {
namespace {

using report::Section;
using Scores = std::optional<run::StudyScores> run::StudyEntry::*;

/// What the page says of one task.
class TaskSection {
  public:
    TaskSection(const run::StudyResult& result, const std::string& task) : task_(task) {
        for (const run::StudyEntry& entry : result.entries)
            if (entry.task == task) part_.entries.push_back(entry);
        for (const run::StudyComparison& one : result.comparisons)
            if (one.task == task) part_.comparisons.push_back(one);
    }

    Section section() const {
        Section section{task_, {}};
        report::Pictures accuracies;
        for (const auto& [scores, title] : {std::pair(&run::StudyEntry::official, "Test"),
                                            std::pair(&run::StudyEntry::cv, "Cross-validation")})
            add_accuracies(scores, title, accuracies);
        section.blocks.push_back(std::move(accuracies));
        section.blocks.push_back(report::CaptionedTable{study_accuracies(part_)});
        add_comparisons(section);
        add_noise(section);
        add_gates(section);
        return section;
    }

  private:
    void add_accuracies(Scores scores, const std::string& title, report::Pictures& pictures) const {
        report::IntervalPlot plot{.title = title + ", mean over the seeds", .axis = "accuracy", .rows = {}};
        double lowest = 1.0;
        for (const run::StudyEntry& entry : part_.entries) {
            const auto& own = entry.*scores;
            if (!own) continue;
            plot.rows.push_back(
                {entry.row, own->accuracy.mean, own->interval.low, own->interval.high,
                 fmt::format("{:.1f} ± {:.1f}", 100 * own->accuracy.mean, 100 * own->accuracy.deviation)});
            lowest = std::min({lowest, own->interval.low, own->accuracy.mean});
        }
        if (plot.rows.empty()) return;
        plot.low = std::max(0.0, std::floor(10.0 * lowest - 1e-9) / 10.0);
        if (plot.low >= plot.high) plot.low = 0.0;
        pictures.pictures.push_back(
            {to_svg(plot), "Interval: Wilson, 95 %, of the mean among the sentences."});
    }

    void add_comparisons(Section& section) const {
        report::Pictures pictures;
        for (const char* part : {"official", "cv"}) {
            report::ShadedGrid grid{
                std::string("McNemar, ") + (std::string(part) == "cv" ? "cross-validation" : "test"), {}, {}};
            for (const run::StudyEntry& entry : part_.entries) grid.names.push_back(entry.row);
            const std::size_t n = grid.names.size();
            grid.cells.resize(n * n);
            bool has_any = false;
            for (const run::StudyComparison& one : part_.comparisons) {
                if (one.part != part) continue;
                has_any = true;
                const auto index = [&](const std::string& row) {
                    return static_cast<std::size_t>(std::find(grid.names.begin(), grid.names.end(), row) -
                                                    grid.names.begin());
                };
                const std::size_t first = index(one.first), second = index(one.second);
                // Darker, the surer: full from p = 0.001 on.
                const double shade =
                    one.p >= 0.05 ? 0.0 : std::min(1.0, 0.3 - 0.35 * std::log10(one.p / 0.05));
                const std::string text = one.p < 0.001 ? "<.001" : fmt::format("{:.3f}", one.p);
                grid.cells[first * n + second] = grid.cells[second * n + first] = {text, shade};
            }
            if (has_any)
                pictures.pictures.push_back(
                    {to_svg(grid),
                     "p of exact McNemar tests, twice the median over the seeds; shaded below 0.05."});
        }
        if (!pictures.pictures.empty()) section.blocks.push_back(std::move(pictures));
    }

    /// A picture a device: accuracy, and margin, against the strength of its noise.
    void add_noise(Section& section) const {
        std::map<std::string, std::pair<report::LineChart, report::LineChart>> devices;
        for (const run::StudyEntry& entry : part_.entries)
            for (const run::StudyConditionScores& one : entry.conditions) {
                const std::string& device = one.condition.device;
                if (device.empty()) continue;
                auto& [accuracy, margin] = devices[device];
                const model::Interval& interval = one.scores.interval;
                point_of(accuracy, entry.row,
                         {one.condition.scale, one.scores.accuracy.mean, interval.low, interval.high});
                point_of(margin, entry.row, {one.condition.scale, one.margin.mean});
            }
        report::Pictures pictures;
        for (auto& [device, charts] : devices) {
            auto& [accuracy, margin] = charts;
            accuracy.title = "Test accuracy on " + device;
            accuracy.y = {.label = "accuracy", .high = 1.0, .is_percent = true};
            margin.title = "Mean margin on " + device;
            margin.y.label = "logits";
            for (report::LineChart* chart : {&accuracy, &margin}) {
                chart->x.label = "noise (1: the device as calibrated)";
                pictures.pictures.push_back({to_svg(*chart)});
            }
        }
        if (!pictures.pictures.empty()) section.blocks.push_back(std::move(pictures));
        const report::Table table = study_conditions(part_);
        if (!table.rows.empty()) section.blocks.push_back(report::CaptionedTable{table});
    }

    static void point_of(report::LineChart& chart, const std::string& row, report::Point point) {
        auto found = std::find_if(chart.series.begin(), chart.series.end(),
                                  [&](const report::Series& series) { return series.name == row; });
        if (found == chart.series.end()) found = chart.series.insert(found, {.name = row, .points = {}});
        found->points.push_back(point);
    }

    void add_gates(Section& section) const {
        std::map<std::string, report::IntervalPlot> plots;
        for (const run::StudyEntry& entry : part_.entries) {
            if (entry.circuits == 0) continue;
            bar_of(plots["as written"], entry.row, entry.two_qubit_gates, entry.two_qubit_depth);
            for (const run::StudyDeviceFacts& facts : entry.devices)
                bar_of(plots["on " + facts.device], entry.row, facts.two_qubit_gates, facts.two_qubit_depth);
        }
        report::Pictures pictures;
        for (auto& [where, plot] : plots) {
            plot.title = "Gates on two qubits, " + where;
            plot.axis = "gates of one sentence's circuits";
            pictures.pictures.push_back({to_svg(plot)});
        }
        if (!pictures.pictures.empty()) section.blocks.push_back(std::move(pictures));
        const report::Table table = study_devices(part_);
        if (!table.rows.empty()) section.blocks.push_back(report::CaptionedTable{table});
    }

    static void bar_of(report::IntervalPlot& plot, const std::string& row, std::size_t gates,
                       std::size_t depth) {
        plot.is_percent = false;
        plot.has_bars = true;
        plot.rows.push_back({.name = row,
                             .value = static_cast<double>(gates),
                             .note = fmt::format("{}, depth {}", gates, depth)});
        plot.high = std::max(plot.high, static_cast<double>(gates));
    }

    std::string task_;
    run::StudyResult part_;
};

}  // namespace

std::string study_page(const run::StudyResult& result, const run::StudyRequest& request) {
    report::Page page{.title = "Models compared",
                      .subtitle = fmt::format("{} seeds", request.seeds),
                      .sections = {},
                      .footer = fmt::format("Made by qdcnn {} study.", QDCNN_VERSION)};
    for (const run::StudyTask& task : request.tasks)
        page.sections.push_back(TaskSection(result, task.name).section());
    page.sections.push_back({"What the figures mean", {report::Listing{study_notes(result, request)}}});
    return to_html(page);
}

}  // namespace qdcnn::cli
