#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qdcnn::model {

/// Takes parameters a step down a gradient.
class Optimiser {
  public:
    virtual ~Optimiser() = default;
    /// Both of the size the optimiser was made for.
    virtual void step(std::span<double> parameters, std::span<const double> gradient) = 0;
    /// Of the steps that follow; a schedule sets it before each. No part of `state`.
    virtual void set_learning_rate(double learning_rate) = 0;
    /// All that the next step depends on, for checkpoints; `restore` takes it back (throws
    /// Error(invalid_input) on a wrong size).
    virtual std::vector<double> state() const = 0;
    virtual void restore(std::span<const double> state) = 0;
};

struct OptimiserRow {
    std::string_view name;
    std::string_view description;
    std::unique_ptr<Optimiser> (*make)(double learning_rate, std::size_t size);
};

std::span<const OptimiserRow> optimiser_table();
/// Throws Error(not_found) with "did you mean".
const OptimiserRow& find_optimiser(const std::string& name);

}  // namespace qdcnn::model
