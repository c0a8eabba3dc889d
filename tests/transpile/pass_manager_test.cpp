#include "qdcnn/transpile/pass_manager.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "qdcnn/base/error.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/target/devices.h"
#include "qdcnn/transpile/equivalence.h"
#include "qdcnn/transpile/passes.h"
#include "qdcnn/transpile/validate.h"
#include "transpile/model_circuits.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;
using target::Target;

/// A line of qubits with cz, rz, sx, x and all abilities.
Target line(std::uint32_t qubits) {
    Target device;
    device.name = "line";
    device.num_qubits = qubits;
    device.native_gates = {{GateId::cz, "cz", {}, false},
                           {GateId::rz, "rz", {{}}, true},
                           {GateId::sx, "sx", {}, false},
                           {GateId::x, "x", {}, false}};
    for (Qubit q = 0; q + 1 < qubits; ++q) device.edges.emplace_back(q, q + 1);
    device.has_mid_circuit_measurement = device.has_feed_forward = device.has_reset = true;
    return device;
}

Error refusal(const Circuit& circuit, const Target& device, const Options& options = {}) {
    try {
        transpile(circuit, device, options);
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "nothing was refused";
    return Error(ErrorKind::internal, "");
}

void expect_says(const Error& error, ErrorKind kind, std::initializer_list<const char*> parts) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    for (const char* part : parts)
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
}

std::size_t pairs_in(const Circuit& circuit) { return metrics(circuit).two_qubit_gates; }

TEST(PassManager, PassesCanBeListedAndArranged) {
    PassManager manager = preset_pass_manager(1, line(4));
    const auto names = manager.passes();
    EXPECT_EQ(names.front(), "check_abilities");
    EXPECT_EQ(names.back(), "native_one_qubit_gates");
    int seen = 0;
    manager.insert("route", {"count_pairs",
                             [&](Compilation& work) { seen = static_cast<int>(pairs_in(work.circuit)); }});
    manager.remove("merge_interactions").remove("merge_routed_interactions");
    manager.remove("native_pairs").insert("native_one_qubit_gates", native_pairs(false));
    Circuit circuit(2);
    circuit.cx(0, 1).cx(0, 1);
    EXPECT_EQ(pairs_in(manager.run(circuit).circuit), 2u) << "nothing merges them";
    EXPECT_EQ(seen, 2);
    EXPECT_EQ(pairs_in(transpile(circuit, line(4)).circuit), 0u);
    try {
        manager.remove("rout");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::not_found);
        EXPECT_NE(error.hint().find("route"), std::string::npos) << error.hint();
    }
}

TEST(PassManager, AWrongOrderIsAnErrorOfOurs) {
    PassManager manager(line(3), {});
    manager.add(native_pairs(true));
    EXPECT_THROW(manager.run(Circuit(2)), Error);
}

TEST(PassManager, RefusesWhatDoesNotFit) {
    expect_says(refusal(Circuit(5), line(4)), ErrorKind::invalid_input, {"5", "4"});
    Circuit pair(2);
    pair.cx(0, 1);
    Options options;
    options.initial_layout = {0, 1, 2};
    expect_says(refusal(pair, line(4), options), ErrorKind::invalid_input, {"3", "2"});
    options.initial_layout = {0, 0};
    expect_says(refusal(pair, line(4), options), ErrorKind::invalid_input, {"already"});
    options.initial_layout = {0, 7};
    expect_says(refusal(pair, line(4), options), ErrorKind::invalid_input, {"7", "line"});
    EXPECT_THROW(preset_pass_manager(4, line(2)), Error);
}

TEST(PassManager, RefusesWhatTheDeviceCannotDo) {
    Circuit branching(2, 1);
    branching.measure(0, 0).if_else({{0}, 1}, [](Circuit& body) { body.x(1); });
    Target device = line(3);
    device.has_feed_forward = false;
    expect_says(refusal(branching, device), ErrorKind::unsupported, {"feed-forward", "line"});
    EXPECT_FALSE(refusal(branching, device).hint().empty());
    Circuit resetting(1);
    resetting.h(0).reset(0);
    device.has_reset = false;
    expect_says(refusal(resetting, device), ErrorKind::unsupported, {"reset"});
    Circuit midway(1, 1);
    midway.measure(0, 0).h(0);
    device.has_mid_circuit_measurement = false;
    expect_says(refusal(midway, device), ErrorKind::unsupported, {"mid-circuit"});
    Circuit symbolic(1);
    const Angle a = symbolic.parameter("a");
    symbolic.prepare({0}, {a, 1.0});
    EXPECT_EQ(refusal(symbolic, line(2)).kind(), ErrorKind::unsupported);
}

TEST(PassManager, RefusesDevicesThatCannotCompute) {
    Circuit pair(2);
    pair.h(0).cx(0, 1);
    Target device = line(2);
    device.native_gates.erase(device.native_gates.begin());
    expect_says(refusal(pair, device), ErrorKind::unsupported, {"entangling"});
    device = line(2);
    device.native_gates.resize(2);  // cz and rz
    expect_says(refusal(pair, device), ErrorKind::unsupported, {"one-qubit"});
    device = line(2);
    device.native_gates[0] = {GateId::crx, "crx", {{}}, false};
    expect_says(refusal(pair, device), ErrorKind::unsupported, {"line"});
    device = line(4);
    device.edges = {{0, 1}, {2, 3}};
    Circuit triangle(3);
    triangle.cx(0, 1).cx(1, 2).cx(2, 0);
    expect_says(refusal(triangle, device), ErrorKind::invalid_input, {"3", "2"});
}

TEST(PassManager, CircuitsInPartsFitADeviceInParts) {
    Target device = line(4);
    device.edges = {{0, 1}, {2, 3}};
    Circuit circuit(4);
    circuit.cx(0, 2).cx(1, 3);
    const Result result = transpile(circuit, device);
    EXPECT_EQ(result.swaps, 0u);
    EXPECT_TRUE(find_illegal(result.circuit, device).empty());
    EXPECT_TRUE(check_equivalence(circuit, result, {}).equal);
}

TEST(PassManager, ALayoutOverPartsThatNothingJoinsIsRefused) {
    Target device = line(6);
    device.edges = {{0, 1}, {1, 2}, {3, 4}, {4, 5}};
    Circuit direct(3), inside(3, 1), one_pair(3, 1);
    direct.cx(0, 1).cx(1, 2);
    inside.measure(0, 0).if_else({{0}, 1}, [](Circuit& body) { body.cx(0, 1).cx(1, 2); });
    one_pair.measure(0, 0).if_else({{0}, 1}, [](Circuit& body) { body.cx(1, 2); });
    Options options;
    options.initial_layout = {0, 1, 4};
    for (const int level : {0, 1, 2}) {
        options.level = level;
        for (const Circuit* circuit : {&direct, &inside, &one_pair})
            expect_says(refusal(*circuit, device, options), ErrorKind::invalid_input,
                        {"qubits 1 and 2", "join 1 and 4"});
    }
    device.edges = {{0, 1}};
    options.initial_layout = {0, 3, 5};
    expect_says(refusal(direct, device, options), ErrorKind::invalid_input, {"qubits 0 and 1", "0 and 3"});
}

TEST(PassManager, FaultyEdgesAndQubitsAreAvoided) {
    Target device = line(8);
    device.gates[{"cz", {3, 4}}] = {.error = 1.0, .duration = 1e-7};
    device.qubits.resize(8);
    device.qubits[0].is_operational = false;
    Circuit circuit(4);
    for (Qubit q = 0; q < 4; ++q) circuit.h(q).cx(q, (q + 1) % 4);
    for (const int level : {0, 1}) {
        Options options;
        options.level = level;
        const Result result = transpile(circuit, device, options);
        for (const std::string& problem : find_illegal(result.circuit, device)) ADD_FAILURE() << problem;
        EXPECT_TRUE(check_equivalence(circuit, result, {}).equal);
        for (const Qubit qubit : result.initial_layout)
            EXPECT_GE(qubit, 4u) << "the only working part of four";
    }
}

TEST(PassManager, TheBestQubitsAreChosen) {
    Target device = line(9);
    for (Qubit q = 0; q < 8; ++q)
        device.gates[{"cz", {q, q + 1}}] = {.error = q == 5 || q == 6 ? 0.001 : 0.02, .duration = 1e-7};
    Circuit circuit(3);
    circuit.h(0).cx(0, 1).cx(1, 2);
    const Result result = transpile(circuit, device);
    EXPECT_EQ(result.initial_layout[1], 6u);
    ASSERT_TRUE(result.log_success);
    EXPECT_NEAR(*result.log_success, 2 * std::log(0.999), 1e-12);
    Circuit ring(3);
    ring.h(0).cx(0, 1).cx(1, 2).cx(2, 0);
    const auto routed = transpile(ring, device).final_layout;
    for (const Qubit qubit : {5u, 6u, 7u})
        EXPECT_NE(std::find(routed.begin(), routed.end(), qubit), routed.end()) << qubit;
}

TEST(PassManager, ALongLineNeedsNoSwapOnAGrid) {
    Circuit circuit(27);
    for (Qubit q = 0; q + 1 < 27; ++q) circuit.ry(0.3, q).cz(q, q + 1);
    for (int level = 1; level <= 3; ++level) {
        Options options;
        options.level = level;
        EXPECT_EQ(pairs_in(transpile(circuit, target::load_target("iqm_crystal54"), options).circuit), 26u);
    }
}

TEST(PassManager, AGivenLayoutIsHonoured) {
    Circuit circuit(3);
    circuit.h(0).cx(0, 2).cx(1, 2).cx(0, 1);
    Options options;
    options.initial_layout = {4, 0, 2};
    for (const int level : {0, 1, 2}) {
        options.level = level;
        const Result result = transpile(circuit, line(5), options);
        EXPECT_EQ(result.initial_layout, *options.initial_layout);
        EXPECT_TRUE(check_equivalence(circuit, result, {}).equal);
    }
}

TEST(PassManager, ATimeLimitEndsTheTrials) {
    Random random(1);
    const Circuit circuit = test::word_circuit({.qubits = 7, .layers = 5}, 22, random);
    Options options;
    options.level = 3;
    options.time_limit = 0.0;
    const Target device = target::load_target("ibm_torino");
    const Result result = transpile(circuit, device, options);
    EXPECT_TRUE(find_illegal(result.circuit, device).empty());
    EXPECT_TRUE(check_equivalence(circuit, result, {}, 1, 1).equal);
}

TEST(PassManager, AnInterruptStopsBetweenPassesAndBetweenTrials) {
    const struct ClearedAtTheEnd {
        ~ClearedAtTheEnd() { interrupt().clear(); }
    } cleared;
    Circuit ring(4);
    for (Qubit q = 0; q < 4; ++q) ring.cx(q, (q + 1) % 4).rx(0.3, q);
    auto expect_cancelled = [&](const PassManager& manager) {
        interrupt().clear();
        try {
            manager.run(ring);
            ADD_FAILURE() << "ran to the end";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::cancelled) << error.what();
        }
    };
    const Pass pressed{"pressed", [](Compilation&) { interrupt().set(2); }};
    bool went_on = false;
    PassManager passes(line(6), {});
    passes.add(pressed).add({"next", [&](Compilation&) { went_on = true; }});
    expect_cancelled(passes);
    EXPECT_FALSE(went_on);

    // Pressed while the trials of the last pass run: nothing but the trials can see it.
    const Pass pressed_later{"pressed_later", [](Compilation& work) {
                                 work.out_of_time = [] {
                                     interrupt().set(2);
                                     return false;
                                 };
                             }};
    PassManager layouts(line(6), {});
    layouts.add(canonical_form()).add(pressed_later).add(sabre_layout({3, 2, 3, 3}, 100));
    expect_cancelled(layouts);
    PassManager routes(line(6), {});
    routes.add(canonical_form()).add(trivial_layout()).add(pressed_later).add(route(3));
    expect_cancelled(routes);
}

TEST(PassManager, BranchesAreRoutedInside) {
    // Two pairs in one branch cannot both be neighbours of the same place on a line.
    Circuit circuit(4, 2);
    circuit.h(0).h(1).cx(0, 3).measure(1, 0);
    circuit.if_else(
        {{0}, 1},
        [](Circuit& body) {
            body.cx(0, 2).gate(GateId::ry, {2}, {0.4}).gate(GateId::swap, {2, 3}).cx(3, 0).cx(2, 1);
        },
        [](Circuit& body) { body.cx(3, 1); });
    circuit.if_else({{0}, 0}, [](Circuit& body) {
        body.measure(2, 1).if_else({{1}, 1}, [](Circuit& inner) {
            inner.cx(0, 3).cx(0, 2).gate(GateId::cp, {3, 2}, {0.3});
        });
    });
    circuit.cx(0, 1).reset(2).h(2).cx(2, 0).measure(0, 0);
    for (const std::string name : {"line", "iqm_garnet", "ibm_sherbrooke"})
        for (std::uint64_t seed = 0; seed < 5; ++seed) {
            SCOPED_TRACE(name + " seed " + std::to_string(seed));
            const Target device = name == "line" ? line(5) : target::load_target(name);
            Options options;
            options.seed = seed;
            const Result result = transpile(circuit, device, options);
            for (const std::string& problem : find_illegal(result.circuit, device)) ADD_FAILURE() << problem;
            const Equivalence same = check_equivalence(circuit, result, {});
            EXPECT_TRUE(same.equal) << same.distance;
        }
}

TEST(PassManager, TheCoherentCircuitNeedsNoSwapOnItsLine) {
    Random random(5);
    const Circuit circuit = test::coherent_circuit(random);
    for (const std::string name : {"ibm_torino", "ibm_sherbrooke", "iqm_garnet", "quantinuum_h2"}) {
        const Result result = transpile(circuit, target::load_target(name));
        EXPECT_EQ(pairs_in(result.circuit), 14u) << name;
        EXPECT_EQ(result.swaps, 0u) << name;
        EXPECT_EQ(metrics(result.circuit).two_qubit_depth, 5u) << name;
    }
}

TEST(PassManager, ASymbolicResultBoundEqualsTheBoundCircuit) {
    Random random(6);
    const Circuit circuit = test::word_circuit({.qubits = 5, .layers = 2, .symbolic = true}, 9, random);
    std::vector<double> values;
    for (std::size_t k = 0; k < circuit.parameters().size(); ++k) values.push_back(random.uniform(-3.0, 3.0));
    const Target device = target::load_target("iqm_garnet");
    Result result = transpile(circuit, device);
    std::vector<bool> used(circuit.parameters().size(), false);
    for (const Operation& operation : result.circuit.operations())
        if (const auto* gate = std::get_if<Gate>(&operation.kind()))
            for (const Angle& angle : gate->angles)
                for (const auto& term : angle.terms()) used[term.parameter] = true;
    EXPECT_EQ(std::count(used.begin(), used.end(), false), 0) << "every parameter is still there";
    result.circuit = result.circuit.bind(values);
    EXPECT_TRUE(check_equivalence(circuit.bind(values), result, {}).equal);
}

TEST(PassManager, ATranspiledCircuitStaysAsItIs) {
    Random random(8);
    for (const std::string name : {"ibm_torino", "iqm_garnet", "ionq_aria", "quantinuum_h2"}) {
        const Target device = target::load_target(name);
        const Result once = transpile(test::word_circuit({.qubits = 5, .layers = 1}, 3, random), device);
        Options options;
        options.initial_layout.emplace();
        for (Qubit q = 0; q < device.num_qubits; ++q) options.initial_layout->push_back(q);
        bool all_work = true;
        for (const auto& qubit : device.qubits) all_work = all_work && qubit.is_operational;
        if (!all_work) continue;
        const Result twice = transpile(once.circuit, device, options);
        EXPECT_EQ(pairs_in(twice.circuit), pairs_in(once.circuit)) << name;
        EXPECT_LE(metrics(twice.circuit).one_qubit_gates, metrics(once.circuit).one_qubit_gates) << name;
    }
}

TEST(Equivalence, SeesAWrongBitAndALostBranch) {
    const Target device = line(4);
    Circuit circuit(3, 3);
    circuit.h(0).cx(0, 1).cx(1, 2).measure(0, 0).measure(1, 1).measure(2, 2);
    Result result = transpile(circuit, device);
    ASSERT_TRUE(check_equivalence(circuit, result, {}).equal);
    for (Operation& operation : result.circuit.mutable_operations())
        if (auto* measure = std::get_if<Measure>(&operation.kind())) measure->clbit = 2 - measure->clbit;
    EXPECT_FALSE(check_equivalence(circuit, result, {}).equal);

    Circuit branching(2, 1);
    branching.h(0).measure(0, 0).if_else({{0}, 1}, [](Circuit& body) { body.ry(0.4, 1); });
    result = transpile(branching, device);
    ASSERT_TRUE(check_equivalence(branching, result, {}).equal);
    for (Operation& operation : result.circuit.mutable_operations())
        if (auto* branch = std::get_if<IfElse>(&operation.kind())) branch->condition.value = 0;
    EXPECT_FALSE(check_equivalence(branching, result, {}).equal);
}

TEST(Equivalence, SeesAnAncillaThatIsLeftUp) {
    Circuit circuit(2);
    circuit.h(0).cx(0, 1);
    Result result = transpile(circuit, line(3));
    const auto& layout = result.final_layout;
    Qubit ancilla = 0;
    while (std::find(layout.begin(), layout.end(), ancilla) != layout.end()) ++ancilla;
    result.circuit.x(ancilla);
    EXPECT_FALSE(check_equivalence(circuit, result, {}).equal);
}

TEST(Equivalence, RefusesCircuitsNoMachineHolds) {
    for (const std::uint32_t qubits : {41u, 57u, 60u, 64u, 121u}) {
        SCOPED_TRACE(qubits);
        Circuit circuit(qubits);
        for (Qubit q = 0; q < qubits; ++q) circuit.x(q);
        Result result;
        result.circuit = circuit;
        for (Qubit q = 0; q < qubits; ++q) result.initial_layout.push_back(q);
        result.final_layout = result.initial_layout;
        try {
            check_equivalence(circuit, result, {});
            ADD_FAILURE() << "nothing was refused";
        } catch (const Error& error) {
            expect_says(error, ErrorKind::out_of_memory, {std::to_string(qubits).c_str()});
        }
    }
}

TEST(Validate, NamesWhatIsIllegal) {
    const Target device = target::load_target("ibm_sherbrooke");
    auto first = [&](const Circuit& circuit) {
        const auto problems = find_illegal(circuit, device);
        return problems.empty() ? std::string() : problems[0];
    };
    EXPECT_EQ(first(Circuit(127).gate(GateId::ecr, {1, 0})), "");
    EXPECT_NE(first(Circuit(127).gate(GateId::ecr, {0, 1})).find("ecr"), std::string::npos)
        << "against its direction";
    EXPECT_NE(first(Circuit(127).gate(GateId::ecr, {8, 9})).find("out of order"), std::string::npos);
    EXPECT_NE(first(Circuit(127).h(3)).find("h is not native"), std::string::npos);
    EXPECT_NE(first(Circuit(128)).find("128"), std::string::npos);
    const Target ionq = target::load_target("ionq_aria");
    Circuit wide(25);
    wide.gate(GateId::ms, {0, 1}, {0.0, 0.0, 2.0});
    EXPECT_EQ(find_illegal(wide, ionq).size(), 1u);
    Circuit symbolic(25);
    const Angle t = symbolic.parameter("t");
    symbolic.gate(GateId::ms, {0, 1}, {t, 0.0, 1.0}).gate(GateId::ms, {0, 1}, {0.0, 0.0, t});
    EXPECT_EQ(find_illegal(symbolic, ionq).size(), 1u) << "phases may be symbolic, the ranged angle not";
}

}  // namespace
}  // namespace qdcnn::transpile
