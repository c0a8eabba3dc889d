#include <array>
#include <optional>

#include "qdcnn/model/ansatz.h"

namespace qdcnn::model {
namespace {

using circuit::Angle;
using circuit::Circuit;
using circuit::Clbit;
using circuit::Qubit;

/// Adds to a circuit; RYs that follow each other on a qubit become one.
class MergingBuilder {
  public:
    explicit MergingBuilder(Circuit& circuit) : circuit_(circuit), waiting_(circuit.num_qubits()) {}

    void ry(const Angle& angle, Qubit q) { waiting_[q] = waiting_[q] ? *waiting_[q] + angle : angle; }
    void cz(Qubit a, Qubit b) {
        flush(a);
        flush(b);
        circuit_.cz(a, b);
    }
    void reset(Qubit q) {
        flush(q);
        circuit_.reset(q);
    }
    /// Measures `from` into the bit; if it reads 1, RY(angle) on `onto`.
    void pool(Qubit from, Clbit bit, const Angle& angle, Qubit onto) {
        flush(from);
        flush(onto);
        circuit_.measure(from, bit);
        circuit_.if_else({{bit}, 1}, [&](Circuit& body) { body.ry(angle, onto); });
    }
    /// The same without measurement.
    void pool_deferred(Qubit from, const Angle& angle, Qubit onto) {
        flush(from);
        ry(angle * 0.5, onto);
        flush(onto);
        circuit_.cx(from, onto).ry(angle * -0.5, onto).cx(from, onto);
    }
    void finish() {
        for (Qubit q = 0; q < waiting_.size(); ++q) flush(q);
    }

  private:
    void flush(Qubit q) {
        if (waiting_[q]) circuit_.ry(*waiting_[q], q);
        waiting_[q].reset();
    }

    Circuit& circuit_;
    std::vector<std::optional<Angle>> waiting_;
};

// The line, word channels first: a_t carries channel 1 of position t, b_t channel 0.
constexpr std::array<Qubit, 4> kA{0, 3, 4, 7}, kB{1, 2, 5, 6};

/// CZ and an RY on either side.
void append_kernel(MergingBuilder& out, Qubit left, Qubit right, std::span<const Angle> angles) {
    out.cz(left, right);
    out.ry(angles[0], left);
    out.ry(angles[1], right);
}

/// angles: before b, before a, after b, and after a where a is used again.
void append_pointwise(MergingBuilder& out, std::size_t t, std::span<const Angle> angles) {
    out.ry(angles[0], kB[t]);
    out.ry(angles[1], kA[t]);
    out.cz(kB[t], kA[t]);
    out.ry(angles[2], kB[t]);
    if (angles.size() > 3) out.ry(angles[3], kA[t]);
}

/// angles: data (b0, a0, b1, a1, .., right sentence qubit, left one), then the 17 weights.
void append(Circuit& circuit, std::span<const Angle> angles, bool is_deferred) {
    const auto data = angles.first(10), weights = angles.subspan(10);
    const Clbit pool = is_deferred ? 0 : circuit.add_clbits("pool", 3);
    MergingBuilder out(circuit);
    auto pool_into = [&](Qubit from, Clbit bit, const Angle& angle, Qubit onto) {
        if (is_deferred)
            out.pool_deferred(from, angle, onto);
        else
            out.pool(from, pool + bit, angle, onto);
    };
    for (std::size_t t = 0; t < 4; ++t) {
        out.ry(data[2 * t], kB[t]);
        out.ry(data[2 * t + 1], kA[t]);
    }
    append_kernel(out, kB[0], kB[1], weights.subspan(0, 2));
    append_kernel(out, kB[2], kB[3], weights.subspan(0, 2));
    append_kernel(out, kA[1], kA[2], weights.subspan(2, 2));
    for (std::size_t t = 0; t < 4; ++t) append_pointwise(out, t, weights.subspan(4, 4));
    pool_into(kB[0], 0, weights[8], kB[1]);
    pool_into(kB[3], 1, weights[8], kB[2]);
    append_kernel(out, kA[1], kA[2], weights.subspan(9, 2));
    for (const std::size_t t : {1, 2}) append_pointwise(out, t, weights.subspan(11, 3));

    const Qubit right = is_deferred ? 8 : kB[3], left = is_deferred ? 9 : kB[0];
    if (!is_deferred) {
        out.reset(right);
        out.reset(left);
    }
    out.ry(data[8], right);
    out.ry(data[9], left);
    out.cz(kA[3], right);
    out.ry(weights[14], right);
    out.cz(kA[0], left);
    out.ry(weights[14], left);
    out.cz(right, kB[2]);
    out.ry(weights[15], kB[2]);
    out.cz(left, kB[1]);
    out.ry(weights[15], kB[1]);
    pool_into(kB[1], 2, weights[16], kB[2]);
    out.finish();
}

}  // namespace

std::size_t coherent_parameters(const AnsatzShape&) { return 27; }

void append_coherent(Circuit& circuit, const AnsatzShape&, std::span<const Angle> angles) {
    append(circuit, angles, false);
}

void append_coherent_deferred(Circuit& circuit, const AnsatzShape&, std::span<const Angle> angles) {
    append(circuit, angles, true);
}

}  // namespace qdcnn::model
