#include <algorithm>
#include <numeric>
#include <optional>

#include "canonical.h"
#include "qdcnn/circuit/rewrite.h"
#include "qdcnn/transpile/passes.h"
#include "readings.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

/// One value that is asked for, as what the end of the circuit reads and what was read before.
struct Wanted {
    std::vector<Clbit> bits;
    Reading reading;
};

/// The circuit without its last read-outs, and what they are to tell.
struct OpenEnd {
    std::vector<Operation> operations;
    std::vector<Wanted> wanted;
    std::size_t readouts = 0;
};

OpenEnd opened(const Circuit& circuit, const ReadoutMap& readout) {
    OpenEnd end;
    const std::vector<bool> is_last = final_measurements(circuit);
    std::vector<std::optional<Qubit>> qubit_of(circuit.num_clbits());
    std::vector<bool> is_used(circuit.num_clbits(), false);
    for (std::size_t i = 0; i < is_last.size(); ++i) {
        const Operation& operation = circuit.operations()[i];
        if (is_last[i]) {
            const auto& measure = std::get<Measure>(operation.kind());
            qubit_of[measure.clbit] = measure.qubit;
            ++end.readouts;
            continue;
        }
        for_each_operation(std::span(&operation, 1), [&](const Operation& inner) {
            for (const Clbit bit : bits_written(inner)) is_used[bit] = true;
        });
        end.operations.push_back(operation);
    }
    for (const Parity& parity : readout.values) {
        Wanted wanted{{}, {std::vector<std::uint8_t>(circuit.num_qubits(), 0), parity.flip}};
        for (const Clbit bit : parity.bits) {
            if (qubit_of[bit])
                wanted.reading.letters[*qubit_of[bit]] ^= 2;
            else if (is_used[bit])
                wanted.bits.push_back(bit);
        }
        end.wanted.push_back(std::move(wanted));
    }
    return end;
}

/// Swaps outside branches become other names of their qubits: qubit v is place[v] in the end.
std::vector<Operation> without_swaps(std::vector<Operation> operations, std::vector<Qubit>& place) {
    std::vector<Operation> kept;
    for (const Operation& operation : operations) {
        const auto* gate = std::get_if<Gate>(&operation.kind());
        if (gate && gate->id == GateId::swap)
            std::swap(place[gate->qubits[0]], place[gate->qubits[1]]);
        else
            kept.push_back(rewritten(operation, {[&](Qubit qubit) { return place[qubit]; }, {}, {}}));
    }
    return kept;
}

/// Registers and parameters of `circuit`; of the classical registers those with a bit in use, and behind them
/// one of `extra` bits. new_bit: where each bit went.
Circuit with_registers(const Circuit& circuit, const std::vector<bool>& is_used, std::uint32_t extra,
                       std::vector<Clbit>& new_bit) {
    Circuit made;
    new_bit.assign(circuit.num_clbits(), 0);
    for (const Register& own : circuit.qubit_registers()) {
        made.add_qubits(own.name, own.size);
        made.annotate_register(own.name, own.annotations);
    }
    for (const Register& own : circuit.clbit_registers()) {
        const auto begin = is_used.begin() + own.offset;
        if (std::none_of(begin, begin + own.size, [](bool used) { return used; })) continue;
        const Clbit first = made.add_clbits(own.name, own.size, own.is_variable);
        made.annotate_register(own.name, own.annotations);
        for (std::uint32_t i = 0; i < own.size; ++i) new_bit[own.offset + i] = first + i;
    }
    if (extra) made.add_clbits(circuit.free_register_name("m"), extra);
    for (const std::string& name : circuit.parameters()) made.parameter(name);
    made.set_global_phase(circuit.global_phase());
    made.set_on_physical_qubits(circuit.is_on_physical_qubits());
    return made;
}

/// Rotations into the basis of the readings on each qubit, so that Z reads them. Which qubits are read.
std::vector<Qubit> turn_to_z(std::vector<Reading>& readings, std::uint32_t num_qubits, Circuit& circuit) {
    std::vector<Qubit> read;
    for (Qubit qubit = 0; qubit < num_qubits; ++qubit) {
        unsigned letter = 0;
        for (Reading& reading : readings) {
            letter |= reading.letters[qubit];
            if (reading.letters[qubit]) reading.letters[qubit] = 2;
        }
        if (letter == 0) continue;
        read.push_back(qubit);
        if (letter == 3) circuit.gate(GateId::sdg, {qubit});
        if (letter != 2) circuit.h(qubit);
    }
    return read;
}

struct Folded {
    Circuit circuit;
    ReadoutMap readout;
};

/// The circuit with the read-outs that are left, in a register of their own.
Folded closed(const Circuit& circuit, std::vector<Operation> operations, std::vector<Wanted> wanted) {
    std::vector<Reading> readings;
    for (Wanted& one : wanted) readings.push_back(std::move(one.reading));
    std::vector<bool> is_used(circuit.num_clbits(), false);
    for_each_operation(operations, [&](const Operation& operation) {
        for (const Clbit bit : bits_written(operation)) is_used[bit] = true;
        for (const Clbit bit : bits_read(operation)) is_used[bit] = true;
    });
    Circuit turns(circuit.num_qubits());
    const std::vector<Qubit> read = turn_to_z(readings, circuit.num_qubits(), turns);
    std::vector<Clbit> new_bit;
    Circuit made = with_registers(circuit, is_used, static_cast<std::uint32_t>(read.size()), new_bit);
    auto& list = made.mutable_operations();
    for (const Operation& operation : operations)
        list.push_back(rewritten(operation, {{}, [&](Clbit bit) { return new_bit[bit]; }, {}}));
    list.insert(list.end(), turns.operations().begin(), turns.operations().end());
    const auto first = static_cast<Clbit>(made.num_clbits() - read.size());
    for (std::size_t k = 0; k < read.size(); ++k) made.measure(read[k], first + static_cast<Clbit>(k));
    ReadoutMap readout;
    for (std::size_t v = 0; v < wanted.size(); ++v) {
        Parity parity{{}, readings[v].is_negative};
        for (const Clbit bit : wanted[v].bits) parity.bits.push_back(new_bit[bit]);
        std::sort(parity.bits.begin(), parity.bits.end());
        for (std::size_t k = 0; k < read.size(); ++k)
            if (readings[v].letters[read[k]]) parity.bits.push_back(first + static_cast<Clbit>(k));
        readout.values.push_back(std::move(parity));
    }
    return {std::move(made), std::move(readout)};
}

/// Z of a qubit that nothing acts on need not be read: it starts in |0>. One read-out stays, for a circuit
/// without any has no result.
void leave_untouched(const std::vector<Operation>& operations, std::uint32_t num_qubits,
                     std::vector<Reading>& readings) {
    std::vector<bool> is_touched(num_qubits, false);
    for (const Operation& operation : operations) {
        if (std::holds_alternative<Barrier>(operation.kind())) continue;
        for (const Qubit qubit : qubits_of(operation)) is_touched[qubit] = true;
    }
    bool is_read = false;
    std::vector<Reading> shorter = readings;
    for (Reading& reading : shorter)
        for (Qubit qubit = 0; qubit < num_qubits; ++qubit) {
            if (!is_touched[qubit] && reading.letters[qubit] == 2) reading.letters[qubit] = 0;
            is_read = is_read || reading.letters[qubit] != 0;
        }
    if (is_read) readings = std::move(shorter);
}

/// Nothing when no gate goes.
std::optional<Folded> folded(const Circuit& circuit, OpenEnd end, std::size_t before, Absorption absorption) {
    std::vector<Reading> readings;
    for (Wanted& one : end.wanted) readings.push_back(std::move(one.reading));
    AbsorbedEnd rest =
        with_end_absorbed(std::move(end.operations), std::move(readings), circuit.num_qubits(), absorption);
    if (rest.operations.size() == before) return std::nullopt;
    leave_untouched(rest.operations, circuit.num_qubits(), rest.readings);
    for (std::size_t v = 0; v < end.wanted.size(); ++v) end.wanted[v].reading = std::move(rest.readings[v]);
    return closed(circuit, std::move(rest.operations), std::move(end.wanted));
}

void fold(Compilation& work, ReadoutFolding choice) {
    const ReadoutMap readout = work.readout ? *work.readout : plain_readout(work.circuit.num_clbits());
    OpenEnd end = opened(work.circuit, readout);
    // Without a read-out at the end the state itself is the result.
    if (end.readouts == 0) return;
    const std::size_t before = end.operations.size();
    const bool has_places =
        work.options.initial_layout || work.circuit.is_on_physical_qubits() || work.layout;
    std::vector<Qubit> place(work.circuit.num_qubits());
    std::iota(place.begin(), place.end(), Qubit{0});
    if (!has_places) {
        end.operations = without_swaps(std::move(end.operations), place);
        for (Wanted& wanted : end.wanted) {
            const std::vector<std::uint8_t> letters = wanted.reading.letters;
            for (Qubit qubit = 0; qubit < place.size(); ++qubit)
                wanted.reading.letters[place[qubit]] = letters[qubit];
        }
        work.exchanged = work.exchanged_by(place);
    }
    const auto all = folded(work.circuit, end, before, Absorption::all);
    auto take = [&](const std::optional<Folded>& made) {
        if (!made) return;
        work.circuit = made->circuit;
        work.readout = made->readout;
    };
    if (choice == ReadoutFolding::always) return take(all);
    const auto free = folded(work.circuit, end, before, Absorption::free);
    if (all && (!free || free->circuit.operations().size() != all->circuit.operations().size()))
        work.alternative.emplace(all->circuit, work.exchanged, all->readout);
    take(free);
}

}  // namespace

Pass fold_readout(ReadoutFolding choice) {
    return {"fold_readout", [=](Compilation& work) {
                if (choice != ReadoutFolding::off) fold(work, choice);
            }};
}

}  // namespace qdcnn::transpile
