#include "qdcnn/transpile/validate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cmath>

#include "qdcnn/target/devices.h"

// Each illegal circuit is refused, with the telling words, and its legal neighbour is not.

namespace qdcnn::transpile {
namespace {

using namespace circuit;

class Illegal : public testing::Test {
  protected:
    void SetUp() override {
        // Three qubits in a line, cx in one direction only.
        device_.name = "line";
        device_.num_qubits = 3;
        device_.dt = 1e-9;
        device_.native_gates = {{GateId::rx, "rx", {{-1.0, 1.0, {}}}, false},
                                {GateId::rz, "rz", {{}}, true},
                                {GateId::ry, "ry", {{0, 0, {0.5, -0.5}}}, false},
                                {GateId::cx, "cx", {}, false}};
        device_.edges = {{0, 1}, {1, 2}};
        device_.qubits.resize(3);
    }
    void expect_legal(const Circuit& circuit) const {
        EXPECT_EQ(fmt::format("{}", fmt::join(find_illegal(circuit, device_), "; ")), "");
    }
    void expect_refused(const Circuit& circuit, const std::string& words) const {
        const auto problems = find_illegal(circuit, device_);
        ASSERT_EQ(problems.size(), 1u) << fmt::format("{}", fmt::join(problems, "; "));
        EXPECT_NE(problems[0].find(words), std::string::npos) << problems[0];
    }
    target::Target device_;
};

TEST_F(Illegal, GatesAndAngles) {
    expect_legal(Circuit(3).rx(0.9, 0).rz(7.0, 0).gate(GateId::ry, {1}, {-0.5}));
    expect_refused(Circuit(3).h(0), "h is not native");
    expect_refused(Circuit(3).rx(1.1, 0), "outside what line takes");
    expect_refused(Circuit(3).ry(0.4, 0), "outside what line takes");
    Circuit symbolic(3);
    expect_refused(symbolic.rx(symbolic.parameter("w"), 0), "is w");
    Circuit free(3);
    expect_legal(free.rz(free.parameter("w"), 0));
}

TEST_F(Illegal, EdgesInTheirDirection) {
    expect_legal(Circuit(3).cx(0, 1).cx(1, 2));
    expect_refused(Circuit(3).cx(1, 0), "1, 0 in this order");
    expect_refused(Circuit(3).cx(0, 2), "0, 2");
}

TEST_F(Illegal, WhatIsOutOfOrder) {
    device_.gates[{"cx", {0, 1}}] = {1.0, 1e-7};
    expect_refused(Circuit(3).cx(0, 1), "out of order");
    device_.gates[{"rx", {1}}] = {1.0, 1e-8};
    expect_refused(Circuit(3).rx(0.3, 1), "rx is out of order on qubit 1");
    expect_legal(Circuit(3).rx(0.3, 0));
    device_.gates[{"measure", {2}}] = {1.0, 1e-6};
    expect_refused(Circuit(3, 1).measure(2, 0), "measure is out of order");
    device_.qubits[0].is_operational = false;
    expect_refused(Circuit(3).rx(0.3, 0), "qubit 0 is out of order");
}

TEST_F(Illegal, QubitsOutsideTheDevice) {
    const auto problems = find_illegal(Circuit(4).rx(0.1, 3), device_);
    ASSERT_EQ(problems.size(), 2u);
    EXPECT_NE(problems[1].find("outside"), std::string::npos);
}

TEST_F(Illegal, AbilitiesInTheMiddle) {
    expect_refused(Circuit(3, 1).measure(0, 0).rx(0.1, 0), "after it was measured");
    expect_legal(Circuit(3, 1).rx(0.1, 0).measure(0, 0).rx(0.1, 1));
    expect_refused(Circuit(3).reset(0), "reset");
    auto turn = [](Circuit& body) { body.rx(0.1, 1); };
    expect_refused(Circuit(3, 1).measure(0, 0).if_else({{0}, 1}, turn), "branch");
    device_.has_feed_forward = true;
    expect_legal(Circuit(3, 1).measure(0, 0).if_else({{0}, 1}, turn));
    auto again = [](Circuit& body) { body.measure(0, 0).rx(0.1, 0); };
    expect_refused(Circuit(3, 1).if_else({{0}, 1}, again), "after it was measured");
    auto last = [](Circuit& body) { body.rx(0.1, 0).measure(0, 0); };
    EXPECT_FALSE(find_illegal(Circuit(3, 1).while_loop({{0}, 1}, last), device_).empty());
    device_.has_mid_circuit_measurement = true;
    expect_legal(Circuit(3, 1).while_loop({{0}, 1}, last));
}

TEST_F(Illegal, DelaysThatTheClockDoesNotHave) {
    expect_legal(Circuit(3).delay(16, 0, TimeUnit::dt).delay(3e-9, 1));
    expect_refused(Circuit(3).delay(2.5, 0, TimeUnit::dt), "no whole number");
    expect_refused(Circuit(3).delay(2.5e-9, 0), "no whole number");
    device_.dt = std::nan("");
    expect_legal(Circuit(3).delay(2.5e-9, 0));
    expect_refused(Circuit(3).delay(2, 0, TimeUnit::dt), "no dt");
}

}  // namespace
}  // namespace qdcnn::transpile
