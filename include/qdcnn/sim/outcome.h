#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::sim {

/// Of the numbers that a state is kept in.
enum class Precision : std::uint8_t { f64, f32 };

/// What an exact run of one bound circuit says: the distribution of its classical record and the expectation
/// values of its final state. Sampling draws from `records`.
struct Outcome {
    /// The classical bits the circuit writes, ascending; all others stay 0. At most 64. Of variables' bits,
    /// which are no result, records say nothing that counts.
    std::vector<circuit::Clbit> clbits;
    /// Bit i of a key is the value of clbits[i]. Sorted by key, no zeros; the probabilities sum to 1.
    std::vector<std::pair<std::uint64_t, double>> records;
    /// One for each observable asked for, averaged over all records; before any read-out error.
    std::vector<double> expectations;
    /// "statevector" or "density_matrix".
    std::string method;
};

}  // namespace qdcnn::sim
