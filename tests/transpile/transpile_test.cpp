#include <fmt/format.h>
#include <gtest/gtest.h>

#include <numbers>

#include "qdcnn/base/error.h"
#include "qdcnn/target/devices.h"
#include "qdcnn/transpile/equivalence.h"
#include "qdcnn/transpile/pass_manager.h"
#include "qdcnn/transpile/validate.h"
#include "support/random_circuit.h"
#include "transpile/model_circuits.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

std::vector<double> random_values(const Circuit& circuit, Random& random) {
    std::vector<double> values;
    for (std::size_t k = 0; k < circuit.parameters().size(); ++k) values.push_back(random.uniform(-3.0, 3.0));
    return values;
}

void expect_good(const Circuit& circuit, const Result& result, const target::Target& target, Random& random,
                 int inputs = 2) {
    for (const std::string& problem : find_illegal(result.circuit, target)) ADD_FAILURE() << problem;
    EXPECT_EQ(result.circuit.num_qubits(), target.num_qubits);
    EXPECT_EQ(result.circuit.parameters(), circuit.parameters());
    EXPECT_EQ(result.circuit.clbit_registers(), circuit.clbit_registers());
    const Equivalence same =
        check_equivalence(circuit, result, random_values(circuit, random), random.next(), inputs);
    EXPECT_TRUE(same.equal) << "distance " << same.distance;
}

Options options(int level, std::uint64_t seed) {
    Options chosen;
    chosen.level = level;
    chosen.seed = seed;
    return chosen;
}

bool can_run(const Circuit& circuit, const target::Target& target) {
    return circuit.num_qubits() <= target.num_qubits && (!circuit.is_dynamic() || target.has_feed_forward);
}

class OnDevice : public testing::TestWithParam<std::string> {
  protected:
    target::Target target_ = target::load_target(GetParam());
};

TEST_P(OnDevice, ModelCircuitsAreLegalAndEqual) {
    Random random(7);
    for (const int level : {0, 1}) {
        const PassManager manager = preset_pass_manager(level, target_);
        for (const auto& [name, circuit] : test::model_circuits()) {
            if (!can_run(circuit, target_)) continue;
            SCOPED_TRACE(fmt::format("{} level {}", name, level));
            expect_good(circuit, manager.run(circuit), target_, random, 1);
        }
    }
}

TEST_P(OnDevice, RandomCircuitsAreLegalAndEqual) {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        Random random(seed);
        test::RandomCircuitShape shape;
        shape.qubits = 1 + static_cast<std::uint32_t>(random.below(5));
        shape.gates = 5 + random.below(25);
        shape.parameters = static_cast<std::uint32_t>(random.below(3));
        shape.dynamic = target_.has_feed_forward && seed % 3 == 2;
        const Circuit circuit = test::random_circuit(shape, random);
        const int level = static_cast<int>(seed % 4);
        SCOPED_TRACE(fmt::format("seed {} level {}", seed, level));
        const Result result = transpile(circuit, target_, options(level, seed));
        expect_good(circuit, result, target_, random);
    }
}

TEST_P(OnDevice, SameSeedSameCircuit) {
    Random random(3);
    const Circuit circuit = test::random_circuit({.qubits = 5, .gates = 40}, random);
    auto text = [&](std::uint64_t seed) {
        const Result result = transpile(circuit, target_, options(1, seed));
        std::string all;
        for (const Operation& operation : result.circuit.operations())
            if (const auto* gate = std::get_if<Gate>(&operation.kind())) {
                all += gate_row(gate->id).name;
                for (const Qubit qubit : gate->qubits) all += fmt::format(" {}", qubit);
                for (const Angle& angle : gate->angles) all += fmt::format(" {}", angle.constant());
            }
        return all;
    };
    EXPECT_EQ(text(5), text(5));
}

TEST_P(OnDevice, ALostGateIsNoticed) {
    Random random(11);
    const Circuit circuit = test::word_circuit({.qubits = 5, .layers = 1}, 13, random);
    Result result = transpile(circuit, target_);
    auto& operations = result.circuit.mutable_operations();
    for (auto operation = operations.begin(); operation != operations.end(); ++operation) {
        const auto* gate = std::get_if<Gate>(&operation->kind());
        if (!gate || gate->qubits.size() < 2) continue;
        operations.erase(operation);
        break;
    }
    const Equivalence same = check_equivalence(circuit, result, {});
    EXPECT_FALSE(same.equal);
    EXPECT_GT(same.distance, 1e-3);
}

INSTANTIATE_TEST_SUITE_P(Bundled, OnDevice, testing::ValuesIn(target::bundled_devices()),
                         [](const auto& row) { return row.param; });

}  // namespace
}  // namespace qdcnn::transpile
