#pragma once

#include <span>
#include <vector>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::model {

/// What of the coherent circuit is there. All of it is the model; the rest are for ablation.
struct CoherentParts {
    /// The words' qubits, and all weights. Without, the sentence's qubits are only read.
    bool words = true;
    /// CZ and RYs between the two channels of a position.
    bool pointwise = true;
    /// The sentence's qubits, and what follows from them.
    bool sentence = true;
    /// CZ and RYs between the sentence's qubits and the words' (without `sentence` there are none). Without,
    /// the sentence's qubits are only read.
    bool fusion = true;
    /// Every CZ; the RYs stay.
    bool entanglement = true;
    /// Measurements on the way and the RYs that hang on them.
    bool feed_forward = true;
    /// Depthwise kernels of their own for both channels of the first layer; without, one for both.
    bool channel_kernels = true;

    bool is_fused() const { return words && sentence && fusion; }
    /// Which of the model's 17 weights are there, rising.
    std::vector<std::size_t> weights() const;
    /// Without words theirs are there and unused.
    std::size_t data_angles() const { return sentence ? 10 : 8; }
};

/// angles: data_angles() of the data (b0, a0, b1, a1, .., right sentence qubit, left one), then weights().
/// Qubits: 8, or 10 when deferred with a sentence. With feed-forward and not deferred it adds the register
/// "pool" of 3 bits.
void append_coherent_parts(circuit::Circuit& circuit, const CoherentParts& parts,
                           std::span<const circuit::Angle> angles, bool is_deferred);

}  // namespace qdcnn::model
