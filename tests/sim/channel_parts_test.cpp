#include "sim/channel_parts.h"

#include <gtest/gtest.h>

#include <cmath>

#include "qdcnn/base/random.h"
#include "qdcnn/sim/channels.h"
#include "sim/pauli_map.h"

namespace qdcnn::sim {
namespace {

/// Every row of the table somewhere inside its ranges.
std::vector<Channel> some_channels() {
    std::vector<Channel> channels;
    Random random(31);
    for (const ChannelRow& row : channel_table())
        for (int attempt = 0, found = 0; attempt < 200 && found < 3; ++attempt) {
            std::vector<double> parameters;
            for (const ChannelParameter& parameter : row.parameters)
                parameters.push_back(
                    random.uniform(parameter.low, std::min(parameter.high, parameter.low + 0.3)));
            if (row.holds && !row.holds(parameters)) continue;
            try {
                channels.push_back(Channel::of(row.id, parameters));
                ++found;
            } catch (const std::exception&) {
                continue;
            }
        }
    return channels;
}

double deviation_of_sum(const Matrix& sum, double wanted) {
    double worst = 0;
    for (std::size_t row = 0; row < sum.size; ++row)
        for (std::size_t column = 0; column < sum.size; ++column)
            worst = std::max(worst, std::abs(sum(row, column) - (row == column ? wanted : 0.0)));
    return worst;
}

TEST(ChannelParts, add_up_to_the_channel) {
    const std::vector<Channel> channels = some_channels();
    ASSERT_GT(channels.size(), 20u);
    for (const Channel& channel : channels) {
        const ChannelParts parts = parts_of(channel.map());
        EXPECT_GE(parts.identity, 0);
        const std::size_t d = channel.qubits() == 1 ? 2 : 4;
        std::vector<Matrix> all = parts.rest;
        Matrix identity = Matrix::identity(d);
        for (Complex& value : identity.values) value *= std::sqrt(parts.identity);
        all.push_back(identity);
        const PauliMap map = map_of_kraus(all);
        for (std::size_t i = 0; i < map.size(); ++i)
            ASSERT_NEAR(map[i], channel.map()[i], 1e-10) << channel.row()->name << " " << i;
        Matrix sum = Matrix::zero(d);
        for (const Matrix& k : parts.rest) {
            const Matrix square = k.adjoint() * k;
            for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += square.values[i];
        }
        EXPECT_LT(deviation_of_sum(sum, 1 - parts.identity), 1e-10) << channel.row()->name;
        for (std::size_t k = 0; k < parts.weights.size(); ++k)
            EXPECT_LT(deviation_of_sum(parts.rest[k].adjoint() * parts.rest[k], parts.weights[k]), 1e-12);
    }
}

TEST(ChannelParts, have_the_largest_identity) {
    // Depolarizing: 1 - lambda (4^k - 1) / 4^k.
    EXPECT_NEAR(parts_of(depolarizing(0.2).map()).identity, 1 - 0.2 * 3 / 4, 1e-14);
    EXPECT_NEAR(parts_of(depolarizing(0.2, 2).map()).identity, 1 - 0.2 * 15 / 16, 1e-14);
    // A phase flip half the time is half the identity; amplitude damping alone has none of it.
    EXPECT_NEAR(parts_of(Channel::of(ChannelId::phase_flip, {0.3}).map()).identity, 0.7, 1e-14);
    EXPECT_EQ(parts_of(Channel::of(ChannelId::amplitude_damping, {0.3}).map()).identity, 0);
    EXPECT_EQ(parts_of(Channel::of(ChannelId::reset, {1.0, 0.0}).map()).identity, 0);
    EXPECT_EQ(parts_of(identity_map(2)).identity, 1);
    // Nothing of the identity is left in the rest: taking more would not be completely positive.
    const ChannelParts parts = parts_of(thermal_relaxation(100e-6, 80e-6, 1e-6).map());
    EXPECT_GT(parts.identity, 0.98);
    const ChannelParts again = [&] {
        std::vector<Matrix> rest = parts.rest;
        for (Matrix& k : rest)
            for (Complex& value : k.values) value /= std::sqrt(1 - parts.identity);
        return parts_of(map_of_kraus(rest));
    }();
    EXPECT_LT(again.identity, 1e-6);
}

}  // namespace
}  // namespace qdcnn::sim
