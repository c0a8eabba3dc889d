#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>

#include "qdcnn/base/error.h"
#include "qdcnn/report/device_drawing.h"
#include "report/svg.h"

namespace qdcnn::report {
namespace {

using target::Qubit;
using target::Target;
using Places = std::vector<std::pair<double, double>>;

constexpr double kUnit = 44, kMargin = 40, kRadius = 13, kLegend = 64;

std::vector<std::vector<Qubit>> couplings(const Target& device) {
    std::vector<std::vector<Qubit>> lists(device.num_qubits);
    for (const auto& [a, b] : device.edges) {
        lists[a].push_back(b);
        lists[b].push_back(a);
    }
    return lists;
}

/// Couplings on the shortest way from one qubit to all; parts that are not connected stand a little apart.
std::vector<std::vector<double>> distances(const Target& device) {
    const auto next = couplings(device);
    std::vector<std::vector<double>> all;
    double longest = 1;
    for (Qubit from = 0; from < device.num_qubits; ++from) {
        std::vector<double> away(device.num_qubits, -1);
        std::vector<Qubit> queue{from};
        away[from] = 0;
        for (std::size_t i = 0; i < queue.size(); ++i)
            for (const Qubit to : next[queue[i]]) {
                if (away[to] >= 0) continue;
                away[to] = away[queue[i]] + 1;
                longest = std::max(longest, away[to]);
                queue.push_back(to);
            }
        all.push_back(std::move(away));
    }
    for (auto& row : all)
        for (double& away : row)
            if (away < 0) away = longest / 2 + 2;
    return all;
}

/// One start from the distances to two qubits that are far from each other.
Places first_places(const std::vector<std::vector<double>>& away) {
    const auto far =
        static_cast<std::size_t>(std::max_element(away[0].begin(), away[0].end()) - away[0].begin());
    const auto other =
        static_cast<std::size_t>(std::max_element(away[far].begin(), away[far].end()) - away[far].begin());
    std::size_t side = 0;
    for (std::size_t q = 0; q < away.size(); ++q)
        if (std::min(away[q][far], away[q][other]) > std::min(away[side][far], away[side][other])) side = q;
    Places places;
    for (std::size_t q = 0; q < away.size(); ++q)
        // A little askew: qubits at equal distances must not coincide.
        places.emplace_back(away[q][far] - away[q][other] + 0.01 * static_cast<double>(q % 7),
                            away[q][side] + 0.01 * static_cast<double>(q % 5));
    return places;
}

double best_error(const Target& device, Qubit a, Qubit b) {
    double best = std::numeric_limits<double>::quiet_NaN();
    for (const auto& native : device.native_gates) {
        for (const auto& [c, t] : {std::pair(a, b), std::pair(b, a)}) {
            if (!device.is_available(native, c, t)) continue;
            const double error = device.properties_of(native.name, {c, t}).error;
            if (!(error > best)) best = error;
        }
    }
    return best;
}

/// Five steps of equally many values.
class Steps {
  public:
    explicit Steps(std::vector<double> values) {
        std::erase_if(values, [](double value) { return std::isnan(value); });
        std::sort(values.begin(), values.end());
        for (std::size_t step = 1; step <= 5 && !values.empty(); ++step)
            ends_.push_back(values[std::max<std::size_t>(values.size() * step / 5, 1) - 1]);
    }
    /// Green to red, as classes of Svg; nothing for unknown values.
    std::optional<int> colour(double value) const {
        if (std::isnan(value) || ends_.empty()) return std::nullopt;
        const auto step = std::lower_bound(ends_.begin(), ends_.end() - 1, value) - ends_.begin();
        return kColours[static_cast<std::size_t>(step)];
    }
    const std::vector<double>& ends() const { return ends_; }
    static constexpr std::array<int, 5> kColours{2, 0, 3, 1, 4};

  private:
    std::vector<double> ends_;
};

void draw_legend(Svg& svg, const Steps& steps, const char* title, double x, double y) {
    svg.text(x, y, title, "qd-dim");
    for (std::size_t step = 0; step < steps.ends().size(); ++step) {
        const double left = x + 100 + 84 * static_cast<double>(step);
        svg.circle(left, y - 4, 5, fmt::format("qd-f{}", Steps::kColours[step]));
        svg.text(left + 9, y, fmt::format("to {:.2g}", steps.ends()[step]), "qd-small");
    }
}

}  // namespace

Places device_places(const Target& device) {
    const std::size_t count = device.num_qubits;
    Places places;
    if (device.all_to_all || device.edges.empty()) {
        const double radius = std::max(1.0, static_cast<double>(count) / (2 * std::numbers::pi));
        for (std::size_t q = 0; q < count; ++q) {
            const double angle = 2 * std::numbers::pi * static_cast<double>(q) / static_cast<double>(count);
            places.emplace_back(radius * std::sin(angle), -radius * std::cos(angle));
        }
        return places;
    }
    const auto away = distances(device);
    places = first_places(away);
    for (int round = 0; round < 300; ++round)
        for (std::size_t i = 0; i < count; ++i) {
            double x = 0, y = 0, total = 0;
            for (std::size_t j = 0; j < count; ++j) {
                if (i == j) continue;
                const double weight = 1 / (away[i][j] * away[i][j]);
                const double dx = places[i].first - places[j].first, dy = places[i].second - places[j].second;
                const double scale = away[i][j] / std::max(std::hypot(dx, dy), 1e-6);
                x += weight * (places[j].first + dx * scale);
                y += weight * (places[j].second + dy * scale);
                total += weight;
            }
            if (total > 0) places[i] = {x / total, y / total};
        }
    return places;
}

std::string draw_device(const Target& device, const std::vector<Qubit>& layout) {
    for (const Qubit qubit : layout)
        if (qubit >= device.num_qubits)
            throw Error(ErrorKind::invalid_input, fmt::format("the layout has qubit {}, {} has {}", qubit,
                                                              device.name, device.num_qubits));
    Places places = device_places(device);
    double left = 0, right = 0, top = 0, bottom = 0;
    for (const auto& [x, y] : places) {
        left = std::min(left, x), right = std::max(right, x);
        top = std::min(top, y), bottom = std::max(bottom, y);
    }
    for (auto& [x, y] : places) x = kMargin + (x - left) * kUnit, y = kMargin + 20 + (y - top) * kUnit;
    const double width = std::max(560.0, 2 * kMargin + (right - left) * kUnit);
    const double height = 2 * kMargin + 20 + (bottom - top) * kUnit;
    Svg svg(width, height + kLegend, device.name);
    svg.text(kMargin / 2, 22, device.name + (device.date.empty() ? "" : ", " + device.date), "qd-title");

    std::vector<double> readouts, gates;
    for (Qubit q = 0; q < device.num_qubits; ++q) {
        const bool has_figure = q < device.qubits.size() && device.readout_flips(q) != std::pair(0.0, 0.0);
        const auto [up, down] = device.readout_flips(q);
        readouts.push_back(has_figure ? (up + down) / 2 : std::numeric_limits<double>::quiet_NaN());
    }
    for (const auto& [a, b] : device.edges) gates.push_back(best_error(device, a, b));
    const Steps of_readouts(readouts), of_gates(gates);
    for (std::size_t i = 0; i < gates.size(); ++i) {
        const auto& [a, b] = device.edges[i];
        const auto colour = of_gates.colour(gates[i]);
        const std::string classes = !device.is_neighbour(a, b) ? "qd-ref"
                                    : colour                   ? fmt::format("qd-line qd-s{}", *colour)
                                                               : "qd-axis";
        svg.line(places[a].first, places[a].second, places[b].first, places[b].second, classes);
    }
    for (Qubit q = 0; q < device.num_qubits; ++q) {
        const auto& [x, y] = places[q];
        const bool works = q >= device.qubits.size() || device.qubits[q].is_operational;
        const auto colour = works ? of_readouts.colour(readouts[q]) : std::nullopt;
        svg.circle(x, y, kRadius, colour ? fmt::format("qd-f{}", *colour) : "qd-plain",
                   works ? fmt::format("qubit {}: read-out error {:.3g}", q, readouts[q])
                         : fmt::format("qubit {}: out of order", q));
        svg.text(x, y + 4, std::to_string(q), colour ? "qd-on qd-small" : "qd-small", Anchor::middle);
    }
    for (std::size_t v = 0; v < layout.size(); ++v) {
        const auto& [x, y] = places[layout[v]];
        svg.circle(x, y, kRadius + 4, "qd-needle");
        svg.text(x + kRadius + 3, y - kRadius + 1, fmt::format("v{}", v), "qd-small");
    }
    draw_legend(svg, of_readouts, "read-out error", kMargin / 2, height + 12);
    if (!gates.empty()) draw_legend(svg, of_gates, "two-qubit error", kMargin / 2, height + 36);
    return svg.finish();
}

}  // namespace qdcnn::report
