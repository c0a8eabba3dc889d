#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "qdcnn/backend/pauli_groups.h"
#include "qdcnn/sim/outcome.h"

namespace qdcnn::sim {

/// The value of each observable's part in this group for one record of an outcome of the measured circuit.
class GroupReader {
  public:
    GroupReader(const backend::PauliGroup& group, const backend::MeasuredGroup& measured,
                const Outcome& outcome);
    /// Adds to values[observable].
    void add_values(std::uint64_t record, std::span<double> values) const;

  private:
    struct Parity {
        std::size_t observable;
        double coefficient;
        std::uint64_t mask;
    };
    std::vector<Parity> parities_;
};

}  // namespace qdcnn::sim
