#include "qdcnn/report/confusion.h"

#include <fmt/format.h>

#include <algorithm>

#include "qdcnn/base/error.h"
#include "qdcnn/base/suggest.h"
#include "report/svg.h"
#include "report/text.h"

namespace qdcnn::report {
namespace {

std::size_t class_index(const std::vector<std::string>& classes, const std::string& name) {
    const auto found = std::find(classes.begin(), classes.end(), name);
    if (found == classes.end())
        throw Error(ErrorKind::invalid_input, fmt::format("'{}' is none of the classes", name),
                    suggestion(name, classes));
    return static_cast<std::size_t>(found - classes.begin());
}

}  // namespace

ConfusionMatrix confusion_matrix(std::vector<std::string> classes, const std::vector<std::string>& labels,
                                 const std::vector<std::string>& predicted) {
    if (labels.size() != predicted.size())
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{} labels but {} predictions", labels.size(), predicted.size()));
    ConfusionMatrix matrix{std::move(classes), {}};
    matrix.counts.assign(matrix.classes.size() * matrix.classes.size(), 0);
    for (std::size_t k = 0; k < labels.size(); ++k)
        ++matrix.counts[class_index(matrix.classes, labels[k]) * matrix.classes.size() +
                        class_index(matrix.classes, predicted[k])];
    return matrix;
}

std::string to_svg(const ConfusionMatrix& matrix, const std::string& title) {
    const std::size_t n = matrix.classes.size();
    if (n == 0 || matrix.counts.size() != n * n)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("a confusion matrix of {} classes has {} counts, expected {}", n,
                                matrix.counts.size(), n * n));
    const double cell = std::clamp(420.0 / static_cast<double>(n), 30.0, 84.0);
    double label_width = 0;
    for (const std::string& name : matrix.classes) label_width = std::max(label_width, text_width(name));
    const double left = 40 + label_width, side = cell * static_cast<double>(n);
    // Column titles that do not fit side by side stand upright.
    const bool is_upright = label_width > cell - 6;
    const double top = 56 + (is_upright ? label_width : 14);
    Svg svg(std::max(left + side + 16, 32 + text_width(title, 15)), top + side + 16, title);
    svg.text(16, 24, title, "qd-title");
    svg.text(left + side / 2, 44, "predicted", "qd-dim", Anchor::middle);
    svg.text(18, top + side / 2, "true", "qd-dim", Anchor::middle,
             fmt::format("transform=\"rotate(-90 18 {})\"", coordinate(top + side / 2)));
    for (std::size_t row = 0; row < n; ++row) {
        const double middle = (static_cast<double>(row) + 0.5) * cell;
        svg.text(left - 8, top + middle + 4, matrix.classes[row], "", Anchor::end);
        if (is_upright)
            svg.text(left + middle + 4, top - 8, matrix.classes[row], "", Anchor::start,
                     fmt::format("transform=\"rotate(-90 {} {})\"", coordinate(left + middle + 4),
                                 coordinate(top - 8)));
        else
            svg.text(left + middle, top - 8, matrix.classes[row], "", Anchor::middle);
        std::size_t total = 0;
        for (std::size_t column = 0; column < n; ++column) total += matrix.count(row, column);
        for (std::size_t column = 0; column < n; ++column) {
            const double share =
                total == 0 ? 0 : static_cast<double>(matrix.count(row, column)) / static_cast<double>(total);
            const double x = left + static_cast<double>(column) * cell,
                         y = top + static_cast<double>(row) * cell;
            const double opacity = 0.05 + 0.9 * share;
            svg.rect(x + 1, y + 1, cell - 2, cell - 2, "qd-f0", 3,
                     fmt::format("fill-opacity=\"{}\"", coordinate(opacity)));
            const std::string_view ink = opacity > 0.55 ? "qd-on" : "";
            const bool has_share = cell >= 48;
            svg.text(x + cell / 2, y + cell / 2 + (has_share ? -1 : 4),
                     std::to_string(matrix.count(row, column)), ink, Anchor::middle);
            if (has_share)
                svg.text(x + cell / 2, y + cell / 2 + 15, fmt::format("{:.0f} %", 100 * share),
                         opacity > 0.55 ? "qd-on qd-small" : "qd-small", Anchor::middle);
        }
    }
    return svg.finish();
}

}  // namespace qdcnn::report
