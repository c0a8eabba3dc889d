#include "qdcnn/transpile/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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
        walk(circuit_.operations());
        return std::move(problems_);
    }

  private:
    void walk(const std::vector<Operation>& operations) {
        for (const Operation& operation : operations) {
            const bool is_gap = std::holds_alternative<Barrier>(operation.kind()) ||
                                std::holds_alternative<Delay>(operation.kind());
            const auto bodies = bodies_of(operation);
            if (!is_gap && bodies.empty())
                for (const Qubit qubit : qubits_of(operation))
                    if (measured_[qubit] && !target_.has_mid_circuit_measurement)
                        say("qubit {} is used after it was measured, which {} cannot do", qubit,
                            target_.name);
            std::visit([&](const auto& kind) { step(kind); }, operation.kind());
            for (const auto* body : bodies) walk(*body);
            // Its next turn comes after its measurements.
            if (const auto* loop = std::get_if<While>(&operation.kind())) {
                if (!target_.has_mid_circuit_measurement) walk(loop->body);
            }
            if (const auto* measure = std::get_if<Measure>(&operation.kind()))
                measured_[measure->qubit] = true;
        }
    }

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
        if (row.qubits == 1 && !native->is_virtual) check_order(native->name, gate.qubits[0]);
    }
    void step(const Measure& measure) {
        check_qubit(measure.qubit);
        check_order("measure", measure.qubit);
    }
    /// An error of 1 is how calibrations say that something does not work.
    void check_order(const std::string& name, Qubit qubit) {
        if (qubit < target_.num_qubits && target_.properties_of(name, {qubit}).error >= 1.0)
            say("{} is out of order on qubit {}", name, qubit);
    }
    void step(const Reset& reset) {
        check_qubit(reset.qubit);
        if (!target_.has_reset) say("qubit {} is reset, which {} cannot do", reset.qubit, target_.name);
    }
    void step(const Barrier& barrier) {
        for (const Qubit qubit : barrier.qubits)
            if (qubit >= target_.num_qubits) say("qubit {} is outside {}", qubit, target_.name);
    }
    /// The clock of a device that has one ticks in dt.
    void step(const Delay& delay) {
        check_qubit(delay.qubit);
        const bool has_clock = target_.dt > 0;
        if (!(delay.duration >= 0) || std::isinf(delay.duration))
            say("a delay of {} on qubit {}", delay.duration, delay.qubit);
        else if (delay.unit == TimeUnit::dt && !has_clock)
            say("a delay in dt on qubit {}; {} has no dt", delay.qubit, target_.name);
        else if (const double ticks =
                     delay.unit == TimeUnit::dt ? delay.duration : delay.duration / target_.dt;
                 has_clock && std::abs(ticks - std::round(ticks)) > 1e-6 * std::max(1.0, ticks))
            say("a delay of {} dt on qubit {}, no whole number", ticks, delay.qubit);
    }
    void step(const Prepare&) { say("a Prepare is no native operation"); }
    void step(const IfElse&) { require_feed_forward("a branch on a measured bit"); }
    void step(const While&) { require_feed_forward("a loop on a measured bit"); }
    void step(const Store&) { require_feed_forward("an assignment to classical bits"); }
    void require_feed_forward(const char* what) {
        if (!target_.has_feed_forward) say("{}, which {} cannot do", what, target_.name);
    }

    const Circuit& circuit_;
    const target::Target& target_;
    std::vector<bool> measured_ = std::vector<bool>(circuit_.num_qubits(), false);
    std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> find_illegal(const Circuit& circuit, const target::Target& target) {
    return Validator(circuit, target).run();
}

}  // namespace qdcnn::transpile
