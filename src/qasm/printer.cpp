#include "qdcnn/qasm/printer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>

#include "printer_names.h"
#include "qdcnn/base/error.h"
#include "qdcnn/circuit/formula_text.h"

namespace qdcnn::qasm {

using namespace circuit;

namespace {

constexpr int kIndent = 4;

/// Shortest form that reads back exactly, always with a point: version 2 and typed readers of version 3 need
/// it.
std::string number(double value) {
    std::string text = fmt::format("{}", value);
    if (text.find('.') != std::string::npos) return text;
    const std::size_t exponent = text.find('e');
    return exponent == std::string::npos ? text + ".0" : text.insert(exponent, ".0");
}

std::string angle_text(const Angle& angle, const std::vector<std::string>& names) {
    std::string text;
    const auto add = [&](double factor, const std::string& rest) {
        if (text.empty())
            text = factor < 0 ? "-" : "";
        else
            text += factor < 0 ? " - " : " + ";
        text += rest;
    };
    for (const auto& term : angle.terms()) {
        const std::string& name = names[term.parameter];
        const double size = std::abs(term.coefficient);
        add(term.coefficient, size == 1.0 ? name : fmt::format("{}*{}", number(size), name));
    }
    // Minus zero keeps its sign.
    if (text.empty()) return number(angle.constant());
    if (angle.constant() != 0) add(angle.constant(), number(std::abs(angle.constant())));
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

class Printer {
  public:
    Printer(const Circuit& circuit, const PrintOptions& options)
        : circuit_(circuit),
          options_(options),
          dialect_(dialect_row(options.dialect)),
          names_(printed_names(circuit, dialect_)) {}

    std::string print();

  private:
    [[noreturn]] void refuse(std::string_view what, std::string_view hint) const;
    bool is_version_2() const { return dialect_.version == "2.0"; }
    void head();
    void declarations();
    void define_gates();
    void define(GateId gate);
    void body(std::span<const Operation> operations);
    void line(std::string_view text);
    void operation(const Operation& operation);
    void gate(const Gate& gate);
    void gate_statement(std::string_view name, std::span<const Angle> angles,
                        std::span<const std::string> operands, const std::vector<std::string>& parameters);
    void barrier(const Barrier& barrier);
    void branch(const IfElse& branch);
    void loop(const While& loop);
    void store(const Store& store);
    std::string formula(const Formula& formula, std::span<const Clbit> bits) const;
    void block(const std::string& head, const std::function<void()>& then_body,
               const std::function<void()>& else_body);
    void nested_branches(std::span<const std::pair<Clbit, bool>> bits, const IfElse& branch);
    void branch_version_2(const IfElse& branch, std::span<const std::pair<Clbit, bool>> bits,
                          const std::string& condition);
    std::string qubit(Qubit qubit) const;
    std::string clbit(Clbit bit) const;
    std::string bit_condition(std::pair<Clbit, bool> bit) const;
    /// "c == 5" when the bits are a whole register.
    std::optional<std::string> register_condition(std::span<const std::pair<Clbit, bool>> bits) const;

    const Circuit& circuit_;
    const PrintOptions& options_;
    const DialectRow& dialect_;
    PrintedNames names_;
    std::string text_;
    int indent_ = 0;
    /// Stands before every statement of a conditional body in version 2.
    std::string prefix_;
    std::array<bool, 256> is_defined_{};
};

void Printer::refuse(std::string_view what, std::string_view hint) const {
    throw Error(ErrorKind::unsupported, fmt::format("dialect {} cannot say {}", dialect_.name, what),
                std::string(hint));
}

std::string Printer::print() {
    const std::uint32_t width = options_.device_qubits;
    if (dialect_.qubits == QubitStyle::device_register && width != 0 && circuit_.num_qubits() > width)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("the circuit has {} qubits, the device {}", circuit_.num_qubits(), width),
                    "Transpile it to the device first.");
    head();
    declarations();
    if (dialect_.has_global_phase && circuit_.global_phase() != Angle(0.0))
        line(fmt::format("gphase({});", angle_text(circuit_.global_phase(), names_.parameters)));
    body(circuit_.operations());
    return std::move(text_);
}

void Printer::line(std::string_view text) {
    text_.append(static_cast<std::size_t>(indent_ * kIndent), ' ');
    text_ += prefix_;
    text_ += text;
    text_ += '\n';
}

void Printer::head() {
    line(fmt::format("OPENQASM {};", dialect_.version));
    if (!dialect_.include.empty()) line(fmt::format("include \"{}\";", dialect_.include));
    for (const std::string& remark : names_.remarks) line(remark);
    if (!dialect_.has_parameters && !circuit_.parameters().empty())
        refuse(fmt::format("parameters (here {})", circuit_.parameters()[0]),
               "Bind them, or use dialect full or qiskit.");
    for (const std::string& parameter : names_.parameters)
        line(fmt::format("input float[64] {};", parameter));
    define_gates();
}

void Printer::declarations() {
    const auto& bits = circuit_.clbit_registers();
    const auto is_printed_variable = [&](std::size_t i) {
        return bits[i].is_variable && dialect_.has_expressions && bits[i].size <= 64;
    };
    const auto declare = [&](const std::vector<Register>& registers, const std::vector<std::string>& names,
                             std::string_view word, std::string_view old_word) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            const bool is_done = &registers == &bits && is_printed_variable(i);
            if (registers[i].size == 0 || is_done) continue;
            line(is_version_2() ? fmt::format("{} {}[{}];", old_word, names[i], registers[i].size)
                                : fmt::format("{}[{}] {};", word, registers[i].size, names[i]));
        }
    };
    for (std::size_t i = 0; i < bits.size(); ++i) {
        if (!is_printed_variable(i)) continue;
        line(bits[i].size == 1 ? fmt::format("bool {};", names_.clbit_registers[i])
                               : fmt::format("uint[{}] {};", bits[i].size, names_.clbit_registers[i]));
    }
    declare(bits, names_.clbit_registers, "bit", "creg");
    declare(circuit_.qubit_registers(), names_.qubit_registers, "qubit", "qreg");
    if (dialect_.qubits == QubitStyle::device_register &&
        std::max(options_.device_qubits, circuit_.num_qubits()) > 0)
        line(fmt::format("qubit[{}] q;", std::max(options_.device_qubits, circuit_.num_qubits())));
}

void Printer::define_gates() {
    for_each_operation(circuit_.operations(), [&](const Operation& operation) {
        if (const auto* gate = std::get_if<Gate>(&operation.kind())) define(gate->id);
    });
}

void Printer::define(GateId id) {
    if (is_defined_[static_cast<std::size_t>(id)] || !native_name(id, dialect_).empty()) return;
    is_defined_[static_cast<std::size_t>(id)] = true;
    const GateRow& row = gate_row(id);
    for (const DefinitionStep& step : row.definition) define(step.gate);
    if (is_written_out(id, dialect_)) return;
    std::vector<std::string> parameters, qubits;
    for (int k = 0; k < row.parameters; ++k) parameters.push_back(fmt::format("p{}", k));
    for (int q = 0; q < row.qubits; ++q) qubits.push_back(fmt::format("q{}", q));
    line(fmt::format("gate {}{} {} {{", row.name,
                     parameters.empty() ? "" : fmt::format("({})", fmt::join(parameters, ", ")),
                     fmt::join(qubits, ", ")));
    ++indent_;
    const auto step_lines = [&](auto&& self, const GateRow& of, std::span<const Angle> angles,
                                std::span<const std::string> on) -> void {
        for (const DefinitionStep& step : of.definition) {
            std::vector<std::string> operands;
            for (const auto q : step.qubits) operands.push_back(on[q]);
            std::vector<Angle> values;
            for (const Angle& angle : step.angles) values.push_back(angle.substitute(angles));
            if (is_written_out(step.gate, dialect_)) {
                self(self, gate_row(step.gate), values, operands);
                continue;
            }
            const std::string_view native = native_name(step.gate, dialect_);
            gate_statement(native.empty() ? gate_row(step.gate).name : native, values, operands, parameters);
        }
    };
    std::vector<Angle> own;
    for (int k = 0; k < row.parameters; ++k)
        own.push_back(Angle::of_parameter(static_cast<ParameterIndex>(k)));
    step_lines(step_lines, row, own, qubits);
    --indent_;
    line("}");
}

void Printer::body(std::span<const Operation> operations) {
    for (const Operation& inner : operations) operation(inner);
}

void Printer::operation(const Operation& operation) {
    std::visit(overloaded{
                   [&](const Gate& inner) { gate(inner); },
                   [&](const Measure& inner) {
                       line(is_version_2()
                                ? fmt::format("measure {} -> {};", qubit(inner.qubit), clbit(inner.clbit))
                                : fmt::format("{} = measure {};", clbit(inner.clbit), qubit(inner.qubit)));
                   },
                   [&](const Reset& inner) { line(fmt::format("reset {};", qubit(inner.qubit))); },
                   [&](const Barrier& inner) { barrier(inner); },
                   [&](const Delay& inner) {
                       if (!dialect_.has_delay) refuse("a delay", "Use dialect full or qiskit.");
                       line(fmt::format("delay[{}] {};", duration_text(inner.duration, inner.unit),
                                        qubit(inner.qubit)));
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

void Printer::gate(const Gate& gate) {
    if (is_written_out(gate.id, dialect_)) {
        for (const DefinitionStep& step : gate_row(gate.id).definition)
            this->gate(instantiate(step, gate.qubits, gate.angles));
        return;
    }
    const std::string_view native = native_name(gate.id, dialect_);
    std::array<std::string, 3> operands;
    for (std::size_t i = 0; i < gate.qubits.size(); ++i) operands[i] = qubit(gate.qubits[i]);
    gate_statement(native.empty() ? gate_row(gate.id).name : native, gate.angles,
                   std::span(operands).first(gate.qubits.size()), names_.parameters);
}

void Printer::gate_statement(std::string_view name, std::span<const Angle> angles,
                             std::span<const std::string> operands,
                             const std::vector<std::string>& parameters) {
    std::string text(name);
    for (std::size_t k = 0; k < angles.size(); ++k)
        text += (k == 0 ? "(" : ", ") + angle_text(angles[k], parameters);
    if (!angles.empty()) text += ")";
    for (std::size_t i = 0; i < operands.size(); ++i) text += (i == 0 ? " " : ", ") + operands[i];
    text += ";";
    line(text);
}

void Printer::barrier(const Barrier& barrier) {
    if (barrier.qubits.empty()) return;
    if (!prefix_.empty()) refuse("a barrier in a branch", "Use dialect full or qiskit.");
    std::string text = "barrier ";
    // Whole registers by their names.
    for (std::size_t i = 0; i < barrier.qubits.size();) {
        if (i > 0) text += ", ";
        std::size_t length = 1;
        std::string operand = qubit(barrier.qubits[i]);
        for (std::size_t r = 0; r < names_.qubit_registers.size(); ++r) {
            const Register& reg = circuit_.qubit_registers()[r];
            if (reg.offset != barrier.qubits[i] || reg.size == 0 || i + reg.size > barrier.qubits.size())
                continue;
            std::uint32_t same = 0;
            while (same < reg.size && barrier.qubits[i + same] == reg.offset + same) ++same;
            if (same < reg.size) continue;
            operand = names_.qubit_registers[r];
            length = reg.size;
        }
        text += operand;
        i += length;
    }
    line(text + ";");
}

std::string Printer::qubit(Qubit qubit) const {
    switch (dialect_.qubits) {
        case QubitStyle::physical:
            return fmt::format("${}", qubit);
        case QubitStyle::device_register:
            return fmt::format("q[{}]", qubit);
        case QubitStyle::registers:
            break;
    }
    const auto& registers = circuit_.qubit_registers();
    for (std::size_t r = 0; r < registers.size(); ++r)
        if (qubit - registers[r].offset < registers[r].size)
            return fmt::format("{}[{}]", names_.qubit_registers[r], qubit - registers[r].offset);
    throw Error(ErrorKind::internal, fmt::format("qubit {} is in no register", qubit));
}

std::string Printer::clbit(Clbit bit) const {
    const auto& registers = circuit_.clbit_registers();
    for (std::size_t r = 0; r < registers.size(); ++r)
        if (bit - registers[r].offset < registers[r].size) {
            if (registers[r].size == 1 && registers[r].is_variable && dialect_.has_expressions)
                return names_.clbit_registers[r];
            return fmt::format("{}[{}]", names_.clbit_registers[r], bit - registers[r].offset);
        }
    throw Error(ErrorKind::internal, fmt::format("bit {} is in no register", bit));
}

std::string Printer::bit_condition(std::pair<Clbit, bool> bit) const {
    return (bit.second ? "" : "!") + clbit(bit.first);
}

std::optional<std::string> Printer::register_condition(std::span<const std::pair<Clbit, bool>> bits) const {
    const auto& registers = circuit_.clbit_registers();
    for (std::size_t r = 0; r < registers.size(); ++r) {
        if (registers[r].size != bits.size() || registers[r].offset != bits[0].first ||
            bits.back().first - bits[0].first + 1 != bits.size())
            continue;
        std::uint64_t value = 0;
        std::string digits;
        for (std::size_t i = bits.size(); i-- > 0;) {
            value = value << 1 | (bits[i].second ? 1 : 0);
            digits += bits[i].second ? '1' : '0';
        }
        // Readers take numbers below 2^63.
        if (value >> 63 != 0 && !is_version_2())
            return fmt::format("{} == \"{}\"", names_.clbit_registers[r], digits);
        return fmt::format("{} == {}", names_.clbit_registers[r], value);
    }
    return {};
}

void Printer::block(const std::string& head, const std::function<void()>& then_body,
                    const std::function<void()>& else_body) {
    line(head + " {");
    ++indent_;
    then_body();
    --indent_;
    if (else_body) {
        line("} else {");
        ++indent_;
        else_body();
        --indent_;
    }
    line("}");
}

std::string Printer::formula(const Formula& formula, std::span<const Clbit> bits) const {
    return formula_text(formula, bits, [&](std::span<const Clbit> run) {
        return bits_text(circuit_, names_.clbit_registers, run);
    });
}

void Printer::store(const Store& store) {
    if (!dialect_.has_expressions) refuse("an assignment to classical bits", "Use dialect full or ibm.");
    const std::string target = bits_text(circuit_, names_.clbit_registers, store.targets);
    if (target[0] == '(') refuse("an assignment to bits of several registers", "Assign one after the other.");
    const bool is_number = store.bits.empty() && store.targets.size() > 1;
    line(fmt::format("{} = {};", target,
                     is_number            ? fmt::format("{}", store.formula.evaluate(0))
                     : store.bits.empty() ? (store.formula.evaluate(0) != 0 ? "true" : "false")
                                          : formula(store.formula, store.bits)));
}

void Printer::loop(const While& loop) {
    if (is_version_2()) refuse("a loop on measured bits", "Use dialect full or qiskit.");
    const Condition& condition = loop.condition;
    std::vector<std::pair<Clbit, bool>> bits;
    for (std::size_t i = 0; i < condition.bits.size(); ++i)
        bits.emplace_back(condition.bits[i], (condition.value >> i & 1) != 0);
    std::string text;
    if (!condition.formula.empty()) {
        if (!dialect_.has_expressions)
            refuse("a loop on an expression of several bits", "Use dialect full or ibm.");
        text = formula(condition.formula, condition.bits);
    } else if (bits.size() == 1) {
        text = bit_condition(bits[0]);
    } else {
        std::sort(bits.begin(), bits.end());
        if (const auto whole = register_condition(bits)) text = *whole;
        if (text.empty() && !dialect_.has_and)
            refuse("a loop on bits that are no whole register", "Use dialect full or ibm.");
        if (text.empty())
            for (const auto& bit : bits) text += (text.empty() ? "" : " && ") + bit_condition(bit);
    }
    block(fmt::format("while ({})", text), [&] { body(loop.body); }, {});
}

void Printer::branch(const IfElse& branch) {
    if (!branch.condition.formula.empty()) {
        if (!dialect_.has_expressions) {
            const auto plain = with_plain_conditions(branch);
            if (!plain) refuse("this condition on several bits", "Use dialect full or ibm.");
            return this->branch(*plain);
        }
        std::function<void()> otherwise;
        if (!branch.else_body.empty()) otherwise = [&] { body(branch.else_body); };
        block(
            fmt::format("if ({})", formula(branch.condition.formula, branch.condition.bits)),
            [&] { body(branch.then_body); }, otherwise);
        return;
    }
    std::vector<std::pair<Clbit, bool>> bits;
    for (std::size_t i = 0; i < branch.condition.bits.size(); ++i)
        bits.emplace_back(branch.condition.bits[i], (branch.condition.value >> i & 1) != 0);
    std::sort(bits.begin(), bits.end());
    bits.erase(std::unique(bits.begin(), bits.end()), bits.end());
    const auto contradiction = std::adjacent_find(
        bits.begin(), bits.end(), [](const auto& a, const auto& b) { return a.first == b.first; });
    const bool beyond =
        branch.condition.bits.size() < 64 && branch.condition.value >> branch.condition.bits.size() != 0;
    if (contradiction != bits.end() || beyond) {
        // It never holds.
        body(branch.else_body);
        return;
    }
    constexpr std::string_view kHint = "Use dialect full or qiskit.";
    if (!branch.else_body.empty() && !dialect_.has_else) refuse("else", kHint);
    std::optional<std::string> condition;
    if (bits.size() == 1 && dialect_.has_bit_conditions)
        condition = bit_condition(bits[0]);
    else
        condition = register_condition(bits);
    if (!condition && !dialect_.has_bit_conditions)
        refuse("a condition on bits that are no whole register", kHint);
    if (is_version_2()) return branch_version_2(branch, bits, *condition);
    if (!condition && dialect_.has_and) {
        condition.emplace();
        for (std::size_t i = 0; i < bits.size(); ++i)
            *condition += (i == 0 ? "" : " && ") + bit_condition(bits[i]);
    }
    if (!condition) return nested_branches(bits, branch);
    std::function<void()> else_body;
    if (!branch.else_body.empty()) else_body = [&] { body(branch.else_body); };
    block(
        fmt::format("if ({})", *condition), [&] { body(branch.then_body); }, else_body);
}

/// One branch for each bit; the other body stands in each of them.
void Printer::nested_branches(std::span<const std::pair<Clbit, bool>> bits, const IfElse& branch) {
    std::function<void()> else_body;
    if (!branch.else_body.empty()) else_body = [&] { body(branch.else_body); };
    block(
        fmt::format("if ({})", bit_condition(bits[0])),
        [&] {
            if (bits.size() == 1)
                body(branch.then_body);
            else
                nested_branches(bits.subspan(1), branch);
        },
        else_body);
}

void Printer::branch_version_2(const IfElse& branch, std::span<const std::pair<Clbit, bool>> bits,
                               const std::string& condition) {
    constexpr std::string_view kHint = "Use dialect full or qiskit.";
    if (!prefix_.empty()) refuse("a branch within a branch", kHint);
    // Every statement tests the condition anew.
    bool changes_condition = false;
    for_each_operation(branch.then_body, [&](const Operation& operation) {
        if (const auto* measure = std::get_if<Measure>(&operation.kind()))
            changes_condition |= std::any_of(bits.begin(), bits.end(),
                                             [&](const auto& bit) { return bit.first == measure->clbit; });
    });
    if (changes_condition && branch.then_body.size() > 1)
        refuse("a branch that measures into its own condition", kHint);
    prefix_ = fmt::format("if ({}) ", condition);
    body(branch.then_body);
    prefix_.clear();
}

}  // namespace

std::string print_qasm(const Circuit& circuit, const PrintOptions& options) {
    return Printer(circuit, options).print();
}

}  // namespace qdcnn::qasm
