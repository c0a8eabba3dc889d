#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::qasm {

/// Who is to read the text. The rows of `dialects()` say what each can take.
enum class Dialect : std::uint8_t { full, qiskit, qiskit_isa, ibm, qiskit_rust, braket, qasm2, portable };

/// How qubits are written.
enum class QubitStyle : std::uint8_t {
    /// The circuit's registers by name.
    registers,
    /// $n: index n is the physical qubit.
    physical,
    /// One register q of the device's width: q[n] is the physical qubit n.
    device_register
};

/// What becomes of bits that a condition may read before any measurement has set them. They are 0.
enum class UnsetBits : std::uint8_t {
    /// The reader takes them for 0.
    as_they_are,
    /// They are declared with zeros.
    declared_zero,
    /// A qubit is measured into them first thing, while it is 0.
    measured_zero
};

struct DialectRow {
    Dialect dialect;
    /// As `--dialect` takes it.
    std::string_view name;
    std::string_view description;
    /// What follows OPENQASM.
    std::string_view version;
    std::string_view include = {};
    QubitStyle qubits = QubitStyle::registers;
    /// How the include file or the reader itself calls a gate; empty: it has no word for it.
    std::string_view (*word)(circuit::GateId gate);
    /// A gate without a word is defined in front (false) or written out by its definition at every use
    /// (true).
    bool (*is_written_out)(circuit::GateId gate);
    /// Names that the reader gives to something else, beside those of the gate table.
    std::span<const std::string_view> reserved = {};
    /// The type of an `input`; empty: there are none.
    std::string_view parameter_type = {};
    /// Whether there is a cx. Without: ctrl @ U(0, 0, lambda), the controlled phase, is the one gate on two
    /// qubits.
    bool has_cx = true;
    bool has_global_phase = false;
    bool has_delay = false;
    bool has_reset = true;
    bool has_branches = true;
    bool has_else = true;
    bool has_loops = true;
    /// Conditions on single bits of a register.
    bool has_bit_conditions = true;
    /// Conditions that compare a register with a number.
    bool has_register_conditions = true;
    /// Conditions on several bits joined by &&, on bits that are no whole register.
    bool has_and = false;
    /// Conditions on a bit that is 0 as "!c[0]"; else as "c[0] == false".
    bool has_negation = true;
    UnsetBits unset_bits = UnsetBits::as_they_are;
    /// Typed variables, assignments and conditions of any form, as Qiskit's exporter writes them.
    bool has_expressions = false;
    /// False: the classical registers become one, and comments say which bits are whose.
    bool has_several_registers = true;
    /// Circuits on physical qubits keep them, whatever `qubits` says.
    bool has_physical_qubits = false;
    /// Without: a box is its edges as barriers, and one with a duration cannot be said.
    bool has_boxes = false;
    /// Where these are false, the line is left out: no result depends on it.
    bool has_annotations = false;
    bool has_pragmas = false;
    /// Pragmas that begin with "braket", among them verbatim boxes.
    bool has_braket_pragmas = false;
    /// Whether gates in a verbatim box may have bodies, which stand in front.
    bool has_verbatim_bodies = false;
};

std::span<const DialectRow> dialects();
const DialectRow& dialect_row(Dialect dialect);
/// Throws Error(usage) with "did you mean" for a name that is none.
Dialect dialect_of(const std::string& name);

struct PrintOptions {
    Dialect dialect = Dialect::full;
    /// For dialect ibm: the device's qubits. 0: as many as the circuit has.
    std::uint32_t device_qubits = 0;
    /// For dialect braket: every run of gates stands in a verbatim box on physical qubits, so that the device
    /// executes exactly these.
    bool is_verbatim = false;
};

/// Takes the text piece by piece.
using WriteText = std::function<void(std::string_view)>;

/// The circuit in OpenQASM. Numbers read back exactly. Gates that the dialect has no word for are defined in
/// front, from the gate table, or written out at every use, as its row says. A register or parameter whose
/// name the language or a gate has taken gets underscores behind it, and a comment says so. The circuit's
/// global phase is left out where the dialect has no word for it. Throws Error(unsupported) for what the
/// dialect cannot say, naming it and the dialects that can, or the pass that takes it out of the circuit
/// (passes.h): a verbatim box whose gates are not as they stood, a box with a duration, a Prepare (which
/// `state_preparation` lowers to gates), parameters, delays, resets, branches, loops, assignments, conditions
/// of some forms; Error(invalid_input) when the circuit has more qubits than the device. Holds no more of the
/// text than 64 KiB; what was written before an error stays written.
void print_qasm(const circuit::Circuit& circuit, const PrintOptions& options, const WriteText& write);

/// The same as one string.
std::string print_qasm(const circuit::Circuit& circuit, const PrintOptions& options = {});

}  // namespace qdcnn::qasm
