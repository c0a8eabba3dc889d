#include "qdcnn/model/ansatz.h"

#include <array>

#include "qdcnn/base/error.h"
#include "qdcnn/base/suggest.h"

namespace qdcnn::model {

// Defined in ansatz/<name>.cpp.
std::size_t ry_ring_parameters(const AnsatzShape&);
void append_ry_ring(circuit::Circuit&, const AnsatzShape&, std::span<const circuit::Angle>);
std::size_t ry_chain_parameters(const AnsatzShape&);
void append_ry_chain(circuit::Circuit&, const AnsatzShape&, std::span<const circuit::Angle>);
std::size_t ry_head_parameters(const AnsatzShape&);
void append_ry_head(circuit::Circuit&, const AnsatzShape&, std::span<const circuit::Angle>);

std::size_t coherent_parameters(const AnsatzShape&);
void append_coherent(circuit::Circuit&, const AnsatzShape&, std::span<const circuit::Angle>);
void append_coherent_deferred(circuit::Circuit&, const AnsatzShape&, std::span<const circuit::Angle>);

std::span<const AnsatzRow> ansatz_table() {
    static constexpr std::array<AnsatzRow, 5> table{{
        {"ry_ring", "layers of RY on every qubit and a ring of CX whose step grows", ry_ring_parameters,
         append_ry_ring},
        {"ry_chain", "layers of a chain of CX and RY on every qubit: a convolution kernel",
         ry_chain_parameters, append_ry_chain},
        {"ry_head", "one RY and CX after the other round the qubits: a linear layer", ry_head_parameters,
         append_ry_head},
        {"coherent",
         "ten data angles and the whole network of four words: depthwise and pointwise convolution, pooling "
         "by "
         "measurement and feed-forward, fusion; 8 qubits on a line",
         coherent_parameters, append_coherent},
        {"coherent_deferred", "the same without measurement, reset and feed-forward; 10 qubits",
         coherent_parameters, append_coherent_deferred},
    }};
    return table;
}

const AnsatzRow& find_ansatz(std::string_view name) {
    std::vector<std::string> known;
    for (const AnsatzRow& row : ansatz_table()) {
        if (row.name == name) return row;
        known.emplace_back(row.name);
    }
    const std::string wanted(name);
    throw Error(ErrorKind::not_found, "there is no ansatz \"" + wanted + "\"", suggestion(wanted, known));
}

}  // namespace qdcnn::model
