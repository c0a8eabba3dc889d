#include "qdcnn/model/ansatz.h"

namespace qdcnn::model {

std::size_t ry_ring_parameters(const AnsatzShape& shape) { return std::size_t{shape.layers} * shape.qubits; }

void append_ry_ring(circuit::Circuit& circuit, const AnsatzShape& shape,
                    std::span<const circuit::Angle> angles) {
    const std::uint32_t n = shape.qubits;
    for (std::uint32_t layer = 0; layer < shape.layers; ++layer) {
        for (std::uint32_t i = 0; i < n; ++i) circuit.ry(angles[layer * n + i], i);
        // The published step is layer + 1; folding it back keeps a CX from meeting itself when there are many
        // layers.
        const std::uint32_t step = 1 + layer % (n - 1);
        for (std::uint32_t i = 0; i < n; ++i) circuit.cx(i, (i + step) % n);
    }
}

}  // namespace qdcnn::model
