#include "qdcnn/sim/aer_noise.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "qdcnn/base/error.h"

namespace qdcnn::sim {
namespace {

using circuit::GateId;
using circuit::Qubit;
using Qubits = std::vector<Qubit>;

/// A model of one error.
NoiseModel model_of(const std::string& error) {
    return aer_noise_from_json(fmt::format(R"({{"errors": [{}]}})", error), "noise.json");
}

/// A one-term error on cx or x with these instructions.
std::string error_with(const std::string& operation, const std::string& instructions,
                       const std::string& places) {
    return fmt::format(R"({{"type": "qerror", "id": "a", "operations": ["{}"], "instructions": [[{}]],
                          "probabilities": [1.0], "gate_qubits": [{}]}})",
                       operation, instructions, places);
}

void expect_near(const std::vector<double>& a, const std::vector<double>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-14) << i;
}

void expect_error(ErrorKind kind, const std::string& part, const std::string& json) {
    try {
        aer_noise_from_json(json, "noise.json");
        FAIL() << "no error with \"" << part << "\"";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), kind) << error.what();
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
}

void expect_error_in(ErrorKind kind, const std::string& part, const std::string& error) {
    expect_error(kind, part, fmt::format(R"({{"errors": [{}]}})", error));
}

std::vector<double> map_on_x(const std::string& instructions) {
    return model_of(error_with("x", instructions, "[0]")).error_of(GateId::x, Qubits{0})->map();
}
std::vector<double> map_on_cx(const std::string& instructions) {
    return model_of(error_with("cx", instructions, "[4, 2]")).error_of(GateId::cx, Qubits{4, 2})->map();
}

/// Functions: the gate table is made when the program starts, as constants here would be.
Channel x_error() { return Channel::of(ChannelId::bit_flip, {1}); }
Channel y_error() { return Channel::of(ChannelId::bit_phase_flip, {1}); }
Channel reset_error() { return Channel::of(ChannelId::reset, {1, 0}); }
Channel damping() { return Channel::of(ChannelId::amplitude_damping, {0.36}); }

TEST(AerNoise, mixtures_of_sequences) {
    const NoiseModel noise = model_of(
        R"({"type": "qerror", "id": "f", "operations": ["x", "sx"], "gate_qubits": [[3], [5]],
            "instructions": [[{"name": "id", "qubits": [0]}],
                             [{"name": "x", "qubits": [0]}, {"name": "reset", "qubits": [0]}],
                             [{"name": "y", "qubits": [0]}]],
            "probabilities": [0.7, 0.1, 0.2]})");
    const double probabilities[] = {0.7, 0.1, 0.2};
    const Channel parts[] = {Channel::identity(1), x_error().compose(reset_error()), y_error()};
    for (const GateId gate : {GateId::x, GateId::sx})
        for (const Qubit qubit : {3u, 5u})
            expect_near(noise.error_of(gate, Qubits{qubit})->map(),
                        Channel::mixture(probabilities, parts).map());
    EXPECT_EQ(noise.error_of(GateId::x, Qubits{0}), nullptr);
}

TEST(AerNoise, errors_without_places_hold_everywhere) {
    const NoiseModel noise = model_of(
        R"({"type": "qerror", "operations": ["cx"], "probabilities": [0.9, 0.1],
            "instructions": [[{"name": "pauli", "qubits": [0, 1], "params": ["II"]}],
                             [{"name": "pauli", "qubits": [0, 1], "params": ["XY"]}]]})");
    const double probabilities[] = {0.9, 0.1};
    // The last letter is the first qubit's.
    const Channel parts[] = {Channel::identity(2), Channel::tensor(y_error(), x_error())};
    expect_near(noise.error_of(GateId::cx, Qubits{7, 2})->map(),
                Channel::mixture(probabilities, parts).map());
}

TEST(AerNoise, instructions) {
    const std::string kraus =
        R"("params": [[[[1, 0], [0, 0]], [[0, 0], [0.8, 0]]], [[[0, 0], [0, 0.6]], [[0, 0], [0, 0]]]])";
    expect_near(map_on_x(R"({"name": "kraus", "qubits": [0], )" + kraus + "}"), damping().map());
    expect_near(map_on_x(R"({"name": "reset", "qubits": [0]})"), reset_error().map());
    expect_near(map_on_x(R"({"name": "pauli", "qubits": [0], "params": ["Y"]})"), y_error().map());
    expect_near(map_on_x(R"({"name": "rz", "qubits": [0], "params": [0.3]})"),
                Channel::of(ChannelId::coherent, {0.3, 0, 0}).map());
    expect_near(
        map_on_x(R"({"name": "unitary", "qubits": [0], "params": [[[[0, 0], [0, -1]], [[0, 1], [0, 0]]]]})"),
        y_error().map());
    // On stacked columns, |0><0| -> |0><0|, |1><1| -> |0><0|.
    expect_near(
        map_on_x(
            R"({"name": "superop", "qubits": [0], "params": [[[1, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]]})"),
        reset_error().map());
}

TEST(AerNoise, sequences_on_two_qubits_keep_order_and_place) {
    const std::string kraus = R"("params": [[[1, 0], [0, 0.8]], [[0, 0.6], [0, 0]]])";
    const Channel cx = Channel::from_unitary(circuit::gate_row(GateId::cx).matrix({}));
    expect_near(map_on_cx(R"({"name": "kraus", "qubits": [1], )" + kraus + "}"),
                Channel::tensor(Channel::identity(1), damping()).map());
    expect_near(map_on_cx(R"({"name": "cx", "qubits": [1, 0]})"), cx.swapped().map());
    expect_near(
        map_on_cx(
            R"({"name": "x", "qubits": [0]}, {"name": "cx", "qubits": [0, 1]}, {"name": "reset", "qubits": [1]},
                             {"name": "kraus", "qubits": [0], )" +
            kraus + R"(}, {"name": "cx", "qubits": [1, 0]})"),
        Channel::tensor(x_error(), Channel::identity(1))
            .compose(cx)
            .compose(Channel::tensor(damping(), reset_error()))
            .compose(cx.swapped())
            .map());
}

TEST(AerNoise, read_out) {
    const NoiseModel noise = aer_noise_from_json(
        R"({"errors": [{"type": "roerror", "operations": ["measure"], "probabilities": [[0.9, 0.1], [0.25, 0.75]],
                        "gate_qubits": [[2]]},
                       {"type": "roerror", "operations": ["measure"], "probabilities": [[1, 0], [0.5, 0.5]]}]})",
        "noise.json");
    EXPECT_EQ(noise.readout(2).p1_given_0, 0.1);
    EXPECT_EQ(noise.readout(2).p0_given_1, 0.25);
    EXPECT_EQ(noise.readout(0).p1_given_0, 0);
    EXPECT_EQ(noise.readout(0).p0_given_1, 0.5);
}

TEST(AerNoise, errors_name_the_place) {
    const auto x_with = [](const std::string& instruction) { return error_with("x", instruction, "[0]"); };
    expect_error(ErrorKind::parse, "cut short", R"({"errors": [)");
    expect_error(ErrorKind::invalid_input, "noise.json: top level: the key \"errors\" is missing", "{}");
    expect_error(ErrorKind::unsupported, "the key \"error\" is not known", R"({"error": []})");
    expect_error_in(ErrorKind::invalid_input, "errors[0]: the key \"type\" is missing", "{}");
    expect_error_in(ErrorKind::unsupported, "errors[0].type: errors of type \"crosstalk\"",
                    R"({"type": "crosstalk"})");
    expect_error_in(ErrorKind::unsupported,
                    "errors[0].instructions[0][0].name: the instruction \"multiplexer\"",
                    x_with(R"({"name": "multiplexer", "qubits": [0]})"));
    expect_error_in(ErrorKind::unsupported, "errors[0].instructions[0][0]: the key \"conditional\"",
                    x_with(R"({"name": "x", "qubits": [0], "conditional": 1})"));
    expect_error_in(ErrorKind::invalid_input, "errors[0].instructions[0][0].qubits: qubit 1 is outside",
                    x_with(R"({"name": "x", "qubits": [1]})"));
    expect_error_in(ErrorKind::invalid_input,
                    "errors[0].instructions[0][0]: the Kraus operators do not preserve the trace",
                    x_with(R"({"name": "kraus", "qubits": [0], "params": [[[1, 0], [0, 0.8]]]})"));
    expect_error_in(ErrorKind::invalid_input, "errors[0].instructions[0][0].params[0][1]: expected 2 entries",
                    x_with(R"({"name": "kraus", "qubits": [0], "params": [[[1, 0], [0]]]})"));
    expect_error_in(ErrorKind::invalid_input, "errors[0].instructions[0][0].params[0]: \"Q\"",
                    x_with(R"({"name": "pauli", "qubits": [0], "params": ["Q"]})"));
    expect_error_in(ErrorKind::invalid_input, "rz takes 1 parameter(s), not 0",
                    x_with(R"({"name": "rz", "qubits": [0]})"));
    expect_error_in(ErrorKind::invalid_input, "acts on 1 qubit(s), 2 are listed",
                    error_with("cx", R"({"name": "x", "qubits": [0, 1]})", "[0, 1]"));
    expect_error_in(ErrorKind::unsupported, "an error on 3 qubits",
                    error_with("ccx", R"({"name": "x", "qubits": [2]})", "[0, 1, 2]"));
    expect_error_in(ErrorKind::invalid_input, "the error of cx",
                    error_with("cx", R"({"name": "x", "qubits": [0]})", "[0]"));
    expect_error_in(
        ErrorKind::invalid_input, "errors[0]: the probabilities of a mixture sum to 0.9",
        R"({"type": "qerror", "operations": ["x"], "instructions": [[]], "probabilities": [0.9]})");
    expect_error_in(
        ErrorKind::invalid_input, "errors[0].probabilities: 2 probabilities for 1 sequences",
        R"({"type": "qerror", "operations": ["x"], "instructions": [[]], "probabilities": [0.9, 0.1]})");
    expect_error_in(
        ErrorKind::invalid_input, "errors[0].probabilities[1]: expected two probabilities that sum to 1",
        R"({"type": "roerror", "operations": ["measure"], "probabilities": [[1, 0], [0.5, 0.6]]})");
    expect_error_in(
        ErrorKind::unsupported, "errors[0].probabilities: a read-out error with 4 outcomes",
        R"({"type": "roerror", "operations": ["measure"], "probabilities": [[1], [1], [1], [1]]})");
}

TEST(AerNoise, errors_of_what_no_circuit_has_are_left_out_and_others_refused) {
    const std::string flip = R"({"name": "x", "qubits": [0]})";
    EXPECT_TRUE(model_of(error_with("unitary", flip, "[0]")).is_ideal());
    EXPECT_FALSE(model_of(error_with("x", flip, "[0]")).is_ideal());
    expect_error_in(ErrorKind::unsupported, "\"xx_pulse\"", error_with("xx_pulse", flip, "[0]"));
}

}  // namespace
}  // namespace qdcnn::sim
