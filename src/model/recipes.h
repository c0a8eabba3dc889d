#pragma once

#include <cstddef>
#include <span>

#include "qdcnn/model/models.h"
#include "qdcnn/text/vocabulary.h"

// How networks are trained, where several are trained alike.

namespace qdcnn::model {

/// That of the published staged network and of the convolutions it was compared with: for the small task (MC)
/// or the larger (RP). Source: models.md, section 0.
TrainingSettings published_recipe(bool is_small);

/// With words dropped (coherent-model.md, section 3).
TrainingSettings word_dropout_recipe();

/// Takes the word for <UNK>; padding stays padding.
void forget(text::WordId& word);

/// A restart is chosen by its loss on the sentences and on so many copies, in copy t of which every fourth
/// word from number t on is forgotten: one that has learned to do without single words.
inline constexpr std::size_t kForgetfulCopies = 4;
void forget_every_fourth(std::span<text::WordId> words, std::size_t first);

}  // namespace qdcnn::model
