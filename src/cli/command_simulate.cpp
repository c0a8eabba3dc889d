#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/simulate_run.h"
#include "qdcnn/base/cpu_time.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/json.h"
#include "qdcnn/circuit/observable.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/sim/aer_noise.h"
#include "qdcnn/target/devices.h"
#include "qdcnn/transpile/pass_manager.h"
#include "qdcnn/transpile/validate.h"

namespace qdcnn::cli {
namespace {

using circuit::Circuit;
using circuit::Observable;

/// Smaller probabilities are left out of the answer (contract.md).
constexpr double kLeastProbability = 1e-15;

/// The most that --target-error runs.
constexpr std::uint64_t kMostTrajectories = 10'000'000;
/// Longer runs are announced.
constexpr double kLongRun = 5;

/// What is asked for, checked before any work is done.
struct Request {
    std::string file;
    std::optional<std::string> noise_file;
    std::optional<std::string> target_name;
    double noise_scale = 1.0;
    std::optional<Observable> observable;
    SimulateMethod how;
};

/// "2GiB", "500 MB", "4G" (binary), or bytes. Throws Error(usage).
double bytes_of(const std::string& text) {
    std::size_t end = 0;
    double value = -1;
    try {
        value = std::stod(text, &end);
    } catch (const std::exception&) {
        end = text.size();
    }
    const std::string unit = text.substr(std::min(text.find_first_not_of(' ', end), text.size()));
    static const std::map<std::string, double> kUnits{
        {"", 1},         {"B", 1},      {"K", 0x1p10},   {"KiB", 0x1p10}, {"kB", 1e3},
        {"KB", 1e3},     {"M", 0x1p20}, {"MiB", 0x1p20}, {"MB", 1e6},     {"G", 0x1p30},
        {"GiB", 0x1p30}, {"GB", 1e9},   {"T", 0x1p40},   {"TiB", 0x1p40}, {"TB", 1e12}};
    const auto found = kUnits.find(unit);
    if (!(value > 0) || !std::isfinite(value) || found == kUnits.end())
        throw Error(ErrorKind::usage,
                    fmt::format("--memory-limit {}: expected a positive number of bytes", text),
                    "For example 4GiB or 500MB.");
    return value * found->second;
}

template <typename Value>
Value one_of(const ParsedOptions& given, const std::string& name, const std::string& otherwise,
             const std::vector<std::pair<std::string, Value>>& values) {
    const std::string text = given.text_or(name, otherwise);
    std::vector<std::string> words;
    for (const auto& [word, value] : values) {
        if (word == text) return value;
        words.push_back(word);
    }
    throw Error(ErrorKind::usage, fmt::format("--{} {}: expected {}", name, text, fmt::join(words, ", ")));
}

SimulateMethod method_of(const ParsedOptions& given) {
    SimulateMethod how;
    how.method = one_of<std::optional<sim::Method>>(given, "method", "auto",
                                                    {{"auto", std::nullopt},
                                                     {"density", sim::Method::density},
                                                     {"statevector", sim::Method::statevector},
                                                     {"trajectories", sim::Method::trajectories}});
    how.precision = one_of<sim::Precision>(
        given, "precision", "double", {{"double", sim::Precision::f64}, {"single", sim::Precision::f32}});
    if (const auto limit = given.text("memory-limit")) how.memory_limit = bytes_of(*limit);
    if (const auto shots = given.integer("shots", 1, 1'000'000'000)) {
        if (given.has("exact"))
            throw Error(ErrorKind::usage, "--exact and --shots contradict each other", "Give one of them.");
        how.shots = static_cast<std::uint64_t>(*shots);
    }
    if (const auto count = given.integer("trajectories", 1, 1'000'000'000)) {
        if (how.shots)
            throw Error(ErrorKind::usage, "--shots N runs N trajectories, --trajectories says another number",
                        "Give one of them.");
        how.trajectories = static_cast<std::uint64_t>(*count);
    }
    if (const auto error = given.number("target-error", 1e-9, 1e9)) {
        how.target_error = *error;
        if (!given.has("trajectories") && !how.shots) how.trajectories = kMostTrajectories;
    }
    if (given.has("exact") && how.method == sim::Method::trajectories)
        throw Error(ErrorKind::usage, "--exact and --method trajectories contradict each other",
                    "Trajectories give means with an error.");
    if (const auto seed = given.integer("seed", 0, std::numeric_limits<std::int64_t>::max()))
        how.seed = static_cast<std::uint64_t>(*seed);
    return how;
}

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
    request.how = method_of(given);
    if (const auto text = given.text("observable")) request.observable = circuit::parse_observable(*text);
    if (given.has("target-error") && !request.observable)
        throw Error(ErrorKind::usage, "--target-error is that of an expectation value, and there is none",
                    "Give --observable too.");
    return request;
}

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

SimulateTask set_up(const Request& request, Console& console) {
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
    SimulateTask task{nullptr, circuit.num_clbits() == 0, request.observable, {}};
    if (task.is_unmeasured) measure_used_qubits(circuit);
    if (request.noise_file) {
        task.noise = sim::read_aer_noise(*request.noise_file).scaled(request.noise_scale);
    } else if (request.target_name) {
        const target::Target target = target::load_target(*request.target_name);
        fit_to_device(circuit, task.observable, target, console);
        task.noise = sim::noise_model_from_target(target, request.noise_scale);
    }
    if (task.is_unmeasured) task.noise = task.noise.without_measurement_errors();
    task.circuit = std::make_shared<const Circuit>(std::move(circuit));
    return task;
}

/// The members of `value`, made an object without any. Pushed to the back they are not looked up first, which
/// an ordered object does one by one.
nlohmann::ordered_json::object_t& empty_object(nlohmann::ordered_json& value) {
    value = nlohmann::ordered_json::object();
    return value.get_ref<nlohmann::ordered_json::object_t&>();
}

nlohmann::ordered_json to_json(const sim::Plan& plan) {
    return {{"method", sim::to_string(plan.method)},
            {"precision", plan.precision == sim::Precision::f64 ? "double" : "single"},
            {"circuit_qubits", plan.circuit_qubits},
            {"qubits", plan.qubits},
            {"operations", plan.operations},
            {"seen", plan.seen},
            {"maps", plan.maps},
            {"sweeps", plan.sweeps},
            {"dynamic", plan.is_dynamic},
            {"bytes", plan.bytes},
            {"seconds", plan.seconds}};
}

/// What the run became, each part by what it is for.
std::vector<std::pair<std::string, sim::Plan>> parts_of(const SimulateRun& run) {
    std::vector<std::pair<std::string, sim::Plan>> parts;
    if (run.record_plan()) parts.emplace_back("record", *run.record_plan());
    if (run.value_plan()) parts.emplace_back("expectation", *run.value_plan());
    return parts;
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
    const auto& trajectories = answer.at("trajectories");
    out << fmt::format(
        "{}, {}{:.3f} CPU s\n", answer.at("method").get<std::string>(),
        trajectories.is_null() ? "" : fmt::format("{} trajectories, ", trajectories.get<std::uint64_t>()),
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
    options.value("method", "NAME",
                  "auto, density (exact under noise), statevector (exact without), or trajectories: state "
                  "vectors that noise strikes at random, values with their error. auto takes what is exact "
                  "and fits into memory");
    options.value("precision", "P", "double or single, which is faster and right to about 1e-6");
    options.value("memory-limit", "BYTES",
                  "refuse what needs more, for example 4GiB; what is free unless given");
    options.value("trajectories", "N", "how many; 10000 unless given");
    options.value("target-error", "X", "trajectories stop when the expectation value's error is that small");
    options.flag("explain", "also what the run became: qubits, light cone, maps, sweeps, memory, time");
    return options;
}

int run_simulate(const ParsedOptions& given, Console& console) {
    const Request request = request_of(given);
    const double start = cpu_seconds(), wall_start = wall_seconds();
    const SimulateRun run(set_up(request, console), request.how);
    run.require_memory();
    if (run.seconds() > kLongRun)
        for (const auto& [purpose, plan] : parts_of(run))
            console.err << fmt::format("note: {}: {}\n", purpose, in_words(plan));
    const SimulateAnswer found = run.run();

    nlohmann::ordered_json answer{
        {"schema", "qdcnn.simulate/1"}, {"probabilities", nullptr}, {"counts", nullptr},
        {"expectation", nullptr},       {"method", found.method},   {"trajectories", nullptr}};
    if (found.counts) {
        auto& counts = empty_object(answer["counts"]);
        for (const auto& [key, count] : *found.counts) counts.push_back({key, count});
    }
    if (found.probabilities) {
        auto& probabilities = empty_object(answer["probabilities"]);
        for (const auto& [key, probability] : *found.probabilities)
            if (probability >= kLeastProbability) probabilities.push_back({key, probability});
    }
    if (found.expectation)
        answer["expectation"] = {{"value", found.expectation->value}, {"std", found.expectation->deviation}};
    if (found.trajectories > 0) answer["trajectories"] = found.trajectories;
    if (given.has("explain"))
        for (const auto& [purpose, plan] : parts_of(run)) {
            answer["plan"][purpose] = to_json(plan);
            if (!given.json()) console.out << fmt::format("{}: {}\n", purpose, in_words(plan));
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
