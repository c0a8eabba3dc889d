#include "qdcnn/base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "qdcnn/base/error.h"

namespace qdcnn {
namespace {

TEST(Random, SameSeedSameNumbers) {
    Random a(7), b(7), c(8);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(a.next(), b.next());
    EXPECT_NE(a.next(), c.next());
}

TEST(Random, NumbersArePinned) {
    // Results of users depend on them: a change here is a change of every seeded result.
    Random random(42);
    EXPECT_EQ(random.next(), 0x15780b2e0c2ec716u);
    EXPECT_EQ(random.next(), 0x6104d9866d113a7eu);
}

TEST(Random, StreamsDoNotDependOnWhatWasDrawn) {
    Random fresh(3), used(3);
    for (int i = 0; i < 10; ++i) used.next();
    EXPECT_EQ(fresh.stream(5).next(), used.stream(5).next());
    EXPECT_NE(fresh.stream(5).next(), fresh.stream(6).next());
}

TEST(Random, MomentsAreRight) {
    Random random(1);
    constexpr int kCount = 200000;
    double sum = 0, normal_sum = 0, normal_squares = 0;
    for (int i = 0; i < kCount; ++i) {
        sum += random.uniform();
        const double normal = random.normal();
        normal_sum += normal;
        normal_squares += normal * normal;
    }
    // Five standard errors.
    EXPECT_NEAR(sum / kCount, 0.5, 5 * std::sqrt(1.0 / 12 / kCount));
    EXPECT_NEAR(normal_sum / kCount, 0.0, 5 / std::sqrt(kCount));
    EXPECT_NEAR(normal_squares / kCount, 1.0, 5 * std::sqrt(2.0 / kCount));
}

TEST(Random, BelowReachesEveryValueEvenly) {
    Random random(2);
    std::vector<int> seen(7);
    for (int i = 0; i < 70000; ++i) ++seen[random.below(7)];
    for (const int count : seen) EXPECT_NEAR(count, 10000, 5 * std::sqrt(10000.0 * 6 / 7));
}

TEST(Random, ShufflePermutes) {
    Random random(4);
    std::vector<int> values(50);
    std::iota(values.begin(), values.end(), 0);
    const auto before = values;
    random.shuffle(values);
    EXPECT_NE(values, before);
    std::sort(values.begin(), values.end());
    EXPECT_EQ(values, before);
}

TEST(Random, SavedStateGoesOnAtTheSamePlace) {
    Random random(9);
    random.next();
    const std::string state = random.save();
    const auto expected = random.next();
    Random other(1);
    other.restore(state);
    EXPECT_EQ(other.next(), expected);
    for (const char* bad :
         {"not a state", "", "1 2 3 4", "1 2 3 4 5 6", "1 2 3 4 5 ", "1 2 -3 4 5", "1 2 +3 4 5", " 1 2 3 4 5",
          "1  2 3 4 5", "1 2 3 4 10000000000000000", "1 0 0 0 0"})
        EXPECT_THROW(other.restore(bad), Error) << bad;
    EXPECT_EQ(Random(other).next(), random.next()) << "a refused state changes nothing";
}

}  // namespace
}  // namespace qdcnn
