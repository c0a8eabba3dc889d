#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qdcnn/base/error.h"
#include "qdcnn/circuit/circuit.h"

namespace qdcnn::qasm {

/// A bool is 0 or 1.
struct InputValue {
    std::string_view name;
    double value;
};

/// What a text may ask for. Beyond a limit the reader stops with Error(invalid_input) that names it, so that
/// no input takes more memory or time than its own length and these numbers allow: with the defaults a short
/// text has its answer within 50 ms.
struct ReadOptions {
    std::uint32_t max_qubits = 1'000'000;
    std::uint32_t max_clbits = 1'000'000;
    /// Registers and parameters, each.
    std::uint32_t max_names = 5'000;
    /// Operations made by inlined gates, unrolled loops and broadcasts, beyond one for every byte of text.
    std::uint64_t max_expansion = 500'000;
    /// Turns of all `while` loops whose conditions are known while the text is read.
    std::uint64_t max_loop_turns = 50'000;
    /// Blocks within blocks; expressions may nest four times as deep.
    int max_nesting = 250;
    /// How many errors check_qasm reports.
    std::size_t max_diagnostics = 50;
    /// Whether `include` may read files (paths are relative to the including file's folder). stdgates.inc and
    /// qelib1.inc are built in.
    bool read_includes = true;
    /// Values of inputs, which outlive the reading; the other inputs become parameters. With a value an input
    /// may stand where a number must be known: in conditions, indices and exponents.
    std::span<const InputValue> inputs = {};
};

/// One thing wrong with a text.
struct Diagnostic {
    /// parse, unsupported, invalid_input or not_found.
    ErrorKind kind;
    Position position;
    std::string message;
    std::string hint;
    /// The line with a caret below the place, two lines; empty when the place is not known.
    std::string excerpt;
};

/// Reads OpenQASM 3.0 or 3.1 (also without a version line) or 2.0.
/// Gates of the table are known by every name and alias, declared or not; other gates are inlined. A
/// definition whose name is a gate of the table and which means the same up to global phase is that gate.
/// Physical qubits `$n` become one register "q" with index = n, as wide as the highest index needs. Inputs
/// without a value become parameters, in order. The circuit's global phase is what `gphase` and gate bodies
/// say; that of a `U`, `u2` or `u3` called at top level is not counted. Under `ctrl` it is: U has the phase
/// e^(i theta/2) of the OpenQASM 3 specification. Gates of Braket's that are not in the table need no
/// declaration either.
///
/// Pragmas, annotations and boxes become notes on barriers (circuit::Note), annotations of registers stay
/// with these; those of definitions go with them. Braket's pragma `verbatim` marks the box behind it; its
/// `unitary` and `noise`, which change what a circuit means, are refused.
///
/// Classical variables are worked out while the text is read, as far as no measurement decides them; numbers
/// wrap at their declared width (32 bits for int and uint without one). What measurements decide becomes part
/// of the circuit: branches and loops on formulas over classical bits, and assignments. A variable that needs
/// bits for that gets a register of its own (Register::is_variable), of at most 64 bits. Leaving a loop or
/// subroutine where a measurement decides it sets such a bit, and what follows runs only while it is 0. A
/// switch is a chain of branches; subroutines are inlined. Measurements without a target write a register
/// "unread" of that kind; outputs are registers of results. Not read, and refused by name: defcal, cal,
/// extern, stretch, durationof, complex numbers, slices of arrays, conditions on inputs without a value,
/// floats and angles that depend on measurements, `end` where a measurement decides it. file_name: for
/// messages and as the folder for includes. Throws Error(parse), Error(unsupported) or Error(invalid_input)
/// at the place, with the line and a caret in its message: the first error of the text.
circuit::Circuit read_qasm(const std::string& text, const std::string& file_name,
                           const ReadOptions& options = {});

/// The same for a file. Throws Error(not_found) when it cannot be read.
circuit::Circuit read_qasm_file(const std::string& path, const ReadOptions& options = {});

/// All errors of the text in its order, up to a limit; empty when read_qasm takes it.
std::vector<Diagnostic> check_qasm(const std::string& text, const std::string& file_name,
                                   const ReadOptions& options = {});

}  // namespace qdcnn::qasm
