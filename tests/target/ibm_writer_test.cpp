#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "qdcnn/target/devices.h"

namespace qdcnn::target {
namespace {

void expect_near(double found, double expected, const std::string& what) {
    if (std::isnan(expected))
        EXPECT_TRUE(std::isnan(found)) << what << " is " << found;
    else
        EXPECT_NEAR(found, expected, 1e-12 * std::abs(expected)) << what;
}

Target there_and_back(const Target& target) {
    const IbmDocuments documents = target_to_ibm(target);
    return target_from_ibm(documents.configuration, documents.properties);
}

class IbmWriter : public testing::TestWithParam<std::string> {};

TEST_P(IbmWriter, ReadsBackToTheSameDevice) {
    const Target target = load_target(GetParam());
    const Target back = there_and_back(target);
    EXPECT_EQ(back.name, target.name);
    EXPECT_EQ(back.date, target.date.empty() ? "1970-01-01T00:00:00+00:00" : target.date);
    EXPECT_EQ(back.num_qubits, target.num_qubits);
    EXPECT_EQ(back.edges, target.edges);
    EXPECT_EQ(back.has_reset, target.has_reset);
    EXPECT_EQ(back.has_feed_forward, target.has_feed_forward);
    expect_near(back.dt, target.dt, "dt");
    ASSERT_EQ(back.native_gates.size(), target.native_gates.size());
    for (std::size_t k = 0; k < target.native_gates.size(); ++k)
        EXPECT_EQ(back.native_gates[k].gate, target.native_gates[k].gate);
    for (Qubit qubit = 0; qubit < target.num_qubits; ++qubit) {
        const std::string at = " of qubit " + std::to_string(qubit);
        EXPECT_EQ(back.qubits[qubit].is_operational, target.qubits[qubit].is_operational) << at;
        expect_near(back.qubits[qubit].t1, target.qubits[qubit].t1, "T1" + at);
        expect_near(back.qubits[qubit].t2, target.qubits[qubit].t2, "T2" + at);
        expect_near(back.qubits[qubit].readout_duration, target.qubits[qubit].readout_duration, "time" + at);
        expect_near(back.readout_flips(qubit).first, target.readout_flips(qubit).first, "P(1|0)" + at);
        expect_near(back.readout_flips(qubit).second, target.readout_flips(qubit).second, "P(0|1)" + at);
        for (const NativeGate& native : target.native_gates)
            if (circuit::gate_row(native.gate).qubits == 1) {
                const GateProperties found = back.properties_of(native.name, {qubit});
                const GateProperties expected = target.properties_of(native.name, {qubit});
                expect_near(found.error, expected.error, native.name + " error" + at);
                expect_near(found.duration, expected.duration, native.name + " duration" + at);
            }
    }
    for (const auto& [a, b] : target.edges)
        for (const NativeGate& native : target.native_gates)
            if (circuit::gate_row(native.gate).qubits == 2) {
                EXPECT_EQ(back.is_available(native, a, b), target.is_available(native, a, b));
                EXPECT_EQ(back.is_available(native, b, a), target.is_available(native, b, a));
                expect_near(back.properties_of(native.name, {a, b}).error,
                            target.properties_of(native.name, {a, b}).error, native.name);
            }
}

INSTANTIATE_TEST_SUITE_P(Ibm, IbmWriter, testing::Values("ibm_torino", "ibm_sherbrooke", "ibm_fez"),
                         [](const auto& test) { return test.param; });

Target two_qubits() {
    return target_from_json(R"({"schema": "qdcnn.target/1", "name": "pair", "num_qubits": 2, "reset": true,
        "error_kind": "depolarizing_parameter", "mid_circuit_measurement": true,
        "native": [{"name": "rz", "virtual": true}, {"name": "sx"}, {"name": "ecr"}], "edges": [[1, 0]],
        "qubits": {"readout_error": [0.01, null], "faulty": [1]},
        "defaults": {"sx": {"error": 0.001}, "ecr": {"error": 0.02, "duration": 5e-7},
                     "measure": {"error": 0.03, "duration": 1e-6}, "reset": {"duration": 2e-6}}})",
                            "pair.json");
}

TEST(IbmWriter, ConvertsDepolarizingParametersAndDefaults) {
    const Target back = there_and_back(two_qubits());
    EXPECT_EQ(back.error_kind, ErrorKindOfTarget::average_gate_infidelity);
    EXPECT_DOUBLE_EQ(back.properties_of("sx", {0}).error, 0.001 / 2);
    EXPECT_DOUBLE_EQ(back.properties_of("ecr", {1, 0}).error, 0.02 * 3 / 4);
    EXPECT_DOUBLE_EQ(back.qubits[0].readout_error, 0.01);
    EXPECT_DOUBLE_EQ(back.qubits[1].readout_error, 0.03);
    EXPECT_DOUBLE_EQ(back.properties_of("reset", {0}).duration, 2e-6);
    EXPECT_FALSE(back.qubits[1].is_operational);
    EXPECT_EQ(back.edges, (std::vector<std::pair<Qubit, Qubit>>{{1, 0}}));
    EXPECT_TRUE(back.has_reset);
    EXPECT_FALSE(back.has_feed_forward);
}

TEST(IbmWriter, KeepsAGateThatIsOutOfOrder) {
    Target target = two_qubits();
    target.gates[{"ecr", {1, 0}}].error = 1.0;
    const Target back = there_and_back(target);
    EXPECT_FALSE(back.is_coupled(1, 0));
}

}  // namespace
}  // namespace qdcnn::target
