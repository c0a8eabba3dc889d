#include <algorithm>
#include <optional>
#include <set>

#include "device_model.h"
#include "qdcnn/transpile/passes.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

/// What a two-qubit gate does to its other qubit when one of them is known to be 0 or 1, up to phases.
struct Controlled {
    Qubit target;
    std::vector<Operation> if_zero, if_one;
};

/// The gate that a controlled gate controls, its angles being the gate's own.
std::optional<GateId> controlled_by(GateId id) {
    switch (id) {
        case GateId::cx:
            return GateId::x;
        case GateId::cy:
            return GateId::y;
        case GateId::cz:
            return GateId::z;
        case GateId::ch:
            return GateId::h;
        case GateId::cs:
            return GateId::s;
        case GateId::csdg:
            return GateId::sdg;
        case GateId::csx:
            return GateId::sx;
        case GateId::cp:
            return GateId::p;
        case GateId::crx:
            return GateId::rx;
        case GateId::cry:
            return GateId::ry;
        case GateId::crz:
            return GateId::rz;
        default:
            return std::nullopt;
    }
}

std::optional<Controlled> seen_from(const Gate& gate, Qubit known) {
    if (gate.qubits.size() != 2) return std::nullopt;
    const bool is_first = gate.qubits[0] == known;
    Controlled made{gate.qubits[is_first ? 1 : 0], {}, {}};
    if (gate.id == GateId::rzz) {
        made.if_zero.push_back(Gate{GateId::rz, {made.target}, {gate.angles[0]}});
        made.if_one.push_back(Gate{GateId::rz, {made.target}, {-gate.angles[0]}});
        return made;
    }
    const auto own = controlled_by(gate.id);
    if (!own || !(is_first || gate_row(gate.id).is_symmetric)) return std::nullopt;
    made.if_one.push_back(Gate{*own, {made.target}, gate.angles});
    return made;
}

/// From where on a qubit only controls and is then read or left alone.
struct Ending {
    /// Of its first operation; past the end when there is none.
    std::size_t begin;
    /// Where its last measurement puts its value.
    std::optional<Clbit> bit;
    bool controls = false;
};

/// How often each bit is read or written.
std::vector<int> uses_of_bits(const Circuit& circuit) {
    std::vector<int> uses(circuit.num_clbits(), 0);
    for_each_operation(circuit.operations(), [&](const Operation& operation) {
        for (const Clbit bit : bits_written(operation)) ++uses[bit];
        for (const Clbit bit : bits_read(operation)) ++uses[bit];
    });
    return uses;
}

std::vector<Ending> endings_of(const Circuit& circuit) {
    const auto& operations = circuit.operations();
    const std::vector<int> uses = uses_of_bits(circuit);
    const std::vector<bool> is_last = final_measurements(circuit);
    std::vector<Ending> endings(circuit.num_qubits(), {operations.size(), {}, false});
    std::vector<bool> is_closed(circuit.num_qubits(), false);
    for (std::size_t i = operations.size(); i-- > 0;) {
        if (std::holds_alternative<Barrier>(operations[i].kind())) continue;
        for (const Qubit qubit : qubits_of(operations[i])) {
            if (is_closed[qubit]) continue;
            // An earlier measurement would be in the way of what uses the bit before.
            if (is_last[i] && uses[std::get<Measure>(operations[i].kind()).clbit] > 1) {
                is_closed[qubit] = true;
                continue;
            }
            Ending& ending = endings[qubit];
            const auto* gate = std::get_if<Gate>(&operations[i].kind());
            const bool controls = gate && seen_from(*gate, qubit);
            if (is_last[i]) {
                ending.bit = std::get<Measure>(operations[i].kind()).clbit;
            } else if (!controls && !(gate && gate->qubits.size() == 1 && gate_row(gate->id).is_diagonal)) {
                is_closed[qubit] = true;
                continue;
            }
            ending.controls = ending.controls || controls;
            ending.begin = i;
        }
    }
    return endings;
}

class Writer {
  public:
    Writer(const Circuit& circuit, std::vector<Ending> endings)
        : endings_(std::move(endings)), is_read_(circuit.num_qubits(), false), made_(circuit.empty_copy()) {
        made_.set_global_phase(circuit.global_phase());
        std::vector<Qubit> unread;
        for (Qubit qubit = 0; qubit < circuit.num_qubits(); ++qubit)
            if (endings_[qubit].controls && !endings_[qubit].bit) unread.push_back(qubit);
        if (unread.empty()) return;
        Clbit next =
            made_.add_clbits(circuit.free_register_name("f"), static_cast<std::uint32_t>(unread.size()));
        for (const Qubit qubit : unread) endings_[qubit].bit = next++;
    }

    Circuit write(const std::vector<Operation>& operations) {
        for (std::size_t i = 0; i < operations.size(); ++i)
            if (!fed_forward(operations[i], i)) made_.mutable_operations().push_back(operations[i]);
        std::erase_if(made_.mutable_operations(), is_hole);
        return std::move(made_);
    }

  private:
    bool has_ended(Qubit qubit, std::size_t i) const {
        return endings_[qubit].controls && i >= endings_[qubit].begin;
    }

    bool fed_forward(const Operation& operation, std::size_t i) {
        if (std::holds_alternative<Barrier>(operation.kind())) return false;
        std::vector<Qubit> ended;
        for (const Qubit qubit : qubits_of(operation))
            if (has_ended(qubit, i)) ended.push_back(qubit);
        for (const Qubit qubit : ended) {
            if (is_read_[qubit]) continue;
            is_read_[qubit] = true;
            made_.measure(qubit, *endings_[qubit].bit);
        }
        // A phase of one qubit that is read, or between two.
        if (ended.empty() || ended.size() == qubits_of(operation).size()) return !ended.empty();
        const auto& gate = std::get<Gate>(operation.kind());
        append(*seen_from(gate, ended[0]), *endings_[ended[0]].bit);
        return true;
    }

    /// Joins the branch on the same bit that stands before, one-qubit gates between.
    void append(Controlled controlled, Clbit bit) {
        auto& list = made_.mutable_operations();
        std::vector<std::size_t> between;
        for (std::size_t i = list.size(); i-- > 0;) {
            const std::vector<Qubit> on = qubits_of(list[i]);
            if (std::find(on.begin(), on.end(), controlled.target) == on.end()) continue;
            const auto* gate = std::get_if<Gate>(&list[i].kind());
            if (gate && on.size() == 1) {
                between.push_back(i);
                continue;
            }
            auto* branch = std::get_if<IfElse>(&list[i].kind());
            if (!branch || on.size() != 1 || branch->condition.bits != std::vector<Clbit>{bit} ||
                !written_.contains(i))
                break;
            extend(*branch, between, std::move(controlled));
            return;
        }
        written_.insert(list.size());
        list.push_back(IfElse{{{bit}, 1}, std::move(controlled.if_one), std::move(controlled.if_zero)});
    }

    /// What is taken away leaves a hole until the end, so that places stay valid.
    static bool is_hole(const Operation& operation) {
        const auto* barrier = std::get_if<Barrier>(&operation.kind());
        return barrier && barrier->qubits.empty() && !barrier->note;
    }

    /// between: places behind the branch, the last one first.
    void extend(IfElse& branch, const std::vector<std::size_t>& between, Controlled controlled) {
        auto& list = made_.mutable_operations();
        for (auto place = between.rbegin(); place != between.rend(); ++place) {
            for (auto* body : {&branch.then_body, &branch.else_body}) body->push_back(list[*place]);
            list[*place] = Barrier{};
        }
        std::move(controlled.if_one.begin(), controlled.if_one.end(), std::back_inserter(branch.then_body));
        std::move(controlled.if_zero.begin(), controlled.if_zero.end(), std::back_inserter(branch.else_body));
    }

    std::vector<Ending> endings_;
    std::vector<bool> is_read_;
    Circuit made_;
    /// Places of branches made here.
    std::set<std::size_t> written_;
};

}  // namespace

Pass feed_forward_controls(ReadoutFolding choice) {
    return {"feed_forward_controls", [=](Compilation& work) {
                const target::Target& target = work.target;
                if (choice == ReadoutFolding::off || !target.has_feed_forward ||
                    !target.has_mid_circuit_measurement)
                    return;
                // Without figures nothing says that it pays.
                if (choice == ReadoutFolding::weighed && !work.device.has_errors()) return;
                const std::vector<bool> is_last = final_measurements(work.circuit);
                if (std::none_of(is_last.begin(), is_last.end(), [](bool last) { return last; })) return;
                std::vector<Ending> endings = endings_of(work.circuit);
                if (std::none_of(endings.begin(), endings.end(),
                                 [](const Ending& ending) { return ending.controls; }))
                    return;
                const std::uint32_t bits = work.circuit.num_clbits();
                Circuit made = Writer(work.circuit, std::move(endings)).write(work.circuit.operations());
                const ReadoutMap readout = work.readout ? *work.readout : plain_readout(bits);
                if (choice == ReadoutFolding::weighed) {
                    work.alternative.emplace(std::move(made), work.exchanged, readout);
                } else {
                    work.circuit = std::move(made);
                    work.readout = readout;
                }
            }};
}

}  // namespace qdcnn::transpile
