#include "sim/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "qdcnn/base/random.h"
#include "sim/pauli_kernels.h"

namespace qdcnn::sim {
namespace {

/// A product that no compiler may join with the sum it is added to.
double product(double a, double b) {
    const volatile double result = a * b;
    return result;
}

// Whatever the processor: a fused multiply-add rounds once where these round twice.

TEST(Kernels, StateVectorsRoundAsWritten) {
    Random random(21);
    for (int repeat = 0; repeat < 20; ++repeat) {
        Lanes re, im, cosine, sine;
        for (Lanes* lanes : {&re, &im, &cosine, &sine})
            for (double& lane : lanes->lane) lane = random.uniform(-1, 1);
        const Lanes real = re, imaginary = im;
        rotate_phase(&re, &im, 1, 0, cosine, sine);
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            const double c = cosine.lane[lane], s = sine.lane[lane];
            EXPECT_EQ(re.lane[lane], product(c, real.lane[lane]) - product(s, imaginary.lane[lane]));
            EXPECT_EQ(im.lane[lane], product(c, imaginary.lane[lane]) + product(s, real.lane[lane]));
        }
    }
}

TEST(Kernels, DensityMatricesRoundAsWritten) {
    Random random(22);
    for (int repeat = 0; repeat < 20; ++repeat) {
        double map[16], state[4];
        for (double& entry : map) entry = random.uniform(-1, 1);
        for (double& entry : state) entry = random.uniform(-1, 1);
        double after[4];
        std::copy(state, state + 4, after);
        sweep_one<double>(after, map, 0);
        for (int row = 0; row < 4; ++row) {
            const double* factor = map + 4 * row;
            const double even = product(factor[0], state[0]) + product(factor[2], state[2]);
            const double odd = product(factor[1], state[1]) + product(factor[3], state[3]);
            EXPECT_EQ(after[row], even + odd);
        }
    }
}

}  // namespace
}  // namespace qdcnn::sim
