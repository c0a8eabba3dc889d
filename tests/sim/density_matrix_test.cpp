#include "qdcnn/sim/density_matrix.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <new>
#include <optional>

#include "qdcnn/base/error.h"
#include "sim/workload_noise.h"
#include "support/random_circuit.h"

namespace qdcnn::sim {
namespace {

using namespace test;
using namespace circuit;

constexpr double kTolerance = 1e-12;

void expect_error(ErrorKind kind, const std::string& part, const std::function<void()>& action) {
    try {
        action();
        FAIL() << "no error with \"" << part << "\"";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), kind) << error.what();
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
}

void expect_same_state(const DensityMatrix& state, const Matrix& expected) {
    ASSERT_EQ(std::size_t{1} << state.num_qubits(), expected.size);
    double purity = 0, trace = 0;
    for (std::size_t row = 0; row < expected.size; ++row) {
        for (std::size_t column = 0; column < expected.size; ++column) {
            ASSERT_LT(std::abs(state.entry(row, column) - expected(row, column)), kTolerance)
                << row << ", " << column;
            purity += std::norm(expected(row, column));
        }
        trace += expected(row, row).real();
        EXPECT_NEAR(state.probabilities()[row], expected(row, row).real(), kTolerance);
    }
    EXPECT_NEAR(state.purity(), purity, kTolerance);
    EXPECT_NEAR(state.trace(), trace, kTolerance);
}

/// The reference numbers bits by the circuit, an outcome by its own list.
std::map<std::uint64_t, double> by_circuit_bits(const Outcome& outcome) {
    std::map<std::uint64_t, double> records;
    for (const auto& [record, probability] : outcome.records) {
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < outcome.clbits.size(); ++i)
            bits |= (record >> i & 1) << outcome.clbits[i];
        records[bits] += probability;
    }
    return records;
}

void expect_same_records(const std::map<std::uint64_t, double>& found,
                         const std::map<std::uint64_t, double>& expected) {
    for (const auto& [record, probability] : expected) {
        const auto place = found.find(record);
        EXPECT_NEAR(place == found.end() ? 0.0 : place->second, probability, kTolerance) << record;
    }
    double sum = 0;
    for (const auto& [record, probability] : found) {
        EXPECT_GT(probability, 0);
        sum += probability;
    }
    EXPECT_NEAR(sum, 1, kTolerance);
}

std::vector<Observable> some_observables(std::uint32_t qubits) {
    std::vector<Observable> observables{{{{2.5, {}}}}};
    for (Qubit q = 0; q < qubits; ++q)
        for (const Pauli pauli : {Pauli::x, Pauli::y, Pauli::z})
            observables.push_back({{{1.0, {{q, pauli}}}}});
    if (qubits > 1)
        observables.push_back(
            {{{0.5, {{0, Pauli::x}, {qubits - 1, Pauli::y}}}, {-2, {{0, Pauli::z}, {1, Pauli::z}}}}});
    return observables;
}

void expect_as_reference(const Circuit& circuit, const NoiseModel& noise) {
    const ReferenceState reference = reference_run(circuit, reference_noise(noise, circuit.num_qubits()));
    expect_same_state(final_density_matrix(circuit, noise), reference.density_matrix());
    const auto observables = some_observables(circuit.num_qubits());
    const Outcome outcome = run_density_matrix(circuit, observables, noise);
    expect_same_records(by_circuit_bits(outcome), reference.records());
    const Outcome merged = run_density_matrix(circuit, observables, noise, {.records = false});
    EXPECT_TRUE(merged.clbits.empty());
    ASSERT_EQ(merged.records.size(), 1u);
    for (std::size_t k = 0; k < observables.size(); ++k) {
        EXPECT_NEAR(outcome.expectations[k], reference.expectation(observables[k]), kTolerance) << k;
        EXPECT_NEAR(merged.expectations[k], reference.expectation(observables[k]), kTolerance) << k;
    }
}

/// Errors of random strength on every gate of one and two qubits, some on single places, and on reset and
/// read-out.
NoiseModel random_noise(std::uint32_t qubits, Random& random) {
    NoiseModel noise;
    const auto one_qubit = [&] {
        return Channel::of(ChannelId::pauli,
                           {random.uniform(0, 0.1), random.uniform(0, 0.1), random.uniform(0, 0.1)})
            .compose(thermal_relaxation(50e-6, random.uniform(20e-6, 100e-6), 5e-6, 0.1));
    };
    const auto two_qubits = [&] {
        const double angle = random.uniform(0, 0.5);
        return GateError(2)
            .add(depolarizing(random.uniform(0, 0.2), 2), {0, 1})
            .add(one_qubit(), {1})
            .add(Channel::from_unitary(gate_row(GateId::rzx).matrix(std::vector<double>{angle})), {1, 0});
    };
    for (const GateRow& row : gate_table()) {
        const std::string name(row.name);
        if (row.qubits == 1) {
            noise.add_error(name, one_qubit());
            noise.add_error(name, {static_cast<Qubit>(random.below(qubits))}, one_qubit());
        } else if (row.qubits == 2) {
            noise.add_error(name, two_qubits());
            if (qubits > 1) noise.add_error(name, {1, 0}, two_qubits());
        } else {
            noise.add_error(name, GateError(3).add(one_qubit(), {2}).add(depolarizing(0.1, 2), {2, 0}));
        }
    }
    noise.add_error("reset", one_qubit());
    for (Qubit q = 0; q < qubits; ++q) noise.set_readout(q, {random.uniform(0, 0.1), random.uniform(0, 0.2)});
    return noise;
}

TEST(DensityMatrix, random_circuits_without_noise) {
    Random random(11);
    for (std::uint32_t qubits = 1; qubits <= 4; ++qubits)
        for (int repetition = 0; repetition < 6; ++repetition) {
            SCOPED_TRACE(testing::Message() << qubits << " qubits, circuit " << repetition << " of seed 11");
            expect_as_reference(
                random_circuit({.qubits = qubits, .gates = 25, .dynamic = repetition % 2 == 1}, random), {});
        }
}

TEST(DensityMatrix, random_circuits_with_noise) {
    Random random(12);
    for (std::uint32_t qubits = 1; qubits <= 4; ++qubits)
        for (int repetition = 0; repetition < 6; ++repetition) {
            SCOPED_TRACE(testing::Message() << qubits << " qubits, circuit " << repetition << " of seed 12");
            const NoiseModel noise = random_noise(qubits, random);
            Circuit circuit =
                random_circuit({.qubits = qubits, .gates = 20, .dynamic = repetition % 2 == 1}, random);
            if (repetition % 3 == 0) circuit.measure_all();
            expect_as_reference(circuit, noise);
        }
}

TEST(DensityMatrix, every_gate_of_the_table_on_every_choice_of_qubits) {
    Random random(13);
    const Circuit start = random_circuit({.qubits = 4, .gates = 20}, random);
    const NoiseModel ideal;
    for (const GateRow& row : gate_table())
        for (Qubit a = 0; a < 4; ++a)
            for (Qubit b = 0; b < 4; ++b) {
                if (a == b || (row.qubits == 1 && b != (a + 1) % 4)) continue;
                QubitList qubits{a, b};
                if (row.qubits == 1) qubits = {a};
                if (row.qubits == 3)
                    qubits = {a, b,
                              a + 1 < 4 && a + 1 != b ? a + 1
                              : (a + 2) % 4 != b      ? (a + 2) % 4
                                                      : (a + 3) % 4};
                Circuit circuit = start;
                std::vector<Angle> angles;
                for (int k = 0; k < row.parameters; ++k) angles.emplace_back(random.uniform(-3, 3));
                circuit.gate(row.id, qubits, angles);
                SCOPED_TRACE(testing::Message() << row.name << " on " << a << ", " << b);
                const Matrix expected = reference_run(circuit).density_matrix();
                const DensityMatrix state = final_density_matrix(circuit, ideal);
                for (std::size_t entry = 0; entry < 16; ++entry)
                    ASSERT_LT(std::abs(state.entry(entry, 5) - expected(entry, 5)), kTolerance);
            }
}

TEST(DensityMatrix, every_channel_on_every_choice_of_qubits) {
    Random random(14);
    const Circuit start = random_circuit({.qubits = 4, .gates = 20}, random);
    const Matrix before = reference_run(start).density_matrix();
    for (const ChannelRow& row : channel_table()) {
        std::vector<double> parameters(row.parameters.size(), 0.04);
        const Channel channel = Channel::of(row.id, parameters);
        for (Qubit a = 0; a < 4; ++a)
            for (Qubit b = 0; b < 4; ++b) {
                if (a == b || (row.qubits == 1 && b != (a + 1) % 4)) continue;
                std::vector<Qubit> qubits{a};
                if (row.qubits == 2) qubits.push_back(b);
                SCOPED_TRACE(testing::Message() << row.name << " on " << a << ", " << b);
                DensityMatrix state = final_density_matrix(start, {});
                state.apply(channel, qubits);
                Matrix expected = Matrix::zero(16);
                for (const Matrix& k : row.kraus(parameters)) {
                    const Matrix whole = whole_matrix(k, qubits, 4);
                    const Matrix term = whole * before * whole.adjoint();
                    for (std::size_t i = 0; i < 256; ++i) expected.values[i] += term.values[i];
                }
                expect_same_state(state, expected);
            }
    }
}

TEST(DensityMatrix, wide_states_agree_with_narrow_ones) {
    // Eleven qubits are swept by several threads; three of them hold the same circuit as a narrow state.
#ifdef QDCNN_SANITIZED
    constexpr Qubit kWide = 9;
#else
    constexpr Qubit kWide = 11;
#endif
    Random random(15);
    const Circuit narrow = random_circuit({.qubits = 3, .gates = 12}, random);
    const NoiseModel noise = random_noise(3, random);
    const DensityMatrix expected = final_density_matrix(narrow, noise);
    for (const std::vector<Qubit>& places :
         {std::vector<Qubit>{0, 1, 2}, {kWide - 1, 4, 0}, {kWide - 2, kWide - 1, kWide - 3}}) {
        Circuit wide(kWide);
        wide.append(narrow, places);
        // Local errors are known by qubit, so the model must be moved along.
        NoiseModel moved;
        for (const GateRow& row : gate_table())
            for (Qubit a = 0; a < 3; ++a) {
                if (row.qubits == 1)
                    moved.add_error(std::string(row.name), {places[a]},
                                    *noise.error_of(row.id, std::vector{a}));
                for (Qubit b = 0; b < 3; ++b)
                    if (row.qubits == 2 && a != b)
                        moved.add_error(std::string(row.name), {places[a], places[b]},
                                        *noise.error_of(row.id, std::vector{a, b}));
            }
        for (const GateRow& row : gate_table())
            if (row.qubits == 3)
                moved.add_error(std::string(row.name), *noise.error_of(row.id, std::vector<Qubit>{0, 1, 2}));
        const DensityMatrix state = final_density_matrix(wide, moved);
        for (std::size_t row = 0; row < 8; ++row)
            for (std::size_t column = 0; column < 8; ++column) {
                std::size_t wide_row = 0, wide_column = 0;
                for (std::size_t i = 0; i < 3; ++i) {
                    wide_row |= (row >> i & 1) << places[i];
                    wide_column |= (column >> i & 1) << places[i];
                }
                ASSERT_LT(std::abs(state.entry(wide_row, wide_column) - expected.entry(row, column)),
                          kTolerance);
            }
        EXPECT_NEAR(state.trace(), 1, kTolerance);
    }
}

TEST(DensityMatrix, prepare_replaces_what_was_there) {
    Random random(16);
    for (int repetition = 0; repetition < 8; ++repetition) {
        Circuit circuit = random_circuit({.qubits = 4, .gates = 15}, random);
        std::vector<Qubit> qubits{0, 1, 2, 3};
        random.shuffle(qubits);
        qubits.resize(1 + random.below(4));
        std::vector<Angle> amplitudes;
        for (std::size_t k = 0; k < std::size_t{1} << qubits.size(); ++k)
            amplitudes.emplace_back(random.uniform(-1, 1));
        circuit.prepare(qubits, amplitudes).h(0).cx(0, 3);
        expect_as_reference(circuit, {});
    }
    Circuit zero(1);
    zero.prepare({0}, {0.0, 0.0});
    expect_error(ErrorKind::invalid_input, "all zero", [&] { run_density_matrix(zero, {}, {}); });
}

TEST(DensityMatrix, prepare_takes_tiny_and_huge_amplitudes) {
    for (const double size : {1e-320, 1e-200, 1e200, 1e308}) {
        DensityMatrix state(1);
        state.prepare(std::vector<Qubit>{0}, std::vector<double>{size, -size});
        EXPECT_NEAR(state.expectation({{0, Pauli::x}}), -1, 1e-15) << size;
        EXPECT_NEAR(state.trace(), 1, 1e-15) << size;
    }
}

#ifndef QDCNN_SANITIZED  // whose allocator ends the process instead of throwing
TEST(DensityMatrix, what_waits_in_branches_counts_as_memory) {
    // 2^16 branches of one qubit are 2 MiB of states and 132 MiB of waiting maps.
    Circuit circuit(1, 18);
    for (Clbit bit = 0; bit < 18; ++bit) circuit.h(0).measure(0, bit);
    std::uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    rlimit before{};
    getrlimit(RLIMIT_AS, &before);
    rlimit tight = before;
    tight.rlim_cur = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) + (std::uint64_t{80} << 20);
    ASSERT_EQ(setrlimit(RLIMIT_AS, &tight), 0);
    std::optional<ErrorKind> kind;
    try {
        run_density_matrix(circuit, {}, {});
    } catch (const Error& error) {
        kind = error.kind();
    } catch (const std::bad_alloc&) {
    }
    setrlimit(RLIMIT_AS, &before);
    EXPECT_EQ(kind, ErrorKind::out_of_memory);
}
#endif

TEST(DensityMatrix, read_out_errors_steer_branches) {
    // The bit is read wrongly with probability 0.1; the correction then flips the wrong way.
    Circuit circuit(1, 2);
    circuit.x(0).measure(0, 0).if_else({{0}, 1}, [](Circuit& body) { body.x(0); }).measure(0, 1);
    NoiseModel noise;
    noise.set_readout(0, {0.02, 0.1});
    const Outcome outcome = run_density_matrix(circuit, std::vector{Observable::z(0)}, noise);
    // Read 1 (0.9): state |0>, then read 0 by 0.98. Read 0 (0.1): state |1>, then read 1 by 0.9.
    const auto records = by_circuit_bits(outcome);
    EXPECT_NEAR(records.at(0b01), 0.9 * 0.98, 1e-15);
    EXPECT_NEAR(records.at(0b11), 0.9 * 0.02, 1e-15);
    EXPECT_NEAR(records.at(0b10), 0.1 * 0.9, 1e-15);
    EXPECT_NEAR(records.at(0b00), 0.1 * 0.1, 1e-15);
    EXPECT_NEAR(outcome.expectations[0], 0.9 - 0.1, 1e-15);
}

TEST(DensityMatrix, errors_of_measure_act_before_it) {
    Circuit circuit(1, 1);
    circuit.measure(0, 0);
    NoiseModel noise;
    noise.add_error("measure", Channel::of(ChannelId::bit_flip, {0.25}));
    EXPECT_NEAR(by_circuit_bits(run_density_matrix(circuit, {}, noise)).at(1), 0.25, 1e-15);
}

TEST(DensityMatrix, a_final_measurement_leaves_no_coherence) {
    Circuit circuit(2, 1);
    circuit.h(0).h(1).measure(0, 0);
    const Observable x0{{{1, {{0, Pauli::x}}}}}, x1{{{1, {{1, Pauli::x}}}}};
    const Outcome outcome = run_density_matrix(circuit, std::vector{x0, x1}, {});
    EXPECT_NEAR(outcome.expectations[0], 0, 1e-15);
    EXPECT_NEAR(outcome.expectations[1], 1, 1e-15);
}

TEST(DensityMatrix, bits_written_twice_keep_the_last_value) {
    Circuit circuit(2, 1);
    circuit.h(0).measure(0, 0).x(1).measure(1, 0);
    const auto records = by_circuit_bits(run_density_matrix(circuit, {}, {}));
    ASSERT_EQ(records.size(), 1u);
    EXPECT_NEAR(records.at(1), 1, 1e-15);
}

TEST(DensityMatrix, conditions_on_several_bits) {
    Circuit circuit(3, 3);
    circuit.h(0).measure(0, 2).x(1).measure(1, 0);
    circuit.if_else({{0, 2}, 3}, [](Circuit& body) { body.x(2); }).measure(2, 1);
    expect_as_reference(circuit, {});
    // A bit that is never written is 0.
    Circuit unwritten(1, 3);
    unwritten.if_else({{1}, 0}, [](Circuit& body) { body.x(0); }).measure(0, 2);
    const Outcome outcome = run_density_matrix(unwritten, {}, {});
    EXPECT_EQ(outcome.clbits, std::vector<Clbit>{2});
    ASSERT_EQ(outcome.records.size(), 1u);
    EXPECT_EQ(outcome.records[0].first, 1u);
}

TEST(DensityMatrix, idle_qubits_cost_nothing) {
    Circuit circuit(127, 3);
    circuit.h(101).cx(101, 7).cx(7, 55).measure(101, 0).measure(7, 1).measure(55, 2);
    circuit.barrier().delay(1e-3, 90);
    const Observable idle{{{1, {{3, Pauli::z}, {7, Pauli::z}, {101, Pauli::z}}}}},
        vanishing{{{1, {{3, Pauli::x}}}}};
    const Outcome outcome = run_density_matrix(circuit, std::vector{idle, vanishing}, {});
    ASSERT_EQ(outcome.records.size(), 2u);
    EXPECT_NEAR(outcome.records[0].second, 0.5, 1e-15);
    EXPECT_EQ(outcome.records[1].first, 7u);
    EXPECT_NEAR(outcome.expectations[0], 1, 1e-15);
    EXPECT_EQ(outcome.expectations[1], 0);
    EXPECT_EQ(outcome.method, "density_matrix");
}

TEST(DensityMatrix, idle_qubits_may_be_measured) {
    // 40 measured qubits, 2 of them in use; one idle qubit is misread now and then.
    Circuit circuit(40, 40);
    circuit.h(3).cx(3, 30);
    for (Qubit q = 0; q < 40; ++q) circuit.measure(q, 39 - q);
    NoiseModel noise;
    noise.set_readout(7, {0.1, 0.2}).set_readout(3, {0, 0.25});
    const auto records = by_circuit_bits(run_density_matrix(circuit, {}, noise));
    ASSERT_EQ(records.size(), 6u);
    const auto bit = [](unsigned q) { return std::uint64_t{1} << (39 - q); };
    EXPECT_NEAR(records.at(0), 0.5 * 0.9, 1e-15);
    EXPECT_NEAR(records.at(bit(7)), 0.5 * 0.1, 1e-15);
    EXPECT_NEAR(records.at(bit(3) | bit(30) | bit(7)), 0.5 * 0.1 * 0.75, 1e-15);
    EXPECT_NEAR(records.at(bit(30)), 0.5 * 0.9 * 0.25, 1e-15);
    // A distribution too large to write down is refused.
    noise.set_readout({0.1, 0.1});
    expect_error(ErrorKind::out_of_memory, "40 measured bits",
                 [&] { run_density_matrix(circuit, {}, noise); });
    // Measured twice, or with an error of its own: in use.
    Circuit twice(30, 2);
    twice.measure(29, 0).measure(29, 1);
    noise = {};
    noise.add_error("measure", {29}, Channel::of(ChannelId::bit_flip, {0.25}));
    const auto flipped = by_circuit_bits(run_density_matrix(twice, {}, noise));
    EXPECT_NEAR(flipped.at(0), 0.75 * 0.75, 1e-15);
    EXPECT_NEAR(flipped.at(1), 0.25 * 0.25, 1e-15);
}

TEST(DensityMatrix, delays_relax_where_the_model_says_so) {
    Circuit circuit(2, 1);
    circuit.x(0).h(1).delay(30e-6, 0).delay(10e-6, 1);
    expect_as_reference(circuit, {});
    NoiseModel noise;
    noise.set_relaxation(0, {50e-6, 40e-6}).set_relaxation(1, {50e-6, 70e-6, 0.1});
    expect_as_reference(circuit, noise);
    const auto z = std::vector{Observable::z(0)};
    EXPECT_NEAR(run_density_matrix(circuit, z, noise).expectations[0], 1 - 2 * std::exp(-30.0 / 50), 1e-15);
    EXPECT_NEAR(run_density_matrix(circuit, z, noise.scaled(2)).expectations[0], 1 - 2 * std::exp(-60.0 / 50),
                1e-15);
    EXPECT_NEAR(run_density_matrix(circuit, z, noise.scaled(0)).expectations[0], -1, 1e-15);

    Circuit in_dt(1);
    in_dt.x(0).delay(1000, 0, TimeUnit::dt);
    expect_error(ErrorKind::unsupported, "dt", [&] { run_density_matrix(in_dt, {}, noise); });
    noise.set_dt(2e-9);
    EXPECT_NEAR(run_density_matrix(in_dt, z, noise).expectations[0], 1 - 2 * std::exp(-2.0 / 50), 1e-15);

    // A delay after the measurement changes the state, not the record.
    Circuit after(1, 1);
    after.x(0).measure(0, 0).delay(30e-6, 0);
    const Outcome outcome = run_density_matrix(after, z, noise);
    ASSERT_EQ(outcome.records.size(), 1u);
    EXPECT_EQ(outcome.records[0].first, 1u);
    EXPECT_NEAR(outcome.expectations[0], 1 - 2 * std::exp(-30.0 / 50), 1e-15);
}

TEST(DensityMatrix, final_measurements_of_many_qubits_need_no_branches) {
    // 2^10 branches of 8 MiB would not fit.
    Circuit circuit(10);
    for (Qubit q = 0; q < 10; ++q) circuit.ry(0.1 + q, q);
    circuit.measure_all();
    NoiseModel noise;
    noise.set_readout({0.01, 0.02});
    const Outcome outcome = run_density_matrix(circuit, {}, noise);
    ASSERT_EQ(outcome.records.size(), 1024u);
    double expected = 1;
    for (Qubit q = 0; q < 10; ++q) {
        const double one = (1 - std::cos(0.1 + q)) / 2;
        expected *= one * 0.98 + (1 - one) * 0.01;
    }
    EXPECT_NEAR(outcome.records.back().second, expected, 1e-15);
}

TEST(DensityMatrix, an_error_of_delays_acts_on_them) {
    NoiseModel noise;
    noise.add_error("delay", Channel::of(ChannelId::bit_flip, {0.3}));
    Circuit circuit(2, 2);
    circuit.x(0).delay(1e-6, 0).delay(100, 1, circuit::TimeUnit::dt).measure(0, 0).measure(1, 1);
    const Outcome outcome = run_density_matrix(circuit, {}, noise);
    ASSERT_EQ(outcome.records.size(), 4u);
    // 01 before: bit 0 is lost with 0.3, bit 1 gained with 0.3.
    EXPECT_NEAR(outcome.records[0].second, 0.3 * 0.7, 1e-14);
    EXPECT_NEAR(outcome.records[1].second, 0.7 * 0.7, 1e-14);
    EXPECT_NEAR(outcome.records[2].second, 0.3 * 0.3, 1e-14);
    EXPECT_NEAR(outcome.records[3].second, 0.7 * 0.3, 1e-14);
}

TEST(DensityMatrix, refuses_what_it_cannot_run) {
    Circuit unbound(1);
    unbound.rx(unbound.parameter("t"), 0);
    expect_error(ErrorKind::invalid_input, "unbound", [&] { run_density_matrix(unbound, {}, {}); });
    Circuit small(2);
    small.h(0);
    expect_error(ErrorKind::invalid_input, "qubit 2",
                 [&] { run_density_matrix(small, std::vector{Observable::z(2)}, {}); });
    Circuit many(65, 65);
    for (Qubit q = 0; q < 65; ++q) many.measure(q, q);
    expect_error(ErrorKind::unsupported, "65 classical bits", [&] { run_density_matrix(many, {}, {}); });
    Circuit wide(25), wider(40);
    for (Qubit q = 0; q < 25; ++q) wide.h(q);
    for (Qubit q = 0; q < 40; ++q) wider.h(q);
    expect_error(ErrorKind::out_of_memory, "density matrix of 25 qubits needs 8.39e+06 GiB",
                 [&] { run_density_matrix(wide, {}, {}); });
    expect_error(ErrorKind::out_of_memory, "density matrix of 40 qubits needs",
                 [&] { run_density_matrix(wider, {}, {}); });

    DensityMatrix state(2);
    const Channel one = Channel::identity(1);
    expect_error(ErrorKind::invalid_input, "qubit 2", [&] { state.apply(one, std::vector<Qubit>{2}); });
    expect_error(ErrorKind::invalid_input, "twice", [&] {
        state.apply(depolarizing(0.1, 2), std::vector<Qubit>{1, 1});
    });
    expect_error(ErrorKind::invalid_input, "was given 2", [&] {
        state.apply(one, std::vector<Qubit>{0, 1});
    });
    expect_error(ErrorKind::invalid_input, "outside a matrix", [&] { static_cast<void>(state.entry(4, 0)); });
}

TEST(NoisySimulator, is_the_density_matrix) {
    NoiseModel noise;
    noise.add_error("h", depolarizing(0.2));
    const auto simulator = make_noisy_simulator(noise);
    EXPECT_TRUE(simulator->is_noisy());
    EXPECT_FALSE(make_noisy_simulator(noise.scaled(0))->is_noisy());
    EXPECT_GE(simulator->max_qubits(), 10u);
    EXPECT_LE(simulator->max_qubits(), 24u);
    Circuit circuit(1);
    circuit.h(0);
    EXPECT_NEAR(simulator->run(circuit, std::vector<Observable>{{{{1, {{0, Pauli::x}}}}}}).expectations[0],
                0.8, 1e-15);
}

TEST(SinglePrecision, agrees_with_double_to_its_digits) {
    Random random(41);
    NoiseModel noise;
    noise.add_error("h", depolarizing(0.05))
        .add_error("cx", depolarizing(0.1, 2))
        .add_error("ry", thermal_relaxation(50e-6, 40e-6, 1e-6))
        .set_readout({0.02, 0.05});
    for (int round = 0; round < 20; ++round) {
        Circuit c = random_circuit({.qubits = 5, .gates = 40, .dynamic = round % 2 == 1}, random);
        if (round % 2 == 0) c.measure_all();
        const std::vector<Observable> observables{Observable::z(1), {{{1, {{0, Pauli::x}, {3, Pauli::y}}}}}};
        const Outcome exact = run_density_matrix(c, observables, noise);
        const Outcome single = run_density_matrix(c, observables, noise, {.precision = Precision::f32});
        for (std::size_t o = 0; o < observables.size(); ++o)
            EXPECT_NEAR(single.expectations[o], exact.expectations[o], 1e-6);
        const auto expected = by_circuit_bits(exact);
        for (const auto& [record, probability] : by_circuit_bits(single))
            EXPECT_NEAR(probability, expected.contains(record) ? expected.at(record) : 0, 1e-6);
    }
    DensityMatrix single(2, Precision::f32);
    EXPECT_EQ(single.precision(), Precision::f32);
    expect_error(ErrorKind::invalid_input, "precision", [&] { single += DensityMatrix(2); });
}

TEST(MemoryLimit, is_kept_before_anything_is_allocated) {
    Circuit c(8, 2);
    for (Qubit q = 0; q < 8; ++q) c.h(q);
    const double needed = 8.0 * std::pow(4, 8);
    run_density_matrix(c, {}, NoiseModel(), {.memory_limit = needed});
    run_density_matrix(c, {}, NoiseModel(), {.precision = Precision::f32, .memory_limit = needed / 2});
    expect_error(ErrorKind::out_of_memory, "limit is",
                 [&] { run_density_matrix(c, {}, NoiseModel(), {.memory_limit = needed - 1}); });
    // Two branches need twice as much.
    c.measure(0, 0);
    c.h(0);
    c.measure(0, 1);
    run_density_matrix(c, {}, NoiseModel(), {.memory_limit = 2 * needed});
    expect_error(ErrorKind::out_of_memory, "2 branches",
                 [&] { run_density_matrix(c, {}, NoiseModel(), {.memory_limit = 2 * needed - 1}); });
}

}  // namespace
}  // namespace qdcnn::sim
