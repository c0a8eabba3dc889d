#include "qdcnn/model/ansatz.h"

namespace qdcnn::model {

std::size_t ry_head_parameters(const AnsatzShape& shape) { return std::size_t{shape.qubits} + 1; }

void append_ry_head(circuit::Circuit& circuit, const AnsatzShape& shape,
                    std::span<const circuit::Angle> angles) {
    const std::uint32_t n = shape.qubits;
    // A step that is a multiple of n would put the CX on one qubit twice.
    const std::uint32_t step = shape.outputs % n == 0 ? 1 : shape.outputs;
    for (std::uint32_t k = 0; k <= n; ++k) {
        const std::uint32_t i = k % n;
        circuit.ry(angles[k], i).cx(i, (i + step) % n);
    }
}

}  // namespace qdcnn::model
