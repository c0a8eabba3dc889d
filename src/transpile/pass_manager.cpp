#include "qdcnn/transpile/pass_manager.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "device_model.h"
#include "qdcnn/base/cpu_time.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/suggest.h"
#include "qdcnn/transpile/passes.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

/// What of two results the better one has less of.
double cost_of(const Result& result) {
    return result.log_success ? -*result.log_success
                              : static_cast<double>(metrics(result.circuit).two_qubit_gates);
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

Result PassManager::run(const Circuit& circuit) const {
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
                     .alternative = {},
                     .initial_layout = {},
                     .final_layout = {},
                     .swaps = 0,
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
        passes_[i].apply(work);
        if (!work.alternative) continue;
        Compilation other = work;
        other.circuit = std::move(work.alternative->circuit);
        other.exchanged = std::move(work.alternative->exchanged);
        other.alternative.reset();
        work.alternative.reset();
        Result result = finish(work, i + 1);
        if (work.out_of_time()) return result;
        Result second = finish(other, i + 1);
        return cost_of(second) < cost_of(result) ? second : result;
    }
    Result result;
    result.circuit = std::move(work.circuit);
    result.initial_layout = std::move(work.initial_layout);
    result.final_layout = work.final_layout;
    for (std::size_t v = 0; v < work.exchanged.size(); ++v)
        result.final_layout[v] = work.final_layout[work.exchanged[v]];
    result.swaps = work.swaps;
    result.log_success = log_success(result.circuit, work.target);
    return result;
}

PassManager preset_pass_manager(int level, const target::Target& target, Options options) {
    if (level < 0 || level > 3)
        throw Error(ErrorKind::invalid_input, fmt::format("there is no level {}; levels are 0 to 3", level));
    struct Effort {
        LayoutEffort layout;
        int route_trials;
        std::size_t budget;
    };
    // Rounds after which a circuit that still changes is taken as it is.
    constexpr int kFixedPoint = 20;
    constexpr Effort kEfforts[] = {
        {{}, 1, 0}, {{8, 2, 0, 8}, 8, 10'000}, {{16, 4, 16, 16}, 30, 30'000}, {{20, 4, 40, 60}, 100, 30'000}};
    const Effort& effort = kEfforts[level];
    options.level = level;
    PassManager manager(target, std::move(options));
    manager.add(check_abilities()).add(lower_prepare()).add(canonical_form());
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
