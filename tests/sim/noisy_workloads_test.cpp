#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ctime>
#include <numbers>
#include <regex>
#include <sstream>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/json.h"
#include "qdcnn/sim/aer_noise.h"
#include "qdcnn/sim/density_matrix.h"
#include "sim/workload_noise.h"
#include "support/shared_files.h"

namespace qdcnn::sim {
namespace {

using namespace test;

constexpr double kTolerance = 1e-10;

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// The numbers of other programs that lie beside the checkout: numpy up to 10 qubits, Qiskit Aer above.
class SharedWorkload : public testing::TestWithParam<const char*> {};

void expect_state(const DensityMatrix& state, const JsonView& expected) {
    EXPECT_NEAR(state.trace(), 1, 1e-12);
    // The widest was made by one measurement and has probabilities alone.
    if (expected.has("purity")) {
        EXPECT_NEAR(state.purity(), expected.at("purity").number(), kTolerance);
    }
    const auto entries =
        expected.has("entries") ? expected.at("entries").elements() : std::vector<JsonView>();
    for (const JsonView& entry : entries) {
        const auto row = static_cast<std::uint64_t>(entry.at(std::size_t{0}).integer());
        const auto column = static_cast<std::uint64_t>(entry.at(1).integer());
        const Complex value = state.entry(row, column);
        EXPECT_NEAR(value.real(), entry.at(2).number(), kTolerance) << row << ", " << column;
        EXPECT_NEAR(value.imag(), entry.at(3).number(), kTolerance) << row << ", " << column;
    }
    if (!expected.has("probs")) return;
    const auto probabilities = state.probabilities();
    const auto expected_probabilities = expected.at("probs").numbers();
    ASSERT_EQ(probabilities.size(), expected_probabilities.size());
    for (std::size_t i = 0; i < probabilities.size(); ++i)
        ASSERT_NEAR(probabilities[i], expected_probabilities[i], kTolerance) << i;
    if (!expected.has("z")) return;
    const auto z = expected.at("z").numbers();
    for (circuit::Qubit q = 0; q < z.size(); ++q)
        EXPECT_NEAR(state.expectation({{q, circuit::Pauli::z}}), z[q], kTolerance) << q;
}

void expect_records(const Outcome& outcome, const std::vector<double>& expected) {
    std::vector<double> found(expected.size(), 0.0);
    for (const auto& [record, probability] : outcome.records) found.at(record) = probability;
    for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(found[i], expected[i], kTolerance) << i;
}

TEST_P(SharedWorkload, agrees) {
    const std::string name = GetParam();
    const auto circuit_file = shared_file("bench/sim/" + name + ".json");
    const auto expected_file = shared_file("bench/sim/expected/" + name + ".json");
    if (!circuit_file || !expected_file) {
        fmt::print("bench/sim/{}.json is not beside the checkout; golden_test covers its kind\n", name);
        return;
    }
    const ModelledWorkload workload = modelled(read_sim_workload(*circuit_file));
    const nlohmann::json document = read_json_file(*expected_file);
    const JsonView expected(document, name);

    const double start = cpu_seconds();
    expect_state(final_density_matrix(workload.circuit, workload.noise), expected);
    fmt::print("{}: {:.4f} CPU s\n", name, cpu_seconds() - start);

    if (expected.has("bits")) {
        std::vector<double> bits(std::size_t{1} << workload.circuit.num_clbits());
        for (const std::string& key : expected.at("bits").keys())
            bits.at(std::stoul(key, nullptr, 2)) = expected.at("bits").at(key).number();
        expect_records(run_density_matrix(workload.circuit, {}, workload.noise), bits);
    }
    if (expected.has("probs_readout")) {
        circuit::Circuit measured = workload.circuit;
        measured.measure_all();
        expect_records(run_density_matrix(measured, {}, workload.noise),
                       expected.at("probs_readout").numbers());
    }
}

/// The few forms of statement in the device circuits; angles are a number, or a multiple of pi over a number.
/// The real reader stands in a room above this one.
circuit::Circuit device_circuit(const std::string& text) {
    circuit::Circuit circuit(7, 7);
    static const std::regex gate_form(
        R"((\w+)(?:\((-?)([0-9.]*)\*?(pi)?(?:/([0-9.]+))?\))? q\[(\d)\](?:, q\[(\d)\])?;)");
    static const std::regex measure_form(R"(c\[(\d)\] = measure q\[(\d)\];)");
    static const std::regex head_form(R"((OPENQASM|include|qubit|bit|//).*|)");
    std::istringstream lines(text);
    std::smatch match;
    bool in_definition = false;
    for (std::string line; std::getline(lines, line);) {
        // Gates are defined as those of the table.
        in_definition = in_definition || line.starts_with("gate ");
        if (in_definition) {
            in_definition = line != "}";
        } else if (std::regex_match(line, match, measure_form)) {
            circuit.measure(static_cast<circuit::Qubit>(std::stoul(match[2])),
                            static_cast<circuit::Clbit>(std::stoul(match[1])));
        } else if (const auto is_gate = std::regex_match(line, match, gate_form);
                   is_gate && circuit::find_gate(match[1].str())) {
            const auto& row = *circuit::find_gate(match[1].str());
            circuit::QubitList qubits{static_cast<circuit::Qubit>(std::stoul(match[6]))};
            if (match[7].matched) qubits.push_back(static_cast<circuit::Qubit>(std::stoul(match[7])));
            std::vector<circuit::Angle> angles;
            if (row.parameters > 0)
                angles.emplace_back((match[2].length() ? -1.0 : 1.0) *
                                    (match[3].length() ? std::stod(match[3]) : 1.0) *
                                    (match[4].matched ? std::numbers::pi : 1.0) /
                                    (match[5].matched ? std::stod(match[5]) : 1.0));
            circuit.gate(row.id, qubits, angles);
        } else if (!std::regex_match(line, head_form)) {
            throw Error(ErrorKind::internal, "the test cannot read: " + line);
        }
    }
    return circuit;
}

class SharedDevice : public testing::TestWithParam<const char*> {};

TEST_P(SharedDevice, agrees) {
    const std::string name = GetParam();
    const auto circuit_file = shared_file("bench/sim/" + name + ".qasm"),
               noise_file = shared_file("bench/sim/" + name + ".noise.json");
    const auto expected_file = shared_file("bench/sim/expected/" + name + ".json");
    if (!circuit_file || !noise_file || !expected_file) {
        fmt::print("bench/sim/{}.qasm is not beside the checkout; golden_test covers its kind\n", name);
        return;
    }
    const nlohmann::json document = read_json_file(*expected_file);
    const JsonView expected(document, name);
    const circuit::Circuit circuit = device_circuit(read_file(*circuit_file));

    const double start = cpu_seconds();
    const NoiseModel noise = read_aer_noise(*noise_file);
    const double read = cpu_seconds();
    const Outcome outcome = run_density_matrix(circuit, {}, noise);
    fmt::print("{}: {:.4f} CPU s to read the noise, {:.4f} to run\n", name, read - start,
               cpu_seconds() - read);
    expect_records(outcome, expected.at("probs_readout").numbers());

    circuit::Circuit unmeasured = circuit.empty_copy();
    for (const auto& operation : circuit.operations())
        if (std::holds_alternative<circuit::Gate>(operation.kind())) unmeasured.add(operation);
    expect_state(final_density_matrix(unmeasured, noise), expected);
}

INSTANTIATE_TEST_SUITE_P(all, SharedDevice, testing::Values("w4_sherbrooke", "w4_torino"),
                         [](const auto& test) { return std::string(test.param); });

#ifdef QDCNN_SANITIZED
INSTANTIATE_TEST_SUITE_P(small, SharedWorkload, testing::Values("w2_n5", "w2_n7", "w3_n7", "w6_n5", "w6_n8"),
                         [](const auto& test) { return std::string(test.param); });
#else
INSTANTIATE_TEST_SUITE_P(all, SharedWorkload,
                         testing::Values("w2_n5", "w2_n7", "w2_n10", "w2_n12", "w2_n13", "w3_n7", "w3_n10",
                                         "w3_n12", "w6_n5", "w6_n8", "w6_n10"),
                         [](const auto& test) { return std::string(test.param); });
#endif

}  // namespace
}  // namespace qdcnn::sim
