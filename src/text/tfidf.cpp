#include "qdcnn/text/tfidf.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace qdcnn::text {
namespace {

constexpr double kGuard = 1e-5;

}  // namespace

std::vector<double> inverse_document_frequencies(std::size_t vocabulary_size,
                                                 std::span<const std::vector<WordId>> sentences) {
    std::vector<std::size_t> holding(vocabulary_size, 0);
    for (std::vector<WordId> ids : sentences) {
        std::sort(ids.begin(), ids.end());
        ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
        for (const WordId id : ids) ++holding[id];
    }
    std::vector<double> idf(vocabulary_size, 1.0);
    const double numerator = static_cast<double>(sentences.size()) + 1.0;
    for (std::size_t id = Vocabulary::kPadding + 1; id < vocabulary_size; ++id)
        idf[id] = std::log(numerator / (static_cast<double>(holding[id]) + 1.0)) + 1.0;
    return idf;
}

std::vector<double> tfidf(std::span<const WordId> ids, std::span<const double> idf) {
    std::vector<double> values(idf.size(), 0.0);
    for (const WordId id : ids) values[id] += 1.0;
    values[Vocabulary::kUnknown] = 1.0;
    values[Vocabulary::kPadding] = 0.0;
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    for (std::size_t id = 0; id < values.size(); ++id) values[id] = values[id] / sum * idf[id];
    const double largest = *std::max_element(values.begin(), values.end());
    for (double& value : values) value /= largest + kGuard;
    const double norm = std::sqrt(std::inner_product(values.begin(), values.end(), values.begin(), 0.0));
    for (double& value : values) value /= norm + kGuard;
    return values;
}

}  // namespace qdcnn::text
