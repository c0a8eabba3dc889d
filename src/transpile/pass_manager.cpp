#include "qdcnn/transpile/pass_manager.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "device_model.h"
#include "efforts.h"
#include "qdcnn/base/cpu_time.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/suggest.h"
#include "qdcnn/transpile/passes.h"
#include "qdcnn/transpile/schedule.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

/// What of two results the better one has less of.
double cost_of(const Result& result) {
    return result.log_success ? -*result.log_success
                              : static_cast<double>(metrics(result.circuit).two_qubit_gates);
}

double value_cost_of(const Result& result, const target::Target& target) {
    const ReadoutMap plain = plain_readout(result.circuit.num_clbits());
    return -log_value_success(result.circuit, target, result.readout ? *result.readout : plain);
}

void apply(const Pass& pass, Compilation& work) {
    if (!work.options.keeps_trace) return pass.apply(work);
    PassTrace trace{pass.name, metrics(work.circuit), {}, 0};
    const double start = thread_cpu_seconds();
    pass.apply(work);
    trace.seconds = thread_cpu_seconds() - start;
    trace.after = metrics(work.circuit);
    work.trace.push_back(std::move(trace));
}

std::size_t branches_of(const Circuit& circuit) {
    std::size_t count = 0;
    for_each_operation(circuit.operations(),
                       [&](const Operation& operation) { count += condition_of(operation) != nullptr; });
    return count;
}

/// Branches make qubits wait, which counts where the number of branches differs. Where the read-outs differ,
/// neither the whole record nor a single value may do worse.
bool is_better(const Result& result, const Result& other, const target::Target& target) {
    auto waiting_cost = [&](const Result& own) {
        const auto timing = timing_of(own.circuit, target);
        return timing ? timing->idle_cost : 0.0;
    };
    double difference = cost_of(result) - cost_of(other);
    if (result.log_success && branches_of(result.circuit) != branches_of(other.circuit))
        difference += waiting_cost(result) - waiting_cost(other);
    if (difference >= 0) return false;
    return result.readout == other.readout || !result.log_success ||
           value_cost_of(result, target) <= value_cost_of(other, target);
}

}  // namespace

struct PassManager::Device {
    explicit Device(const target::Target& source) : target(source), model(target) {}
    target::Target target;
    DeviceModel model;
};

PassManager::PassManager(const target::Target& target, Options options)
    : device_(std::make_shared<const Device>(target)), options_(std::move(options)) {
    const auto& natives = target.native_gates;
    if (target.num_qubits > 1 &&
        std::none_of(natives.begin(), natives.end(),
                     [](const target::NativeGate& native) { return gate_row(native.gate).qubits == 2; }))
        throw Error(ErrorKind::unsupported, fmt::format("the device {} has no entangling gate", target.name));
}

const target::Target& PassManager::target() const { return device_->target; }

std::vector<std::string> PassManager::passes() const {
    std::vector<std::string> names;
    for (const Pass& pass : passes_) names.push_back(pass.name);
    return names;
}

PassManager& PassManager::add(Pass pass) {
    passes_.push_back(std::move(pass));
    return *this;
}

PassManager& PassManager::insert(const std::string& before, Pass pass) {
    const auto place =
        std::find_if(passes_.begin(), passes_.end(), [&](const Pass& own) { return own.name == before; });
    if (place == passes_.end())
        throw Error(ErrorKind::not_found, fmt::format("there is no pass \"{}\"", before),
                    suggestion(before, passes()));
    passes_.insert(place, std::move(pass));
    return *this;
}

PassManager& PassManager::remove(const std::string& name) {
    if (std::erase_if(passes_, [&](const Pass& own) { return own.name == name; }) == 0)
        throw Error(ErrorKind::not_found, fmt::format("there is no pass \"{}\"", name),
                    suggestion(name, passes()));
    return *this;
}

std::vector<Qubit> Compilation::exchanged_by(const std::vector<Qubit>& place) const {
    if (exchanged.empty()) return place;
    std::vector<Qubit> both;
    for (const Qubit own : exchanged) both.push_back(place[own]);
    return both;
}

Result PassManager::run(const Circuit& circuit) const { return run_on(circuit, std::nullopt); }

Result PassManager::run(const Circuit& circuit, ReadoutMap wanted) const {
    for (const Parity& parity : wanted.values)
        for (const Clbit bit : parity.bits)
            if (bit >= circuit.num_clbits())
                throw Error(ErrorKind::invalid_input, fmt::format("a parity has bit {}, the circuit has {}",
                                                                  bit, circuit.num_clbits()));
    return run_on(circuit, std::move(wanted));
}

Result PassManager::run_on(const Circuit& circuit, std::optional<ReadoutMap> wanted) const {
    const target::Target& target = device_->target;
    if (circuit.num_qubits() > target.num_qubits)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("the circuit has {} qubits, {} has {}", circuit.num_qubits(), target.name,
                                target.num_qubits),
                    "Choose a wider device.");
    const double start = thread_cpu_seconds();
    const auto clock_start = std::chrono::steady_clock::now();
    Compilation work{.target = target,
                     .device = device_->model,
                     .options = options_,
                     .circuit = circuit,
                     .layout = {},
                     .is_routed = false,
                     .exchanged = {},
                     .readout = std::move(wanted),
                     .alternative = {},
                     .initial_layout = {},
                     .final_layout = {},
                     .swaps = 0,
                     .trace = {},
                     .random = Random(options_.seed),
                     .out_of_time = [&] {
                         const std::chrono::duration<double> passed =
                             std::chrono::steady_clock::now() - clock_start;
                         return options_.time_limit && passed.count() > *options_.time_limit;
                     }};
    Result result = finish(work, 0);
    result.cpu_seconds = thread_cpu_seconds() - start;
    return result;
}

Result PassManager::finish(Compilation& work, std::size_t first) const {
    for (std::size_t i = first; i < passes_.size(); ++i) {
        interrupt().throw_if_interrupted();
        apply(passes_[i], work);
        if (!work.alternative) continue;
        Compilation other = work;
        other.circuit = std::move(work.alternative->circuit);
        other.exchanged = std::move(work.alternative->exchanged);
        other.readout = std::move(work.alternative->readout);
        other.alternative.reset();
        work.alternative.reset();
        std::array<CircuitMetrics, 2> before;
        if (options_.keeps_trace) before = {metrics(work.circuit), metrics(other.circuit)};
        const double start = thread_cpu_seconds();
        Result result = finish(work, i + 1);
        if (work.out_of_time()) return result;
        const double middle = thread_cpu_seconds();
        Result second = finish(other, i + 1);
        const bool takes_second = is_better(second, result, work.target);
        Result& taken = takes_second ? second : result;
        if (options_.keeps_trace) {
            const Result& left = takes_second ? result : second;
            taken.trace.push_back({"another form after " + passes_[i].name + ", not taken",
                                   before[takes_second ? 0 : 1], metrics(left.circuit),
                                   takes_second ? middle - start : thread_cpu_seconds() - middle});
        }
        return std::move(taken);
    }
    Result result;
    result.circuit = std::move(work.circuit);
    result.initial_layout = std::move(work.initial_layout);
    result.final_layout = work.final_layout;
    for (std::size_t v = 0; v < work.exchanged.size(); ++v)
        result.final_layout[v] = work.final_layout[work.exchanged[v]];
    result.swaps = work.swaps;
    result.log_success = log_success(result.circuit, work.target);
    result.readout = std::move(work.readout);
    result.trace = std::move(work.trace);
    return result;
}

PassManager preset_pass_manager(int level, const target::Target& target, Options options) {
    if (level < 0 || level > 3)
        throw Error(ErrorKind::invalid_input, fmt::format("there is no level {}; levels are 0 to 3", level));
    const Effort& effort = kEfforts[level];
    options.level = level;
    const ReadoutFolding folding = options.readout_folding;
    PassManager manager(target, std::move(options));
    manager.add(check_abilities()).add(lower_prepare());
    if (folding != ReadoutFolding::off)
        manager.add(fold_readout(folding)).add(feed_forward_controls(folding));
    manager.add(canonical_form());
    if (level >= 1) manager.add(merge_interactions());
    if (level >= 2) manager.add(drop_unseen_gates()).add(consolidate_blocks(level == 2 ? 1 : kFixedPoint));
    if (level >= 3) manager.add(resynthesise_gadgets());
    manager.add(user_layout());
    if (level >= 1)
        manager.add(perfect_layout(effort.budget)).add(sabre_layout(effort.layout, effort.budget));
    else
        manager.add(trivial_layout());
    manager.add(route(effort.route_trials));
    if (level >= 1)
        manager.add(improve_placement(effort.budget)).add(merge_routed_interactions()).add(join_swaps());
    manager.add(native_pairs(level >= 1)).add(native_one_qubit_gates());
    return manager;
}

Result transpile(const Circuit& circuit, const target::Target& target, const Options& options) {
    return preset_pass_manager(options.level, target, options).run(circuit);
}

std::optional<double> log_success(const Circuit& circuit, const target::Target& target) {
    double sum = 0;
    bool is_known = false;
    auto add = [&](double error) {
        if (std::isnan(error)) return;
        is_known = true;
        sum += std::log1p(-error);
    };
    for_each_operation(circuit.operations(), [&](const Operation& operation) {
        if (const auto* measure = std::get_if<Measure>(&operation.kind()))
            add(readout_error(target, measure->qubit));
        const auto* gate = std::get_if<Gate>(&operation.kind());
        if (!gate) return;
        const auto* native = target.find_native(gate->id);
        if (!native || native->is_virtual) return;
        add(target.properties_of(native->name, {gate->qubits.begin(), gate->qubits.end()}).error);
    });
    if (!is_known) return std::nullopt;
    return sum;
}

}  // namespace qdcnn::transpile
