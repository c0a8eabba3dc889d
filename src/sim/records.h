#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "qdcnn/backend/result.h"
#include "qdcnn/base/random.h"
#include "qdcnn/circuit/circuit.h"
#include "qdcnn/sim/outcome.h"

namespace qdcnn::sim {

/// The records' distribution with Qiskit's keys: registers joined by blanks, last declared first, highest bit
/// left.
backend::Probabilities probabilities(const circuit::Circuit& circuit, const Outcome& outcome);

/// Shots between two looks at the interrupt.
inline constexpr std::uint64_t kShotsAtOnce = std::uint64_t{1} << 20;

/// Draws records one after the other.
class RecordSampler {
  public:
    explicit RecordSampler(const Outcome& outcome);
    /// Index into outcome.records.
    std::size_t draw(Random& random) const;

  private:
    std::vector<double> cumulative_;
};

/// Empty shots by register, in the order of declaration. Throws Error(out_of_memory).
std::vector<backend::RegisterShots> empty_shots(const circuit::Circuit& circuit, std::size_t rows,
                                                std::uint64_t shots);

/// Fills row `row` with seeded shots.
void sample_row(const circuit::Circuit& circuit, const Outcome& outcome, Random random, std::size_t row,
                std::vector<backend::RegisterShots>& data);

}  // namespace qdcnn::sim
