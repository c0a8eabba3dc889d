#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "qdcnn/base/random.h"
#include "qdcnn/text/dataset.h"

namespace qdcnn::model {

/// Of one figure over seeds. `deviation` is the sample's (n - 1), 0 for one value. No value: all 0.
struct Summary {
    std::size_t n = 0;
    double mean = 0.0;
    double deviation = 0.0;
    double smallest = 0.0;
    double largest = 0.0;
};
Summary summarise(std::span<const double> values);

/// Two classifiers on the same sentences: on how many only one of them is right.
struct Discordance {
    std::size_t only_first = 0;
    std::size_t only_second = 0;
};
/// first, second: whether each is right, sentence by sentence; of one length.
Discordance compare(const std::vector<bool>& first, const std::vector<bool>& second);

/// McNemar's exact test, two-sided: how likely discordances as uneven as these are when both classifiers are
/// equally good. 1 when there is none. Source: McNemar, 1947; the binomial tail.
double mcnemar(const Discordance& discordance);

/// One p-value of several of the same null hypothesis, however they depend on each other: twice the median,
/// at most 1. Source: Vovk and Wang, Combining p-values via averaging, 2020. None: 1.
double combined_p(std::vector<double> p_values);

/// The fold, 0 to folds - 1, of each example: every label is spread over the folds as evenly as it goes, and
/// so are all examples. Throws Error(invalid_input): folds < 2 or more than there are examples, a label that
/// stands once only (its fold would be tested without ever having been trained).
std::vector<std::size_t> stratified_folds(const text::Dataset& data, std::size_t folds, Random random);

}  // namespace qdcnn::model
