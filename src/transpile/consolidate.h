#pragma once

#include <optional>
#include <vector>

#include "one_qubit_run.h"
#include "qdcnn/target/target.h"

namespace qdcnn::transpile {

/// Takes and gives canonical form on virtual qubits. Each block of bound gates on one pair that takes fewer
/// rzz than it has is written in as few as it takes; may_exchange: where the block behind a swap costs fewer
/// native gates than the block, it is written so and the qubits exchange their names (so a swap costs
/// nothing). Then what has come together merges, again and again, at most `rounds` times. place: where each
/// qubit ends.
std::vector<Operation> with_blocks_consolidated(std::vector<Operation> operations,
                                                const target::Target& target, std::uint32_t num_qubits,
                                                int rounds, bool may_exchange, std::vector<Qubit>& place);

/// Native two-qubit gates that canonical form takes on the target, each block of bound gates made as one,
/// before routing.
int native_uses(const std::vector<Operation>& operations, const target::Target& target,
                std::uint32_t num_qubits);

/// Every run of gates as rotations about Pauli products and back (gadgets.h), where that takes fewer native
/// gates; nothing when it nowhere does. Takes and gives canonical form. place: where each qubit ends.
std::optional<std::vector<Operation>> with_gadgets_resynthesised(const std::vector<Operation>& operations,
                                                                 const target::Target& target,
                                                                 std::uint32_t num_qubits,
                                                                 std::vector<Qubit>& place);

}  // namespace qdcnn::transpile
