#include "qdcnn/qasm/printer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>

#include "program_printer.h"
#include "qdcnn/base/error.h"

namespace qdcnn::qasm {

using namespace circuit;

namespace {

constexpr int kIndent = 4;
/// So much text is held before it is written.
constexpr std::size_t kHeld = 1 << 16;

/// Shortest form that reads back exactly, always with a point: version 2 and typed readers of version 3 need
/// it.
void put_number(double value, std::string& text) {
    std::array<char, 40> digits;
    const std::string_view shown(digits.data(),
                                 fmt::format_to_n(digits.data(), digits.size(), "{}", value).size);
    const std::size_t exponent = shown.find('e');
    text += shown.substr(0, exponent);
    if (shown.find('.') == std::string_view::npos) text += ".0";
    if (exponent != std::string_view::npos) text += shown.substr(exponent);
}

std::string number(double value) {
    std::string text;
    put_number(value, text);
    return text;
}

/// The unit with the shortest number that reads back exactly.
std::string duration_text(double value, TimeUnit unit) {
    const auto plain = [](double v) {
        return v == std::floor(v) && v < 1e15 ? fmt::format("{:.0f}", v) : number(v);
    };
    if (unit == TimeUnit::dt) return plain(value) + "dt";
    std::string best = number(value) + "s";
    constexpr std::pair<double, const char*> kUnits[] = {{1e9, "ns"}, {1e6, "us"}, {1e3, "ms"}};
    for (const auto& [per_second, name] : kUnits) {
        const double scaled = value * per_second;
        if (!std::isfinite(scaled) || scaled / per_second != value) continue;
        const std::string text = plain(scaled) + name;
        if (text.size() < best.size()) best = text;
    }
    return best;
}

QubitStyle style_of(const Circuit& circuit, const DialectRow& dialect, const PrintOptions& options) {
    if (options.is_verbatim) return QubitStyle::physical;
    if (dialect.has_physical_qubits && circuit.is_on_physical_qubits()) return QubitStyle::physical;
    return dialect.qubits;
}

}  // namespace

const Register& register_of(std::span<const Register> registers, std::uint32_t index) {
    const auto after = std::upper_bound(registers.begin(), registers.end(), index,
                                        [](std::uint32_t i, const Register& reg) { return i < reg.offset; });
    return *(after - 1);
}

ProgramPrinter::ProgramPrinter(const Circuit& circuit, const PrintOptions& options, const WriteText& write)
    : circuit_(circuit),
      options_(options),
      write_(write),
      dialect_(dialect_row(options.dialect)),
      style_(style_of(circuit, dialect_, options)),
      names_(printed_names(circuit, dialect_, style_)) {
    for (const Register& reg : names_.clbits) clbit_names_.push_back(reg.name);
    if (dialect_.unset_bits != UnsetBits::as_they_are) unset_bits_ = bits_read_unset(circuit);
}

void ProgramPrinter::refuse(std::string_view what, std::string_view hint) const {
    throw Error(ErrorKind::unsupported, fmt::format("dialect {} cannot say {}", dialect_.name, what),
                std::string(hint));
}

void ProgramPrinter::refuse(std::string_view what, Property property, std::string_view pass) const {
    std::string able;
    for (const DialectRow& row : dialects())
        if (row.*property) able += (able.empty() ? "" : ", ") + std::string(row.name);
    refuse(what,
           fmt::format("Use one of the dialects that can: {}{}{}.", able, pass.empty() ? "" : "; or ", pass));
}

void ProgramPrinter::print() {
    const std::uint32_t width = options_.device_qubits;
    if (style_ == QubitStyle::device_register && width != 0 && circuit_.num_qubits() > width)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("the circuit has {} qubits, the device {}", circuit_.num_qubits(), width));
    if (options_.is_verbatim && !dialect_.has_verbatim) refuse("a verbatim box", &DialectRow::has_verbatim);
    head();
    declarations();
    if (dialect_.unset_bits == UnsetBits::measured_zero) measure_unset_bits();
    if (dialect_.has_global_phase && circuit_.global_phase() != Angle(0.0)) {
        put("gphase(");
        put_angle(circuit_.global_phase(), names_.parameters);
        put(")");
        end_line();
    }
    if (options_.is_verbatim)
        verbatim_body();
    else
        body(circuit_.operations());
    if (!text_.empty()) write_(text_);
}

void ProgramPrinter::begin_line() {
    text_.append(static_cast<std::size_t>(indent_ * kIndent), ' ');
    text_ += prefix_;
}

void ProgramPrinter::end_line() {
    text_ += ";\n";
    if (text_.size() < kHeld) return;
    write_(text_);
    text_.clear();
}

void ProgramPrinter::line(std::string_view text) {
    begin_line();
    text_ += text;
    text_ += '\n';
}

void ProgramPrinter::put_index(std::uint32_t index) {
    std::array<char, 12> digits;
    text_.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), index).ptr);
}

void ProgramPrinter::put_qubit(Qubit qubit) {
    if (style_ == QubitStyle::physical) {
        text_ += '$';
        return put_index(qubit);
    }
    if (style_ == QubitStyle::device_register) {
        text_ += "q[";
        put_index(qubit);
    } else {
        const Register& reg = register_of(names_.qubits, qubit);
        text_ += reg.name;
        text_ += '[';
        put_index(qubit - reg.offset);
    }
    text_ += ']';
}

void ProgramPrinter::put_angle(const Angle& angle, const std::vector<std::string>& names) {
    bool is_first = true;
    const auto sign = [&](double factor) {
        text_ += is_first ? (factor < 0 ? "-" : "") : factor < 0 ? " - " : " + ";
        is_first = false;
    };
    for (const auto& term : angle.terms()) {
        sign(term.coefficient);
        const double size = std::abs(term.coefficient);
        if (size != 1.0) {
            put_number(size, text_);
            text_ += '*';
        }
        text_ += names[term.parameter];
    }
    // Minus zero keeps its sign.
    if (is_first) return put_number(angle.constant(), text_);
    if (angle.constant() == 0) return;
    sign(angle.constant());
    put_number(std::abs(angle.constant()), text_);
}

void ProgramPrinter::head() {
    line(fmt::format("OPENQASM {};", dialect_.version));
    if (!dialect_.include.empty()) line(fmt::format("include \"{}\";", dialect_.include));
    for (const std::string& remark : names_.remarks) line(remark);
    if (dialect_.parameter_type.empty() && !circuit_.parameters().empty()) {
        std::string able;
        for (const DialectRow& row : dialects())
            if (!row.parameter_type.empty()) able += (able.empty() ? "" : ", ") + std::string(row.name);
        refuse(fmt::format("parameters (here {})", circuit_.parameters()[0]),
               fmt::format("Bind them, or use one of the dialects that can: {}.", able));
    }
    for (const std::string& parameter : names_.parameters)
        line(fmt::format("input {} {};", dialect_.parameter_type, parameter));
    define_gates();
}

bool ProgramPrinter::is_printed_variable(const Register& reg) const {
    return reg.is_variable && dialect_.has_expressions && reg.size <= 64;
}

void ProgramPrinter::declare(const Register& reg, std::string_view word, std::string_view old_word,
                             std::string_view value) {
    if (reg.size == 0) return;
    line(is_version_2() ? fmt::format("{} {}[{}];", old_word, reg.name, reg.size)
                        : fmt::format("{}[{}] {}{};", word, reg.size, reg.name, value));
}

void ProgramPrinter::declarations() {
    for (const Register& reg : names_.clbits)
        if (is_printed_variable(reg) && reg.size > 0)
            line(reg.size == 1 ? fmt::format("bool {};", reg.name)
                               : fmt::format("uint[{}] {};", reg.size, reg.name));
    const bool sets_bits = dialect_.unset_bits == UnsetBits::declared_zero && !unset_bits_.empty();
    for (const Register& reg : names_.clbits)
        if (!is_printed_variable(reg))
            declare(reg, "bit", "creg",
                    sets_bits ? fmt::format(" = \"{}\"", std::string(reg.size, '0')) : std::string());
    for (const Register& reg : names_.qubits) declare(reg, "qubit", "qreg");
    if (style_ == QubitStyle::device_register)
        declare({.name = "q", .size = std::max(options_.device_qubits, circuit_.num_qubits())}, "qubit",
                "qreg");
}

void ProgramPrinter::measure_unset_bits() {
    if (circuit_.num_qubits() == 0) return;
    for (const Clbit bit : unset_bits_) {
        begin_line();
        put(clbit(bit) + " = measure ");
        put_qubit(0);
        end_line();
    }
}

void ProgramPrinter::define_gates() {
    for_each_operation(circuit_.operations(), [&](const Operation& operation) {
        if (const auto* gate = std::get_if<Gate>(&operation.kind())) define(gate->id);
    });
}

void ProgramPrinter::define(GateId id) {
    if (is_defined_[static_cast<std::size_t>(id)] || !dialect_.word(id).empty()) return;
    is_defined_[static_cast<std::size_t>(id)] = true;
    const GateRow& row = gate_row(id);
    if (!dialect_.has_cx && (id == GateId::cx || id == GateId::cz)) return define(GateId::h);
    for (const DefinitionStep& step : row.definition) define(step.gate);
    if (dialect_.is_written_out(id)) return;
    if (options_.is_verbatim)
        refuse(fmt::format("gate {} in a verbatim box", row.name),
               "Bring the circuit onto the device first: qdcnn transpile --target ...");
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

void ProgramPrinter::body(std::span<const Operation> operations) {
    for (const Operation& inner : operations) operation(inner);
}

void ProgramPrinter::verbatim_body() {
    bool is_open = false;
    const auto close = [&] {
        if (!is_open) return;
        --indent_;
        line("}");
        is_open = false;
    };
    for (const Operation& step : circuit_.operations()) {
        const bool is_inside =
            std::holds_alternative<Gate>(step.kind()) || std::holds_alternative<Barrier>(step.kind());
        if (condition_of(step) != nullptr) refuse("a branch around a verbatim box", "Leave out --verbatim.");
        if (!is_inside) close();
        if (is_inside && !is_open) {
            line("#pragma braket verbatim");
            line("box {");
            ++indent_;
            is_open = true;
        }
        operation(step);
    }
    close();
}

void ProgramPrinter::operation(const Operation& operation) {
    std::visit(overloaded{
                   [&](const Gate& inner) { gate(inner); },
                   [&](const Measure& inner) {
                       begin_line();
                       if (!is_version_2()) put(clbit(inner.clbit) + " = ");
                       put("measure ");
                       put_qubit(inner.qubit);
                       if (is_version_2()) put(" -> " + clbit(inner.clbit));
                       end_line();
                   },
                   [&](const Reset& inner) {
                       if (!dialect_.has_reset)
                           refuse("a reset", &DialectRow::has_reset, "qdcnn emit --defer-measurements");
                       begin_line();
                       put("reset ");
                       put_qubit(inner.qubit);
                       end_line();
                   },
                   [&](const Barrier& inner) { barrier(inner); },
                   [&](const Delay& inner) {
                       if (!dialect_.has_delay) refuse("a delay", &DialectRow::has_delay);
                       begin_line();
                       put(fmt::format("delay[{}] ", duration_text(inner.duration, inner.unit)));
                       put_qubit(inner.qubit);
                       end_line();
                   },
                   [&](const Prepare&) {
                       refuse("an amplitude preparation, and no dialect can",
                              "Lower it to gates with state_preparation first.");
                   },
                   [&](const IfElse& inner) { branch(inner); },
                   [&](const While& inner) { loop(inner); },
                   [&](const Store& inner) { store(inner); },
               },
               operation.kind());
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
    if (dialect_.word(gate.id).empty() && dialect_.is_written_out(gate.id)) {
        if (without_cx(gate.id, gate.qubits)) return;
        for (const DefinitionStep& step : gate_row(gate.id).definition)
            this->gate(instantiate(step, gate.qubits, gate.angles));
        return;
    }
    gate_statement(gate.id, gate.angles, gate.qubits.size(), names_.parameters,
                   [&](std::size_t i) { put_qubit(gate.qubits[i]); });
}

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

void ProgramPrinter::barrier(const Barrier& barrier) {
    if (barrier.qubits.empty()) return;
    if (!prefix_.empty()) refuse("a barrier in a branch", &DialectRow::has_else);
    begin_line();
    put("barrier ");
    // Whole registers by their names.
    for (std::size_t i = 0; i < barrier.qubits.size();) {
        if (i > 0) put(", ");
        const Register* whole = nullptr;
        if (style_ == QubitStyle::registers) {
            const Register& reg = register_of(names_.qubits, barrier.qubits[i]);
            std::uint32_t same = 0;
            while (same < reg.size && i + same < barrier.qubits.size() &&
                   barrier.qubits[i + same] == reg.offset + same)
                ++same;
            if (same == reg.size) whole = &reg;
        }
        if (whole != nullptr)
            put(whole->name);
        else
            put_qubit(barrier.qubits[i]);
        i += whole != nullptr ? whole->size : 1;
    }
    end_line();
}

void print_qasm(const Circuit& circuit, const PrintOptions& options, const WriteText& write) {
    ProgramPrinter(circuit, options, write).print();
}

std::string print_qasm(const Circuit& circuit, const PrintOptions& options) {
    std::string text;
    print_qasm(circuit, options, [&](std::string_view piece) { text += piece; });
    return text;
}

}  // namespace qdcnn::qasm
