#include "qdcnn/model/statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "qdcnn/base/error.h"

namespace qdcnn::model {

Summary summarise(std::span<const double> values) {
    Summary summary;
    if (values.empty()) return summary;
    summary.n = values.size();
    const auto n = static_cast<double>(values.size());
    summary.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    double squares = 0.0;
    for (const double value : values) squares += (value - summary.mean) * (value - summary.mean);
    summary.deviation = values.size() > 1 ? std::sqrt(squares / (n - 1.0)) : 0.0;
    const auto [smallest, largest] = std::minmax_element(values.begin(), values.end());
    summary.smallest = *smallest;
    summary.largest = *largest;
    return summary;
}

Discordance compare(const std::vector<bool>& first, const std::vector<bool>& second) {
    if (first.size() != second.size())
        throw Error(ErrorKind::internal,
                    fmt::format("{} sentences are compared with {}", first.size(), second.size()));
    Discordance result;
    for (std::size_t i = 0; i < first.size(); ++i) {
        result.only_first += first[i] && !second[i];
        result.only_second += !first[i] && second[i];
    }
    return result;
}

double mcnemar(const Discordance& discordance) {
    const auto n = static_cast<double>(discordance.only_first + discordance.only_second);
    const std::size_t fewer = std::min(discordance.only_first, discordance.only_second);
    double tail = 0.0;
    for (std::size_t k = 0; k <= fewer; ++k) {
        const auto i = static_cast<double>(k);
        tail +=
            std::exp(std::lgamma(n + 1) - std::lgamma(i + 1) - std::lgamma(n - i + 1) - n * std::log(2.0));
    }
    return std::min(1.0, 2.0 * tail);
}

double combined_p(std::vector<double> p_values) {
    if (p_values.empty()) return 1.0;
    std::sort(p_values.begin(), p_values.end());
    const std::size_t middle = p_values.size() / 2;
    const double median =
        p_values.size() % 2 == 1 ? p_values[middle] : 0.5 * (p_values[middle - 1] + p_values[middle]);
    return std::min(1.0, 2.0 * median);
}

std::vector<std::size_t> stratified_folds(const text::Dataset& data, std::size_t folds, Random random) {
    if (folds < 2 || folds > data.examples.size())
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{} folds of {} sentences: expected 2 to as many as there are sentences",
                                folds, data.examples.size()));
    std::map<std::string, std::vector<std::size_t>> by_label;
    for (std::size_t i = 0; i < data.examples.size(); ++i) by_label[data.examples[i].label].push_back(i);
    std::vector<std::size_t> fold(data.examples.size());
    // One label's examples go round the folds where the last one's ended, so that the folds are of one size.
    std::size_t next = 0;
    for (auto& [label, members] : by_label) {
        if (members.size() < 2)
            throw Error(ErrorKind::invalid_input,
                        fmt::format("the label \"{}\" stands once in {}: no fold can learn and test it",
                                    label, data.name),
                        "Add sentences of that label, or do without cross-validation (--folds 0).");
        random.shuffle(members);
        for (const std::size_t member : members) fold[member] = next++ % folds;
    }
    return fold;
}

}  // namespace qdcnn::model
