#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::report {

struct DrawingOptions {
    /// The drawing wraps there: characters for text, pixels for SVG. 0 takes 100 characters, 900 pixels.
    std::size_t width = 0;
    /// Only this many columns are drawn, and a note says how many operations are left out. 0: all.
    std::size_t max_columns = 0;
    /// Also wires on which nothing happens (a device's idle qubits).
    bool has_idle_wires = false;
    /// Names of the qubits' wires; empty: from the registers, "q[3]".
    std::vector<std::string> wire_names = {};
};

/// One line a qubit, qubit 0 on top, one double line a classical register; a branch stands in a frame that
/// says its condition. Angles are short: multiples of pi, else three significant digits. Throws
/// Error(invalid_input) when wire_names is neither empty nor one a qubit.
std::string draw_text(const circuit::Circuit& circuit, const DrawingOptions& options = {});
/// The same as a self-contained SVG element, like to_svg(LineChart).
std::string draw_svg(const circuit::Circuit& circuit, const std::string& title,
                     const DrawingOptions& options = {});

}  // namespace qdcnn::report
