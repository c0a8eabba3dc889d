#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qdcnn/model/model.h"
#include "qdcnn/text/dataset.h"

namespace qdcnn::model {

/// auto, mc and rp, which every model has.
std::span<const std::string_view> common_presets();

/// Name, preset, classes and vocabulary; idf is 1 throughout. Throws Error(usage) with "did you mean" for a
/// preset that the model's row has not, Error(invalid_input) when there are fewer than two classes.
Definition definition_of_data(const std::string& model, const std::string& preset,
                              const text::Dataset& train);

/// Throws Error(invalid_input) naming the path when the names of the hyper-parameters are not just these, the
/// optional ones or not.
void check_hyperparameters(const Definition& definition, const std::vector<std::string>& names,
                           const std::vector<std::string>& optional = {});

/// The hyper-parameter as a whole number. Throws Error(invalid_input) unless it is one, low to high.
std::uint32_t whole_hyperparameter(const Definition& definition, const std::string& name, std::uint32_t low,
                                   std::uint32_t high);

/// The hyper-parameter, 0 or more and less than `below`. Throws Error(invalid_input) unless it is there and
/// so.
double share_hyperparameter(const Definition& definition, const std::string& name, double below);

/// A tensor's name and shape, no values.
struct TensorShape {
    std::string name;
    std::vector<std::size_t> shape;
    std::size_t size() const;
};

/// Throws Error(invalid_input) naming the path unless the tensors are these, in this order, and finite.
void check_tensors(const Definition& definition, const std::vector<TensorShape>& expected);

}  // namespace qdcnn::model
