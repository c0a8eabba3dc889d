#pragma once

#include <span>
#include <vector>

#include "qdcnn/text/vocabulary.h"

namespace qdcnn::text {

/// idf of every vocabulary entry: ln((N + 1) / (df + 1)) + 1 for N sentences, df of which hold the entry; 1
/// for <UNK> and <PAD>. sentences: ids, padded or not.
std::vector<double> inverse_document_frequencies(std::size_t vocabulary_size,
                                                 std::span<const std::vector<WordId>> sentences);

/// TF-IDF of one sentence, an entry for each of idf: counts, with that of <UNK> set to 1 and that of <PAD> to
/// 0, divided by their sum, times idf, then divided by (largest + 1e-5) and by (L2 norm + 1e-5). The norm
/// stays a little under 1; the amplitude encoder divides it out. Source: models.md, section 0, the published
/// model's input.
std::vector<double> tfidf(std::span<const WordId> ids, std::span<const double> idf);

}  // namespace qdcnn::text
