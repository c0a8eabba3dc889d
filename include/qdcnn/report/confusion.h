#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace qdcnn::report {

/// How often each class was taken for each: counts[label * classes + predicted].
struct ConfusionMatrix {
    std::vector<std::string> classes;
    std::vector<std::size_t> counts;

    std::size_t count(std::size_t label, std::size_t predicted) const {
        return counts[label * classes.size() + predicted];
    }
};

/// labels and predicted have equal length and name classes. Throws Error(invalid_input) else.
ConfusionMatrix confusion_matrix(std::vector<std::string> classes, const std::vector<std::string>& labels,
                                 const std::vector<std::string>& predicted);

/// A self-contained SVG element like to_svg(LineChart). A cell's shade is its share of its row (of the true
/// class).
std::string to_svg(const ConfusionMatrix& matrix, const std::string& title);

}  // namespace qdcnn::report
