#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::qasm {

/// Who is to read the text. The rows of `dialects()` say what each can take.
enum class Dialect : std::uint8_t { full, qiskit, qiskit_isa, ibm, qasm2 };

/// How qubits are written.
enum class QubitStyle : std::uint8_t {
    /// The circuit's registers by name.
    registers,
    /// $n: index n is the physical qubit.
    physical,
    /// One register q of the device's width: q[n] is the physical qubit n.
    device_register
};

struct DialectRow {
    Dialect dialect;
    /// As `--dialect` takes it.
    std::string_view name;
    std::string_view description;
    /// What follows OPENQASM.
    std::string_view version;
    std::string_view include;
    QubitStyle qubits;
    bool has_parameters;
    bool has_else;
    /// Conditions on several bits joined by &&, on bits that are no whole register.
    bool has_and;
    /// Conditions on single bits of a register.
    bool has_bit_conditions;
    bool has_delay;
    bool has_global_phase;
    /// Typed variables, assignments and conditions of any form, as Qiskit's exporter writes them.
    bool has_expressions = false;
};

std::span<const DialectRow> dialects();
const DialectRow& dialect_row(Dialect dialect);
/// Throws Error(usage) with "did you mean" for a name that is none.
Dialect dialect_of(const std::string& name);

struct PrintOptions {
    Dialect dialect = Dialect::full;
    /// For dialect ibm: the device's qubits. 0: as many as the circuit has.
    std::uint32_t device_qubits = 0;
};

/// The circuit in OpenQASM. Numbers read back exactly. Gates that the dialect's include file does not declare
/// are defined in front, from the gate table. A register or parameter whose name the language or a gate has
/// taken gets underscores behind it, and a comment says so. The circuit's global phase is left out where the
/// dialect has no word for it. Throws Error(unsupported) for what the dialect cannot say, naming it and a
/// dialect that can: a Prepare (which `state_preparation` lowers to gates), and in qasm2 parameters, delays,
/// else and conditions on single bits; Error(invalid_input) when the circuit has more qubits than the device.
std::string print_qasm(const circuit::Circuit& circuit, const PrintOptions& options = {});

}  // namespace qdcnn::qasm
