#include "qdcnn/model/optimiser.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "qdcnn/base/error.h"
#include "qdcnn/base/suggest.h"

namespace qdcnn::model {
namespace {

/// Kingma and Ba, 2015, algorithm 1. With the epsilon inside the root the denominator has the floor 1e-4
/// instead of 1e-8; the published model was trained so.
class Adam final : public Optimiser {
  public:
    Adam(double learning_rate, std::size_t size, bool epsilon_is_inside)
        : learning_rate_(learning_rate),
          epsilon_is_inside_(epsilon_is_inside),
          first_(size, 0.0),
          second_(size, 0.0) {}

    void step(std::span<double> parameters, std::span<const double> gradient) override {
        steps_ += 1.0;
        const double first_scale = 1.0 / (1.0 - std::pow(kBeta1, steps_));
        const double second_scale = 1.0 / (1.0 - std::pow(kBeta2, steps_));
        for (std::size_t k = 0; k < parameters.size(); ++k) {
            first_[k] = kBeta1 * first_[k] + (1.0 - kBeta1) * gradient[k];
            second_[k] = kBeta2 * second_[k] + (1.0 - kBeta2) * gradient[k] * gradient[k];
            const double second = second_[k] * second_scale;
            const double root =
                epsilon_is_inside_ ? std::sqrt(second + kEpsilon) : std::sqrt(second) + kEpsilon;
            parameters[k] -= learning_rate_ * first_[k] * first_scale / root;
        }
    }

    void set_learning_rate(double learning_rate) override { learning_rate_ = learning_rate; }

    std::vector<double> state() const override {
        std::vector<double> state{steps_};
        state.insert(state.end(), first_.begin(), first_.end());
        state.insert(state.end(), second_.begin(), second_.end());
        return state;
    }

    void restore(std::span<const double> state) override {
        if (state.size() != 1 + 2 * first_.size())
            throw Error(ErrorKind::invalid_input,
                        fmt::format("the state of Adam over {} parameters has {} numbers, not {}",
                                    first_.size(), 1 + 2 * first_.size(), state.size()));
        steps_ = state[0];
        const auto first = state.subspan(1, first_.size()), second = state.subspan(1 + first_.size());
        first_.assign(first.begin(), first.end());
        second_.assign(second.begin(), second.end());
    }

  private:
    static constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;
    double learning_rate_;
    bool epsilon_is_inside_;
    double steps_ = 0.0;
    std::vector<double> first_;
    std::vector<double> second_;
};

class Sgd final : public Optimiser {
  public:
    explicit Sgd(double learning_rate) : learning_rate_(learning_rate) {}
    void step(std::span<double> parameters, std::span<const double> gradient) override {
        for (std::size_t k = 0; k < parameters.size(); ++k) parameters[k] -= learning_rate_ * gradient[k];
    }
    void set_learning_rate(double learning_rate) override { learning_rate_ = learning_rate; }
    std::vector<double> state() const override { return {}; }
    void restore(std::span<const double> state) override {
        if (!state.empty())
            throw Error(ErrorKind::invalid_input,
                        fmt::format("gradient descent has no state, found {} numbers", state.size()));
    }

  private:
    double learning_rate_;
};

/// Polyak's heavy ball: a step keeps 0.9 of the one before.
class Momentum final : public Optimiser {
  public:
    Momentum(double learning_rate, std::size_t size) : learning_rate_(learning_rate), velocity_(size, 0.0) {}
    void step(std::span<double> parameters, std::span<const double> gradient) override {
        for (std::size_t k = 0; k < parameters.size(); ++k) {
            velocity_[k] = kKept * velocity_[k] - learning_rate_ * gradient[k];
            parameters[k] += velocity_[k];
        }
    }
    void set_learning_rate(double learning_rate) override { learning_rate_ = learning_rate; }
    std::vector<double> state() const override { return velocity_; }
    void restore(std::span<const double> state) override {
        if (state.size() != velocity_.size())
            throw Error(ErrorKind::invalid_input,
                        fmt::format("the state of momentum over {} parameters has {} numbers",
                                    velocity_.size(), state.size()));
        velocity_.assign(state.begin(), state.end());
    }

  private:
    static constexpr double kKept = 0.9;
    double learning_rate_;
    std::vector<double> velocity_;
};

template <bool EpsilonIsInside>
std::unique_ptr<Optimiser> make_adam(double learning_rate, std::size_t size) {
    return std::make_unique<Adam>(learning_rate, size, EpsilonIsInside);
}

std::unique_ptr<Optimiser> make_sgd(double learning_rate, std::size_t) {
    return std::make_unique<Sgd>(learning_rate);
}

std::unique_ptr<Optimiser> make_momentum(double learning_rate, std::size_t size) {
    return std::make_unique<Momentum>(learning_rate, size);
}

}  // namespace

std::span<const OptimiserRow> optimiser_table() {
    static constexpr std::array<OptimiserRow, 4> table{{
        {"adam_inside", "Adam with the epsilon inside the root, as the published model was trained",
         make_adam<true>},
        {"adam", "Adam as in its paper", make_adam<false>},
        {"sgd", "plain gradient descent", make_sgd},
        {"momentum", "gradient descent with momentum 0.9", make_momentum},
    }};
    return table;
}

const OptimiserRow& find_optimiser(const std::string& name) {
    std::vector<std::string> known;
    for (const OptimiserRow& row : optimiser_table()) {
        if (row.name == name) return row;
        known.emplace_back(row.name);
    }
    throw Error(ErrorKind::not_found, "there is no optimiser \"" + name + "\"", suggestion(name, known));
}

}  // namespace qdcnn::model
