#pragma once

#include <bit>
#include <cstdint>

namespace qdcnn::transpile {

/// A product of Pauli matrices on up to 64 qubits with a power of i: i^phase times, qubit by qubit, X^x Z^z.
struct Pauli {
    std::uint64_t x = 0, z = 0;
    unsigned phase = 0;

    /// The letter of a qubit: bit 0 for X, bit 1 for Z; 0 I, 1 X, 2 Z, 3 Y.
    unsigned letter(unsigned qubit) const {
        return static_cast<unsigned>(x >> qubit & 1) | static_cast<unsigned>(z >> qubit & 1) << 1;
    }
    std::uint64_t support() const { return x | z; }
    int weight() const { return std::popcount(support()); }
    /// Of a Hermitian product: whether it is minus its letters, Y = i X Z.
    bool is_negative() const { return ((phase - static_cast<unsigned>(std::popcount(x & z))) & 3u) == 2u; }

    /// One letter on one qubit, positive.
    static Pauli of_letter(unsigned qubit, unsigned letter) {
        return {std::uint64_t{letter & 1u} << qubit, std::uint64_t{letter >> 1} << qubit,
                letter == 3 ? 1u : 0u};
    }
    friend Pauli operator*(const Pauli& a, const Pauli& b) {
        return {a.x ^ b.x, a.z ^ b.z,
                (a.phase + b.phase + 2u * static_cast<unsigned>(std::popcount(a.z & b.x))) & 3u};
    }
    /// i^power times this.
    Pauli turned(unsigned power) const { return {x, z, (phase + power) & 3u}; }
    bool has_letters_of(const Pauli& other) const { return x == other.x && z == other.z; }
};

inline bool anticommute(const Pauli& a, const Pauli& b) {
    return (std::popcount((a.x & b.z) ^ (a.z & b.x)) & 1) != 0;
}

}  // namespace qdcnn::transpile
