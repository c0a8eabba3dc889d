#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/target/target.h"

namespace qdcnn::transpile {

using circuit::Clbit;

/// Whether classical work after the run may stand in for the end of the circuit.
enum class ReadoutFolding : std::uint8_t {
    /// The circuit keeps its own read-out.
    off,
    /// Where the estimated success does not fall by it.
    weighed,
    /// Wherever it saves gates.
    always
};

/// The XOR of classical bits, or its complement. Without bits: a constant.
struct Parity {
    /// Ascending, each at most once.
    std::vector<Clbit> bits;
    bool flip = false;

    /// is_set(bit): what was read.
    template <class IsSet>
    bool value(IsSet is_set) const {
        bool odd = flip;
        for (const Clbit bit : bits) odd = odd != static_cast<bool>(is_set(bit));
        return odd;
    }
    bool operator==(const Parity&) const = default;
};

/// How what was asked for comes from the bits of a transpiled circuit: values[k] is classical bit k of the
/// input, or the k-th parity that the caller asked for.
struct ReadoutMap {
    std::vector<Parity> values;
    bool operator==(const ReadoutMap&) const = default;
};

/// values[b] is bit b: the read-out as it stands.
ReadoutMap plain_readout(std::uint32_t num_clbits);

/// Whether each bit is itself.
bool is_plain(const ReadoutMap& readout);

/// The error of the XOR of bits that are read wrongly, independently, with these probabilities:
/// (1 - prod(1 - 2 e)) / 2.
double parity_error(std::span<const double> errors);

/// Sum of ln(1 - error) over the gates of a circuit on physical qubits and the bits its branches read, plus
/// the mean over the values of the map of ln(1 - error of its parity): how well one value does, while
/// log_success says how well the whole record does. Values without bits count 0, as do unknown figures.
double log_value_success(const circuit::Circuit& circuit, const target::Target& target,
                         const ReadoutMap& readout);

}  // namespace qdcnn::transpile
