#include "qdcnn/run/plan.h"

#include <gtest/gtest.h>

#include <numeric>

#include "qdcnn/base/error.h"
#include "qdcnn/base/random.h"

namespace qdcnn::run {
namespace {

using backend::EstimatorResult;
using backend::SamplerResult;
using vendors::JobLimits;

std::uint64_t executions(const Part& part) {
    std::uint64_t sum = 0;
    for (const Piece& piece : part) sum += piece.rows * piece.shots;
    return sum;
}

TEST(Plan, OneJobWhereTheLimitsAllow) {
    const std::vector<PubSize> pubs{{30, 1000}, {2, 500}};
    const auto parts = split(pubs, {.max_pubs = 2, .max_shots = 1000, .max_executions = 31'000});
    ASSERT_EQ(parts.size(), 1u);
    EXPECT_EQ(parts[0], (Part{{0, 0, 30, 1000}, {1, 0, 2, 500}}));
    EXPECT_EQ(split(pubs, {}).size(), 1u);
}

TEST(Plan, OneJobMoreWhereOneExecutionIsTooMany) {
    const auto parts = split(std::vector<PubSize>{{30, 1000}, {2, 500}}, {.max_executions = 30'999});
    ASSERT_EQ(parts.size(), 2u);
    EXPECT_EQ(parts[0], (Part{{0, 0, 30, 1000}, {1, 0, 1, 500}}));
    EXPECT_EQ(parts[1], (Part{{1, 1, 1, 500}}));
}

TEST(Plan, RefusesWhatNoSplitMakesSmallEnough) {
    for (const PubSize& pub : {PubSize{0, 10}, PubSize{10, 0}}) {
        try {
            split(std::vector{pub}, {});
            ADD_FAILURE();
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
        }
    }
    try {
        split(std::vector<PubSize>{{4, 1}}, {.max_content_bytes = 99}, [](const Part&) { return 100; });
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
        EXPECT_NE(std::string(error.what()).find("100 bytes"), std::string::npos) << error.what();
    }
}

/// Bits and values that say which PUB, row and shot they are from.
bool bit_of(std::size_t pub, std::size_t row, std::uint64_t shot, std::uint32_t bit) {
    return Random(pub).stream(row).stream(shot).stream(bit).next() & 1;
}

/// What jobs would give, each shot of each row with its own number among all of that row's.
class Jobs {
  public:
    explicit Jobs(std::span<const PubSize> pubs) {
        for (const PubSize& pub : pubs) done_.emplace_back(pub.rows, 0);
    }

    SamplerResult sample(const Part& part) {
        SamplerResult result;
        for (const Piece& piece : part) {
            backend::BitArray bits(piece.rows, piece.shots, 3);
            for (std::size_t row = 0; row < piece.rows; ++row)
                for (std::uint64_t shot = 0; shot < piece.shots; ++shot)
                    for (std::uint32_t bit = 0; bit < 3; ++bit)
                        bits.set(row, shot, bit,
                                 bit_of(piece.pub, piece.first_row + row,
                                        done_[piece.pub][piece.first_row + row] + shot, bit));
            for (std::size_t row = 0; row < piece.rows; ++row)
                done_[piece.pub][piece.first_row + row] += piece.shots;
            result.pubs.push_back({{}, {{"c", std::move(bits)}}, {}});
        }
        return result;
    }

  private:
    std::vector<std::vector<std::uint64_t>> done_;
};

class RandomLimits : public testing::TestWithParam<int> {};

TEST_P(RandomLimits, AreKeptAndNothingIsLostDoubledOrMixed) {
    Random random(static_cast<std::uint64_t>(GetParam()));
    std::vector<PubSize> pubs(1 + random.below(6));
    for (PubSize& pub : pubs) pub = {1 + random.below(12), 1 + random.below(40)};
    const JobLimits limits{.max_pubs = random.below(4),
                           .max_shots = random.below(30),
                           .max_executions = random.below(3) == 0 ? 0 : 1 + random.below(150),
                           .max_content_bytes = random.below(2) == 0 ? 0 : 60 + random.below(200)};
    const auto bytes_of = [](const Part& part) {
        std::uint64_t bytes = 10;
        for (const Piece& piece : part) bytes += 30 + 8 * piece.rows;
        return bytes;
    };
    const std::vector<Part> parts = split(pubs, limits, bytes_of);

    Jobs jobs(pubs);
    std::vector<SamplerResult> results;
    for (const Part& part : parts) {
        ASSERT_FALSE(part.empty());
        if (limits.max_pubs) {
            EXPECT_LE(part.size(), limits.max_pubs);
        }
        if (limits.max_executions) {
            EXPECT_LE(executions(part), limits.max_executions);
        }
        if (limits.max_content_bytes) {
            EXPECT_LE(bytes_of(part), limits.max_content_bytes);
        }
        if (limits.max_shots) {
            for (const Piece& piece : part) EXPECT_LE(piece.shots, limits.max_shots);
        }
        results.push_back(jobs.sample(part));
    }
    const SamplerResult whole = join(parts, pubs.size(), std::move(results));
    ASSERT_EQ(whole.size(), pubs.size());
    for (std::size_t p = 0; p < pubs.size(); ++p) {
        const backend::BitArray& bits = whole[p]["c"];
        ASSERT_EQ(bits.rows(), pubs[p].rows);
        ASSERT_EQ(bits.shots(), pubs[p].shots);
        for (std::size_t row = 0; row < bits.rows(); ++row)
            for (std::uint64_t shot = 0; shot < bits.shots(); ++shot)
                for (std::uint32_t bit = 0; bit < 3; ++bit)
                    ASSERT_EQ(bits.get(row, shot, bit), bit_of(p, row, shot, bit))
                        << "PUB " << p << ", row " << row << ", shot " << shot;
    }
}

TEST_P(RandomLimits, GiveMeansOverAllShots) {
    Random random(1000 + static_cast<std::uint64_t>(GetParam()));
    std::vector<PubSize> pubs(1 + random.below(4));
    for (PubSize& pub : pubs) pub = {1 + random.below(8), 1 + random.below(40)};
    const std::vector<Part> parts = split(
        pubs, {.max_pubs = 3, .max_shots = 1 + random.below(20), .max_executions = 20 + random.below(80)});
    // A job's value is the sum of numbers that it draws, one a shot: then the whole's mean is known.
    std::vector<std::vector<double>> sums(pubs.size()), variances(pubs.size());
    for (std::size_t p = 0; p < pubs.size(); ++p) sums[p].assign(pubs[p].rows, 0), variances[p] = sums[p];
    std::vector<EstimatorResult> results;
    for (const Part& part : parts) {
        EstimatorResult result;
        for (const Piece& piece : part) {
            backend::EstimatorPubResult one{piece.rows, 1, {}, {}};
            for (std::size_t row = 0; row < piece.rows; ++row) {
                const auto shots = static_cast<double>(piece.shots);
                const double value = random.uniform(-1, 1), deviation = random.uniform() / std::sqrt(shots);
                one.values.push_back(value);
                one.deviations.push_back(deviation);
                sums[piece.pub][piece.first_row + row] += shots * value;
                variances[piece.pub][piece.first_row + row] += shots * shots * deviation * deviation;
            }
            result.pubs.push_back(std::move(one));
        }
        results.push_back(std::move(result));
    }
    const EstimatorResult whole = join(parts, pubs.size(), std::move(results));
    for (std::size_t p = 0; p < pubs.size(); ++p)
        for (std::size_t row = 0; row < pubs[p].rows; ++row) {
            const auto shots = static_cast<double>(pubs[p].shots);
            EXPECT_NEAR(whole[p].value(row), sums[p][row] / shots, 1e-12);
            EXPECT_NEAR(whole[p].deviation(row), std::sqrt(variances[p][row]) / shots, 1e-12);
        }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomLimits, testing::Range(0, 200));

TEST(Plan, AResultOfAnotherShapeIsRefused) {
    const std::vector<Part> parts{{{0, 0, 2, 5}}};
    SamplerResult result;
    result.pubs.push_back({{}, {{"c", backend::BitArray(2, 4, 1)}}, {}});
    try {
        join(parts, 1, std::vector{result});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::vendor);
        EXPECT_NE(std::string(error.what()).find("4 shots"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace qdcnn::run
