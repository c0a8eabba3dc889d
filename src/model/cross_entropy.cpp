#include "model/cross_entropy.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace qdcnn::model {

std::vector<double> softmax(std::span<const double> logits) {
    const double largest = *std::max_element(logits.begin(), logits.end());
    std::vector<double> result(logits.begin(), logits.end());
    for (double& value : result) value = std::exp(value - largest);
    const double sum = std::accumulate(result.begin(), result.end(), 0.0);
    for (double& value : result) value /= sum;
    return result;
}

double cross_entropy(std::span<const double> logits, std::size_t label, std::span<double> gradient) {
    const double largest = *std::max_element(logits.begin(), logits.end());
    double sum = 0.0;
    for (const double logit : logits) sum += std::exp(logit - largest);
    for (std::size_t c = 0; c < gradient.size(); ++c)
        gradient[c] = std::exp(logits[c] - largest) / sum - (c == label ? 1.0 : 0.0);
    return std::log(sum) + largest - logits[label];
}

double mean_cross_entropy(std::span<const double> logits, std::span<const std::size_t> labels) {
    if (labels.empty()) return 0.0;
    const std::size_t classes = logits.size() / labels.size();
    double sum = 0.0;
    for (std::size_t s = 0; s < labels.size(); ++s)
        sum += cross_entropy(logits.subspan(s * classes, classes), labels[s]);
    return sum / static_cast<double>(labels.size());
}

std::size_t index_of_largest(std::span<const double> values) {
    return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

}  // namespace qdcnn::model
