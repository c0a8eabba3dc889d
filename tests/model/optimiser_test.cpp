#include "qdcnn/model/optimiser.h"

#include <gtest/gtest.h>

#include <cmath>

#include "qdcnn/base/error.h"

namespace qdcnn::model {
namespace {

TEST(Optimisers, FirstStepByHand) {
    // m_hat = g and v_hat = g^2 after the first step of Adam.
    const std::vector<double> gradient{0.3, -2e-5};
    for (const auto& [name, root] :
         {std::pair{"adam_inside", 0}, std::pair{"adam", 1}, std::pair{"sgd", 2}, std::pair{"momentum", 2}}) {
        std::vector<double> parameters{1.0, 2.0};
        find_optimiser(name).make(0.1, 2)->step(parameters, gradient);
        for (std::size_t k = 0; k < 2; ++k) {
            const double g = gradient[k];
            const double step = root == 0   ? g / std::sqrt(g * g + 1e-8)
                                : root == 1 ? g / (std::abs(g) + 1e-8)
                                            : g;
            EXPECT_NEAR(parameters[k], (k == 0 ? 1.0 : 2.0) - 0.1 * step, 1e-14) << name;
        }
    }
}

TEST(Optimisers, StateTakesUpWhereItWas) {
    for (const OptimiserRow& row : optimiser_table()) {
        std::vector<double> one{1.0, 2.0, 3.0}, gradient{0.1, -0.2, 0.3};
        const auto first = row.make(0.05, 3);
        for (int i = 0; i < 3; ++i) first->step(one, gradient);
        std::vector<double> other = one;
        const auto second = row.make(0.05, 3);
        second->restore(first->state());
        first->step(one, gradient);
        second->step(other, gradient);
        EXPECT_EQ(one, other) << row.name;
        EXPECT_THROW(second->restore(std::vector<double>{1.0, 2.0}), Error);
    }
    EXPECT_THROW(find_optimiser("adm"), Error);
}

}  // namespace
}  // namespace qdcnn::model
