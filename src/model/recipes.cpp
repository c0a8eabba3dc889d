#include "model/recipes.h"

namespace qdcnn::model {

TrainingSettings published_recipe(bool is_small) {
    return {.optimiser = "adam_inside",
            .learning_rate = 0.05,
            .batch = is_small ? std::size_t{8} : std::size_t{6},
            .epochs = is_small ? std::size_t{40} : std::size_t{100}};
}

TrainingSettings word_dropout_recipe() {
    return {.optimiser = "adam",
            .learning_rate = 0.05,
            .batch = 16,
            .epochs = 60,
            .schedule = "cosine",
            .restarts = 3};
}

void forget(text::WordId& word) {
    if (word != text::Vocabulary::kPadding) word = text::Vocabulary::kUnknown;
}

void forget_every_fourth(std::span<text::WordId> words, std::size_t first) {
    for (std::size_t at = first; at < words.size(); at += kForgetfulCopies) forget(words[at]);
}

}  // namespace qdcnn::model
