#include "run/study/device_facts.h"

#include <gtest/gtest.h>

#include <cmath>

#include "qdcnn/target/devices.h"

namespace qdcnn::run {
namespace {

/// Three qubits in a line: sx 1 s, cz 10 s, read-out 100 s; z rotations take no time.
target::Target slow_device() {
    target::Target device;
    device.name = "slow";
    device.num_qubits = 3;
    device.native_gates = {{circuit::GateId::sx, "sx", {}, false},
                           {circuit::GateId::rz, "rz", {{}}, true},
                           {circuit::GateId::cz, "cz", {}, false}};
    device.edges = {{0, 1}, {1, 2}};
    device.defaults = {{"sx", {0.0, 1.0}}, {"cz", {0.0, 10.0}}, {"measure", {0.0, 100.0}}};
    return device;
}

TEST(DeviceFacts, TimeIsTheLongestPath) {
    std::vector<std::string> missing;
    circuit::Circuit circuit(3, 2);
    circuit.sx(0).sx(0).sx(2).rz(0.3, 2).cz(0, 1);
    EXPECT_EQ(seconds_of(circuit, slow_device(), missing), 12.0);
    // Qubit 2 waits for neither.
    circuit.cz(1, 2).measure(0, 0);
    EXPECT_EQ(seconds_of(circuit, slow_device(), missing), 112.0);
    circuit.barrier().sx(1);
    EXPECT_EQ(seconds_of(circuit, slow_device(), missing), 113.0);
    EXPECT_TRUE(missing.empty());
}

TEST(DeviceFacts, ABranchWaitsForItsBitAndTakesItsLongerArm) {
    std::vector<std::string> missing;
    circuit::Circuit circuit(3, 1);
    circuit.measure(0, 0).if_else(
        {{0}, 1}, [](auto& body) { body.sx(2); }, [](auto& body) { body.cz(1, 2); });
    EXPECT_EQ(seconds_of(circuit, slow_device(), missing), 110.0);
    circuit.reset(0);
    EXPECT_EQ(seconds_of(circuit, slow_device(), missing), 200.0);
}

TEST(DeviceFacts, SaysWhichFiguresItHasNot) {
    target::Target device = slow_device();
    device.defaults.erase("measure");
    device.defaults.erase("cz");
    std::vector<std::string> missing;
    circuit::Circuit circuit(3, 2);
    circuit.sx(0).cz(0, 1).cz(1, 2).measure(0, 0);
    EXPECT_EQ(seconds_of(circuit, device, missing), 1.0);
    EXPECT_EQ(missing, (std::vector<std::string>{"cz", "measure"}));

    DeviceCounter counter("quantinuum_h2");
    counter.add(circuit, 2);
    counter.end_round();
    EXPECT_TRUE(std::isnan(counter.facts().seconds_per_shot));
    EXPECT_EQ(counter.facts().two_qubit_gates, 4u);
    EXPECT_EQ(counter.facts().two_qubit_depth, 2u);
}

}  // namespace
}  // namespace qdcnn::run
