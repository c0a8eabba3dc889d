// Runs one workload of shared/bench/sim (README.md there) and prints a JSON object: CPU and wall seconds, the
// least of the repeats, with all compiling in them, and the results, for tools/bench/sim to compare.
//
//     qdcnn_bench_sim FOLDER WORKLOAD [REPEATS]
//
// WORKLOAD: w1_model, or the name of a circuit, w2_n5 to w7_n20.
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "bench_sim_model.h"
#include "qdcnn/base/cpu_time.h"
#include "qdcnn/base/error.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/sim/aer_noise.h"
#include "qdcnn/sim/density_matrix.h"
#include "qdcnn/sim/local_backend.h"
#include "qdcnn/sim/noisy_tape.h"
#include "qdcnn/sim/statevector.h"
#include "qdcnn/sim/trajectories.h"
#include "sim/workload_noise.h"

namespace qdcnn::bench {
namespace {

using namespace circuit;
using nlohmann::json;

/// Rows of the batches that a row's time is measured in.
constexpr std::size_t kRows = 64;
/// Short work is repeated until it has taken this many CPU seconds.
constexpr double kLeastSeconds = 0.3;
constexpr int kMostRepeats = 2000;
/// Wider density matrices are not run row by row.
constexpr std::uint32_t kWidestBatch = 7;

/// Of this program alone: getrusage begins with what the caller had.
double peak_bytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return 1024.0 * std::stod(line.substr(6));
    return 0;
}

struct Bench {
    std::string folder, workload;
    int repeats;
    json measures = json::object(), results = json::object();

    std::string path(const std::string& ending) const { return folder + "/" + workload + ending; }

    /// share: how many pieces of work one call does.
    void measure(const std::string& what, double share, const std::function<void()>& work) {
        double cpu = std::numeric_limits<double>::infinity(), wall = cpu, spent = 0;
        const double before = peak_bytes();
        double extra = 0;
        for (int i = 0; i < repeats || (spent < kLeastSeconds && i < kMostRepeats); ++i) {
            const double wall_start = wall_seconds(), cpu_start = cpu_seconds();
            work();
            const double seconds = cpu_seconds() - cpu_start;
            spent += seconds;
            cpu = std::min(cpu, seconds);
            wall = std::min(wall, wall_seconds() - wall_start);
            if (i == 0) extra = peak_bytes() - before;
        }
        measures[what] = {
            {"cpu_seconds", cpu / share}, {"wall_seconds", wall / share}, {"extra_bytes", extra}};
    }
};

std::vector<double> distribution(const sim::Outcome& outcome) {
    std::vector<double> values(std::size_t{1} << outcome.clbits.size());
    for (const auto& [record, probability] : outcome.records) values.at(record) = probability;
    return values;
}

void run_model(Bench& bench) {
    StagedModel model(bench.folder + "/w1_model.json");
    const std::size_t count = model.sentences();
    constexpr std::size_t kBatch = 6;
    bench.results["logits"] = model.logits(0, count);
    std::vector<double> gradient(StagedModel::kParameters);
    model.add_gradient(0, count, gradient);
    for (double& value : gradient) value /= static_cast<double>(count);
    bench.results["gradient"] = gradient;
    bench.measure("sentence", 1, [&] { model.logits(0, 1); });
    bench.measure("sentence in a batch of 6", kBatch, [&] { model.logits(0, kBatch); });
    bench.measure("epoch gradient", 1, [&] {
        std::fill(gradient.begin(), gradient.end(), 0.0);
        for (std::size_t first = 0; first < count; first += kBatch)
            model.add_gradient(first, std::min(count, first + kBatch), gradient);
    });
}

/// Every angle a parameter, and the values that make the circuit again.
std::pair<Circuit, std::vector<double>> as_template(const Circuit& circuit) {
    Circuit with_parameters = circuit.empty_copy();
    std::vector<double> values;
    for (const Operation& operation : circuit.operations()) {
        const auto* gate = std::get_if<Gate>(&operation.kind());
        if (!gate || gate->angles.empty()) {
            with_parameters.add(operation);
            continue;
        }
        Gate free = *gate;
        for (Angle& angle : free.angles) {
            values.push_back(angle.constant());
            angle = with_parameters.parameter("t" + std::to_string(values.size() - 1));
        }
        with_parameters.add(free);
    }
    return {std::move(with_parameters), std::move(values)};
}

/// Of the sum of all Z by every angle, through the noise; one angle against a difference.
void run_noisy_gradient(Bench& bench, const test::ModelledWorkload& workload) {
    const auto [circuit, values] = as_template(workload.circuit);
    Observable sum;
    for (Qubit q = 0; q < circuit.num_qubits(); ++q) sum.terms.push_back({1.0, {{q, Pauli::z}}});
    std::vector<ParameterIndex> wrt(values.size());
    for (ParameterIndex k = 0; k < wrt.size(); ++k) wrt[k] = k;
    const backend::ParameterMatrix row(values);
    std::vector<double> value(1), gradient(wrt.size());
    const std::vector<double> one{1.0};
    bench.measure("gradient", 1, [&] {
        const auto tape = sim::make_noisy_tape(circuit, std::vector{sum}, wrt, workload.noise);
        tape->forward(row, value);
        tape->backward(one, gradient);
    });
    constexpr double kStep = 1e-4;
    const auto shifted = [&](double by) {
        std::vector<double> at = values;
        at[1] += by;
        return sim::run_density_matrix(circuit.bind(at), std::vector{sum}, workload.noise, {.records = false})
            .expectations[0];
    };
    bench.results["gradient off"] = std::abs(gradient[1] - (shifted(kStep) - shifted(-kStep)) / (2 * kStep));
    bench.results["angles"] = values.size();
}

void run_noisy(Bench& bench) {
    const test::ModelledWorkload workload = test::modelled(test::read_sim_workload(bench.path(".json")));
    Circuit measured = workload.circuit;
    measured.measure_all();
    sim::Outcome outcome;
    bench.measure("run", 1, [&] { outcome = sim::run_density_matrix(measured, {}, workload.noise); });
    bench.results["probs_readout"] = distribution(outcome);
    bench.measure("run, f32", 1, [&] {
        outcome = sim::run_density_matrix(measured, {}, workload.noise, {.precision = sim::Precision::f32});
    });
    bench.results["probs_readout, f32"] = distribution(outcome);
    if (measured.num_qubits() <= 10) run_noisy_gradient(bench, workload);
    if (measured.num_qubits() > kWidestBatch) return;
    auto [circuit, values] = as_template(measured);
    backend::ParameterMatrix rows(kRows, values.size());
    for (std::size_t row = 0; row < kRows; ++row)
        for (std::size_t k = 0; k < values.size(); ++k)
            rows(row, k) = values[k] + 0.01 * static_cast<double>(row);
    const auto backend = sim::make_local_backend(sim::make_noisy_simulator(workload.noise), "local");
    const backend::SamplerPub pub{std::make_shared<const Circuit>(circuit), rows};
    bench.measure("row of 64", kRows, [&] { backend->run(std::vector{pub}, {})->result(); });
}

void run_device(Bench& bench) {
    sim::Outcome outcome;
    bench.measure("files to probabilities", 1, [&] {
        const Circuit circuit = qasm::read_qasm_file(bench.path(".qasm"));
        outcome = sim::run_density_matrix(circuit, {}, sim::read_aer_noise(bench.path(".noise.json")));
    });
    bench.results["probs_readout"] = distribution(outcome);
}

void run_gradient(Bench& bench) {
    const auto [circuit, values] = as_template(test::read_sim_workload(bench.path(".json")).circuit);
    const auto backend = sim::make_local_backend();
    const auto shared = std::make_shared<const Circuit>(circuit);
    const backend::ParameterMatrix row(values);
    std::vector<ParameterIndex> wrt(values.size());
    for (ParameterIndex k = 0; k < wrt.size(); ++k) wrt[k] = k;
    // <Z0> sees a few qubits only; the sum of all Z takes the whole state.
    Observable sum;
    std::vector<Observable> each;
    for (Qubit q = 0; q < circuit.num_qubits(); ++q) {
        sum.terms.push_back({1.0, {{q, Pauli::z}}});
        each.push_back(Observable::z(q));
    }
    std::vector<double> value(1), values_of_all(each.size()), gradient(wrt.size());
    const std::vector<double> one{1.0};
    bench.measure("forward", 1,
                  [&] { backend->differentiable(shared, {Observable::z(0)}, {})->forward(row, value); });
    bench.results["z0"] = value[0];
    bench.measure("forward of all", 1,
                  [&] { backend->differentiable(shared, each, {})->forward(row, values_of_all); });
    const auto differentiate = [&](const Observable& observable) {
        const auto tape = backend->differentiable(shared, {observable}, wrt);
        tape->forward(row, value);
        tape->backward(one, gradient);
    };
    bench.measure("gradient", 1, [&] { differentiate(Observable::z(0)); });
    bench.results["grad"] = gradient;
    bench.measure("gradient of sum", 1, [&] { differentiate(sum); });
    bench.results["grad of sum"] = gradient;
}

/// Measurements in the middle: bits' probabilities and each <Z> at the end.
template <typename Run>
void run_dynamic(Bench& bench, const Circuit& circuit, const Run& run) {
    std::vector<Observable> each;
    for (Qubit q = 0; q < circuit.num_qubits(); ++q) each.push_back(Observable::z(q));
    sim::Outcome outcome;
    bench.measure("run", 1, [&] { outcome = run(circuit, each); });
    json bits = json::object();
    for (const auto& [record, probability] : outcome.records)
        bits[fmt::format("{:0{}b}", record, outcome.clbits.size())] = probability;
    bench.results = {{"bits", bits}, {"z", outcome.expectations}};
}

void run_dynamic(Bench& bench) {
    const test::ModelledWorkload workload = test::modelled(test::read_sim_workload(bench.path(".json")));
    run_dynamic(bench, workload.circuit, [&](const Circuit& circuit, const auto& observables) {
        return sim::run_density_matrix(circuit, observables, workload.noise);
    });
    // Without the record, branches that nothing tells apart are one.
    std::vector<Observable> each;
    for (Qubit q = 0; q < workload.circuit.num_qubits(); ++q) each.push_back(Observable::z(q));
    sim::Outcome state;
    bench.measure("state", 1, [&] {
        state = sim::run_density_matrix(workload.circuit, each, workload.noise, {.records = false});
    });
    bench.results["z of state"] = state.expectations;
}

void run_pure(Bench& bench) {
    run_dynamic(bench, test::read_sim_workload(bench.path(".json")).circuit,
                [](const Circuit& circuit, const auto& observables) {
                    return sim::run_statevector(circuit, observables);
                });
}

/// <Z0> of a wide noisy circuit: exactly, and by trajectories, of which each is struck by an error.
void run_trajectories(Bench& bench) {
    const test::ModelledWorkload workload = test::modelled(test::read_sim_workload(bench.path(".json")));
    const std::vector<Observable> z{Observable::z(0)};
    sim::Outcome exact;
    bench.measure("exact", 1, [&] {
        exact = sim::run_density_matrix(workload.circuit, z, workload.noise, {.records = false});
    });
    const std::uint64_t count = workload.circuit.num_qubits() > 16 ? 32 : 512;
    sim::TrajectoryOutcome sampled;
    const auto sample = [&](sim::Precision precision) {
        sampled = sim::run_trajectories(
            workload.circuit, z, workload.noise,
            {.seed = 1, .trajectories = count, .precision = precision, .light_cone = false});
    };
    const auto share = static_cast<double>(count);
    bench.measure("trajectory", share, [&] { sample(sim::Precision::f64); });
    bench.results = {{"z0", exact.expectations},
                     {"z0 by trajectories", sampled.expectations},
                     {"deviation", sampled.deviations},
                     {"errorless", sampled.errorless}};
    bench.measure("trajectory, f32", share, [&] { sample(sim::Precision::f32); });
    bench.results["z0 by trajectories, f32"] = sampled.expectations;
}

int run(Bench bench) {
    const std::string& name = bench.workload;
    if (name == "w1_model")
        run_model(bench);
    else if (name.starts_with("w2") || name.starts_with("w3"))
        run_noisy(bench);
    else if (name.starts_with("w4"))
        run_device(bench);
    else if (name.starts_with("w5"))
        run_gradient(bench);
    else if (name.starts_with("w6_pure"))
        run_pure(bench);
    else if (name.starts_with("w6"))
        run_dynamic(bench);
    else if (name.starts_with("w7"))
        run_trajectories(bench);
    else
        throw Error(ErrorKind::usage, name + " is no workload");
    const json answer{{"workload", name}, {"measures", bench.measures}, {"results", bench.results}};
    std::printf("%s\n", answer.dump().c_str());
    return 0;
}

}  // namespace
}  // namespace qdcnn::bench

int main(int count, char** words) {
    if (count < 3 || count > 4) {
        std::fprintf(stderr, "usage: %s FOLDER WORKLOAD [REPEATS]\n", words[0]);
        return 2;
    }
    try {
        return qdcnn::bench::run({words[1], words[2], count > 3 ? std::atoi(words[3]) : 3});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 3;
    }
}
