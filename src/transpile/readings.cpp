#include "readings.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "qdcnn/circuit/gates.h"
#include "small_matrix.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

constexpr double kTolerance = 1e-9;

/// i^popcount(x & z) X^x Z^z on a gate's qubits, or minus that.
struct Letters {
    unsigned x = 0, z = 0;
    bool is_negative = false;
    bool operator==(const Letters&) const = default;
};

constexpr std::array<Complex, 4> kPowersOfI{Complex(1, 0), Complex(0, 1), Complex(-1, 0), Complex(0, -1)};

bool is_odd(unsigned word) { return (std::popcount(word) & 1) != 0; }

/// The Pauli product that a matrix is, if it is one.
std::optional<Letters> letters_of(const Matrix& matrix) {
    Letters found;
    // M[c ^ x][c] = sign i^popcount(x & z) (-1)^parity(z & c)
    while (found.x < matrix.size && std::abs(matrix(found.x, 0)) < 0.5) ++found.x;
    if (found.x == matrix.size) return std::nullopt;
    const Complex first = matrix(found.x, 0);
    for (unsigned bit = 1; bit < matrix.size; bit <<= 1)
        if (std::abs(matrix(bit ^ found.x, bit) + first) < kTolerance) found.z |= bit;
    const Complex unit = kPowersOfI[static_cast<unsigned>(std::popcount(found.x & found.z)) & 3u];
    found.is_negative = std::abs(first + unit) < kTolerance;
    const Complex factor = found.is_negative ? -unit : unit;
    // The rest of a unitary matrix with unit entries here is 0.
    for (unsigned column = 0; column < matrix.size; ++column) {
        const Complex expected = is_odd(found.z & column) ? -factor : factor;
        if (std::abs(matrix(column ^ found.x, column) - expected) > kTolerance) return std::nullopt;
    }
    return found;
}

/// A gate as a map of what is read behind it to what is read before it.
class GateAction {
  public:
    explicit GateAction(const Gate& gate) {
        const GateRow& row = gate_row(gate.id);
        const bool is_bound = std::all_of(gate.angles.begin(), gate.angles.end(),
                                          [](const Angle& angle) { return angle.is_bound(); });
        // The entries are trigonometric polynomials of low degree in the angles: what holds at several
        // unrelated values holds at all.
        for (int sample = 0; sample < (is_bound ? 1 : 3); ++sample) {
            std::vector<double> values;
            for (const Angle& angle : gate.angles)
                values.push_back(angle.is_bound() ? angle.constant() : kUnrelated[(next_++) % 7]);
            matrices_.push_back(row.matrix(values));
        }
    }

    /// G^dagger P G, when it is a Pauli product, the same one for all angles.
    std::optional<Letters> before(const Letters& behind) const {
        std::optional<Letters> common;
        for (const Matrix& matrix : matrices_) {
            const auto found = letters_of(conjugated(matrix, behind));
            if (!found || (common && *common != *found)) return std::nullopt;
            common = found;
        }
        return common;
    }

    /// Bit l - 1 for every letter l on that qubit with which the gate commutes.
    std::uint8_t axes(unsigned qubit) const {
        std::uint8_t found = 0;
        for (unsigned letter = 1; letter <= 3; ++letter) {
            const Letters own{(letter & 1u) << qubit, (letter >> 1) << qubit, false};
            if (before(own) == own) found = static_cast<std::uint8_t>(found | 1u << (letter - 1));
        }
        return found;
    }

  private:
    static constexpr std::array kUnrelated{0.7390851, 2.2360680, 1.1447299, 2.6651441,
                                           0.5772157, 1.6180340, 2.0945524};

    static Matrix conjugated(const Matrix& gate, const Letters& pauli) {
        const Complex unit = kPowersOfI[static_cast<unsigned>(std::popcount(pauli.x & pauli.z)) & 3u];
        Matrix result = Matrix::zero(gate.size);
        for (unsigned middle = 0; middle < gate.size; ++middle) {
            const Complex factor = is_odd(pauli.z & middle) != pauli.is_negative ? -unit : unit;
            for (unsigned row = 0; row < gate.size; ++row) {
                const Complex left = times(std::conj(gate(middle ^ pauli.x, row)), factor);
                if (left == Complex()) continue;
                for (unsigned column = 0; column < gate.size; ++column)
                    result(row, column) += times(left, gate(middle, column));
            }
        }
        return result;
    }

    std::size_t next_ = 0;
    std::vector<Matrix> matrices_;
};

class Sweep {
  public:
    Sweep(std::vector<Reading> readings, std::uint32_t num_qubits, Absorption absorption)
        : readings_(std::move(readings)), absorption_(absorption), wires_(num_qubits) {}

    AbsorbedEnd run(std::vector<Operation> operations) {
        std::vector<Operation> kept;
        for (auto operation = operations.rbegin(); operation != operations.rend(); ++operation)
            if (std::visit([&](const auto& kind) { return keep(kind); }, operation->kind()))
                kept.push_back(std::move(*operation));
        std::reverse(kept.begin(), kept.end());
        return {std::move(kept), std::move(readings_)};
    }

  private:
    /// What of the kept operations stands between a wire's point and the end.
    struct Wire {
        bool is_open = true;
        /// Those letters with which all of it commutes (GateAction::axes).
        std::uint8_t axes = 7;
    };

    bool keep(const Gate& gate) {
        const GateAction action(gate);
        std::array<std::uint8_t, 3> axes{};
        bool reaches_end = true;
        for (unsigned i = 0; i < gate.qubits.size(); ++i) {
            const Wire& wire = wires_[gate.qubits[i]];
            // Two gates commute when on every qubit they share both commute with one letter.
            axes[i] = action.axes(i);
            reaches_end = reaches_end && (wire.is_open || (wire.axes & axes[i]));
        }
        if (reaches_end && absorbs(gate, action)) return false;
        for (unsigned i = 0; i < gate.qubits.size(); ++i) block(gate.qubits[i], axes[i]);
        return true;
    }
    bool keep(const Measure& measure) {
        constexpr std::uint8_t kAxisZ = 1u << (2 - 1);
        block(measure.qubit, kAxisZ);
        return true;
    }
    bool keep(const Reset& reset) { return !is_unseen({reset.qubit}) && block({reset.qubit}); }
    bool keep(const Prepare& prepare) { return !is_unseen(prepare.qubits) && block(prepare.qubits); }
    bool keep(const Barrier&) { return true; }
    bool keep(const Delay& delay) { return block({delay.qubit}); }
    bool keep(const Store&) { return true; }
    bool keep(const IfElse& branch) { return keep_inside(branch); }
    bool keep(const While& loop) { return keep_inside(loop); }

    bool keep_inside(const Operation& operation) {
        bool has_record = std::holds_alternative<While>(operation.kind());
        for_each_operation(std::span(&operation, 1), [&](const Operation& inner) {
            has_record = has_record || !bits_written(inner).empty();
        });
        const std::vector<Qubit> qubits = qubits_of(operation);
        return (has_record || !is_unseen(qubits)) && block(qubits);
    }

    void block(Qubit qubit, std::uint8_t axes) {
        wires_[qubit].is_open = false;
        wires_[qubit].axes &= axes;
    }
    bool block(const std::vector<Qubit>& qubits) {
        for (const Qubit qubit : qubits) block(qubit, 0);
        return true;
    }

    bool is_unseen(const std::vector<Qubit>& qubits) const {
        return std::all_of(qubits.begin(), qubits.end(), [&](Qubit qubit) {
            return wires_[qubit].is_open &&
                   std::none_of(readings_.begin(), readings_.end(),
                                [&](const Reading& reading) { return reading.letters[qubit] != 0; });
        });
    }

    static Letters seen_by(const Gate& gate, const Reading& reading) {
        Letters letters;
        for (unsigned i = 0; i < gate.qubits.size(); ++i) {
            const unsigned letter = reading.letters[gate.qubits[i]];
            letters.x |= (letter & 1u) << i;
            letters.z |= (letter >> 1) << i;
        }
        return letters;
    }

    /// Takes the readings to the gate's other side, when they can be read there.
    bool absorbs(const Gate& gate, const GateAction& action) {
        std::vector<std::pair<Reading*, Letters>> changed;
        std::array<unsigned, 3> common{};
        // Few patterns come in many readings.
        std::array<std::optional<Letters>, 64> known{};
        for (Reading& reading : readings_) {
            const Letters behind = seen_by(gate, reading);
            auto& before = known[behind.x | behind.z << 3];
            if (!before) before = action.before(behind);
            if (!before) return false;
            const int growth = std::popcount(before->x | before->z) - std::popcount(behind.x | behind.z);
            if (absorption_ == Absorption::free && growth > 0) return false;
            for (unsigned i = 0; i < gate.qubits.size(); ++i) {
                const unsigned letter = (before->x >> i & 1u) | (before->z >> i & 1u) << 1;
                if (letter && common[i] && letter != common[i]) return false;
                if (letter) common[i] = letter;
            }
            if (*before != behind) changed.emplace_back(&reading, *before);
        }
        for (auto& [reading, before] : changed) {
            for (unsigned i = 0; i < gate.qubits.size(); ++i)
                reading->letters[gate.qubits[i]] =
                    static_cast<std::uint8_t>((before.x >> i & 1u) | (before.z >> i & 1u) << 1);
            reading->is_negative = reading->is_negative != before.is_negative;
        }
        return true;
    }

    std::vector<Reading> readings_;
    Absorption absorption_;
    std::vector<Wire> wires_;
};

}  // namespace

AbsorbedEnd with_end_absorbed(std::vector<Operation> operations, std::vector<Reading> readings,
                              std::uint32_t num_qubits, Absorption absorption) {
    return Sweep(std::move(readings), num_qubits, absorption).run(std::move(operations));
}

}  // namespace qdcnn::transpile
