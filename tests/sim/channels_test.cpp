#include "qdcnn/sim/channels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "qdcnn/base/error.h"
#include "qdcnn/base/random.h"
#include "qdcnn/circuit/gates.h"

namespace qdcnn::sim {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Parameters in range; times of tens of microseconds.
std::vector<double> random_parameters(const ChannelRow& row, Random& random) {
    for (;;) {
        std::vector<double> parameters;
        for (const ChannelParameter& parameter : row.parameters) {
            double value = 0;
            if (!std::isfinite(parameter.high) || parameter.high > 1e6)
                value = random.uniform(1e-5, 2e-4);
            else
                value = random.uniform(parameter.low, parameter.high) /
                        static_cast<double>(row.parameters.size());
            parameters.push_back(value);
        }
        if (!row.holds || row.holds(parameters)) return parameters;
    }
}

Matrix random_density_matrix(std::size_t size, Random& random) {
    Matrix root = Matrix::zero(size);
    for (Complex& value : root.values) value = {random.normal(), random.normal()};
    Matrix rho = root * root.adjoint();
    Complex trace = 0;
    for (std::size_t i = 0; i < size; ++i) trace += rho(i, i);
    for (Complex& value : rho.values) value /= trace;
    return rho;
}

Matrix applied(std::span<const Matrix> kraus, const Matrix& rho) {
    Matrix sum = Matrix::zero(rho.size);
    for (const Matrix& k : kraus) {
        const Matrix term = k * rho * k.adjoint();
        for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += term.values[i];
    }
    return sum;
}

/// Through the superoperator on stacked columns.
Matrix applied(const Channel& channel, const Matrix& rho) {
    const Matrix s = channel.superoperator();
    Matrix result = Matrix::zero(rho.size);
    for (std::size_t row = 0; row < s.size; ++row)
        for (std::size_t column = 0; column < s.size; ++column)
            result(row % rho.size, row / rho.size) +=
                s(row, column) * rho(column % rho.size, column / rho.size);
    return result;
}

double distance(const Matrix& a, const Matrix& b) {
    double largest = 0;
    for (std::size_t i = 0; i < a.values.size(); ++i)
        largest = std::max(largest, std::abs(a.values[i] - b.values[i]));
    return largest;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
    double largest = a.size() == b.size() ? 0 : kInfinity;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

void expect_error(const std::function<void()>& action, const std::string& part) {
    try {
        action();
        FAIL() << "no error with \"" << part << "\"";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_input) << error.what();
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
}

TEST(ChannelTable, rows_are_in_the_order_of_their_ids) {
    for (std::size_t i = 0; i < channel_table().size(); ++i) {
        EXPECT_EQ(static_cast<std::size_t>(channel_table()[i].id), i);
        EXPECT_EQ(find_channel(channel_table()[i].name), &channel_table()[i]);
    }
    EXPECT_EQ(find_channel("depolarising"), nullptr);
}

TEST(ChannelTable, every_row_preserves_the_trace_and_is_its_kraus_operators) {
    Random random(3);
    for (const ChannelRow& row : channel_table())
        for (int repetition = 0; repetition < 5; ++repetition) {
            SCOPED_TRACE(row.name);
            const auto parameters = random_parameters(row, random);
            const auto kraus = row.kraus(parameters);
            const std::size_t d = std::size_t{1} << row.qubits;
            Matrix sum = Matrix::zero(d);
            for (const Matrix& k : kraus) {
                ASSERT_EQ(k.size, d);
                const Matrix square = k.adjoint() * k;
                for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += square.values[i];
            }
            EXPECT_LT(distance(sum, Matrix::identity(d)), 1e-14);
            const Channel channel = Channel::of(row.id, parameters);
            const Matrix rho = random_density_matrix(d, random);
            EXPECT_LT(distance(applied(channel, rho), applied(kraus, rho)), 1e-14);
            // The Kraus operators read off the map are the same channel, and no more than d^2.
            EXPECT_LE(channel.kraus().size(), d * d);
            EXPECT_LT(distance(applied(channel.kraus(), rho), applied(kraus, rho)), 1e-13);
        }
}

TEST(ChannelTable, every_row_refuses_what_is_out_of_range) {
    Random random(4);
    for (const ChannelRow& row : channel_table()) {
        SCOPED_TRACE(row.name);
        const auto good = random_parameters(row, random);
        for (std::size_t k = 0; k < good.size(); ++k) {
            const std::string name(row.parameters[k].name);
            auto bad = good;
            bad[k] = std::numeric_limits<double>::quiet_NaN();
            expect_error([&] { Channel::of(row.id, bad); }, name + " = nan is outside");
            if (std::isfinite(row.parameters[k].low)) {
                bad[k] = row.parameters[k].low - 0.25;
                expect_error([&] { Channel::of(row.id, bad); }, name + " = ");
            }
            if (row.parameters[k].high < 1e6) {
                bad[k] = row.parameters[k].high + 0.25;
                expect_error([&] { Channel::of(row.id, bad); }, name + " = ");
            }
        }
        auto longer = good;
        longer.push_back(0.1);
        expect_error([&] { Channel::of(row.id, longer); }, "takes");
    }
    expect_error([] { Channel::of(ChannelId::pauli, {0.5, 0.4, 0.3}); }, "sum is at most 1");
    expect_error([] { thermal_relaxation(1e-5, 2.1e-5, 1e-6); }, "t2 is at most 2 t1");
}

TEST(ChannelTable, formulas_with_one_probability) {
    Random random(5);
    const auto gate = [](circuit::GateId id) { return circuit::gate_row(id).matrix({}); };
    const std::pair<ChannelId, circuit::GateId> rows[] = {{ChannelId::bit_flip, circuit::GateId::x},
                                                          {ChannelId::bit_phase_flip, circuit::GateId::y},
                                                          {ChannelId::phase_flip, circuit::GateId::z}};
    const Matrix rho = random_density_matrix(2, random);
    for (const auto& [channel, pauli] : rows) {
        Matrix expected = gate(pauli) * rho * gate(pauli).adjoint();
        for (std::size_t i = 0; i < 4; ++i)
            expected.values[i] = 0.3 * expected.values[i] + 0.7 * rho.values[i];
        EXPECT_LT(distance(applied(Channel::of(channel, {0.3}), rho), expected), 1e-15);
    }
}

TEST(ChannelTable, depolarizing_is_aers_lambda) {
    Random random(6);
    for (const int qubits : {1, 2}) {
        const std::size_t d = std::size_t{1} << qubits;
        const Matrix rho = random_density_matrix(d, random);
        Matrix expected = rho;
        for (Complex& value : expected.values) value *= 0.8;
        for (std::size_t i = 0; i < d; ++i) expected(i, i) += 0.2 / static_cast<double>(d);
        EXPECT_LT(distance(applied(depolarizing(0.2, qubits), rho), expected), 1e-15);
        // 1 - F_avg = lambda (d - 1) / d
        EXPECT_NEAR(depolarizing(0.2, qubits).average_infidelity(),
                    0.2 * (static_cast<double>(d) - 1) / static_cast<double>(d), 1e-15);
    }
}

TEST(ChannelTable, relaxation_decays_with_t1_and_t2) {
    Random random(7);
    const Matrix rho = random_density_matrix(2, random);
    // T2 below T1, between T1 and 2 T1, and at the limit; with and without a warm bath; no decay at all.
    for (const auto& [t1, t2, excited] : {std::tuple{50e-6, 20e-6, 0.0},
                                          {50e-6, 80e-6, 0.0},
                                          {50e-6, 100e-6, 0.2},
                                          {kInfinity, 30e-6, 0.0},
                                          {kInfinity, kInfinity, 0.5}}) {
        const double time = 10e-6;
        const Matrix after = applied(thermal_relaxation(t1, t2, time, excited), rho);
        const double e1 = std::exp(-time / t1), e2 = std::exp(-time / t2);
        EXPECT_NEAR(after(1, 1).real(), excited + e1 * (rho(1, 1).real() - excited), 1e-15);
        EXPECT_LT(std::abs(after(0, 1) - e2 * rho(0, 1)), 1e-15);
        EXPECT_NEAR(after(0, 0).real() + after(1, 1).real(), 1, 1e-15);
    }
}

TEST(ChannelTable, relaxation_with_t2_below_t1_is_aers_mixture) {
    // Aer: identity, Z, reset to |0> and |1> by chance.
    const double t1 = 50e-6, t2 = 30e-6, time = 7e-6, excited = 0.1;
    const double reset = 1 - std::exp(-time / t1);
    const double z = (1 - reset) * (1 - std::exp(-time * (1 / t2 - 1 / t1))) / 2;
    const Channel parts[] = {Channel::identity(1), Channel::of(ChannelId::phase_flip, {1.0}),
                             Channel::of(ChannelId::reset, {1 - excited, excited})};
    const double probabilities[] = {1 - reset - z, z, reset};
    EXPECT_LT(distance(Channel::mixture(probabilities, parts).map(),
                       thermal_relaxation(t1, t2, time, excited).map()),
              1e-15);
}

TEST(ChannelTable, coherent_is_a_rotation) {
    const std::vector<double> angle{0.3};
    const auto expect_same = [&](circuit::GateId gate, double theta, double phi) {
        EXPECT_LT(distance(Channel::of(ChannelId::coherent, {0.3, theta, phi}).map(),
                           Channel::from_unitary(circuit::gate_row(gate).matrix(angle)).map()),
                  1e-15);
    };
    expect_same(circuit::GateId::rx, std::acos(0.0), 0);
    expect_same(circuit::GateId::ry, std::acos(0.0), std::acos(0.0));
    expect_same(circuit::GateId::rz, 0, 0);
}

TEST(Channel, composition_and_tensor_agree_with_matrices) {
    Random random(8);
    const Channel damping = Channel::of(ChannelId::amplitude_damping, {0.3}),
                  flip = Channel::of(ChannelId::pauli, {0.1, 0.05, 0.2});
    const Matrix one = random_density_matrix(2, random), two = random_density_matrix(2, random);
    EXPECT_LT(distance(applied(damping.compose(flip), one), applied(flip, applied(damping, one))), 1e-15);
    EXPECT_GT(distance(applied(damping.compose(flip), one), applied(damping, applied(flip, one))), 1e-3);

    const auto product = [](const Matrix& low, const Matrix& high) {
        Matrix result = Matrix::zero(4);
        for (std::size_t i = 0; i < 4; ++i)
            for (std::size_t j = 0; j < 4; ++j) result(i, j) = low(i & 1, j & 1) * high(i >> 1, j >> 1);
        return result;
    };
    const Channel both = Channel::tensor(damping, flip);
    EXPECT_LT(distance(applied(both, product(one, two)), product(applied(damping, one), applied(flip, two))),
              1e-15);
    EXPECT_LT(distance(both.swapped().map(), Channel::tensor(flip, damping).map()), 1e-16);
    expect_error([&] { static_cast<void>(both.compose(flip)); }, "cannot follow");
}

TEST(Channel, superoperator_reads_back) {
    Random random(9);
    for (const ChannelRow& row : channel_table()) {
        SCOPED_TRACE(row.name);
        const Channel channel = Channel::of(row.id, random_parameters(row, random));
        EXPECT_LT(distance(Channel::from_superoperator(channel.superoperator()).map(), channel.map()), 1e-14);
    }
}

TEST(Channel, refuses_what_is_no_channel) {
    const Matrix half{2, {0.9, 0, 0, 0.9}};
    expect_error([&] { Channel::from_kraus({&half, 1}); }, "differs from the identity by 0.19");
    const Matrix shear{2, {1, 0.1, 0, 1}};
    expect_error([&] { Channel::from_unitary(shear); }, "a unitary error");
    const Matrix three = Matrix::identity(3);
    expect_error([&] { Channel::from_kraus({&three, 1}); }, "size 3");
    expect_error([&] { Channel::from_kraus({}); }, "at least one");
    const Matrix broken{2, {1, 0, 0, std::numeric_limits<double>::quiet_NaN()}};
    expect_error([&] { Channel::from_kraus({&broken, 1}); }, "not a finite number");
    const Matrix mixed[] = {Matrix::identity(2), Matrix::identity(4)};
    expect_error([&] { Channel::from_kraus(mixed); }, "different sizes");
    // The transpose keeps the trace and Hermiticity and is positive, but not completely.
    const Matrix transpose{4, {1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1}};
    expect_error([&] { Channel::from_superoperator(transpose); }, "eigenvalue -1");
    Matrix lossy = Matrix::identity(4);
    lossy(0, 0) = 0.9;
    expect_error([&] { Channel::from_superoperator(lossy); }, "changes the trace by 0.05");
    const Channel one = Channel::identity(1);
    const double less[] = {0.9};
    expect_error([&] { Channel::mixture(less, {&one, 1}); }, "sum to 0.9");
}

TEST(ChannelScaled, rows) {
    EXPECT_EQ(depolarizing(0.1).scaled(2).map(), depolarizing(0.2).map());
    EXPECT_TRUE(depolarizing(0.1).scaled(0).is_identity());
    EXPECT_EQ(depolarizing(0.4).scaled(4).map(), depolarizing(1.0).map());
    // Beyond the strongest already: not made weaker.
    EXPECT_EQ(depolarizing(1.2).scaled(4).map(), depolarizing(1.2).map());
    EXPECT_EQ(Channel::of(ChannelId::bit_flip, {0.2}).scaled(4).map(),
              Channel::of(ChannelId::bit_flip, {0.5}).map());
    EXPECT_EQ(thermal_relaxation(50e-6, 40e-6, 1e-6).scaled(3).map(),
              thermal_relaxation(50e-6, 40e-6, 3e-6).map());
    EXPECT_LT(distance(thermal_relaxation(50e-6, 40e-6, 1e-6).scaled(2).map(),
                       thermal_relaxation(25e-6, 20e-6, 1e-6).map()),
              1e-15);
    EXPECT_EQ(Channel::of(ChannelId::generalized_amplitude_damping, {0.1, 0.3}).scaled(2).map(),
              Channel::of(ChannelId::generalized_amplitude_damping, {0.2, 0.3}).map());
    EXPECT_EQ(Channel::of(ChannelId::coherent, {-0.1, 1, 1}).scaled(3).map(),
              Channel::of(ChannelId::coherent, {-0.1 * 3, 1, 1}).map());
    // The sum of probabilities limits the factor.
    EXPECT_LT(distance(Channel::of(ChannelId::pauli, {0.1, 0.2, 0.2}).scaled(4).map(),
                       Channel::of(ChannelId::pauli, {0.2, 0.4, 0.4}).map()),
              1e-9);
    expect_error([] { static_cast<void>(depolarizing(0.1).scaled(-1)); }, "noise scale of -1");
}

TEST(ChannelScaled, any_channel_multiplies_its_error_and_stays_a_channel) {
    const Channel damping = Channel::of(ChannelId::amplitude_damping, {0.1});
    const Channel kraus = Channel::from_kraus(damping.kraus());
    const double quarter[] = {0.75, 0.25};
    const Channel parts[] = {Channel::identity(1), kraus};
    EXPECT_LT(distance(kraus.scaled(0.25).map(), Channel::mixture(quarter, parts).map()), 1e-15);
    // A mixture with much identity can grow; its least likely part sets the end.
    const Channel flips[] = {Channel::identity(1), Channel::of(ChannelId::bit_flip, {1})};
    const double small[] = {0.9, 0.1};
    EXPECT_LT(distance(Channel::mixture(small, flips).scaled(3).map(),
                       Channel::of(ChannelId::bit_flip, {0.3}).map()),
              1e-15);
    EXPECT_LT(distance(Channel::mixture(small, flips).scaled(30).map(),
                       Channel::of(ChannelId::bit_flip, {1.0}).map()),
              1e-8);
    // A unitary error of unknown generator is at its end already.
    const std::vector<double> angle{0.1};
    const Channel unitary = Channel::from_unitary(circuit::gate_row(circuit::GateId::rx).matrix(angle));
    EXPECT_LT(distance(unitary.scaled(2).map(), unitary.map()), 1e-6);
}

}  // namespace
}  // namespace qdcnn::sim
