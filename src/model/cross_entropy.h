#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace qdcnn::model {

/// exp(logits) / sum; no overflow.
std::vector<double> softmax(std::span<const double> logits);

/// -ln softmax(logits)[label]. gradient (may be empty): set to its derivative by the logits.
double cross_entropy(std::span<const double> logits, std::size_t label, std::span<double> gradient = {});

/// Over labels.size() rows of logits. 0 of none.
double mean_cross_entropy(std::span<const double> logits, std::span<const std::size_t> labels);

/// The first of the largest.
std::size_t index_of_largest(std::span<const double> values);

}  // namespace qdcnn::model
