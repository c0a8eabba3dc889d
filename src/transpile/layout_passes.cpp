#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "canonical.h"
#include "embedding.h"
#include "layout_search.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/circuit/rewrite.h"
#include "qdcnn/transpile/passes.h"
#include "router.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

enum class Stream : std::uint64_t { layout_trials, route_trials };

Random random_for(const Compilation& work, Stream stream) {
    return work.random.stream(static_cast<std::uint64_t>(stream));
}

/// Takes over a routed circuit: from here on qubits are physical.
void adopt(Compilation& work, Routed routed) {
    Circuit physical;
    auto is_taken = [&](const std::string& name) {
        const auto& registers = work.circuit.clbit_registers();
        return std::any_of(registers.begin(), registers.end(),
                           [&](const Register& r) { return r.name == name; });
    };
    physical.add_qubits(is_taken("q") ? (is_taken("qubits") ? "physical_qubits" : "qubits") : "q",
                        work.target.num_qubits);
    for (const Register& bits : work.circuit.clbit_registers())
        physical.add_clbits(bits.name, bits.size, bits.is_variable);
    for (const std::string& name : work.circuit.parameters()) physical.parameter(name);
    physical.mutable_operations() = std::move(routed.operations);
    work.circuit = std::move(physical);
    work.initial_layout = std::move(routed.initial_layout);
    work.final_layout = std::move(routed.final_layout);
    work.layout = work.initial_layout;
    work.swaps = routed.swaps;
    work.is_routed = true;
}

/// Measurements after which nothing happens to their qubit come last, where their qubit is then: a swap after
/// them would make a mid-circuit measurement of them. Only for circuits that are not dynamic.
std::vector<Measure> take_final_measurements(Circuit& circuit) {
    std::vector<Measure> taken;
    if (circuit.is_dynamic()) return taken;
    for (const Operation& operation : circuit.operations())
        if (const auto* measure = std::get_if<Measure>(&operation.kind())) taken.push_back(*measure);
    std::erase_if(circuit.mutable_operations(), [](const Operation& operation) {
        return std::holds_alternative<Measure>(operation.kind());
    });
    return taken;
}

void put_measurements(const std::vector<Measure>& measurements, Routed& routed) {
    for (const Measure& measure : measurements)
        routed.operations.push_back(Measure{routed.final_layout[measure.qubit], measure.clbit});
}

/// Physical qubits in use, and the operations with these numbered from 0.
struct Patch {
    std::vector<Qubit> physical;
    InteractionGraph graph;
};

Patch patch_of(const std::vector<Operation>& operations, const std::vector<Qubit>& layout,
               const DeviceModel& device) {
    const InteractionGraph whole = InteractionGraph::of(operations, device.num_qubits(), device);
    Patch patch;
    std::vector<std::size_t> number(device.num_qubits(), 0);
    auto is_used = [&](Qubit q) {
        return !whole.edges[q].empty() || whole.one_qubit_gates[q] > 0 || whole.readouts[q] > 0 ||
               std::find(layout.begin(), layout.end(), q) != layout.end();
    };
    for (Qubit q = 0; q < device.num_qubits(); ++q)
        if (is_used(q)) {
            number[q] = patch.physical.size();
            patch.physical.push_back(q);
        }
    for (const Qubit q : patch.physical) {
        auto edges = whole.edges[q];
        for (auto& edge : edges) edge.other = static_cast<Qubit>(number[edge.other]);
        patch.graph.edges.push_back(std::move(edges));
        patch.graph.one_qubit_gates.push_back(whole.one_qubit_gates[q]);
        patch.graph.readouts.push_back(whole.readouts[q]);
    }
    return patch;
}

/// Moves a routed circuit to a cheaper place of the same shape. Gives its cost there.
double move_to_best_place(Routed& routed, const DeviceModel& device, std::size_t budget) {
    const Patch patch = patch_of(routed.operations, routed.initial_layout, device);
    const double cost = patch.graph.cost(patch.physical, device);
    if (device.is_all_to_all() || !device.has_errors()) return cost;
    const auto better = find_embedding(patch.graph, device, budget);
    if (!better) return cost;
    const double new_cost = patch.graph.cost(*better, device);
    if (new_cost >= cost) return cost;
    std::vector<Qubit> to(device.num_qubits());
    for (std::size_t i = 0; i < patch.physical.size(); ++i) to[patch.physical[i]] = (*better)[i];
    Rewriting moved;
    moved.qubit = [&](Qubit qubit) { return to[qubit]; };
    for (Operation& operation : routed.operations) operation = rewritten(operation, moved);
    for (auto* layout : {&routed.initial_layout, &routed.final_layout})
        for (Qubit& qubit : *layout) qubit = to[qubit];
    return new_cost;
}

/// Qubits 0, 1, .. where these are connected and work; else as many as lie nearest to the lowest qubit that
/// has them.
std::vector<Qubit> first_patch(std::uint32_t size, const DeviceModel& device) {
    const auto& part = device.parts().front();
    if (size == 0) return {};
    auto nearest = [&](Qubit start, Qubit below) {
        std::vector<Qubit> patch{start};
        std::vector<bool> seen(device.num_qubits(), false);
        seen[start] = true;
        for (std::size_t i = 0; i < patch.size() && patch.size() < size; ++i)
            for (const Qubit next : device.neighbours(patch[i])) {
                if (seen[next] || next >= below || patch.size() == size) continue;
                seen[next] = true;
                patch.push_back(next);
            }
        std::sort(patch.begin(), patch.end());
        return patch;
    };
    if (device.is_all_to_all()) return {part.begin(), part.begin() + size};
    if (part.front() == 0)
        if (auto patch = nearest(0, size); patch.size() == size) return patch;
    return nearest(part.front(), device.num_qubits());
}

void check_width(const Compilation& work) {
    const std::size_t largest = work.device.parts().empty() ? 0 : work.device.parts().front().size();
    if (largest < work.circuit.num_qubits())
        throw Error(
            ErrorKind::invalid_input,
            fmt::format("the circuit has {} qubits; the largest connected part of {} that works has {}",
                        work.circuit.num_qubits(), work.target.name, largest),
            "Choose a wider device, or pass a layout for circuits whose parts do not interact.");
}

void require_layout(const Compilation& work, const char* pass) {
    if (!work.layout) throw Error(ErrorKind::internal, fmt::format("the pass {} needs a layout", pass));
}

}  // namespace

Pass user_layout() {
    return {"user_layout", [](Compilation& work) {
                auto given = work.options.initial_layout;
                if (!given && work.circuit.is_on_physical_qubits()) {
                    given.emplace(work.circuit.num_qubits());
                    std::iota(given->begin(), given->end(), Qubit{0});
                }
                if (!given) return;
                work.is_layout_given = true;
                std::vector<bool> is_used(work.circuit.num_qubits(), work.options.initial_layout.has_value());
                for (const Operation& operation : work.circuit.operations())
                    for (const Qubit qubit : qubits_of(operation)) is_used[qubit] = true;
                if (given->size() != work.circuit.num_qubits())
                    throw Error(ErrorKind::invalid_input,
                                fmt::format("the initial layout places {} qubits; the circuit has {}",
                                            given->size(), work.circuit.num_qubits()));
                std::vector<bool> taken(work.target.num_qubits, false);
                for (std::size_t v = 0; v < given->size(); ++v) {
                    const Qubit place = (*given)[v];
                    auto fail = [&](const std::string& why) {
                        throw Error(ErrorKind::invalid_input,
                                    fmt::format("the initial layout puts qubit {} on {}, {}", v, place, why));
                    };
                    if (place >= work.target.num_qubits)
                        fail(fmt::format("outside {} with its {} qubits", work.target.name,
                                         work.target.num_qubits));
                    if (taken[place]) fail("where another qubit already is");
                    if (is_used[v] && !work.device.is_working(place)) fail("which is out of order");
                    taken[place] = true;
                }
                work.layout = given;
            }};
}

Pass trivial_layout() {
    return {"trivial_layout", [](Compilation& work) {
                if (work.layout) return;
                check_width(work);
                work.layout = first_patch(work.circuit.num_qubits(), work.device);
            }};
}

Pass perfect_layout(std::size_t budget) {
    return {"perfect_layout", [budget](Compilation& work) {
                if (work.layout) return;
                if (work.device.is_all_to_all()) {
                    trivial_layout().apply(work);
                    return;
                }
                const auto graph =
                    InteractionGraph::of(work.circuit.operations(), work.circuit.num_qubits(), work.device);
                work.layout = find_embedding(graph, work.device, budget);
            }};
}

Pass sabre_layout(LayoutEffort effort, std::size_t budget) {
    return {"sabre_layout", [effort, budget](Compilation& work) {
                if (work.layout || work.is_routed) return;
                check_width(work);
                const auto measurements = take_final_measurements(work.circuit);
                const std::uint32_t width = work.circuit.num_qubits();
                const Router router(work.circuit.operations(), width, work.device);
                Random random = random_for(work, Stream::layout_trials);
                LayoutSearch search(router, work.device, width, random, work.options.threads);
                std::optional<Routed> chosen;
                double least = 0;
                for (const Route& route : search.run(effort, work.out_of_time)) {
                    Routed routed = router.routed(route, random);
                    put_measurements(measurements, routed);
                    const double cost = work.device.has_errors()
                                            ? move_to_best_place(routed, work.device, budget)
                                            : routed.swap_gates;
                    if (chosen && cost >= least) continue;
                    least = cost;
                    chosen = std::move(routed);
                }
                adopt(work, std::move(*chosen));
            }};
}

Pass route(int trials) {
    return {"route", [trials](Compilation& work) {
                if (work.is_routed) return;
                require_layout(work, "route");
                const auto measurements = take_final_measurements(work.circuit);
                const Router router(work.circuit.operations(), work.circuit.num_qubits(), work.device);
                router.require_ways(*work.layout);
                SwapSearch search = router.search();
                Random random = random_for(work, Stream::route_trials);
                std::optional<Route> best;
                for (int trial = 0; trial < trials && (trial == 0 || !work.out_of_time()); ++trial) {
                    interrupt().throw_if_interrupted();
                    auto route = router.find_route(search, *work.layout, random,
                                                   best ? best->swap_gates : SwapSearch::kNoLimit);
                    if (route && (!best || route->swap_gates < best->swap_gates)) best = std::move(route);
                    if (best->swaps == 0) break;
                }
                Routed routed = router.routed(*best, random);
                put_measurements(measurements, routed);
                adopt(work, std::move(routed));
            }};
}

Pass improve_placement(std::size_t budget) {
    return {"improve_placement", [budget](Compilation& work) {
                if (!work.is_routed)
                    throw Error(ErrorKind::internal, "the pass improve_placement needs a routed circuit");
                if (work.is_layout_given) return;
                Routed routed;
                routed.operations = std::move(work.circuit.mutable_operations());
                routed.initial_layout = work.initial_layout;
                routed.final_layout = work.final_layout;
                move_to_best_place(routed, work.device, budget);
                work.circuit.mutable_operations() = std::move(routed.operations);
                work.initial_layout = std::move(routed.initial_layout);
                work.final_layout = std::move(routed.final_layout);
                work.layout = work.initial_layout;
            }};
}

}  // namespace qdcnn::transpile
