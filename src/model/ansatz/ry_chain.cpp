#include "qdcnn/model/ansatz.h"

namespace qdcnn::model {

std::size_t ry_chain_parameters(const AnsatzShape& shape) { return std::size_t{shape.layers} * shape.qubits; }

void append_ry_chain(circuit::Circuit& circuit, const AnsatzShape& shape,
                     std::span<const circuit::Angle> angles) {
    const std::uint32_t n = shape.qubits;
    for (std::uint32_t layer = 0; layer < shape.layers; ++layer) {
        for (std::uint32_t i = 0; i + 1 < n; ++i) circuit.cx(i, i + 1);
        for (std::uint32_t i = 0; i < n; ++i) circuit.ry(angles[layer * n + i], i);
    }
}

}  // namespace qdcnn::model
