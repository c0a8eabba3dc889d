#include <gtest/gtest.h>

#include <algorithm>

#include "model_circuits.h"
#include "qdcnn/base/error.h"
#include "qdcnn/target/devices.h"
#include "qdcnn/transpile/equivalence.h"
#include "qdcnn/transpile/passes.h"
#include "qdcnn/transpile/schedule.h"
#include "qdcnn/transpile/validate.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

TEST(PassTable, NamesArePassesAndThePresetsUseNoOthers) {
    std::vector<std::string> names;
    for (const PassRow& row : pass_table()) {
        EXPECT_EQ(row.make().name, row.name);
        EXPECT_FALSE(row.summary.empty());
        names.emplace_back(row.name);
    }
    Options options;
    options.readout_folding = ReadoutFolding::weighed;
    for (int level = 0; level <= 3; ++level)
        for (const std::string& name :
             preset_pass_manager(level, target::load_target("ibm_torino"), options).passes())
            EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
    try {
        named_pass("rout");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::not_found);
        EXPECT_NE(error.hint().find("route"), std::string::npos);
    }
}

TEST(PassTable, AManagerArrangedByNameMakesALegalEqualCircuit) {
    const target::Target device = target::load_target("iqm_garnet");
    PassManager manager(device, {});
    for (const char* name : {"check_abilities", "lower_prepare", "canonical_form", "trivial_layout", "route",
                             "native_pairs", "native_one_qubit_gates"})
        manager.add(named_pass(name));
    manager.insert("trivial_layout", named_pass("merge_interactions"));
    Random random(4);
    const Circuit circuit = test::word_circuit({.qubits = 5, .layers = 2}, 11, random);
    const Result result = manager.run(circuit);
    EXPECT_TRUE(find_illegal(result.circuit, device).empty());
    EXPECT_TRUE(check_equivalence(circuit, result, {}).equal);
}

TEST(Trace, TellsOfEveryPassInOrderWhatItChanged) {
    Random random(4);
    const Circuit circuit = test::word_circuit({.qubits = 5, .layers = 2}, 11, random);
    Options options;
    options.keeps_trace = true;
    const auto manager = preset_pass_manager(1, target::load_target("ibm_torino"), options);
    const Result result = manager.run(circuit);
    const std::vector<std::string> names = manager.passes();
    ASSERT_EQ(result.trace.size(), names.size());
    EXPECT_EQ(result.trace.front().before.two_qubit_gates, metrics(circuit).two_qubit_gates);
    for (std::size_t i = 0; i < names.size(); ++i) {
        EXPECT_EQ(result.trace[i].name, names[i]);
        EXPECT_GE(result.trace[i].seconds, 0);
        EXPECT_EQ(result.trace[i].before.depth, i ? result.trace[i - 1].after.depth : metrics(circuit).depth);
    }
    EXPECT_EQ(result.trace.back().after.two_qubit_gates, metrics(result.circuit).two_qubit_gates);
    EXPECT_TRUE(preset_pass_manager(1, target::load_target("ibm_torino")).run(circuit).trace.empty());
}

TEST(Trace, AFormThatWasNotTakenHasARow) {
    Random random(4);
    const Circuit circuit = test::word_circuit({.qubits = 5, .layers = 2}, 11, random);
    Options options;
    options.keeps_trace = true;
    options.readout_folding = ReadoutFolding::weighed;
    const auto manager = preset_pass_manager(1, target::load_target("ibm_torino"), options);
    const Result result = manager.run(circuit);
    ASSERT_EQ(result.trace.size(), manager.passes().size() + 1);
    EXPECT_NE(result.trace.back().name.find("fold_readout"), std::string::npos);
    EXPECT_GT(result.trace.back().after.two_qubit_gates, metrics(result.circuit).two_qubit_gates);
}

TEST(Timings, GatesWaitForTheirQubitsAndBits) {
    target::Target device = target::load_target("ibm_torino");
    device.gates.clear();
    device.qubits.assign(device.num_qubits, {});
    for (auto& qubit : device.qubits) qubit = {.t1 = 1e-4, .t2 = 1e-4, .readout_duration = 1e-6};
    device.defaults = {{"cz", {0.01, 1e-7}}, {"sx", {0.001, 3e-8}}};
    Circuit circuit(device.num_qubits, 1);
    circuit.sx(0).sx(1).sx(1).cz(0, 1).measure(0, 0);
    circuit.if_else({{0}, 1}, [](Circuit& body) { body.sx(1); });
    const auto timing = timing_of(circuit, device);
    ASSERT_TRUE(timing);
    EXPECT_NEAR(timing->duration, 6e-8 + 1e-7 + 1e-6 + 3e-8, 1e-15);
    // Qubit 0 waits for the second sx, qubit 1 for the read-out; each time by T1 and T2.
    EXPECT_NEAR(timing->idle_cost, (3e-8 + 1e-6) / 1e-4, 1e-12);
    device.defaults.clear();
    for (auto& qubit : device.qubits) qubit = {};
    EXPECT_FALSE(timing_of(circuit, device));
}

}  // namespace
}  // namespace qdcnn::transpile
