#include <fmt/format.h>
#include <gtest/gtest.h>

#include "qdcnn/target/devices.h"
#include "qdcnn/transpile/equivalence.h"
#include "qdcnn/transpile/pass_manager.h"
#include "qdcnn/transpile/validate.h"
#include "support/random_circuit.h"

// What holds of every circuit on every kind of device at every level.

namespace qdcnn::transpile {
namespace {

using namespace circuit;

Options at_level(int level, std::uint64_t seed = 0) {
    Options options;
    options.level = level;
    options.seed = seed;
    return options;
}

std::string text_of(const Circuit& circuit) {
    std::string text;
    for_each_operation(circuit.operations(), [&](const Operation& operation) {
        text += fmt::format("{}", operation.index());
        for (const Qubit qubit : qubits_of(operation)) text += fmt::format(" {}", qubit);
        if (const auto* gate = std::get_if<Gate>(&operation.kind())) {
            text += gate_row(gate->id).name;
            for (const Angle& angle : gate->angles) text += " " + angle.to_string(circuit.parameters());
        }
        text += "\n";
    });
    return text;
}

std::vector<double> random_values(const Circuit& circuit, Random& random) {
    std::vector<double> values;
    for (std::size_t k = 0; k < circuit.parameters().size(); ++k) values.push_back(random.uniform(-3.0, 3.0));
    return values;
}

class Properties : public testing::TestWithParam<std::string> {
  protected:
    target::Target device_ = target::load_target(GetParam());

    /// Few gates of many kinds, of branches where the device has them.
    Circuit circuit_of(std::uint64_t seed) const {
        Random random(seed);
        test::RandomCircuitShape shape;
        shape.qubits = 2 + static_cast<std::uint32_t>(random.below(3));
        shape.gates = 8 + random.below(20);
        shape.parameters = static_cast<std::uint32_t>(seed % 3);
        shape.dynamic = device_.has_feed_forward && device_.has_reset && seed % 4 == 3;
        return test::random_circuit(shape, random);
    }
    void expect_legal_and_equal(const Circuit& circuit, const Result& result, std::uint64_t seed) const {
        for (const std::string& problem : find_illegal(result.circuit, device_)) ADD_FAILURE() << problem;
        Random random(seed);
        const Equivalence same = check_equivalence(circuit, result, random_values(circuit, random), seed, 1);
        EXPECT_TRUE(same.equal) << same.distance;
    }
};

TEST_P(Properties, LegalAndEqualAtEveryLevel) {
    for (std::uint64_t seed = 0; seed < 12; ++seed)
        for (int level = 0; level <= 3; ++level) {
            SCOPED_TRACE(fmt::format("seed {} level {}", seed, level));
            const Circuit circuit = circuit_of(seed);
            expect_legal_and_equal(circuit, transpile(circuit, device_, at_level(level, seed)), seed);
        }
}

TEST_P(Properties, SameSeedSameBytes) {
    for (int level = 0; level <= 3; ++level) {
        SCOPED_TRACE(level);
        const Circuit circuit = circuit_of(5);
        const Result once = transpile(circuit, device_, at_level(level, 7));
        const Result again = transpile(circuit, device_, at_level(level, 7));
        EXPECT_EQ(text_of(once.circuit), text_of(again.circuit));
        EXPECT_EQ(once.final_layout, again.final_layout);
    }
}

TEST_P(Properties, ThreadsDoNotChangeTheResult) {
    const Circuit circuit = circuit_of(8);
    Options options = at_level(3, 9);
    const Result one = transpile(circuit, device_, options);
    options.threads = 3;
    const Result three = transpile(circuit, device_, options);
    EXPECT_EQ(text_of(one.circuit), text_of(three.circuit));
    EXPECT_EQ(one.final_layout, three.final_layout);
}

TEST_P(Properties, TranspiledAgainItDoesNotGrow) {
    for (const auto& qubit : device_.qubits)
        if (!qubit.is_operational) return;  // a circuit over all qubits does not fit
    for (std::uint64_t seed = 0; seed < 6; ++seed)
        for (int level = 1; level <= 3; ++level) {
            SCOPED_TRACE(fmt::format("seed {} level {}", seed, level));
            const Circuit circuit = circuit_of(seed);
            Result once = transpile(circuit, device_, at_level(level));
            once.circuit.set_on_physical_qubits(true);
            const Result twice = transpile(once.circuit, device_, at_level(level));
            EXPECT_LE(metrics(twice.circuit).two_qubit_gates, metrics(once.circuit).two_qubit_gates);
            // Where each qubit starts, and where it ends after both.
            Result joined = twice;
            joined.initial_layout = once.initial_layout;
            joined.final_layout.clear();
            for (const Qubit place : once.final_layout)
                joined.final_layout.push_back(twice.final_layout[place]);
            expect_legal_and_equal(circuit, joined, seed);
        }
}

TEST_P(Properties, BoundAfterwardsIsAsBoundBefore) {
    for (std::uint64_t seed = 0; seed < 6; ++seed)
        for (int level = 0; level <= 3; ++level) {
            SCOPED_TRACE(fmt::format("seed {} level {}", seed, level));
            Random random(seed);
            const Circuit circuit = test::random_circuit({.qubits = 3, .gates = 15, .parameters = 2}, random);
            const std::vector<double> values = random_values(circuit, random);
            Result result = transpile(circuit, device_, at_level(level));
            result.circuit = result.circuit.bind(values);
            expect_legal_and_equal(circuit.bind(values), result, seed);
        }
}

INSTANTIATE_TEST_SUITE_P(Bundled, Properties, testing::ValuesIn(target::bundled_devices()),
                         [](const auto& row) { return row.param; });

}  // namespace
}  // namespace qdcnn::transpile
