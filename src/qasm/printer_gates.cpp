#include <fmt/format.h>

#include <numbers>

#include "program_printer.h"
#include "qdcnn/base/error.h"

// Gates: by their words, by bodies in front, or written out.
namespace qdcnn::qasm {

using namespace circuit;

namespace {

constexpr std::string_view kOntoDevice =
    "Bring the circuit onto the device first: qdcnn transpile --target ...";

}  // namespace

template <class PutOperand>
void ProgramPrinter::gate_statement(GateId id, std::span<const Angle> angles, std::size_t operands,
                                    const std::vector<std::string>& parameters, PutOperand put_operand) {
    begin_line();
    const std::string_view word = dialect_.word(id);
    put(word.empty() ? gate_row(id).name : word);
    const char* before = "(";
    // The controlled phase as a controlled U.
    if (!dialect_.has_cx && id == GateId::cp) {
        put("(0.0, 0.0");
        before = ", ";
    }
    for (const Angle& angle : angles) {
        put(before);
        put_angle(angle, parameters);
        before = ", ";
    }
    if (!angles.empty()) put(")");
    for (std::size_t i = 0; i < operands; ++i) {
        put(i == 0 ? " " : ", ");
        put_operand(i);
    }
    end_line();
}

void ProgramPrinter::define_gates() {
    for (const GateId gate : outline_.gates()) define(gate);
}

void ProgramPrinter::define(GateId id) {
    if (is_defined_[static_cast<std::size_t>(id)] || !dialect_.word(id).empty()) return;
    is_defined_[static_cast<std::size_t>(id)] = true;
    const GateRow& row = gate_row(id);
    if (!dialect_.has_cx && (id == GateId::cx || id == GateId::cz)) return define(GateId::h);
    for (const DefinitionStep& step : row.definition) define(step.gate);
    if (dialect_.is_written_out(id)) return;
    if (options_.is_verbatim && !dialect_.has_verbatim_bodies)
        refuse(fmt::format("gate {} in a verbatim box", row.name), kOntoDevice);
    std::vector<std::string> parameters, qubits;
    for (int k = 0; k < row.parameters; ++k) parameters.push_back(fmt::format("p{}", k));
    for (int q = 0; q < row.qubits; ++q) qubits.push_back(fmt::format("q{}", q));
    line(fmt::format("gate {}{} {} {{", row.name,
                     parameters.empty() ? "" : fmt::format("({})", fmt::join(parameters, ", ")),
                     fmt::join(qubits, ", ")));
    ++indent_;
    const auto step_lines = [&](auto&& self, const GateRow& of, std::span<const Angle> angles,
                                std::span<const std::uint8_t> on) -> void {
        for (const DefinitionStep& step : of.definition) {
            std::vector<std::uint8_t> operands;
            for (const auto q : step.qubits) operands.push_back(on[q]);
            std::vector<Angle> values;
            for (const Angle& angle : step.angles) values.push_back(angle.substitute(angles));
            if (dialect_.word(step.gate).empty() && dialect_.is_written_out(step.gate))
                self(self, gate_row(step.gate), values, operands);
            else
                gate_statement(step.gate, values, operands.size(), parameters,
                               [&](std::size_t i) { put(qubits[operands[i]]); });
        }
    };
    std::vector<Angle> own;
    for (int k = 0; k < row.parameters; ++k)
        own.push_back(Angle::of_parameter(static_cast<ParameterIndex>(k)));
    constexpr std::uint8_t kInOrder[] = {0, 1, 2};
    step_lines(step_lines, row, own, std::span(kInOrder).first(qubits.size()));
    --indent_;
    line("}");
}

bool ProgramPrinter::without_cx(GateId id, std::span<const Qubit> qubits) {
    if (dialect_.has_cx || (id != GateId::cx && id != GateId::cz)) return false;
    const Gate around{GateId::h, {qubits[1]}, {}};
    if (id == GateId::cx) gate(around);
    gate({GateId::cp, {qubits[0], qubits[1]}, {Angle(std::numbers::pi)}});
    if (id == GateId::cx) gate(around);
    return true;
}

void ProgramPrinter::gate(const Gate& gate) {
    if (is_in_verbatim_box_ && !dialect_.has_verbatim_bodies && dialect_.word(gate.id).empty())
        refuse(fmt::format("gate {} in a verbatim box", gate_row(gate.id).name), kOntoDevice);
    if (dialect_.word(gate.id).empty() && dialect_.is_written_out(gate.id)) {
        if (without_cx(gate.id, gate.qubits)) return;
        for (const DefinitionStep& step : gate_row(gate.id).definition)
            this->gate(instantiate(step, gate.qubits, gate.angles));
        return;
    }
    gate_statement(gate.id, gate.angles, gate.qubits.size(), names_.parameters,
                   [&](std::size_t i) { put_qubit(gate.qubits[i]); });
}

}  // namespace qdcnn::qasm
