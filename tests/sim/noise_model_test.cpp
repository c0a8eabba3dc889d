#include "qdcnn/sim/noise_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "qdcnn/base/error.h"
#include "qdcnn/sim/density_matrix.h"

namespace qdcnn::sim {
namespace {

using circuit::GateId;
using circuit::Qubit;
using Qubits = std::vector<Qubit>;

void expect_error(const std::string& part, const std::function<void()>& action) {
    try {
        action();
        FAIL() << "no error with \"" << part << "\"";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_input) << error.what();
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
}

double infidelity(const GateError& error) {
    const double d = std::ldexp(1.0, error.qubits());
    const auto rows = static_cast<std::size_t>(d * d);
    double trace = 0;
    for (std::size_t i = 0; i < rows; ++i) trace += error.map()[i * rows + i];
    return (d * d - trace) / (d * (d + 1));
}

void expect_near(const std::vector<double>& a, const std::vector<double>& b, double tolerance = 1e-14) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], tolerance) << i;
}

TEST(GateError, steps_in_order_on_positions) {
    const Channel damping = Channel::of(ChannelId::amplitude_damping, {0.3});
    const Channel flip = Channel::of(ChannelId::bit_flip, {0.2});
    GateError error(2);
    error.add(damping, {1}).add(flip, {1}).add(depolarizing(0.1, 2), {1, 0});
    expect_near(
        error.map(),
        Channel::tensor(Channel::identity(1), damping.compose(flip)).compose(depolarizing(0.1, 2)).map());
    expect_near(
        error.swapped().map(),
        Channel::tensor(damping.compose(flip), Channel::identity(1)).compose(depolarizing(0.1, 2)).map());
    expect_near(error.scaled(0.5).map(),
                Channel::tensor(Channel::identity(1), damping.scaled(0.5).compose(flip.scaled(0.5)))
                    .compose(depolarizing(0.05, 2))
                    .map());
    EXPECT_TRUE(GateError(2).add(Channel::identity(1), {0}).is_ideal());
    expect_error("no position 2", [] { GateError(2).add(Channel::identity(1), {2}); });
    expect_error("twice", [] { GateError(2).add(depolarizing(0.1, 2), {1, 1}); });
    expect_error("was given 2", [] { GateError(2).add(Channel::identity(1), {0, 1}); });
}

TEST(NoiseModel, looks_up_the_very_place_before_all_places_and_the_name_before_aliases) {
    NoiseModel noise;
    noise.add_error("cx", depolarizing(0.1, 2));
    noise.add_error("cx", {2, 0}, depolarizing(0.3, 2));
    noise.add_error("cnot", {0, 1}, depolarizing(0.2, 2));
    noise.add_error("u1", depolarizing(0.25));
    EXPECT_EQ(noise.error_of(GateId::cx, Qubits{2, 0})->map(), depolarizing(0.3, 2).map());
    EXPECT_EQ(noise.error_of(GateId::cx, Qubits{0, 2})->map(), depolarizing(0.1, 2).map());
    EXPECT_EQ(noise.error_of(GateId::cx, Qubits{0, 1})->map(), depolarizing(0.1, 2).map());
    EXPECT_EQ(noise.error_of(GateId::p, Qubits{4})->map(), depolarizing(0.25).map());
    EXPECT_EQ(noise.error_of(GateId::cz, Qubits{0, 1}), nullptr);
    EXPECT_EQ(noise.error_of("reset", Qubits{0}), nullptr);
}

TEST(NoiseModel, a_second_error_follows_the_first) {
    const Channel damping = Channel::of(ChannelId::amplitude_damping, {0.3}),
                  flip = Channel::of(ChannelId::bit_flip, {0.2});
    NoiseModel noise;
    noise.add_error("x", {3}, damping).add_error("x", {3}, flip);
    expect_near(noise.error_of(GateId::x, Qubits{3})->map(), damping.compose(flip).map());
}

TEST(NoiseModel, refuses_what_does_not_fit) {
    NoiseModel noise;
    expect_error("cx acts on 1", [&] { noise.add_error("cx", depolarizing(0.1)); });
    expect_error("qubits [1]", [&] { noise.add_error("cx", {1}, depolarizing(0.1, 2)); });
    expect_error("names qubit 1 twice", [&] { noise.add_error("cx", {1, 1}, depolarizing(0.1, 2)); });
    expect_error("P(0|1) = 1.5", [&] { noise.set_readout({0, 1.5}); });
    expect_error("P(1|0) = -0.1", [&] { noise.set_readout(0, {-0.1, 0}); });
    expect_error("t2 is at most", [&] { noise.set_relaxation(0, {1e-5, 3e-5}); });
    expect_error("dt = 0", [&] { noise.set_dt(0); });
    expect_error("scale of -2", [&] { static_cast<void>(noise.scaled(-2)); });
}

TEST(NoiseModel, refuses_operations_that_nobody_knows) {
    NoiseModel noise;
    for (const bool everywhere : {true, false}) try {
            if (everywhere)
                noise.add_error("cxx", depolarizing(0.1, 2));
            else
                noise.add_error("cxx", {0, 1}, depolarizing(0.1, 2));
            ADD_FAILURE() << "no error";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::unsupported);
            EXPECT_NE(std::string(error.what()).find("cxx"), std::string::npos) << error.what();
            EXPECT_NE(error.hint().find("cx"), std::string::npos) << error.hint();
        }
    EXPECT_TRUE(noise.is_ideal());
}

TEST(NoiseModel, scaled) {
    NoiseModel noise;
    noise.add_error("x", depolarizing(0.1)).add_error("x", {1}, thermal_relaxation(50e-6, 60e-6, 1e-6));
    noise.set_readout({0.1, 0.2}).set_readout(1, {0.3, 0.7}).set_relaxation(0, {50e-6, 60e-6, 0.1});
    const NoiseModel twice = noise.scaled(2);
    EXPECT_EQ(twice.error_of(GateId::x, Qubits{0})->map(), depolarizing(0.2).map());
    expect_near(twice.error_of(GateId::x, Qubits{1})->map(), thermal_relaxation(25e-6, 30e-6, 1e-6).map());
    EXPECT_EQ(twice.readout(0).p1_given_0, 0.2);
    EXPECT_EQ(twice.readout(0).p0_given_1, 0.4);
    // Stops at one half, and stays where it is beyond.
    EXPECT_EQ(twice.readout(1).p1_given_0, 0.5);
    EXPECT_EQ(twice.readout(1).p0_given_1, 0.7);
    EXPECT_EQ(twice.relaxation(0)->t1, 25e-6);
    EXPECT_EQ(twice.relaxation(0)->t2, 30e-6);
    EXPECT_EQ(twice.relaxation(0)->excited, 0.1);
    EXPECT_FALSE(noise.is_ideal());
    EXPECT_TRUE(noise.scaled(0).is_ideal());
    EXPECT_EQ(noise.scaled(1).error_of(GateId::x, Qubits{1})->map(),
              noise.error_of(GateId::x, Qubits{1})->map());
}

TEST(NoiseModel, without_measurement_errors) {
    NoiseModel noise;
    noise.add_error("x", depolarizing(0.1)).add_error("measure", depolarizing(0.1));
    noise.set_readout({0.1, 0.2}).set_readout(1, {0.3, 0.7});
    const NoiseModel rest = noise.without_measurement_errors();
    EXPECT_NE(rest.error_of(GateId::x, Qubits{0}), nullptr);
    EXPECT_EQ(rest.error_of("measure", Qubits{0}), nullptr);
    EXPECT_TRUE(rest.readout(0).is_ideal());
    EXPECT_TRUE(rest.readout(1).is_ideal());
}

/// Two coupled qubits with all figures, a third with none.
target::Target small_target() {
    target::Target target;
    target.name = "small";
    target.num_qubits = 3;
    target.native_gates = {{GateId::sx, "sx", {}, false},
                           {GateId::rz, "rz", {{}}, true},
                           {GateId::cz, "cz", {}, false},
                           {GateId::ecr, "ecr", {}, false},
                           {GateId::r, "prx", {{}, {}}, false}};
    target.edges = {{0, 1}, {2, 1}};
    target.qubits.resize(3);
    target.qubits[0] = {.t1 = 100e-6, .t2 = 80e-6, .readout_error = 0.03};
    target.qubits[1] = {.t1 = 50e-6, .t2 = 130e-6, .prob_meas1_prep0 = 0.01, .prob_meas0_prep1 = 0.04};
    target.gates[{"sx", {0}}] = {8e-4, 60e-9};
    target.gates[{"sx", {1}}] = {1e-6, 60e-9};
    target.gates[{"cz", {0, 1}}] = {8e-3, 500e-9};
    target.gates[{"ecr", {0, 1}}] = {9e-3, std::numeric_limits<double>::quiet_NaN()};
    target.gates[{"reset", {0}}] = {std::numeric_limits<double>::quiet_NaN(), 1e-6};
    target.defaults["prx"] = {2e-3, 40e-9};
    target.dt = 1e-9;
    return target;
}

TEST(TargetNoise, has_the_targets_infidelity) {
    const NoiseModel noise = noise_model_from_target(small_target());
    EXPECT_NEAR(infidelity(*noise.error_of(GateId::sx, Qubits{0})), 8e-4, 1e-12);
    EXPECT_NEAR(infidelity(*noise.error_of(GateId::cz, Qubits{0, 1})), 8e-3, 1e-12);
    // cz is symmetric and listed once; ecr has a direction.
    expect_near(noise.error_of(GateId::cz, Qubits{1, 0})->map(),
                noise.error_of(GateId::cz, Qubits{0, 1})->swapped().map());
    EXPECT_EQ(noise.error_of(GateId::ecr, Qubits{1, 0}), nullptr);
    // No duration: all depolarizing, lambda = error d / (d - 1).
    expect_near(noise.error_of(GateId::ecr, Qubits{0, 1})->map(), depolarizing(9e-3 * 4 / 3, 2).map());
    // Relaxation alone is more than the figure says: it stays, T2 cut to 2 T1.
    expect_near(noise.error_of(GateId::sx, Qubits{1})->map(), thermal_relaxation(50e-6, 100e-6, 60e-9).map());
    // The device's name of a gate, and the figure that holds everywhere.
    EXPECT_NEAR(infidelity(*noise.error_of(GateId::r, Qubits{2})), 2e-3, 1e-12);
    expect_near(noise.error_of(GateId::r, Qubits{2})->map(), depolarizing(4e-3).map());
    EXPECT_NEAR(infidelity(*noise.error_of(GateId::r, Qubits{0})), 2e-3, 1e-12);
    // Virtual, unknown.
    EXPECT_EQ(noise.error_of(GateId::rz, Qubits{0}), nullptr);
    EXPECT_EQ(noise.error_of(GateId::sx, Qubits{2}), nullptr);
    EXPECT_EQ(noise.error_of(GateId::h, Qubits{0}), nullptr);
    expect_near(noise.error_of("reset", Qubits{0})->map(), thermal_relaxation(100e-6, 80e-6, 1e-6).map());
}

TEST(TargetNoise, a_devices_own_name_of_a_gate_has_its_error) {
    target::Target target = small_target();
    target.native_gates = {{GateId::r, "half_pulse", {{}, {}}, false}};
    target.defaults["half_pulse"] = {2e-3, 40e-9};
    const NoiseModel noise = noise_model_from_target(target);
    ASSERT_NE(noise.error_of(GateId::r, Qubits{2}), nullptr);
    EXPECT_NEAR(infidelity(*noise.error_of(GateId::r, Qubits{2})), 2e-3, 1e-12);
}

TEST(TargetNoise, depolarizing_comes_before_relaxation) {
    const NoiseModel noise = noise_model_from_target(small_target());
    const GateError& error = *noise.error_of(GateId::cz, Qubits{0, 1});
    ASSERT_EQ(error.steps().size(), 3u);
    EXPECT_EQ(error.steps()[0].channel.row()->id, ChannelId::depolarizing2);
    const double lambda = error.steps()[0].channel.parameters()[0];
    const Channel relaxation =
        Channel::tensor(thermal_relaxation(100e-6, 80e-6, 500e-9), thermal_relaxation(50e-6, 100e-6, 500e-9));
    expect_near(error.map(), depolarizing(lambda, 2).compose(relaxation).map());
    // Aer: lambda = d (error - e_r) / (d F_r - 1).
    const double e_r = relaxation.average_infidelity();
    EXPECT_NEAR(lambda, 4 * (8e-3 - e_r) / (4 * (1 - e_r) - 1), 1e-14);
}

TEST(TargetNoise, agrees_with_aer) {
    // NoiseModel.from_backend of qiskit-aer 0.18.2 (qiskit 2.6.2) on a backend with a Target of these very
    // figures: the diagonal of qiskit.quantum_info.PTM of each error, and its entry from the identity to Z on
    // qubit 0.
    struct Row {
        GateId gate;
        Qubits qubits;
        std::vector<double> diagonal;
        double from_identity;
    };
    const std::vector<Row> rows{
        {GateId::sx, {0}, {1, 0.998350078752, 0.998350078752, 0.998499842496}, 0.000599820036},
        {GateId::sx, {1}, {1, 0.999400179964, 0.999400179964, 0.998800719712}, 0.001199280288},
        {GateId::cz,
         {0, 1},
         {1, 0.993043265766, 0.993043265766, 0.994285345986, 0.994285345986, 0.988090441815, 0.988090441815,
          0.989326327135, 0.994285345986, 0.988090441815, 0.988090441815, 0.989326327135, 0.989326327135,
          0.983162320177, 0.983162320177, 0.984392041493},
         0.004987520807},
        {GateId::ecr,
         {0, 1},
         {1, 0.988, 0.988, 0.988, 0.988, 0.988, 0.988, 0.988, 0.988, 0.988, 0.988, 0.988, 0.988, 0.988, 0.988,
          0.988},
         0},
    };
    const NoiseModel noise = noise_model_from_target(small_target());
    for (const Row& row : rows) {
        const auto& map = noise.error_of(row.gate, row.qubits)->map();
        const std::size_t size = row.diagonal.size();
        for (std::size_t i = 0; i < size; ++i) EXPECT_NEAR(map[i * size + i], row.diagonal[i], 1e-11) << i;
        EXPECT_NEAR(map[3 * size], row.from_identity, 1e-11);
    }
}

TEST(TargetNoise, read_out_and_delays) {
    const NoiseModel noise = noise_model_from_target(small_target());
    EXPECT_EQ(noise.readout(0).p1_given_0, 0.03);
    EXPECT_EQ(noise.readout(0).p0_given_1, 0.03);
    EXPECT_EQ(noise.readout(1).p1_given_0, 0.01);
    EXPECT_EQ(noise.readout(1).p0_given_1, 0.04);
    EXPECT_TRUE(noise.readout(2).is_ideal());
    EXPECT_EQ(noise.relaxation(1)->t2, 100e-6);
    EXPECT_EQ(noise.relaxation(2), nullptr);
    EXPECT_EQ(noise.dt(), 1e-9);
}

TEST(TargetNoise, a_figure_that_is_lambda_is_taken_as_it_is) {
    target::Target target = small_target();
    target.error_kind = target::ErrorKindOfTarget::depolarizing_parameter;
    const NoiseModel noise = noise_model_from_target(target);
    expect_near(noise.error_of(GateId::ecr, Qubits{0, 1})->map(), depolarizing(9e-3, 2).map());
    expect_near(noise.error_of(GateId::sx, Qubits{0})->map(),
                depolarizing(8e-4).compose(thermal_relaxation(100e-6, 80e-6, 60e-9)).map());
}

TEST(TargetNoise, a_broken_gate_is_as_bad_as_can_be) {
    target::Target target = small_target();
    target.gates[{"ecr", {0, 1}}].error = 1;
    const NoiseModel noise = noise_model_from_target(target);
    expect_near(noise.error_of(GateId::ecr, Qubits{0, 1})->map(), depolarizing(16.0 / 15, 2).map());
}

TEST(TargetNoise, scale_stretches_every_part) {
    const NoiseModel one = noise_model_from_target(small_target()),
                     three = noise_model_from_target(small_target(), 3);
    const GateError& error = *one.error_of(GateId::cz, Qubits{0, 1});
    expect_near(three.error_of(GateId::cz, Qubits{0, 1})->map(), error.scaled(3).map());
    EXPECT_NEAR(three.error_of(GateId::cz, Qubits{0, 1})->steps()[0].channel.parameters()[0],
                3 * error.steps()[0].channel.parameters()[0], 1e-15);
    EXPECT_NEAR(three.readout(1).p0_given_1, 0.12, 1e-15);
    EXPECT_TRUE(noise_model_from_target(small_target(), 0).is_ideal());
}

TEST(TargetNoise, all_to_all_devices_share_one_error) {
    target::Target target;
    target.num_qubits = 56;
    target.all_to_all = true;
    target.native_gates = {{GateId::rzz, "rzz", {{}}, false}, {GateId::r, "u1q", {{}, {}}, false}};
    target.defaults["rzz"] = {1e-3, std::numeric_limits<double>::quiet_NaN()};
    target.defaults["measure"] = {2e-3, std::numeric_limits<double>::quiet_NaN()};
    const NoiseModel noise = noise_model_from_target(target);
    expect_near(noise.error_of(GateId::rzz, Qubits{55, 3})->map(), depolarizing(1e-3 * 4 / 3, 2).map());
    EXPECT_EQ(noise.error_of(GateId::r, Qubits{4}), nullptr);
    EXPECT_EQ(noise.readout(9).p1_given_0, 2e-3);
}

}  // namespace
}  // namespace qdcnn::sim
