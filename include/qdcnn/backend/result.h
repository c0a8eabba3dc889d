#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::backend {

/// Bitstring to number of shots; the highest bit is leftmost, as Qiskit writes it.
using Counts = std::map<std::string, std::uint64_t>;
/// Bitstring to probability.
using Probabilities = std::map<std::string, double>;

/// The shots of one classical register: rows x shots x bits. Qiskit's BitArray.
class BitArray {
  public:
    BitArray() = default;
    BitArray(std::size_t rows, std::uint64_t shots, std::uint32_t bits);

    std::size_t rows() const { return rows_; }
    std::uint64_t shots() const { return shots_; }
    std::uint32_t bits() const { return bits_; }
    bool get(std::size_t row, std::uint64_t shot, std::uint32_t bit) const;
    void set(std::size_t row, std::uint64_t shot, std::uint32_t bit, bool value);
    /// Of one shot, highest bit left.
    std::string bitstring(std::size_t row, std::uint64_t shot) const;
    Counts counts(std::size_t row = 0) const;

  private:
    std::size_t rows_ = 0;
    std::uint64_t shots_ = 0;
    std::uint32_t bits_ = 0;
    /// Bytes of one shot.
    std::size_t stride_ = 0;
    std::vector<std::uint8_t> bytes_;
};

struct RegisterShots {
    std::string name;
    BitArray shots;
};

/// What a sampler says of one PUB. Either shots by register (in the order of declaration), or, of an exact
/// run, the distribution for each row.
struct SamplerPubResult {
    std::vector<circuit::Register> registers;
    std::vector<RegisterShots> data;
    /// Empty when sampled. Keys over all registers joined by a blank, last declared first, as Qiskit writes
    /// them.
    std::vector<Probabilities> probabilities;
    /// What the backend says of this PUB; a vendor's as JSON text by key.
    std::map<std::string, std::string> metadata{};

    /// The register's shots; throws Error(not_found) with "did you mean".
    const BitArray& operator[](const std::string& register_name) const;
    /// Counts over all registers, keys as in `probabilities`.
    Counts joint_counts(std::size_t row = 0) const;
};

/// What an estimator says of one PUB: rows x observables, row by row.
struct EstimatorPubResult {
    std::size_t rows = 0;
    std::size_t observables = 0;
    std::vector<double> values{};
    /// Standard error of each value; 0 when exact.
    std::vector<double> deviations{};
    /// What the backend says of this PUB; a vendor's as JSON text by key.
    std::map<std::string, std::string> metadata{};

    double value(std::size_t row = 0, std::size_t observable = 0) const {
        return values[row * observables + observable];
    }
    double deviation(std::size_t row = 0, std::size_t observable = 0) const {
        return deviations[row * observables + observable];
    }
};

/// The answer to one run: a result for each PUB in order, and what the backend says of the whole.
template <typename PubResult>
struct PrimitiveResult {
    std::vector<PubResult> pubs;
    std::map<std::string, std::string> metadata;

    const PubResult& operator[](std::size_t index) const { return pubs.at(index); }
    std::size_t size() const { return pubs.size(); }
};

using SamplerResult = PrimitiveResult<SamplerPubResult>;
using EstimatorResult = PrimitiveResult<EstimatorPubResult>;

}  // namespace qdcnn::backend
