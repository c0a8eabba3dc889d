#include "qdcnn/circuit/state_preparation.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "qdcnn/base/error.h"

namespace qdcnn::circuit {
namespace {

struct BasisAmplitude {
    std::uint64_t index;
    double value;
};

bool bit_of(std::uint64_t index, Qubit qubit) { return index >> qubit & 1; }

/// Qubits and values that single one basis state out of a set.
struct Conditions {
    std::vector<Qubit> qubits;
    std::uint64_t mask = 0;
    std::uint64_t values = 0;

    void push(Qubit qubit, bool value) {
        qubits.push_back(qubit);
        mask |= std::uint64_t{1} << qubit;
        if (value) values |= std::uint64_t{1} << qubit;
    }
    void pop() {
        const std::uint64_t bit = std::uint64_t{1} << qubits.back();
        mask &= ~bit;
        values &= ~bit;
        qubits.pop_back();
    }
    bool hold_for(std::uint64_t index) const { return (index & mask) == values; }
};

/// Walks from the wanted state to |0..0>, merging two basis states into one at each step, then hands out the
/// way back.
class SparsePreparation {
  public:
    SparsePreparation(Qubit qubits, std::vector<BasisAmplitude> support)
        : qubits_(qubits), support_(std::move(support)), undoing_(qubits) {}

    Circuit build() {
        while (support_.size() > 1) merge_two();
        for (Qubit qubit = 0; qubit < qubits_; ++qubit)
            if (bit_of(support_[0].index, qubit)) flip(qubit);
        Circuit result = undoing_.inverse();
        if (support_[0].value < 0) result.set_global_phase(std::numbers::pi);
        return result;
    }

  private:
    /// Adds conditions until one state of `candidates` is left, splitting as unevenly as possible to need
    /// few.
    std::uint64_t single_out(std::vector<std::uint64_t> candidates, Conditions& conditions) const {
        while (candidates.size() > 1) {
            Qubit best = 0;
            std::size_t best_side = candidates.size();
            bool best_value = false;
            for (Qubit qubit = 0; qubit < qubits_; ++qubit) {
                const auto ones = static_cast<std::size_t>(
                    std::count_if(candidates.begin(), candidates.end(),
                                  [&](std::uint64_t index) { return bit_of(index, qubit); }));
                const std::size_t zeros = candidates.size() - ones;
                if (ones == 0 || zeros == 0) continue;
                const std::size_t side = std::min(ones, zeros);
                if (side < best_side) {
                    best_side = side;
                    best = qubit;
                    best_value = ones <= zeros;
                }
            }
            conditions.push(best, best_value);
            std::erase_if(candidates, [&](std::uint64_t index) { return bit_of(index, best) != best_value; });
        }
        return candidates[0];
    }

    void merge_two() {
        Conditions conditions;
        std::vector<std::uint64_t> all;
        for (const auto& one : support_) all.push_back(one.index);
        std::uint64_t first = single_out(all, conditions);
        // The last condition is what tells the first state from its partners.
        const Qubit target = conditions.qubits.back();
        conditions.pop();
        std::erase_if(all,
                      [&](std::uint64_t index) { return index == first || !conditions.hold_for(index); });
        std::uint64_t second = single_out(all, conditions);
        const std::size_t first_place = place_of(first), second_place = place_of(second);

        if (!bit_of(support_[first_place].index, target)) flip(target);
        for (Qubit qubit = 0; qubit < qubits_; ++qubit)
            if (qubit != target && bit_of(support_[first_place].index ^ support_[second_place].index, qubit))
                flip_if(target, qubit);
        for (const Qubit qubit : conditions.qubits)
            if (!bit_of(support_[second_place].index, qubit)) flip(qubit);

        BasisAmplitude& kept = support_[second_place];
        const double angle = 2 * std::atan2(support_[first_place].value, kept.value);
        std::vector<double> angles(std::size_t{1} << conditions.qubits.size(), 0.0);
        angles.back() = -angle;
        add_multiplexed_ry(undoing_, conditions.qubits, target, angles);
        kept.value = std::hypot(kept.value, support_[first_place].value);
        support_.erase(support_.begin() + static_cast<std::ptrdiff_t>(first_place));
    }

    std::size_t place_of(std::uint64_t index) const {
        return static_cast<std::size_t>(std::find_if(support_.begin(), support_.end(),
                                                     [&](const auto& one) { return one.index == index; }) -
                                        support_.begin());
    }
    void flip(Qubit qubit) {
        undoing_.x(qubit);
        for (auto& one : support_) one.index ^= std::uint64_t{1} << qubit;
    }
    void flip_if(Qubit control, Qubit target) {
        undoing_.cx(control, target);
        for (auto& one : support_)
            if (bit_of(one.index, control)) one.index ^= std::uint64_t{1} << target;
    }

    Qubit qubits_;
    std::vector<BasisAmplitude> support_;
    Circuit undoing_;
};

/// Top qubit first; each next one rotates by an angle for every value of those above it.
Circuit dense_preparation(Qubit qubits, std::span<const double> amplitudes) {
    Circuit circuit(qubits);
    for (Qubit target = qubits; target-- > 0;) {
        std::vector<Qubit> controls;
        for (Qubit qubit = target + 1; qubit < qubits; ++qubit) controls.push_back(qubit);
        std::vector<double> angles(std::size_t{1} << controls.size());
        const std::size_t half = std::size_t{1} << target;
        for (std::size_t prefix = 0; prefix < angles.size(); ++prefix) {
            const auto block = amplitudes.subspan(prefix * 2 * half, 2 * half);
            if (target == 0) {
                angles[prefix] = 2 * std::atan2(block[1], block[0]);
                continue;
            }
            double low = 0, high = 0;
            for (std::size_t i = 0; i < half; ++i) {
                low += block[i] * block[i];
                high += block[half + i] * block[half + i];
            }
            angles[prefix] = 2 * std::atan2(std::sqrt(high), std::sqrt(low));
        }
        add_multiplexed_ry(circuit, controls, target, angles);
    }
    return circuit;
}

}  // namespace

void add_multiplexed_ry(Circuit& circuit, std::span<const Qubit> controls, Qubit target,
                        std::span<const double> angles) {
    const std::size_t count = angles.size();
    if (count != std::size_t{1} << controls.size())
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{} angles do not fit {} controls", count, controls.size()));
    if (std::all_of(angles.begin(), angles.end(), [](double angle) { return angle == 0.0; })) return;
    for (std::size_t step = 0; step < count; ++step) {
        const std::size_t gray = step ^ step >> 1;
        double sum = 0;
        for (std::size_t j = 0; j < count; ++j) sum += std::popcount(j & gray) % 2 ? -angles[j] : angles[j];
        circuit.ry(sum / static_cast<double>(count), target);
        if (controls.empty()) break;
        // The bit in which the next Gray code differs; the last step closes the cycle.
        const auto bit =
            std::min<std::size_t>(static_cast<std::size_t>(std::countr_zero(step + 1)), controls.size() - 1);
        circuit.cx(controls[bit], target);
    }
}

void normalise(std::span<double> amplitudes) {
    double largest = 0;
    for (std::size_t index = 0; index < amplitudes.size(); ++index) {
        if (!std::isfinite(amplitudes[index]))
            throw Error(ErrorKind::invalid_input, fmt::format("amplitude {} is not a finite number", index));
        largest = std::max(largest, std::abs(amplitudes[index]));
    }
    if (largest == 0)
        throw Error(ErrorKind::invalid_input, "the amplitudes are all zero: there is no such state",
                    "At least one must be different from 0.");
    // A power of two, which rounds nothing; bounded so that it is a double itself.
    const double scale = std::ldexp(1.0, -std::clamp(std::ilogb(largest), -1000, 1000));
    double square = 0;
    for (double& amplitude : amplitudes) {
        amplitude *= scale;
        square += amplitude * amplitude;
    }
    const double norm = std::sqrt(square);
    for (double& amplitude : amplitudes) amplitude /= norm;
}

std::vector<double> normalised(std::span<const double> amplitudes) {
    std::vector<double> unit(amplitudes.begin(), amplitudes.end());
    normalise(unit);
    return unit;
}

Circuit state_preparation(std::span<const double> given) {
    if (given.size() < 2 || !std::has_single_bit(given.size()))
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{} amplitudes are not 2^n for n >= 1", given.size()));
    const std::vector<double> amplitudes = normalised(given);
    const auto qubits = static_cast<Qubit>(std::countr_zero(amplitudes.size()));
    std::vector<BasisAmplitude> support;
    for (std::size_t index = 0; index < amplitudes.size(); ++index)
        if (amplitudes[index] != 0.0) support.push_back({index, amplitudes[index]});
    // Merging k states takes about 2^log2(k) cx each: beyond a quarter of all states the dense form is
    // shorter.
    if (support.size() * 4 > amplitudes.size() && qubits > 1) {
        Circuit dense = dense_preparation(qubits, amplitudes);
        if (support.size() * 2 > amplitudes.size()) return dense;
        Circuit sparse = SparsePreparation(qubits, support).build();
        return metrics(sparse).two_qubit_gates < metrics(dense).two_qubit_gates ? sparse : dense;
    }
    return SparsePreparation(qubits, std::move(support)).build();
}

namespace {

/// phase: the preparations' global phases are added.
std::vector<Operation> lowered(const std::vector<Operation>& operations, Angle& phase) {
    std::vector<Operation> result;
    for (const Operation& operation : operations) {
        if (const auto* prepare = std::get_if<Prepare>(&operation.kind())) {
            std::vector<double> amplitudes;
            for (const Angle& amplitude : prepare->amplitudes) {
                if (!amplitude.is_bound())
                    throw Error(ErrorKind::unsupported,
                                "amplitudes that are parameters cannot be made into gates",
                                "Bind the circuit first.");
                amplitudes.push_back(amplitude.constant());
            }
            Circuit wide(*std::max_element(prepare->qubits.begin(), prepare->qubits.end()) + 1);
            wide.append(state_preparation(amplitudes), prepare->qubits);
            result.insert(result.end(), wide.operations().begin(), wide.operations().end());
            phase = phase + wide.global_phase();
        } else if (condition_of(operation) != nullptr) {
            // A record's own phase is global to all that the record leads to.
            Angle unseen;
            result.push_back(operation);
            for (auto* body : bodies_of(result.back())) *body = lowered(*body, unseen);
        } else {
            result.push_back(operation);
        }
    }
    return result;
}

}  // namespace

Circuit with_prepares_lowered(const Circuit& circuit) {
    Circuit result = circuit;
    Angle phase = circuit.global_phase();
    result.mutable_operations() = lowered(circuit.operations(), phase);
    result.set_global_phase(phase);
    return result;
}

}  // namespace qdcnn::circuit
