#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace qdcnn {

/// Seeded random numbers that are the same on every platform and standard library: xoshiro256** (Blackman and
/// Vigna, 2018), seeded through splitmix64. Distributions are computed here because those of <random> may
/// differ between library versions.
class Random {
  public:
    explicit Random(std::uint64_t seed = 0);

    /// A generator that depends on this one's seed and `stream` only, not on the numbers drawn so far. Work
    /// item k draws from stream k, so results do not depend on threads or shards.
    Random stream(std::uint64_t stream) const;

    std::uint64_t next();
    /// In [0, 1), 53 random bits.
    double uniform();
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    /// In {0, .., bound - 1}, without bias. bound > 0.
    std::uint64_t below(std::uint64_t bound);
    /// Normal distribution (Box-Muller; one number a call).
    double normal(double mean = 0.0, double deviation = 1.0);
    /// Fisher-Yates.
    template <typename T>
    void shuffle(std::vector<T>& values) {
        for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
    }

    /// The whole state as text, for checkpoints; `restore` takes it back (throws Error(invalid_input)).
    std::string save() const;
    void restore(const std::string& state);

  private:
    std::uint64_t seed_;
    std::uint64_t state_[4];
};

}  // namespace qdcnn
