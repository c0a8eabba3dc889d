#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/report/drawing.h"

namespace qdcnn::report {

/// What stands where an operation meets a wire.
enum class Symbol { box, control, target, cross, measure, reset, delay, barrier };

struct Mark {
    std::size_t wire;
    Symbol symbol;
    /// Of boxes: the name and, below or behind it, the angles.
    std::string name = {};
    std::string detail = {};
    /// Which of the gate's qubits this is, where that makes a difference; else empty.
    std::string pin = {};
};

/// One operation in its column. Marks are sorted by wire.
struct Item {
    std::size_t column = 0;
    std::vector<Mark> marks;
    /// A double line goes down to this classical wire (index among `clbit_wires`), with the bit's index
    /// there.
    std::optional<std::size_t> clbit_wire = {};
    std::string clbit = {};
};

/// A branch's arm: it encloses columns first..last of wires top..bottom; the edges have columns of their own.
struct Frame {
    std::size_t first_column = 0;
    /// At or past the number of columns when that part is left out.
    std::size_t last_column = 0;
    std::size_t top = 0;
    std::size_t bottom = 0;
    std::string label;
    /// The classical wires that the condition reads; empty for "else".
    std::vector<std::size_t> clbit_wires;
    /// Frames around this one.
    std::size_t depth = 0;
};

struct CircuitLayout {
    std::vector<std::string> qubit_wires;
    /// Name and number of bits, "c/4".
    std::vector<std::string> clbit_wires;
    std::vector<Item> items;
    std::vector<Frame> frames;
    std::size_t columns = 0;
    /// Operations beyond DrawingOptions::max_columns.
    std::size_t left_out = 0;
};

/// Every operation in the first column that is free on all wires it crosses.
CircuitLayout lay_out(const circuit::Circuit& circuit, const DrawingOptions& options);

/// Breaks columns of these widths into runs of at most `width`, where it can not just before a frame's right
/// edge: the first column of each run, and the end.
std::vector<std::size_t> wrap_columns(const CircuitLayout& layout, const std::vector<double>& widths,
                                      double width);

/// Multiples of pi, else three significant digits: "-π/2", "2*theta+0.3".
std::string short_angle(const circuit::Angle& angle, const std::vector<std::string>& parameters);

}  // namespace qdcnn::report
