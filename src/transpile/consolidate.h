#pragma once

#include <vector>

#include "one_qubit_run.h"
#include "qdcnn/target/target.h"

namespace qdcnn::transpile {

/// Takes and gives canonical form on virtual qubits. Each block of bound gates on one pair that takes fewer
/// rzz than it has is written in as few as it takes; where the block behind a swap costs fewer native gates
/// than the block, it is written so and the qubits exchange their names (so a swap costs nothing). Then what
/// has come together merges, again and again, at most `rounds` times. place: where each qubit ends.
std::vector<Operation> with_blocks_consolidated(std::vector<Operation> operations,
                                                const target::Target& target, std::uint32_t num_qubits,
                                                int rounds, std::vector<Qubit>& place);

}  // namespace qdcnn::transpile
