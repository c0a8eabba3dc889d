#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "qdcnn/base/cpu_time.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/json.h"
#include "qdcnn/base/random.h"
#include "qdcnn/circuit/observable.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/sim/aer_noise.h"
#include "qdcnn/sim/density_matrix.h"
#include "qdcnn/sim/local_backend.h"
#include "qdcnn/target/devices.h"
#include "qdcnn/transpile/pass_manager.h"
#include "qdcnn/transpile/validate.h"

namespace qdcnn::cli {
namespace {

using circuit::Circuit;
using circuit::Observable;

/// Smaller probabilities are left out of the answer (contract.md).
constexpr double kLeastProbability = 1e-15;

/// What is asked for, checked before any work is done.
struct Request {
    std::string file;
    std::optional<std::string> noise_file;
    std::optional<std::string> target_name;
    double noise_scale = 1.0;
    std::optional<std::uint64_t> shots;
    std::optional<Observable> observable;
    std::uint64_t seed = 0;
};

Request request_of(const ParsedOptions& given) {
    Request request;
    request.file = given.words()[0];
    request.noise_file = given.text("noise");
    request.target_name = given.text("target");
    if (request.noise_file && request.target_name)
        throw Error(ErrorKind::usage, "--noise and --target each bring their own noise", "Give one of them.");
    if (const auto scale = given.number("noise-scale", 0, 1e6)) {
        if (!request.noise_file && !request.target_name)
            throw Error(ErrorKind::usage, "--noise-scale has no noise to scale",
                        "Give --noise or --target too.");
        request.noise_scale = *scale;
    }
    if (const auto shots = given.integer("shots", 1, 1'000'000'000)) {
        if (given.has("exact"))
            throw Error(ErrorKind::usage, "--exact and --shots contradict each other", "Give one of them.");
        request.shots = static_cast<std::uint64_t>(*shots);
    }
    if (const auto text = given.text("observable")) request.observable = circuit::parse_observable(*text);
    if (const auto seed = given.integer("seed", 0, std::numeric_limits<std::int64_t>::max()))
        request.seed = static_cast<std::uint64_t>(*seed);
    return request;
}

/// The circuit to run with its noise.
struct Setup {
    std::shared_ptr<const Circuit> circuit;
    /// The user's circuit has no classical bits; every measurement in `circuit` is put there to report its
    /// qubits.
    bool is_unmeasured = false;
    std::optional<Observable> observable;
    std::shared_ptr<const sim::Simulator> simulator;
    std::string method;
};

/// A circuit that is legal on the device runs as it stands; any other is transpiled first.
void fit_to_device(Circuit& circuit, std::optional<Observable>& observable, const target::Target& target,
                   Console& console) {
    const auto illegal = circuit.num_qubits() > target.num_qubits
                             ? std::vector<std::string>{fmt::format("{} qubits", circuit.num_qubits())}
                             : transpile::find_illegal(circuit, target);
    if (illegal.empty()) return;
    const transpile::Result result = transpile::transpile(circuit, target);
    console.err << fmt::format("note: transpiled to {} first (level 1): {}\n", target.name, illegal.front());
    if (observable) observable = circuit::map_qubits(*observable, result.final_layout);
    circuit = result.circuit;
}

/// Into a register "meas" of one bit a qubit.
void measure_used_qubits(Circuit& circuit) {
    std::vector<bool> is_used(circuit.num_qubits(), false);
    for (const circuit::Operation& operation : circuit.operations())
        if (!std::holds_alternative<circuit::Barrier>(operation.kind()))
            for (const circuit::Qubit qubit : circuit::qubits_of(operation)) is_used[qubit] = true;
    if (!is_used.empty()) is_used[0] = true;
    circuit.add_clbits("meas", circuit.num_qubits());
    for (circuit::Qubit qubit = 0; qubit < circuit.num_qubits(); ++qubit)
        if (is_used[qubit]) circuit.measure(qubit, qubit);
}

Setup set_up(const Request& request, Console& console) {
    Circuit circuit = qasm::read_qasm_file(request.file);
    if (!circuit.parameters().empty())
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{} has inputs without a value: {}", request.file,
                                fmt::join(circuit.parameters(), ", ")),
                    "Write numbers in their place.");
    if (request.observable)
        for (const auto& term : request.observable->terms)
            for (const auto& [qubit, pauli] : term.paulis)
                if (qubit >= circuit.num_qubits())
                    throw Error(ErrorKind::invalid_input,
                                fmt::format("the observable acts on qubit {}, the circuit has {}", qubit,
                                            circuit.num_qubits()));
    // All qubits are reported of a circuit that has no bits, as 0 those that nothing happens to. It does not
    // measure, so nothing is misread.
    Setup setup{nullptr, circuit.num_clbits() == 0, request.observable, sim::make_statevector_simulator(),
                "statevector"};
    if (setup.is_unmeasured) measure_used_qubits(circuit);
    sim::NoiseModel noise;
    if (request.noise_file) {
        noise = sim::read_aer_noise(*request.noise_file).scaled(request.noise_scale);
    } else if (request.target_name) {
        const target::Target target = target::load_target(*request.target_name);
        fit_to_device(circuit, setup.observable, target, console);
        noise = sim::noise_model_from_target(target, request.noise_scale);
    }
    if (setup.is_unmeasured) noise = noise.without_measurement_errors();
    if (!noise.is_ideal()) {
        setup.simulator = sim::make_noisy_simulator(std::move(noise));
        setup.method = "density_matrix";
    }
    setup.circuit = std::make_shared<const Circuit>(std::move(circuit));
    return setup;
}

struct Expectation {
    double value = 0;
    double deviation = 0;
};

/// Tr(O rho) of the final state. With shots each Pauli product is read off that many of its own, without
/// read-out error.
Expectation expectation(const Setup& setup, const Request& request) {
    Circuit circuit = *setup.circuit;
    if (setup.is_unmeasured)
        std::erase_if(circuit.mutable_operations(), [](const circuit::Operation& operation) {
            return std::holds_alternative<circuit::Measure>(operation.kind());
        });
    std::vector<Observable> products;
    for (const auto& term : setup.observable->terms) products.push_back({{{1.0, term.paulis}}});
    const std::vector<double> means = setup.simulator->run(circuit, products).expectations;
    Expectation result;
    double variance = 0;
    for (std::size_t k = 0; k < products.size(); ++k) {
        const double coefficient = setup.observable->terms[k].coefficient;
        double mean = means[k];
        if (request.shots && !products[k].terms[0].paulis.empty()) {
            Random random = Random(request.seed).stream(1).stream(k);
            std::uint64_t plus = 0;
            for (std::uint64_t shot = 0; shot < *request.shots; ++shot)
                plus += random.uniform() < (1 + means[k]) / 2;
            const auto shots = static_cast<double>(*request.shots);
            mean = 2 * static_cast<double>(plus) / shots - 1;
            variance += coefficient * coefficient * (1 - mean * mean) / shots;
        }
        result.value += coefficient * mean;
    }
    result.deviation = std::sqrt(variance);
    return result;
}

/// The members of `value`, made an object without any. Pushed to the back they are not looked up first, which
/// an ordered object does one by one.
nlohmann::ordered_json::object_t& empty_object(nlohmann::ordered_json& value) {
    value = nlohmann::ordered_json::object();
    return value.get_ref<nlohmann::ordered_json::object_t&>();
}

void print_text(const nlohmann::ordered_json& answer, std::ostream& out) {
    for (const char* kind : {"counts", "probabilities"})
        for (const auto& [key, value] : answer.at(kind).items())
            out << (value.is_number_integer() ? fmt::format("{}  {}\n", key, value.get<std::uint64_t>())
                                              : fmt::format("{}  {:.10g}\n", key, value.get<double>()));
    const auto& expectation = answer.at("expectation");
    if (!expectation.is_null())
        out << fmt::format("expectation  {:.10g} +- {:.2g}\n", expectation.at("value").get<double>(),
                           expectation.at("std").get<double>());
    out << fmt::format("{}, {:.3f} CPU s\n", answer.at("method").get<std::string>(),
                       answer.at("cpu_seconds").get<double>());
}

}  // namespace

Options simulate_options() {
    Options options(
        "simulate",
        "Runs a circuit here: exactly, or sampled with --shots; without noise, with that of a file or of a "
        "device. A circuit without classical bits reports over all its qubits. Read-out errors act on the "
        "circuit's own measurements; expectation values are those of the final state.");
    options.positional("IN.qasm", "the circuit, OpenQASM 3 or 2");
    options.value("noise", "AER.json",
                  "noise as Qiskit Aer writes it: NoiseModel.to_dict(serializable=True)");
    options.value("target", "NAME|FILE",
                  "noise from a device's figures; the circuit is transpiled to it where it must be");
    options.value("noise-scale", "X", "how many times that noise: 0 is none, 1 the noise as it is");
    options.value("shots", "N", "samples to draw");
    options.flag("exact", "probabilities, which is what comes without --shots");
    options.value("observable", "\"Z0 Z2 + 0.5 X1\"", "also the expectation value of this");
    options.value("seed", "N", "of the samples; 0 when not given");
    return options;
}

int run_simulate(const ParsedOptions& given, Console& console) {
    const Request request = request_of(given);
    const double start = cpu_seconds(), wall_start = wall_seconds();
    const Setup setup = set_up(request, console);
    const auto backend = sim::make_local_backend(setup.simulator, "local");
    const backend::SamplerPub pub{setup.circuit};
    const auto sampled = backend->run(std::vector{pub}, {request.shots, request.seed})->result();

    nlohmann::ordered_json answer{{"schema", "qdcnn.simulate/1"},
                                  {"probabilities", nullptr},
                                  {"counts", nullptr},
                                  {"expectation", nullptr},
                                  {"method", setup.method}};
    if (request.shots) {
        auto& counts = empty_object(answer["counts"]);
        for (const auto& [key, count] : sampled[0].joint_counts()) counts.push_back({key, count});
    } else {
        auto& probabilities = empty_object(answer["probabilities"]);
        for (const auto& [key, probability] : sampled[0].probabilities.at(0))
            if (probability >= kLeastProbability) probabilities.push_back({key, probability});
    }
    if (setup.observable) {
        const Expectation result = expectation(setup, request);
        answer["expectation"] = {{"value", result.value}, {"std", result.deviation}};
    }
    answer["cpu_seconds"] = cpu_seconds() - start;
    answer["wall_seconds"] = wall_seconds() - wall_start;
    if (given.json())
        console.out << to_text(answer) << '\n';
    else
        print_text(answer, console.out);
    return 0;
}

}  // namespace qdcnn::cli
