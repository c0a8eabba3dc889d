#include "model/definition_checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "qdcnn/base/error.h"
#include "qdcnn/base/suggest.h"
#include "qdcnn/model/models.h"

namespace qdcnn::model {
namespace {

[[noreturn]] void invalid(const std::string& message, const std::string& hint = {}) {
    throw Error(ErrorKind::invalid_input, message, hint);
}

}  // namespace

std::span<const std::string_view> common_presets() {
    static constexpr std::array<std::string_view, 3> names{"auto", "mc", "rp"};
    return names;
}

Definition definition_of_data(const std::string& model, const std::string& preset,
                              const text::Dataset& train) {
    check_preset(model, preset);
    std::vector<text::Tokens> sentences;
    for (const text::Example& example : train.examples) sentences.push_back(example.tokens);
    Definition definition;
    definition.model = model;
    definition.preset = preset;
    definition.classes = train.labels();
    if (definition.classes.size() < 2)
        invalid(fmt::format("{} has one class only (\"{}\"); a classifier needs two", train.name,
                            fmt::join(definition.classes, ", ")),
                "Add sentences of another class.");
    definition.vocabulary = text::Vocabulary::of(sentences);
    definition.idf.assign(definition.vocabulary.size(), 1.0);
    return definition;
}

void check_hyperparameters(const Definition& definition, const std::vector<std::string>& names,
                           const std::vector<std::string>& optional) {
    for (const std::string& name : names)
        if (!definition.hyperparameters.count(name))
            invalid(fmt::format("hyperparameters: the key \"{}\" is missing", name));
    std::vector<std::string> known = names;
    known.insert(known.end(), optional.begin(), optional.end());
    for (const auto& [name, value] : definition.hyperparameters)
        if (std::find(known.begin(), known.end(), name) == known.end())
            invalid(fmt::format("hyperparameters.{}: the model \"{}\" has no such hyper-parameter", name,
                                definition.model),
                    suggestion(name, known));
}

double share_hyperparameter(const Definition& definition, const std::string& name, double below) {
    const auto found = definition.hyperparameters.find(name);
    if (found == definition.hyperparameters.end())
        invalid(fmt::format("hyperparameters: the key \"{}\" is missing", name));
    if (!(found->second >= 0.0 && found->second < below))
        invalid(fmt::format("hyperparameters.{} is {}, expected 0 or more and less than {}", name,
                            found->second, below));
    return found->second;
}

std::uint32_t whole_hyperparameter(const Definition& definition, const std::string& name, std::uint32_t low,
                                   std::uint32_t high) {
    const double value = definition.hyperparameters.at(name);
    if (!(value >= low && value <= high) || value != std::floor(value))
        invalid(low == high ? fmt::format("hyperparameters.{} is {}, it must be {}", name, value, low)
                            : fmt::format("hyperparameters.{} is {}, not a whole number from {} to {}", name,
                                          value, low, high));
    return static_cast<std::uint32_t>(value);
}

std::size_t TensorShape::size() const {
    std::size_t product = 1;
    for (const std::size_t extent : shape) product *= extent;
    return product;
}

void check_tensors(const Definition& definition, const std::vector<TensorShape>& expected) {
    const auto& tensors = definition.tensors;
    if (tensors.size() != expected.size())
        invalid(fmt::format("tensors: there are {}, this network has {}", tensors.size(), expected.size()));
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        if (tensors[i].name != expected[i].name)
            invalid(fmt::format("tensors[{}].name is \"{}\", expected \"{}\"", i, tensors[i].name,
                                expected[i].name));
        if (tensors[i].shape != expected[i].shape)
            invalid(fmt::format("tensors[{}].shape of \"{}\" is {}, expected {}", i, tensors[i].name,
                                tensors[i].shape, expected[i].shape));
        if (tensors[i].values.size() != expected[i].size())
            invalid(fmt::format("tensors[{}].values of \"{}\" are {}, the shape asks for {}", i,
                                tensors[i].name, tensors[i].values.size(), expected[i].size()));
        for (std::size_t k = 0; k < tensors[i].values.size(); ++k)
            if (!std::isfinite(tensors[i].values[k]))
                invalid(fmt::format("tensors[{}].values[{}] of \"{}\" is not a finite number", i, k,
                                    tensors[i].name));
    }
}

}  // namespace qdcnn::model
