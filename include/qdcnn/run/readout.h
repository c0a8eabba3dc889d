#pragma once

#include <span>
#include <vector>

#include "qdcnn/backend/result.h"
#include "qdcnn/circuit/circuit.h"
#include "qdcnn/circuit/observable.h"
#include "qdcnn/transpile/readout.h"

namespace qdcnn::run {

/// Registers of classical bits in a result: what was sent has `sent`, what was asked for `asked`, bit i of
/// the latter being readout.values[i]. Offsets are those of the circuits, in which variables may stand
/// between.
struct ReadoutRegisters {
    std::vector<circuit::Register> sent;
    std::vector<circuit::Register> asked;
};

/// The shots or distribution of the circuit that was asked for, from those of the one that was sent. Throws
/// Error(internal) when a parity has a bit outside the registers sent.
backend::SamplerPubResult recovered(const backend::SamplerPubResult& received,
                                    const ReadoutRegisters& registers, const transpile::ReadoutMap& readout);

/// Likewise counts over all registers, keys as in SamplerPubResult::joint_counts.
backend::Counts recovered(const backend::Counts& counts, const ReadoutRegisters& registers,
                          const transpile::ReadoutMap& readout);

/// One term that a read-out gives: coefficient times -1 to the power of readout.values[value].
struct ReadoutTerm {
    double coefficient;
    std::size_t value;
};

/// Their sum as an observable on the qubits that the last measurements of `circuit` read. Throws
/// Error(internal) when a parity has a bit that is not among those.
circuit::Observable observable_of(std::span<const ReadoutTerm> terms, const transpile::ReadoutMap& readout,
                                  const circuit::Circuit& circuit);

/// The circuit without its last measurements, and without classical registers when no bit is in use then.
circuit::Circuit without_readouts(const circuit::Circuit& circuit);

}  // namespace qdcnn::run
