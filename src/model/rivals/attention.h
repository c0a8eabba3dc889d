#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/network.h"

namespace qdcnn::model {

// What the two self-attention networks share.

/// The block of QSANN on qubits first .. first + n - 1: RX, RY on each, then `depth` times a ring of CNOT
/// (i to i + 1) and RY on each. angles: n (depth + 2). Source: models.md, section 2.
void append_attention_block(circuit::Circuit& circuit, circuit::Qubit first, std::uint32_t n,
                            std::uint32_t depth, std::span<const circuit::Angle> angles);

/// Parameters <prefix>_0, .. of the circuit.
std::vector<circuit::Angle> angle_symbols(circuit::Circuit& circuit, const std::string& prefix,
                                          std::size_t count);

/// The value circuits: data (a word's vector of n (encoder_depth + 2) numbers, by the block), weights by the
/// block of `depth`, measured in the bases Z, Y, X. Read together: d = n (encoder_depth + 2) Pauli strings,
/// Z_i for all i, Y_i, X_i, then Z_i Z_(i+1), Y_i Y_(i+1), X_i X_(i+1), then from the start.
class ValueCircuits {
  public:
    ValueCircuits(std::uint32_t n, std::uint32_t encoder_depth, std::uint32_t depth);
    /// Round 0.
    std::span<const NetworkCircuit> circuits() const { return circuits_; }
    /// The d values; the circuits are first, first + 1, first + 2 of the graph's.
    std::vector<Graph::Node> run(Graph& graph, std::size_t first, std::span<const Graph::Node> data,
                                 std::size_t weights, const RowOrigin& origin) const;

  private:
    /// Where a value is read.
    struct Place {
        std::size_t basis, observable;
    };
    std::vector<NetworkCircuit> circuits_;
    std::vector<Place> places_;
};

/// sum_s (x_s + sum_j alpha_sj v_j) / L, where alpha_s is affinity_s normalised: the mean over the words
/// after attention with residual. affinities[s][j] > 0.
std::vector<Graph::Node> attended_mean(Graph& graph, const std::vector<std::vector<Graph::Node>>& words,
                                       const std::vector<std::vector<Graph::Node>>& values,
                                       const std::vector<std::vector<Graph::Node>>& affinities);

/// Number i of position t of the sine and cosine code of `width` numbers. Source: Vaswani et al., 2017.
double position_code(std::size_t t, std::size_t i, std::size_t width);

}  // namespace qdcnn::model
