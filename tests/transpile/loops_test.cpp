#include <gtest/gtest.h>

#include "qdcnn/base/random.h"
#include "qdcnn/target/devices.h"
#include "qdcnn/transpile/equivalence.h"
#include "qdcnn/transpile/pass_manager.h"
#include "qdcnn/transpile/validate.h"
#include "support/random_circuit.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

TEST(Loops, AreTranspiledBodyByBody) {
    const target::Target target = target::load_target("ibm_torino");
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
        SCOPED_TRACE(seed);
        Random random(seed);
        test::RandomCircuitShape shape{.qubits = 3, .gates = 6, .largest_gate = 2};
        Circuit circuit(3, 2);
        circuit.add_clbits("n", 2, true);
        const auto gates = [&](Circuit& body) {
            const Circuit some = test::random_circuit(shape, random);
            for (const Operation& operation : some.operations()) body.add(operation);
        };
        gates(circuit);
        circuit.measure(0, 0);
        const Formula add{{{WordOperator::input, 2, 0, 0, 0},
                           {WordOperator::constant, 2, 0, 0, 1},
                           {WordOperator::add, 2, 0, 1, 0}}};
        const Formula less{{{WordOperator::input, 2, 0, 0, 0},
                            {WordOperator::constant, 2, 0, 0, 2},
                            {WordOperator::less, 1, 0, 1, 0}}};
        circuit.while_loop({{2, 3}, 1, less}, [&](Circuit& body) {
            gates(body);
            body.measure(1, 1).store({2, 3}, {2, 3}, add).cx(0, 2).cx(0, 1).cx(1, 2);
        });
        gates(circuit);
        for (const int level : {0, 1, 2}) {
            Options options;
            options.level = level;
            const Result result = transpile(circuit, target, options);
            EXPECT_TRUE(find_illegal(result.circuit, target).empty());
            EXPECT_LT(check_equivalence(circuit, result, {}).distance, 1e-7) << level;
            EXPECT_TRUE(result.circuit.clbit_registers()[1].is_variable);
        }
    }
}

}  // namespace
}  // namespace qdcnn::transpile
