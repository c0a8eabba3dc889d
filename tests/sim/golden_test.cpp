#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "qdcnn/base/files.h"
#include "qdcnn/base/json.h"
#include "qdcnn/base/random.h"
#include "qdcnn/sim/aer_noise.h"
#include "qdcnn/sim/density_matrix.h"
#include "sim/workload_noise.h"

namespace qdcnn::sim {
namespace {

using namespace circuit;
using test::reference_noise;
using test::reference_run;

const std::string kFolder = QDCNN_SOURCE_DIR "/tests/sim/golden/";
constexpr double kTolerance = 1e-10;

struct Case {
    std::string name;
    Circuit circuit;
    NoiseModel noise;
};

/// Layers of ry and rz, then cx between neighbours in either direction.
void add_layers(Circuit& circuit, int layers, Random& random) {
    for (int layer = 0; layer < layers; ++layer) {
        for (Qubit q = 0; q < circuit.num_qubits(); ++q) {
            const GateId gate = random.below(2) ? GateId::ry : GateId::rz;
            circuit.gate(gate, {q}, {random.uniform(-3, 3)});
        }
        for (Qubit q = static_cast<Qubit>(layer % 2); q + 1 < circuit.num_qubits(); q += 2)
            random.below(2) ? circuit.cx(q, q + 1) : circuit.cx(q + 1, q);
    }
}

Case depolarized() {
    Random random(21);
    Case result{"depolarizing", Circuit(4), {}};
    add_layers(result.circuit, 6, random);
    for (const char* gate : {"ry", "rz"}) result.noise.add_error(gate, depolarizing(1e-3));
    result.noise.add_error("cx", depolarizing(1e-2, 2));
    for (Qubit q = 0; q < 4; ++q)
        result.noise.set_readout(q, {random.uniform(0.005, 0.02), random.uniform(0.01, 0.04)});
    return result;
}

Case relaxed() {
    Random random(22);
    Case result{"relaxation", Circuit(4), {}};
    add_layers(result.circuit, 6, random);
    const double t1[] = {80e-6, 120e-6, 200e-6, 95e-6}, t2[] = {140e-6, 60e-6, 390e-6, 95e-6};
    const auto relaxation = [&](Qubit q, double time) { return thermal_relaxation(t1[q], t2[q], time); };
    for (Qubit q = 0; q < 4; ++q) {
        for (const char* gate : {"ry", "rz"}) result.noise.add_error(gate, {q}, relaxation(q, 600e-9));
        for (Qubit other = 0; other < 4; ++other)
            if (other != q)
                result.noise.add_error(
                    "cx", {q, other},
                    GateError(2).add(relaxation(q, 5e-6), {0}).add(relaxation(other, 5e-6), {1}));
    }
    result.noise.set_readout({0.01, 0.03});
    return result;
}

Case fed_forward() {
    Random random(23);
    Case result{"feed_forward", Circuit(3, 4), {}};
    Circuit& circuit = result.circuit;
    add_layers(circuit, 2, random);
    circuit.measure(0, 0).if_else({{0}, 1}, [](Circuit& body) { body.ry(1.33, 1).x(0); });
    add_layers(circuit, 1, random);
    circuit.measure(1, 1).if_else(
        {{0, 1}, 2}, [](Circuit& body) { body.cz(0, 2); }, [](Circuit& body) { body.h(2); });
    circuit.reset(1).measure(2, 2);
    add_layers(circuit, 1, random);
    circuit.measure(2, 3);
    result.noise.add_error("ry", depolarizing(0.01)).add_error("cx", depolarizing(0.05, 2));
    result.noise.add_error("reset", Channel::of(ChannelId::bit_flip, {0.03}));
    result.noise.set_readout({0.02, 0.06});
    return result;
}

Case on_device() {
    Random random(24);
    Case result{"device", Circuit(3), read_aer_noise(kFolder + "device.noise.json")};
    for (int layer = 0; layer < 4; ++layer) {
        for (Qubit q = 0; q < 3; ++q) result.circuit.rz(random.uniform(-3, 3), q).sx(q);
        result.circuit.cz(0, 1).x(1).cz(2, 1);
    }
    return result;
}

/// What the records are of: the circuit itself when it measures, else all its qubits.
Circuit measured(const Circuit& circuit) {
    Circuit copy = circuit;
    if (circuit.num_clbits() == 0) copy.measure_all();
    return copy;
}

/// The numbers of the slow reference simulator.
nlohmann::json reference_numbers(const Case& example) {
    const std::uint32_t qubits = example.circuit.num_qubits();
    const auto state = reference_run(example.circuit, reference_noise(example.noise, qubits));
    const Matrix rho = state.density_matrix();
    nlohmann::json numbers;
    for (std::size_t row = 0; row < rho.size; ++row) numbers["probs"].push_back(rho(row, row).real());
    for (const auto& [row, column] :
         {std::pair<std::size_t, std::size_t>{0, 1}, {2, 5}, {7, 0}, {3, 6}, {4, 4}})
        numbers["entries"].push_back({row, column, rho(row, column).real(), rho(row, column).imag()});
    for (Qubit q = 0; q < qubits; ++q) numbers["z"].push_back(state.expectation(Observable::z(q)));
    const auto records =
        reference_run(measured(example.circuit), reference_noise(example.noise, qubits)).records();
    for (const auto& [record, probability] : records) numbers["records"].push_back({record, probability});
    return numbers;
}

class Golden : public testing::TestWithParam<Case (*)()> {};

TEST_P(Golden, agrees) {
    const Case example = GetParam()();
    SCOPED_TRACE(example.name);
    const std::string path = kFolder + example.name + ".json";
    const nlohmann::json fresh = reference_numbers(example);
    if (!std::filesystem::exists(path)) {
        write_file_atomic(path + ".new", fresh.dump(1) + "\n");
        FAIL() << path << " is missing; the reference simulator's numbers are beside it";
    }
    const nlohmann::json golden = read_json_file(path);
    const JsonView expected(golden, example.name);

    const DensityMatrix state = final_density_matrix(example.circuit, example.noise);
    const auto probabilities = state.probabilities();
    const auto expected_probabilities = expected.at("probs").numbers();
    ASSERT_EQ(probabilities.size(), expected_probabilities.size());
    for (std::size_t i = 0; i < probabilities.size(); ++i)
        EXPECT_NEAR(probabilities[i], expected_probabilities[i], kTolerance);
    for (const JsonView& entry : expected.at("entries").elements()) {
        const Complex value = state.entry(static_cast<std::size_t>(entry.at(std::size_t{0}).integer()),
                                          static_cast<std::size_t>(entry.at(1).integer()));
        EXPECT_NEAR(value.real(), entry.at(2).number(), kTolerance);
        EXPECT_NEAR(value.imag(), entry.at(3).number(), kTolerance);
    }
    std::vector<Observable> observables;
    for (Qubit q = 0; q < state.num_qubits(); ++q) observables.push_back(Observable::z(q));
    const Outcome outcome = run_density_matrix(measured(example.circuit), observables, example.noise);
    for (Qubit q = 0; q < state.num_qubits(); ++q)
        EXPECT_NEAR(outcome.expectations[q], expected.at("z").numbers()[q], kTolerance);
    ASSERT_EQ(outcome.records.size(), expected.at("records").size());
    for (std::size_t i = 0; i < outcome.records.size(); ++i) {
        EXPECT_EQ(static_cast<std::int64_t>(outcome.records[i].first),
                  expected.at("records").at(i).at(std::size_t{0}).integer());
        EXPECT_NEAR(outcome.records[i].second, expected.at("records").at(i).at(1).number(), kTolerance);
    }

    // The reference simulator still says what it said.
    const nlohmann::json difference = nlohmann::json::diff(golden, fresh);
    for (const auto& change : difference) {
        const auto pointer = nlohmann::json::json_pointer(change.at("path").get<std::string>());
        const bool is_rounding =
            change.at("op") == "replace" && golden.at(pointer).is_number() &&
            std::abs(golden.at(pointer).get<double>() - change.at("value").get<double>()) < 1e-13;
        if (!is_rounding) {
            write_file_atomic(path + ".new", fresh.dump(1) + "\n");
            FAIL() << path << " is not what the reference simulator says: " << change.dump();
        }
    }
}

INSTANTIATE_TEST_SUITE_P(all, Golden, testing::Values(depolarized, relaxed, fed_forward, on_device),
                         [](const auto& test) { return test.param().name; });

}  // namespace
}  // namespace qdcnn::sim
