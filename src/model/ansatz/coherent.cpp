#include "model/ansatz/coherent_parts.h"

#include <algorithm>
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

/// The gates of the parts that are there.
class PartsBuilder {
  public:
    PartsBuilder(Circuit& circuit, const CoherentParts& parts, std::span<const Angle> angles,
                 bool is_deferred)
        : out_(circuit), parts_(parts), data_(angles.first(parts.data_angles())), is_deferred_(is_deferred) {
        const std::vector<std::size_t> present = parts.weights();
        for (std::size_t k = 0; k < present.size(); ++k)
            weights_[present[k]] = angles[parts.data_angles() + k];
        if (!parts.channel_kernels) std::copy_n(weights_.begin(), 2, weights_.begin() + 2);
        if (parts.words && parts.feed_forward && !is_deferred) pool_ = circuit.add_clbits("pool", 3);
    }

    void append() {
        if (!parts_.words) {
            sentence();
            out_.finish();
            return;
        }
        for (std::size_t t = 0; t < 4; ++t) {
            out_.ry(data_[2 * t], kB[t]);
            out_.ry(data_[2 * t + 1], kA[t]);
        }
        kernel(kB[0], kB[1], 0);
        kernel(kB[2], kB[3], 0);
        kernel(kA[1], kA[2], 2);
        for (std::size_t t = 0; t < 4; ++t) pointwise(t, 4, true);
        pool(kB[0], 0, 8, kB[1]);
        pool(kB[3], 1, 8, kB[2]);
        kernel(kA[1], kA[2], 9);
        for (const std::size_t t : {1, 2}) pointwise(t, 11, false);
        if (parts_.sentence) sentence();
        pool(kB[1], 2, 16, kB[2]);
        out_.finish();
    }

  private:
    void cz(Qubit a, Qubit b) {
        if (parts_.entanglement) out_.cz(a, b);
    }

    /// CZ and an RY on either side; weights from `first`.
    void kernel(Qubit left, Qubit right, std::size_t first) {
        cz(left, right);
        out_.ry(weights_[first], left);
        out_.ry(weights_[first + 1], right);
    }

    /// Weights: before b, before a, after b, and after a where a is used again.
    void pointwise(std::size_t t, std::size_t first, bool uses_a_again) {
        if (!parts_.pointwise) return;
        out_.ry(weights_[first], kB[t]);
        out_.ry(weights_[first + 1], kA[t]);
        cz(kB[t], kA[t]);
        out_.ry(weights_[first + 2], kB[t]);
        if (uses_a_again) out_.ry(weights_[first + 3], kA[t]);
    }

    void pool(Qubit from, Clbit bit, std::size_t weight, Qubit onto) {
        if (!parts_.feed_forward) return;
        if (is_deferred_)
            out_.pool_deferred(from, weights_[weight], onto);
        else
            out_.pool(from, pool_ + bit, weights_[weight], onto);
    }

    void sentence() {
        const Qubit right = is_deferred_ ? 8 : kB[3], left = is_deferred_ ? 9 : kB[0];
        if (parts_.words && !is_deferred_) {
            out_.reset(right);
            out_.reset(left);
        }
        out_.ry(data_[8], right);
        out_.ry(data_[9], left);
        if (!parts_.is_fused()) return;
        cz(kA[3], right);
        out_.ry(weights_[14], right);
        cz(kA[0], left);
        out_.ry(weights_[14], left);
        cz(right, kB[2]);
        out_.ry(weights_[15], kB[2]);
        cz(left, kB[1]);
        out_.ry(weights_[15], kB[1]);
    }

    MergingBuilder out_;
    CoherentParts parts_;
    std::span<const Angle> data_;
    bool is_deferred_;
    std::array<Angle, 17> weights_;
    Clbit pool_ = 0;
};

}  // namespace

std::vector<std::size_t> CoherentParts::weights() const {
    std::vector<std::size_t> present;
    if (!words) return present;
    for (std::size_t k = 0; k < 17; ++k) {
        const bool is_pointwise = (k >= 4 && k <= 7) || (k >= 11 && k <= 13);
        const bool is_second_kernel = k == 2 || k == 3;
        const bool is_fusion = k == 14 || k == 15;
        const bool is_pool = k == 8 || k == 16;
        if ((is_pointwise && !pointwise) || (is_second_kernel && !channel_kernels) ||
            (is_fusion && !is_fused()) || (is_pool && !feed_forward))
            continue;
        present.push_back(k);
    }
    return present;
}

void append_coherent_parts(Circuit& circuit, const CoherentParts& parts, std::span<const Angle> angles,
                           bool is_deferred) {
    PartsBuilder(circuit, parts, angles, is_deferred).append();
}

std::size_t coherent_parameters(const AnsatzShape&) { return 27; }

void append_coherent(Circuit& circuit, const AnsatzShape&, std::span<const Angle> angles) {
    append_coherent_parts(circuit, {}, angles, false);
}

void append_coherent_deferred(Circuit& circuit, const AnsatzShape&, std::span<const Angle> angles) {
    append_coherent_parts(circuit, {}, angles, true);
}

}  // namespace qdcnn::model
