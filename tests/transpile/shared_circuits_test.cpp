// The circuits of the transpiler benchmark, where the measuring data lies beside the checkout. Without it the
// model circuits of transpile_test.cpp and the random ones cover the same passes.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <iostream>

#include "qdcnn/qasm/reader.h"
#include "qdcnn/target/devices.h"
#include "qdcnn/transpile/equivalence.h"
#include "qdcnn/transpile/validate.h"
#include "support/shared_files.h"

namespace qdcnn::transpile {
namespace {

/// Amplitudes times gates that a comparison may take, and how long a circuit may be; sanitizers make both
/// slow.
#ifdef QDCNN_SANITIZED
constexpr double kWork = 3e5;
constexpr std::size_t kOperations = 120;
#else
constexpr double kWork = 3e7;
constexpr std::size_t kOperations = 100'000;
#endif

double comparison_work(const circuit::Circuit& original, const Result& result) {
    std::vector<bool> touched(result.circuit.num_qubits(), false);
    std::size_t steps = 0, splits = 0;
    circuit::for_each_operation(result.circuit.operations(), [&](const circuit::Operation& operation) {
        ++steps;
        splits += original.is_dynamic() && std::holds_alternative<circuit::Measure>(operation.kind());
        for (const auto qubit : circuit::qubits_of(operation)) touched[qubit] = true;
    });
    double work = static_cast<double>(steps);
    for (const bool is_touched : touched) work *= is_touched ? 2 : 1;
    return std::ldexp(work, static_cast<int>(splits));
}

TEST(SharedCircuits, AreLegalAndEqualOnEveryTarget) {
    const auto circuits = test::shared_file("bench/transpile/circuits");
    const auto targets = test::shared_file("bench/transpile/targets");
    if (!circuits || !targets) {
        std::cout << "no benchmark circuits beside the checkout\n";
        return;
    }
    std::size_t compared = 0, devices = 0;
    for (const auto& device_file : std::filesystem::directory_iterator(*targets)) {
        const target::Target device = target::read_target(device_file.path().string());
        // The larger search on every other device.
        const int level = ++devices % 2 == 0 ? 1 : 3;
        const PassManager manager = preset_pass_manager(level, device);
        for (const auto& file : std::filesystem::directory_iterator(*circuits)) {
            SCOPED_TRACE(fmt::format("{} {} level {}", device.name, file.path().filename().string(), level));
            const circuit::Circuit circuit = qasm::read_qasm_file(file.path().string());
            if (circuit.operations().size() > kOperations) continue;
            if (circuit.num_qubits() > device.num_qubits ||
                (circuit.is_dynamic() && !device.has_feed_forward))
                continue;
            const Result result = manager.run(circuit);
            for (const std::string& problem : find_illegal(result.circuit, device)) ADD_FAILURE() << problem;
            if (comparison_work(circuit, result) > kWork) continue;
            std::vector<double> values(circuit.parameters().size());
            for (std::size_t k = 0; k < values.size(); ++k) values[k] = 0.3 + 0.7 * static_cast<double>(k);
            const Equivalence same = check_equivalence(circuit, result, values, 1, 1);
            EXPECT_TRUE(same.equal) << same.distance;
            ++compared;
        }
    }
    std::cout << compared << " results compared\n";
    EXPECT_GT(compared, 40u);
}

}  // namespace
}  // namespace qdcnn::transpile
