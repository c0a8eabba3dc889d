#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/run_cli.h"
#include "qdcnn/base/files.h"
#include "support/shared_files.h"

namespace qdcnn::test {
namespace {

using nlohmann::json;

const std::string kNoise = QDCNN_SOURCE_DIR "/tests/sim/golden/device.noise.json";

/// A folder of its own for a test's files.
class Simulate : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = testing::TempDir() + "qdcnn_simulate_" +
                  testing::UnitTest::GetInstance()->current_test_info()->name() + "/";
        make_folders(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string file(const std::string& name, const std::string& text) const {
        write_file_atomic(folder_ + name, text);
        return folder_ + name;
    }
    std::string bell() const {
        return file("bell.qasm", R"(OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c;
                                    h q[0]; cx q[0], q[1]; c = measure q;)");
    }

  private:
    std::string folder_;
};

json answer_of(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "simulate");
    arguments.emplace_back("--json");
    const CliAnswer answer = run_cli(arguments);
    EXPECT_EQ(answer.code, 0) << answer.err;
    return json::parse(answer.out);
}

void expect_failure(std::vector<std::string> arguments, int code, const std::string& kind,
                    const std::string& part) {
    arguments.insert(arguments.begin(), "simulate");
    arguments.emplace_back("--json");
    const CliAnswer answer = run_cli(arguments);
    EXPECT_EQ(answer.code, code) << answer.err;
    EXPECT_EQ(answer.out, "");
    const json error = json::parse(answer.err);
    EXPECT_EQ(error.at("kind"), kind);
    EXPECT_NE(error.at("message").get<std::string>().find(part), std::string::npos) << answer.err;
}

TEST_F(Simulate, exact_without_shots) {
    const json answer = answer_of({bell()});
    EXPECT_EQ(answer.at("schema"), "qdcnn.simulate/1");
    ASSERT_EQ(answer.at("probabilities").size(), 2u);
    EXPECT_NEAR(answer.at("probabilities").at("00").get<double>(), 0.5, 1e-15);
    EXPECT_NEAR(answer.at("probabilities").at("11").get<double>(), 0.5, 1e-15);
    EXPECT_TRUE(answer.at("counts").is_null());
    EXPECT_TRUE(answer.at("expectation").is_null());
    EXPECT_EQ(answer.at("method"), "statevector");
    EXPECT_GT(answer.at("cpu_seconds").get<double>(), 0);
    EXPECT_EQ(answer_of({bell(), "--exact"}).at("probabilities"), answer.at("probabilities"));
}

TEST_F(Simulate, counts_with_shots_depend_on_the_seed_alone) {
    const json first = answer_of({bell(), "--shots", "1000", "--seed", "5"});
    EXPECT_TRUE(first.at("probabilities").is_null());
    const auto zeros = first.at("counts").at("00").get<int>(), ones = first.at("counts").at("11").get<int>();
    EXPECT_EQ(zeros + ones, 1000);
    // Five sigma.
    EXPECT_LT(std::abs(zeros - 500), 80);
    EXPECT_EQ(answer_of({bell(), "--shots", "1000", "--seed", "5"}).at("counts"), first.at("counts"));
    EXPECT_NE(answer_of({bell(), "--shots", "1000", "--seed", "6"}).at("counts"), first.at("counts"));
}

TEST_F(Simulate, keys_join_registers_last_declared_first) {
    const auto path =
        file("registers.qasm", R"(OPENQASM 3.0; include "stdgates.inc"; qubit[3] q; bit[2] a; bit b;
                                               x q[0]; x q[2]; a[0] = measure q[0]; a[1] = measure q[1]; b = measure q[2];)");
    const json answer = answer_of({path});
    ASSERT_EQ(answer.at("probabilities").size(), 1u);
    EXPECT_NEAR(answer.at("probabilities").at("1 01").get<double>(), 1, 1e-15);
}

TEST_F(Simulate, without_bits_all_qubits_are_reported) {
    const auto path =
        file("state.qasm", R"(OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; y q[1]; ry(0.4) q[0];)");
    const json answer = answer_of({path, "--observable", "X0 - 2 Z1"});
    EXPECT_NEAR(answer.at("probabilities").at("10").get<double>(), std::pow(std::cos(0.2), 2), 1e-15);
    EXPECT_NEAR(answer.at("expectation").at("value").get<double>(), std::sin(0.4) + 2, 1e-14);
    EXPECT_EQ(answer.at("expectation").at("std"), 0.0);
    // Nothing is measured, so nothing is misread; the file has read-out errors and none for these gates.
    EXPECT_NEAR(answer_of({path, "--noise", kNoise}).at("probabilities").at("10").get<double>(),
                std::pow(std::cos(0.2), 2), 1e-15);
}

TEST_F(Simulate, physical_qubits_stay_where_they_are) {
    // The same state twice; the second needs translation. Qubit 0 of this device reads badly, which has to
    // show.
    const std::string native = file("native.qasm", R"(OPENQASM 3.0; include "stdgates.inc"; bit c; x $0;
                                                      c = measure $0;)");
    const std::string foreign =
        file("foreign.qasm", R"(OPENQASM 3.0; include "stdgates.inc"; bit c; h $0; z $0;
                                                        h $0; c = measure $0;)");
    const json expected = answer_of({native, "--target", "ibm_torino"});
    const json found = answer_of({foreign, "--target", "ibm_torino"});
    EXPECT_GT(expected["probabilities"]["0"].get<double>(), 0.1);
    EXPECT_NEAR(found["probabilities"]["0"].get<double>(), expected["probabilities"]["0"].get<double>(),
                2e-3);
}

TEST_F(Simulate, idle_qubits_of_a_wide_circuit_without_bits_read_0) {
    const std::string wide = file("wide.qasm", R"(OPENQASM 3.0; include "stdgates.inc"; x $3; x $100;)");
    const json answer = answer_of({wide});
    ASSERT_EQ(answer["probabilities"].size(), 1u);
    std::string key(101, '0');
    key[0] = key[97] = '1';
    EXPECT_EQ(answer["probabilities"][key], 1.0);
}

TEST_F(Simulate, expectation_with_shots) {
    const auto path = file(
        "state.qasm", R"(OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; ry(0.4) q[0]; ry(1.1) q[1];)");
    const json answer = answer_of({path, "--observable", "2 X0 + Z1 Z0 + 3", "--shots", "20000"});
    const double x = std::sin(0.4), zz = std::cos(0.4) * std::cos(1.1);
    const double deviation = std::sqrt((4 * (1 - x * x) + 1 - zz * zz) / 20000);
    EXPECT_NEAR(answer.at("expectation").at("std").get<double>(), deviation, 0.05 * deviation);
    EXPECT_LT(std::abs(answer.at("expectation").at("value").get<double>() - (2 * x + zz + 3)), 5 * deviation);
    EXPECT_NE(answer.at("expectation").at("value").get<double>(), 2 * x + zz + 3);
}

TEST_F(Simulate, noise_of_a_file_and_its_scale) {
    const auto path = file(
        "x.qasm", R"(OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit c; x q[1]; c = measure q[1];)");
    // After x on qubit 1: damping of 0.0784, then Y with 0.01; read-out 0.01 and 0.03.
    const double damped = 1 - 0.28 * 0.28, one = 0.99 * damped + 0.01 * 0;
    const json answer = answer_of({path, "--noise", kNoise, "--observable", "Z1"});
    EXPECT_EQ(answer.at("method"), "density_matrix");
    EXPECT_NEAR(answer.at("probabilities").at("1").get<double>(), one * 0.97 + (1 - one) * 0.01, 1e-12);
    EXPECT_NEAR(answer.at("expectation").at("value").get<double>(), 1 - 2 * one, 1e-12);
    const json none = answer_of({path, "--noise", kNoise, "--noise-scale", "0"});
    EXPECT_NEAR(none.at("probabilities").at("1").get<double>(), 1, 1e-15);
    const json half = answer_of({path, "--noise", kNoise, "--noise-scale", "0.5"});
    const double one_at_half = (1 + one) / 2;
    EXPECT_NEAR(half.at("probabilities").at("1").get<double>(),
                one_at_half * 0.985 + (1 - one_at_half) * 0.005, 1e-12);
}

TEST_F(Simulate, a_target_brings_noise_and_transpiles_what_needs_it) {
    const CliAnswer answer =
        run_cli({"simulate", bell(), "--target", "ibm_torino", "--observable", "Z0 Z1", "--json"});
    ASSERT_EQ(answer.code, 0) << answer.err;
    EXPECT_NE(answer.err.find("transpiled to"), std::string::npos) << answer.err;
    const json noisy = json::parse(answer.out);
    ASSERT_EQ(noisy.at("probabilities").size(), 4u);
    const double right =
        noisy.at("probabilities").at("00").get<double>() + noisy.at("probabilities").at("11").get<double>();
    EXPECT_GT(right, 0.8);
    EXPECT_LT(right, 0.999);
    const double zz = noisy.at("expectation").at("value").get<double>();
    EXPECT_GT(zz, 0.9);
    EXPECT_LT(zz, 0.9999);
    // At scale 0 what is left is the circuit itself, observable and bits back on their qubits.
    const json clean =
        answer_of({bell(), "--target", "ibm_torino", "--noise-scale", "0", "--observable", "Z0 Z1"});
    EXPECT_NEAR(clean.at("expectation").at("value").get<double>(), 1, 1e-9);
    EXPECT_NEAR(clean.at("probabilities").at("11").get<double>(), 0.5, 1e-9);
    // A circuit in the device's gates stays as it is.
    const auto native =
        file("native.qasm", R"(OPENQASM 3.0; include "stdgates.inc"; bit c; sx $3; sx $3; c = measure $3;)");
    const CliAnswer as_it_is = run_cli({"simulate", native, "--target", "ibm_torino"});
    EXPECT_EQ(as_it_is.code, 0);
    EXPECT_EQ(as_it_is.err, "");
    EXPECT_NE(as_it_is.out.find("density_matrix"), std::string::npos);
}

/// 30 qubits in a row under depolarizing noise: too wide for anything but a light cone.
std::string wide_circuit() {
    std::string text = "OPENQASM 3.0; include \"stdgates.inc\"; qubit[30] q;\n";
    for (int q = 0; q < 30; ++q)
        text += "ry(0." + std::to_string(q + 10) + ") q[" + std::to_string(q) + "];\n";
    for (int q = 0; q < 29; ++q)
        text += "cx q[" + std::to_string(q) + "], q[" + std::to_string(q + 1) + "];\n";
    return text;
}
const std::string kDepolarizing = R"({"errors": [{"type": "qerror", "operations": ["cx"],
    "instructions": [[{"name": "id", "qubits": [0]}], [{"name": "pauli", "params": ["XX"], "qubits": [0, 1]}]],
    "probabilities": [0.9, 0.1]}]})";

TEST_F(Simulate, an_expectation_value_of_a_wide_noisy_circuit_takes_its_light_cone) {
    const std::string circuit = file("wide.qasm", wide_circuit()), noise = file("n.json", kDepolarizing);
    const json answer = answer_of({circuit, "--noise", noise, "--observable", "Z1", "--explain"});
    EXPECT_TRUE(answer.at("probabilities").is_null());
    EXPECT_EQ(answer.at("method"), "density_matrix");
    EXPECT_TRUE(answer.at("trajectories").is_null());
    // cos(0.10) cos(0.11), times 0.8 for the flips after the first cx, and again after the second.
    EXPECT_NEAR(answer.at("expectation").at("value").get<double>(),
                std::cos(0.10) * std::cos(0.11) * 0.8 * 0.8, 1e-12);
    const json plan = answer.at("plan").at("expectation");
    EXPECT_EQ(plan.at("qubits"), 3);
    EXPECT_EQ(plan.at("circuit_qubits"), 30);
    EXPECT_EQ(plan.at("seen"), 5);
    EXPECT_EQ(plan.at("operations"), 59);
    EXPECT_EQ(plan.at("bytes"), 512);
    EXPECT_FALSE(answer.at("plan").contains("record"));
    const CliAnswer text =
        run_cli({"simulate", circuit, "--noise", noise, "--observable", "Z1", "--explain"});
    EXPECT_NE(text.out.find("3 of 30 qubits, 5 of 59 operations"), std::string::npos) << text.out;
}

TEST_F(Simulate, trajectories_stop_at_the_error_asked_for) {
    const std::string circuit = file("wide.qasm", wide_circuit()), noise = file("n.json", kDepolarizing);
    const std::vector<std::string> arguments{
        circuit,        "--noise",        noise,  "--observable", "Z1", "--method",
        "trajectories", "--target-error", "4e-3", "--seed",       "3"};
    const json answer = answer_of(arguments);
    EXPECT_EQ(answer.at("method"), "trajectories");
    const double error = answer.at("expectation").at("std").get<double>();
    EXPECT_LE(error, 4e-3);
    EXPECT_GT(error, 0);
    EXPECT_NEAR(answer.at("expectation").at("value").get<double>(),
                std::cos(0.10) * std::cos(0.11) * 0.8 * 0.8, 5 * error);
    EXPECT_LT(answer.at("trajectories").get<int>(), 100'000);
    EXPECT_EQ(answer_of(arguments).at("expectation"), answer.at("expectation"));
}

TEST_F(Simulate, every_method_and_precision_gives_the_same) {
    const auto path = file("x.qasm", R"(OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c;
                                        ry(0.7) q[0]; cx q[0], q[1]; c = measure q;)");
    const json exact = answer_of({path, "--observable", "Z0"});
    for (const std::string method : {"density", "statevector", "trajectories"})
        for (const std::string precision : {"double", "single"}) {
            const json answer =
                answer_of({path, "--observable", "Z0", "--method", method, "--precision", precision});
            EXPECT_EQ(answer.at("method"), method == "density" ? "density_matrix" : method);
            for (const auto& [key, probability] : exact.at("probabilities").items())
                EXPECT_NEAR(answer.at("probabilities").at(key).get<double>(), probability.get<double>(),
                            1e-6);
            EXPECT_NEAR(answer.at("expectation").at("value").get<double>(),
                        exact.at("expectation").at("value").get<double>(), 1e-6);
        }
    const std::string noise = file("n.json", kDepolarizing);
    const json noisy = answer_of({path, "--noise", noise});
    const json single = answer_of({path, "--noise", noise, "--precision", "single"});
    const json sampled = answer_of({path, "--noise", noise, "--method", "trajectories", "--shots", "5000"});
    for (const auto& [key, probability] : noisy.at("probabilities").items()) {
        const auto expected = probability.get<double>();
        EXPECT_NEAR(single.at("probabilities").at(key).get<double>(), expected, 1e-6);
        EXPECT_NEAR(sampled.at("counts").value(key, 0) / 5000.0, expected, 5 * std::sqrt(expected / 5000));
    }
    EXPECT_EQ(sampled.at("trajectories"), 5000);
}

TEST_F(Simulate, a_memory_limit_refuses_with_the_figure) {
    const std::string noise = file("n.json", kDepolarizing);
    const auto path =
        file("x.qasm", R"(OPENQASM 3.0; include "stdgates.inc"; qubit[12] q; h q; cx q[0], q[1];)");
    expect_failure({path, "--noise", noise, "--memory-limit", "100 MiB"}, 10, "out_of_memory",
                   "12 qubits needs 0.125 GiB of memory, the limit is 0.0977 GiB");
    EXPECT_EQ(run_cli({"simulate", path, "--memory-limit", "1MB"}).code, 0);
    expect_failure({path, "--memory-limit", "1kB"}, 10, "out_of_memory", "the limit is");
    // With shots there are trajectories, which need less.
    EXPECT_EQ(answer_of({path, "--noise", noise, "--memory-limit", "100MB", "--shots", "5"}).at("method"),
              "trajectories");
    for (const std::string wrong : {"much", "-1", "1 parsec", "nan"})
        expect_failure({path, "--memory-limit", wrong}, 2, "usage", "--memory-limit");
}

TEST_F(Simulate, methods_that_do_not_fit_are_refused) {
    const std::string noise = file("n.json", kDepolarizing);
    expect_failure({bell(), "--method", "magic"}, 2, "usage", "auto, density, statevector, trajectories");
    expect_failure({bell(), "--precision", "half"}, 2, "usage", "double, single");
    expect_failure({bell(), "--noise", noise, "--method", "statevector"}, 2, "usage", "--method statevector");
    expect_failure({bell(), "--method", "trajectories", "--exact"}, 2, "usage", "--exact");
    expect_failure({bell(), "--trajectories", "10", "--shots", "10"}, 2, "usage", "--trajectories");
    expect_failure({bell(), "--target-error", "0.1"}, 2, "usage", "--target-error");
}

TEST_F(Simulate, says_what_is_wrong) {
    expect_failure({"/nowhere/a.qasm"}, 3, "not_found", "/nowhere/a.qasm");
    expect_failure({file("bad.qasm", "OPENQASM 3.0; qubit[2] q; gate")}, 3, "parse", "");
    expect_failure({bell(), "--noise", "/nowhere/n.json"}, 3, "not_found", "/nowhere/n.json");
    expect_failure({bell(), "--noise", file("n.json", R"({"errors": [{"type": "x"}]})")}, 3, "unsupported",
                   "errors[0].type");
    expect_failure({bell(), "--target", "ibm_torin"}, 3, "not_found", "ibm_torin");
    expect_failure({bell(), "--observable", "Z7"}, 3, "invalid_input", "qubit 7");
    expect_failure({bell(), "--observable", "Q1"}, 3, "parse", "Q");
    expect_failure({bell(), "--noise", kNoise, "--target", "ibm_torino"}, 2, "usage", "--noise and --target");
    expect_failure({bell(), "--noise-scale", "2"}, 2, "usage", "--noise-scale");
    expect_failure({bell(), "--noise", kNoise, "--noise-scale", "-1"}, 2, "usage", "noise-scale");
    expect_failure({bell(), "--shots", "0"}, 2, "usage", "shots");
    expect_failure({bell(), "--shots", "10", "--exact"}, 2, "usage", "--exact");
    expect_failure(
        {file("input.qasm", R"(OPENQASM 3.0; include "stdgates.inc"; input float[64] t; qubit q; rx(t) q;)")},
        3, "invalid_input", "t");
    std::string wide =
        "OPENQASM 3.0; include \"stdgates.inc\"; qubit[30] q; bit c; sx q; cz q[0], q[1]; c = measure q[0];";
    expect_failure({file("wide.qasm", wide), "--noise", kNoise}, 10, "out_of_memory",
                   "30 qubits needs 8.59e+09 GiB");
}

TEST_F(Simulate, a_model_that_aer_wrote_gives_aers_numbers) {
    const std::string folder = QDCNN_SOURCE_DIR "/tests/cli/aer/";
    const json answer = answer_of({folder + "circuit.qasm", "--noise", folder + "noise.json"});
    const json expected = json::parse(read_file(folder + "expected.json"));
    ASSERT_EQ(answer.at("probabilities").size(), expected.size());
    for (const auto& [key, probability] : expected.items())
        EXPECT_NEAR(answer.at("probabilities").at(key).get<double>(), probability.get<double>(), 1e-10)
            << key;
}

TEST_F(Simulate, device_files_of_aer) {
    for (const std::string name : {"w4_sherbrooke", "w4_torino"}) {
        const auto circuit = shared_file("bench/sim/" + name + ".qasm"),
                   noise = shared_file("bench/sim/" + name + ".noise.json");
        const auto expected_file = shared_file("bench/sim/expected/" + name + ".json");
        if (!circuit || !noise || !expected_file) {
            std::printf("bench/sim is not beside the checkout; a_model_that_aer_wrote covers its kind\n");
            return;
        }
        const json answer = answer_of({*circuit, "--noise", *noise});
        const auto expected =
            json::parse(read_file(*expected_file)).at("probs_readout").get<std::vector<double>>();
        for (std::size_t record = 0; record < expected.size(); ++record) {
            std::string key;
            for (int bit = 6; bit >= 0; --bit) key += (record >> bit & 1) != 0 ? '1' : '0';
            EXPECT_NEAR(answer.at("probabilities").at(key).get<double>(), expected[record], 1e-10);
        }
        std::printf("%s: %.4f CPU s\n", name.c_str(), answer.at("cpu_seconds").get<double>());
    }
}

}  // namespace
}  // namespace qdcnn::test
