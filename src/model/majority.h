#pragma once

#include "qdcnn/model/models.h"

namespace qdcnn::model {

// One tensor "logits" of shape [classes]: ln of the share of each class in the training data.
Definition define_majority(const text::Dataset& train, const std::string& preset, Random& random);
TrainingSettings majority_settings(const Definition& definition);
std::unique_ptr<Model> make_majority(Definition definition);

}  // namespace qdcnn::model
