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
    /// A record with all bits set.
    std::uint64_t all() const;
    /// Bits that are never written are 0.
    bool holds(const circuit::Condition& condition, std::uint64_t record) const;

    /// For each operation, the bits whose value after it still matters: read by a condition, or in live_out
    /// at the end, before they are written again.
    std::vector<std::uint64_t> live_after(std::span<const circuit::Operation> operations,
                                          std::uint64_t live_out) const;

    /// Whether each top-level operation is a measurement whose qubit and bit nothing uses later. relaxes(q):
    /// a delay acts on the qubit.
    std::vector<bool> final_measurements(const circuit::Circuit& circuit,
                                         const std::function<bool(circuit::Qubit)>& relaxes) const;

  private:
    std::uint64_t read_by(const circuit::Condition& condition) const;
    /// Bits that matter before the operation, given those that do after it.
    std::uint64_t live_before(const circuit::Operation& operation, std::uint64_t live) const;

    std::vector<circuit::Clbit> clbits_;
    /// By classical bit; -1 for one that is never written.
    std::vector<int> positions_;
};

}  // namespace qdcnn::sim
