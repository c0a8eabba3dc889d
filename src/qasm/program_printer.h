#pragma once

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "printer_names.h"
#include "qdcnn/circuit/circuit.h"
#include "qdcnn/qasm/printer.h"

namespace qdcnn::qasm {

/// What of a program's operations has to be known before the first of them is printed.
class Outline {
  public:
    /// The next operations of the program.
    void add(std::span<const circuit::Operation> operations);
    /// In the order of their first use.
    const std::vector<circuit::GateId>& gates() const { return gates_; }
    /// Bits that a condition may read before a measurement or assignment has set them, sorted.
    std::vector<circuit::Clbit> bits_read_unset() const;

  private:
    void find_unset(std::span<const circuit::Operation> operations);

    std::vector<circuit::GateId> gates_;
    std::array<bool, 256> is_used_{};
    std::vector<bool> is_set_;
    std::vector<circuit::Clbit> set_here_, read_unset_;
};

/// Prints one circuit in one dialect: gates in printer_gates.cpp, flow of control in printer_control.cpp,
/// boxes, pragmas and annotations in printer_notes.cpp, the rest in printer.cpp.
class ProgramPrinter {
  public:
    /// outline: of all operations to come. Of the circuit itself they are not looked at.
    ProgramPrinter(const circuit::Circuit& circuit, const Outline& outline, const PrintOptions& options,
                   const WriteText& write);
    /// What stands in front.
    void begin();
    void body(std::span<const circuit::Operation> operations);
    void verbatim_body(std::span<const circuit::Operation> operations);
    void end();

  private:
    using Bits = std::span<const std::pair<circuit::Clbit, bool>>;
    /// A property of a row, by which `refuse` finds the dialects that can say it.
    using Property = bool DialectRow::*;

    /// pass: what takes it out of the circuit, for the hint.
    [[noreturn]] void refuse(std::string_view what, Property property, std::string_view pass = {}) const;
    [[noreturn]] void refuse(std::string_view what, std::string_view hint) const;
    bool is_version_2() const { return dialect_.version == "2.0"; }

    void head();
    void declarations();
    bool is_printed_variable(const circuit::Register& reg) const;
    void declare(const circuit::Register& reg, std::string_view word, std::string_view old_word,
                 std::string_view value = {});
    void measure_unset_bits();
    void define_gates();
    void define(circuit::GateId gate);
    void operation(const circuit::Operation& operation);

    void gate(const circuit::Gate& gate);
    /// A gate without cx, by the controlled phase. False: it is none of those.
    bool without_cx(circuit::GateId gate, std::span<const circuit::Qubit> qubits);
    /// put_operand(i) writes the gate's operand i.
    template <class PutOperand>
    void gate_statement(circuit::GateId gate, std::span<const circuit::Angle> angles, std::size_t operands,
                        const std::vector<std::string>& parameters, PutOperand put_operand);
    void barrier(const circuit::Barrier& barrier);
    void plain_barrier(std::span<const circuit::Qubit> qubits);

    // printer_notes.cpp
    void note(const circuit::Barrier& barrier);
    void remark(const std::string& text);
    void open_box(const circuit::Note& note);
    void close_box(const circuit::Note& note);
    void annotations(const circuit::Register& reg);

    void branch(const circuit::IfElse& branch);
    void loop(const circuit::While& loop);
    void store(const circuit::Store& store);
    std::string formula(const circuit::Formula& formula, std::span<const circuit::Clbit> bits) const;
    void block(std::string_view word, std::string_view condition, const std::function<void()>& then_body,
               const std::function<void()>& else_body = {});
    void nested_branches(Bits bits, const circuit::IfElse& branch);
    void branch_version_2(const circuit::IfElse& branch, Bits bits, const std::string& condition);
    std::string clbit(circuit::Clbit bit) const;
    std::string bit_condition(std::pair<circuit::Clbit, bool> bit) const;
    std::string and_condition(Bits bits) const;
    /// "c == 5" when the bits are a whole register.
    std::optional<std::string> register_condition(Bits bits) const;

    // The text: a line begins, pieces follow, it ends.
    void line(std::string_view text);
    void plain_line(std::string_view text);
    void close_block(std::string_view text);
    void begin_line();
    void end_line();
    void put(std::string_view text) { text_ += text; }
    void put_index(std::uint32_t index);
    void put_qubit(circuit::Qubit qubit);
    void put_angle(const circuit::Angle& angle, const std::vector<std::string>& names);

    const circuit::Circuit& circuit_;
    const Outline& outline_;
    const PrintOptions& options_;
    const WriteText& write_;
    const DialectRow& dialect_;
    QubitStyle style_;
    PrintedNames names_;
    /// Of the circuit's classical registers, for formulas.
    std::vector<std::string> clbit_names_;
    /// Those that the dialect's reader must be told of.
    std::vector<circuit::Clbit> unset_bits_;
    std::string text_;
    /// They stand before the statement that comes next, if any does.
    std::vector<std::string> held_annotations_;
    int indent_ = 0;
    /// Of the operations at hand.
    bool boxes_hold_ = true;
    bool is_in_verbatim_box_ = false;
    /// Stands before every statement of a conditional body in version 2.
    std::string prefix_;
    std::array<bool, 256> is_defined_{};
};

/// Whether every box of the list ends behind the boxes inside it and holds operations on its own qubits only;
/// a transpiler may have moved others in between.
bool boxes_hold(std::span<const circuit::Operation> operations);

/// The unit with the shortest number that reads back exactly.
std::string duration_text(double value, circuit::TimeUnit unit);

/// The register that holds the qubit or bit.
const circuit::Register& register_of(std::span<const circuit::Register> registers, std::uint32_t index);

}  // namespace qdcnn::qasm
