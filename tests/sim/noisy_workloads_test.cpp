#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ctime>

#include "qdcnn/base/json.h"
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
    EXPECT_NEAR(state.purity(), expected.at("purity").number(), kTolerance);
    for (const JsonView& entry : expected.at("entries").elements()) {
        const auto row = static_cast<std::uint64_t>(entry.at(std::size_t{0}).integer());
        const auto column = static_cast<std::uint64_t>(entry.at(1).integer());
        const Complex value = state.entry(row, column);
        EXPECT_NEAR(value.real(), entry.at(2).number(), kTolerance) << row << ", " << column;
        EXPECT_NEAR(value.imag(), entry.at(3).number(), kTolerance) << row << ", " << column;
    }
    const auto probabilities = state.probabilities();
    const auto expected_probabilities = expected.at("probs").numbers();
    ASSERT_EQ(probabilities.size(), expected_probabilities.size());
    for (std::size_t i = 0; i < probabilities.size(); ++i)
        ASSERT_NEAR(probabilities[i], expected_probabilities[i], kTolerance) << i;
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
        expect_records(run_density_matrix(measured, {}, workload.noise), expected.at("probs_readout").numbers());
    }
}

#ifdef QDCNN_SANITIZED
INSTANTIATE_TEST_SUITE_P(small, SharedWorkload, testing::Values("w2_n5", "w2_n7", "w3_n7", "w6_n5", "w6_n8"),
                         [](const auto& test) { return std::string(test.param); });
#else
INSTANTIATE_TEST_SUITE_P(all, SharedWorkload,
                         testing::Values("w2_n5", "w2_n7", "w2_n10", "w2_n12", "w3_n7", "w3_n10", "w3_n12", "w6_n5", "w6_n8",
                                         "w6_n10"),
                         [](const auto& test) { return std::string(test.param); });
#endif

}  // namespace
}  // namespace qdcnn::sim
