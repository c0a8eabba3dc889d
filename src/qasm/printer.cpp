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

template <class Can>
std::string dialects_that(Can can) {
    std::string names;
    for (const DialectRow& row : dialects())
        if (can(row)) names += (names.empty() ? "" : ", ") + std::string(row.name);
    return names;
}

QubitStyle style_of(const Circuit& circuit, const DialectRow& dialect, const PrintOptions& options) {
    if (options.is_verbatim) return QubitStyle::physical;
    if (dialect.has_physical_qubits && circuit.is_on_physical_qubits()) return QubitStyle::physical;
    return dialect.qubits;
}

}  // namespace

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

const Register& register_of(std::span<const Register> registers, std::uint32_t index) {
    const auto after = std::upper_bound(registers.begin(), registers.end(), index,
                                        [](std::uint32_t i, const Register& reg) { return i < reg.offset; });
    return *(after - 1);
}

ProgramPrinter::ProgramPrinter(const Circuit& circuit, const Outline& outline, const PrintOptions& options,
                               const WriteText& write)
    : circuit_(circuit),
      outline_(outline),
      options_(options),
      write_(write),
      dialect_(dialect_row(options.dialect)),
      style_(style_of(circuit, dialect_, options)),
      names_(printed_names(circuit, dialect_, style_)) {
    for (const Register& reg : names_.clbits) clbit_names_.push_back(reg.name);
    if (dialect_.unset_bits != UnsetBits::as_they_are) unset_bits_ = outline.bits_read_unset();
}

void ProgramPrinter::refuse(std::string_view what, std::string_view hint) const {
    throw Error(ErrorKind::unsupported, fmt::format("dialect {} cannot say {}", dialect_.name, what),
                std::string(hint));
}

void ProgramPrinter::refuse(std::string_view what, Property property, std::string_view pass) const {
    refuse(what, fmt::format("Use one of the dialects that can: {}{}{}.",
                             dialects_that([&](const DialectRow& row) { return row.*property; }),
                             pass.empty() ? "" : "; or ", pass));
}

void ProgramPrinter::begin() {
    const std::uint32_t width = options_.device_qubits;
    if (style_ == QubitStyle::device_register && width != 0 && circuit_.num_qubits() > width)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("the circuit has {} qubits, the device {}", circuit_.num_qubits(), width));
    if (options_.is_verbatim && !dialect_.has_braket_pragmas)
        refuse("a verbatim box", &DialectRow::has_braket_pragmas);
    head();
    declarations();
    if (dialect_.unset_bits == UnsetBits::measured_zero) measure_unset_bits();
    if (dialect_.has_global_phase && circuit_.global_phase() != Angle(0.0)) {
        put("gphase(");
        put_angle(circuit_.global_phase(), names_.parameters);
        put(")");
        end_line();
    }
}

void ProgramPrinter::end() {
    if (!text_.empty()) write_(text_);
    text_.clear();
}

void ProgramPrinter::begin_line() {
    for (const std::string& annotation : std::exchange(held_annotations_, {})) plain_line(annotation);
    text_.append(static_cast<std::size_t>(indent_ * kIndent), ' ');
    text_ += prefix_;
}

void ProgramPrinter::end_line() {
    text_ += ";\n";
    if (text_.size() < kHeld) return;
    write_(text_);
    text_.clear();
}

/// A pragma or annotation: annotations that are held stay so.
void ProgramPrinter::plain_line(std::string_view text) {
    text_.append(static_cast<std::size_t>(indent_ * kIndent), ' ');
    text_ += text;
    text_ += '\n';
}

void ProgramPrinter::close_block(std::string_view text) {
    // Nothing came of the operation that they belong to.
    held_annotations_.clear();
    --indent_;
    line(text);
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
    if (dialect_.parameter_type.empty() && !circuit_.parameters().empty())
        refuse(fmt::format("parameters (here {})", circuit_.parameters()[0]),
               fmt::format("Bind them, or use one of the dialects that can: {}.",
                           dialects_that([](const DialectRow& row) { return !row.parameter_type.empty(); })));
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
    annotations(reg);
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

void ProgramPrinter::body(std::span<const Operation> operations) {
    const bool outer = std::exchange(boxes_hold_, boxes_hold(operations));
    for (const Operation& inner : operations) operation(inner);
    boxes_hold_ = outer;
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

void ProgramPrinter::barrier(const Barrier& barrier) {
    if (barrier.note) return note(barrier);
    plain_barrier(barrier.qubits);
}

void ProgramPrinter::plain_barrier(std::span<const Qubit> qubits) {
    if (qubits.empty()) return;
    if (!prefix_.empty()) refuse("a barrier in a branch", &DialectRow::has_else);
    begin_line();
    put("barrier ");
    // Whole registers by their names.
    for (std::size_t i = 0; i < qubits.size();) {
        if (i > 0) put(", ");
        const Register* whole = nullptr;
        if (style_ == QubitStyle::registers) {
            const Register& reg = register_of(names_.qubits, qubits[i]);
            std::uint32_t same = 0;
            while (same < reg.size && i + same < qubits.size() && qubits[i + same] == reg.offset + same)
                ++same;
            if (same == reg.size) whole = &reg;
        }
        if (whole != nullptr)
            put(whole->name);
        else
            put_qubit(qubits[i]);
        i += whole != nullptr ? whole->size : 1;
    }
    end_line();
}

void print_qasm(const Circuit& circuit, const PrintOptions& options, const WriteText& write) {
    Outline outline;
    outline.add(circuit.operations());
    ProgramPrinter printer(circuit, outline, options, write);
    printer.begin();
    if (options.is_verbatim)
        printer.verbatim_body(circuit.operations());
    else
        printer.body(circuit.operations());
    printer.end();
}

std::string print_qasm(const Circuit& circuit, const PrintOptions& options) {
    std::string text;
    print_qasm(circuit, options, [&](std::string_view piece) { text += piece; });
    return text;
}

}  // namespace qdcnn::qasm
