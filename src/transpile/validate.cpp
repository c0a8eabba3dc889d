#include "qdcnn/transpile/validate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "device_model.h"
#include "translate.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

class Validator {
  public:
    Validator(const Circuit& circuit, const target::Target& target) : circuit_(circuit), target_(target) {}

    std::vector<std::string> run() {
        if (circuit_.num_qubits() > target_.num_qubits)
            say("the circuit has {} qubits, {} has {}", circuit_.num_qubits(), target_.name,
                target_.num_qubits);
        std::vector<bool> measured(circuit_.num_qubits(), false);
        for (const Operation& operation : circuit_.operations()) {
            if (!std::holds_alternative<Barrier>(operation.kind()) &&
                !std::holds_alternative<Delay>(operation.kind()))
                for (const Qubit qubit : qubits_of(operation))
                    if (measured[qubit] && !target_.has_mid_circuit_measurement)
                        say("qubit {} is used after it was measured, which {} cannot do", qubit,
                            target_.name);
            for_each_operation(std::span(&operation, 1), [&](const Operation& inner) {
                std::visit([&](const auto& kind) { step(kind); }, inner.kind());
                if (const auto* measure = std::get_if<Measure>(&inner.kind()))
                    measured[measure->qubit] = true;
            });
        }
        return std::move(problems_);
    }

  private:
    template <typename... Values>
    void say(fmt::format_string<Values...> text, Values&&... values) {
        problems_.push_back(fmt::format(text, std::forward<Values>(values)...));
    }

    void check_qubit(Qubit qubit) {
        if (qubit >= target_.num_qubits)
            say("qubit {} is outside {}", qubit, target_.name);
        else if (!target_.qubits.empty() && !target_.qubits[qubit].is_operational)
            say("qubit {} is out of order", qubit);
    }

    void step(const Gate& gate) {
        const auto& row = gate_row(gate.id);
        for (const Qubit qubit : gate.qubits) check_qubit(qubit);
        const auto* native = target_.find_native(gate.id);
        if (!native) {
            say("gate {} is not native to {}", row.name, target_.name);
            return;
        }
        for (std::size_t k = 0; k < gate.angles.size(); ++k)
            if (!is_in_range(native->ranges.at(k), gate.angles[k]))
                say("angle {} of {} is {}, outside what {} takes", k, native->name,
                    gate.angles[k].to_string(circuit_.parameters()), target_.name);
        if (row.qubits == 2 && !target_.is_available(*native, gate.qubits[0], gate.qubits[1]))
            say("{} does not act on qubits {}, {} in this order, or is out of order there", native->name,
                gate.qubits[0], gate.qubits[1]);
    }
    void step(const Measure& measure) { check_qubit(measure.qubit); }
    void step(const Reset& reset) {
        check_qubit(reset.qubit);
        if (!target_.has_reset) say("qubit {} is reset, which {} cannot do", reset.qubit, target_.name);
    }
    void step(const Barrier&) {}
    void step(const Delay& delay) { check_qubit(delay.qubit); }
    void step(const Prepare&) { say("a Prepare is no native operation"); }
    void step(const IfElse&) { require_feed_forward("a branch on a measured bit"); }
    void step(const While&) { require_feed_forward("a loop on a measured bit"); }
    void step(const Store&) { require_feed_forward("an assignment to classical bits"); }
    void require_feed_forward(const char* what) {
        if (!target_.has_feed_forward) say("{}, which {} cannot do", what, target_.name);
    }

    const Circuit& circuit_;
    const target::Target& target_;
    std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> find_illegal(const Circuit& circuit, const target::Target& target) {
    return Validator(circuit, target).run();
}

}  // namespace qdcnn::transpile
