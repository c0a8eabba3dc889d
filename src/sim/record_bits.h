#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::sim {

/// The classical bits that a circuit writes, packed into one word, and what becomes of them.
class RecordBits {
  public:
    /// Throws Error(unsupported) for more than 64.
    explicit RecordBits(const circuit::Circuit& circuit);

    /// The bits written, ascending; bit i of a record is clbits()[i].
    const std::vector<circuit::Clbit>& clbits() const { return clbits_; }
    /// Of a bit that is written.
    unsigned position(circuit::Clbit clbit) const { return static_cast<unsigned>(positions_[clbit]); }
    /// The record's bits that a result has: no variables.
    std::uint64_t results(const circuit::Circuit& circuit) const;
    /// What the bits spell in the record, the first one least significant. Bits that are never written are 0.
    std::uint64_t word(std::span<const circuit::Clbit> clbits, std::uint64_t record) const;
    /// The bits' places in a record.
    std::uint64_t mask(std::span<const circuit::Clbit> clbits) const;

    /// For each operation, the bits whose value after it still matters: read by a condition, or in live_out
    /// at the end, before they are written again.
    std::vector<std::uint64_t> live_after(std::span<const circuit::Operation> operations,
                                          std::uint64_t live_out) const;

    /// Bits that matter before each turn of the loop and after the last, given those that do after the loop.
    std::uint64_t live_inside(const circuit::While& loop, std::uint64_t live_out) const;

    /// Whether each top-level operation is a measurement whose qubit and bit nothing uses later. relaxes(q):
    /// a delay acts on the qubit.
    std::vector<bool> final_measurements(const circuit::Circuit& circuit,
                                         const std::function<bool(circuit::Qubit)>& relaxes) const;

  private:
    /// Bits that matter before the operations, given those that do after them.
    std::uint64_t live_before(std::span<const circuit::Operation> operations, std::uint64_t live) const;
    std::uint64_t live_before(const circuit::Operation& operation, std::uint64_t live) const;

    std::vector<circuit::Clbit> clbits_;
    /// By classical bit; -1 for one that is never written.
    std::vector<int> positions_;
};

}  // namespace qdcnn::sim
