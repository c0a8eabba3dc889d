#include "sim/wide_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "qdcnn/base/error.h"
#include "qdcnn/base/memory.h"
#include "sim/kernels.h"

namespace qdcnn::sim {

using namespace circuit;

namespace {

/// Checking small allocations costs more than they do.
constexpr std::uint64_t kWorthChecking = std::uint64_t{1} << 20;

std::uint64_t bit(Qubit qubit) { return std::uint64_t{1} << qubit; }
std::uint64_t high_part(std::uint64_t mask) { return mask >> kLaneBits; }
std::uint64_t low_part(std::uint64_t mask) { return mask & (kLanes - 1); }

/// `inside` in the lanes whose bits in `fixed` are those of `value`, `outside` in the others.
Lanes pattern(std::uint64_t fixed, std::uint64_t value, double inside, double outside) {
    Lanes lanes;
    for (std::size_t lane = 0; lane < kLanes; ++lane)
        lanes.lane[lane] = (lane & low_part(fixed)) == low_part(value) ? inside : outside;
    return lanes;
}

std::size_t steps_of(std::uint32_t num_qubits) {
    return std::size_t{1} << (num_qubits > kLaneBits ? num_qubits - kLaneBits : 0);
}

double parity_sign(std::uint64_t bits) { return std::popcount(bits) & 1 ? -1.0 : 1.0; }

}  // namespace

PauliMasks::PauliMasks(const PauliString& paulis) {
    for (const auto& [qubit, pauli] : paulis) {
        if (pauli != Pauli::z) x_mask |= bit(qubit);
        if (pauli != Pauli::x) z_mask |= bit(qubit);
        if (pauli == Pauli::y) ++y_count;
    }
}

std::uint64_t WideState::bytes(std::uint32_t num_qubits, bool is_real) {
    if (num_qubits > 50)
        throw Error(ErrorKind::out_of_memory,
                    fmt::format("a state vector of {} qubits fits in no memory", num_qubits),
                    "Use fewer qubits.");
    return steps_of(num_qubits) * sizeof(Lanes) * (is_real ? 1 : 2);
}

WideState::WideState(std::uint32_t num_qubits, bool is_real) : num_qubits_(num_qubits) {
    const std::uint64_t size = bytes(num_qubits, is_real);
    if (size >= kWorthChecking)
        require_memory(size, fmt::format("the state vector of {} qubits ({} amplitudes)", num_qubits,
                                         is_real ? "real" : "complex"));
    re_.resize(steps_of(num_qubits));
    if (!is_real) im_.resize(steps_of(num_qubits));
    re()[0] = 1;
}

void WideState::clear() {
    std::fill(re_.begin(), re_.end(), Lanes{});
    std::fill(im_.begin(), im_.end(), Lanes{});
}

void WideState::set_zero_state() {
    clear();
    re()[0] = 1;
}

void WideState::apply(const Primitive& primitive, double angle, bool inverse) {
    const std::uint64_t controls = primitive.controls;
    switch (primitive.kind) {
        case PrimitiveKind::rotation: {
            // A reflection is its own inverse.
            const double sine = std::sin(angle / 2);
            return rotate(primitive.target, controls, std::cos(angle / 2),
                          inverse && !primitive.reflects ? -sine : sine, primitive.reflects);
        }
        case PrimitiveKind::flip:
            if (primitive.target >= kLaneBits && low_part(controls) == 0) {
                for (LaneVector* part : {&re_, &im_})
                    if (!part->empty())
                        exchange_high(part->data(), part->size(), primitive.target - kLaneBits,
                                      high_part(controls));
                return;
            }
            return rotate(primitive.target, controls, 0, 1, true);
        case PrimitiveKind::sign:
            for (LaneVector* part : {&re_, &im_})
                if (!part->empty())
                    scale_where(part->data(), part->size(), high_part(controls), high_part(controls),
                                pattern(controls, controls, -1, 1));
            return;
        case PrimitiveKind::phase:
            return rotate_phase(re_.data(), im_.data(), re_.size(), high_part(controls),
                                pattern(controls, controls, std::cos(angle), 1),
                                pattern(controls, controls, inverse ? -std::sin(angle) : std::sin(angle), 0));
    }
}

void WideState::rotate(Qubit target, std::uint64_t controls, double cosine, double sine, bool reflects) {
    // R Z has the second column of R negated.
    const double a00 = cosine, a10 = sine, a01 = reflects ? sine : -sine, a11 = reflects ? -cosine : cosine;
    if (target >= kLaneBits) {
        const LaneMatrix matrix{pattern(controls, controls, a00, 1), pattern(controls, controls, a01, 0),
                                pattern(controls, controls, a10, 0), pattern(controls, controls, a11, 1)};
        for (LaneVector* part : {&re_, &im_})
            if (!part->empty())
                apply_high(part->data(), part->size(), target - kLaneBits, high_part(controls), matrix);
        return;
    }
    Lanes own = pattern(controls, controls, a00, 1), other = pattern(controls, controls, a01, 0);
    const Lanes own1 = pattern(controls, controls, a11, 1), other1 = pattern(controls, controls, a10, 0);
    for (std::size_t lane = 0; lane < kLanes; ++lane)
        if (lane >> target & 1) {
            own.lane[lane] = own1.lane[lane];
            other.lane[lane] = other1.lane[lane];
        }
    for (LaneVector* part : {&re_, &im_})
        if (!part->empty()) apply_low(part->data(), part->size(), target, high_part(controls), own, other);
}

void WideState::prepare(std::span<const Qubit> qubits, std::span<const double> amplitudes) {
    std::uint64_t mask = 0;
    for (const Qubit qubit : qubits) mask |= bit(qubit);
    for (double* part : {re(), im()}) {
        if (!part) continue;
        // Descending, so that the source (all of the qubits 0) is read before it is overwritten.
        for (std::size_t index = this->amplitudes(); index-- > 0;) {
            std::size_t which = 0;
            for (std::size_t i = 0; i < qubits.size(); ++i) which |= (index >> qubits[i] & 1) << i;
            part[index] = part[index & ~mask] * amplitudes[which];
        }
    }
}

double WideState::weight(std::uint64_t fixed, std::uint64_t value) const {
    double total = 0;
    for (const LaneVector* part : {&re_, &im_}) {
        if (part->empty()) continue;
        const Lanes sums =
            inner_product(part->data(), part->data(), part->size(), high_part(fixed), high_part(value));
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            if ((lane & low_part(fixed)) == low_part(value)) total += sums.lane[lane];
    }
    return total;
}

void WideState::project(Qubit qubit, bool value) {
    const std::uint64_t other = value ? 0 : bit(qubit);
    for (LaneVector* part : {&re_, &im_})
        if (!part->empty())
            scale_where(part->data(), part->size(), high_part(bit(qubit)), high_part(other),
                        pattern(bit(qubit), other, 0, 1));
}

void WideState::scale(double factor) {
    for (LaneVector* part : {&re_, &im_})
        if (!part->empty()) scale_where(part->data(), part->size(), 0, 0, Lanes::all(factor));
}

double WideState::expectation(const PauliMasks& masks) const {
    if (masks.x_mask == 0) {
        double total = 0;
        for (const LaneVector* part : {&re_, &im_}) {
            if (part->empty()) continue;
            const Lanes sums = signed_norm(part->data(), part->size(), high_part(masks.z_mask));
            for (std::size_t lane = 0; lane < kLanes; ++lane)
                total += parity_sign(lane & low_part(masks.z_mask)) * sums.lane[lane];
        }
        return total;
    }
    if (is_real() && masks.y_count % 2 == 1) return 0;
    // i^y_count sign conj(psi[x ^ x_mask]) psi[x]; its real part, summed.
    const double *r = re(), *m = im();
    double even = 0, odd = 0;
    for (std::size_t x = 0; x < amplitudes(); ++x) {
        const std::size_t to = x ^ masks.x_mask;
        const double sign = parity_sign(x & masks.z_mask);
        even += sign * (r[to] * r[x] + (m ? m[to] * m[x] : 0));
        if (m) odd += sign * (r[to] * m[x] - m[to] * r[x]);
    }
    constexpr double kEven[4] = {1, 0, -1, 0}, kOdd[4] = {0, -1, 0, 1};
    return kEven[masks.y_count % 4] * even + kOdd[masks.y_count % 4] * odd;
}

void WideState::add_pauli(const PauliMasks& masks, double factor, WideState& into) const {
    const int power = masks.y_count % 4;
    if (is_real() && power % 2 == 1) return;
    if (power >= 2) factor = -factor;
    const double *r = re(), *m = im();
    double *into_r = into.re(), *into_m = into.im();
    for (std::size_t x = 0; x < amplitudes(); ++x) {
        const std::size_t to = x ^ masks.x_mask;
        const double weight = factor * parity_sign(x & masks.z_mask);
        if (power % 2 == 0) {
            into_r[to] += weight * r[x];
            if (m) into_m[to] += weight * m[x];
        } else {
            into_r[to] -= weight * m[x];
            into_m[to] += weight * r[x];
        }
    }
}

double WideState::gradient(const Primitive& primitive, const WideState& lambda) const {
    const std::uint64_t controls = primitive.controls, high = high_part(controls);
    double total = 0;
    auto add = [&](const Lanes& sums, double factor, auto weight) {
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            if ((lane & low_part(controls)) == low_part(controls))
                total += factor * weight(lane) * sums.lane[lane];
    };
    if (primitive.kind == PrimitiveKind::phase) {
        auto one = [](std::size_t) { return 1.0; };
        add(inner_product(lambda.im_.data(), re_.data(), re_.size(), high, high), 2, one);
        add(inner_product(lambda.re_.data(), im_.data(), re_.size(), high, high), -2, one);
        return total;
    }
    const Qubit target = primitive.target;
    for (const LaneVector WideState::*part : {&WideState::re_, &WideState::im_}) {
        const LaneVector &psi = this->*part, &other = lambda.*part;
        if (psi.empty()) continue;
        if (target >= kLaneBits)
            add(high_gradient(psi.data(), other.data(), psi.size(), target - kLaneBits, high), 1,
                [](std::size_t) { return 1.0; });
        else
            add(low_gradient(psi.data(), other.data(), psi.size(), target, high), 1,
                [&](std::size_t lane) { return lane >> target & 1 ? 1.0 : -1.0; });
    }
    return total;
}

}  // namespace qdcnn::sim
