#include "qdcnn/sim/density_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "density_memory.h"
#include "density_prepare.h"
#include "pauli_kernels.h"
#include "pauli_map.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/memory.h"
#include "qdcnn/circuit/state_preparation.h"

namespace qdcnn::sim {
namespace {

using circuit::Qubit;

void check_qubits(std::span<const Qubit> qubits, std::uint32_t num_qubits) {
    for (std::size_t i = 0; i < qubits.size(); ++i) {
        if (qubits[i] >= num_qubits)
            throw Error(
                ErrorKind::invalid_input,
                fmt::format("qubit {} is out of range: the density matrix has {}", qubits[i], num_qubits));
        if (std::find(qubits.begin(), qubits.begin() + static_cast<std::ptrdiff_t>(i), qubits[i]) !=
            qubits.begin() + static_cast<std::ptrdiff_t>(i))
            throw Error(ErrorKind::invalid_input, fmt::format("qubit {} is named twice", qubits[i]));
    }
}

/// Sums over z of (-1)^(z.j), in place: index bits pair with index bits.
void walsh_hadamard(std::span<double> values) {
    for (std::size_t half = 1; half < values.size(); half *= 2)
        for (std::size_t base = 0; base < values.size(); base += 2 * half)
            for (std::size_t i = base; i < base + half; ++i) {
                const double a = values[i], b = values[i + half];
                values[i] = a + b;
                values[i + half] = a - b;
            }
}

/// Moves bit i of `bits` to bit 2 * position[i].
std::size_t spread(std::size_t bits, std::span<const Qubit> position) {
    std::size_t index = 0;
    for (std::size_t i = 0; i < position.size(); ++i) index |= (bits >> i & 1) << 2 * position[i];
    return index;
}

/// Index of the Pauli product with X on the bits of x, Z on those of z, and Y where both are.
std::size_t pauli_index(std::size_t x, std::size_t z, std::span<const Qubit> position) {
    // X is letter 1, Y 2, Z 3: the low bit is x ^ z, the high bit is z.
    return spread(x ^ z, position) | spread(z, position) << 1;
}

/// The Pauli coefficients of |psi><psi|, by the index of the listed qubits alone. For real amplitudes
/// Tr(P rho) = i^|x & z| sum_j (-1)^(z.j) psi[j ^ x] psi[j], which is zero for an odd number of Y.
std::vector<double> coefficients_of(std::span<const double> amplitudes, std::size_t qubits) {
    std::vector<Qubit> position(qubits);
    for (Qubit q = 0; q < qubits; ++q) position[q] = q;
    std::vector<double> result(std::size_t{1} << 2 * qubits, 0.0), row(amplitudes.size());
    for (std::size_t x = 0; x < amplitudes.size(); ++x) {
        for (std::size_t j = 0; j < amplitudes.size(); ++j) row[j] = amplitudes[j] * amplitudes[j ^ x];
        walsh_hadamard(row);
        for (std::size_t z = 0; z < amplitudes.size(); ++z) {
            const int ys = std::popcount(x & z);
            if (ys % 2 == 0) result[pauli_index(x, z, position)] = ys % 4 == 0 ? row[z] : -row[z];
        }
    }
    return result;
}

}  // namespace

namespace {

std::string matrices(std::uint32_t qubits, double copies) {
    return fmt::format("the density matrix of {} qubits{}", qubits,
                       copies > 1 ? fmt::format(" in {:.0f} branches", copies) : std::string());
}

}  // namespace

double density_bytes(std::uint32_t qubits, Precision precision) {
    return std::ldexp(precision == Precision::f64 ? 8.0 : 4.0, 2 * static_cast<int>(qubits));
}

void require_within_limit(std::uint32_t qubits, Precision precision, double copies, double limit) {
    const double bytes = copies * density_bytes(qubits, precision);
    if (limit <= 0 || bytes <= limit) return;
    throw Error(ErrorKind::out_of_memory,
                fmt::format("{} needs {:.3g} GiB of memory, the limit is {:.3g} GiB",
                            matrices(qubits, copies), bytes / 0x1p30, limit / 0x1p30),
                "Use fewer qubits, or raise the limit.");
}

void require_density_matrices(std::uint32_t qubits, Precision precision, double copies, double more_each) {
    const std::string what = matrices(qubits, copies);
    const double bytes = copies * (density_bytes(qubits, precision) + more_each);
    // Asking the kernel costs more than small circuits take.
    if (bytes < 0x1p24) return;
    // Past what 64 bits hold only the number for the message is missing.
    if (bytes >= 0x1p63)
        throw Error(ErrorKind::out_of_memory,
                    fmt::format("{} needs {:.3g} GiB of memory", what, bytes / 0x1p30), "Use fewer qubits.");
    require_memory(static_cast<std::uint64_t>(bytes), what);
}

DensityMatrix::DensityMatrix(std::uint32_t qubits, Precision precision) : num_qubits_(qubits) {
    require_density_matrices(qubits, precision, 1);
    if (precision == Precision::f32) coefficients_.emplace<std::vector<float>>();
    std::vector<Qubit> position(qubits);
    for (Qubit q = 0; q < qubits; ++q) position[q] = q;
    std::visit(
        [&](auto& r) {
            r.assign(std::size_t{1} << 2 * qubits, 0);
            for (std::size_t z = 0; z < std::size_t{1} << qubits; ++z) r[pauli_index(0, z, position)] = 1;
        },
        coefficients_);
}

void DensityMatrix::apply(const Channel& channel, std::span<const Qubit> qubits) {
    if (qubits.size() != static_cast<std::size_t>(channel.qubits()))
        throw Error(ErrorKind::invalid_input,
                    fmt::format("a channel on {} qubit(s) was given {}", channel.qubits(), qubits.size()));
    apply_map(channel.map(), qubits);
}

void DensityMatrix::apply_map(std::span<const double> map, std::span<const Qubit> qubits) {
    check_qubits(qubits, num_qubits_);
    if (map.size() == 16 && qubits.size() == 1) {
        std::visit([&](auto& r) { sweep_one(std::span(r), map.data(), qubits[0]); }, coefficients_);
    } else if (map.size() == 256 && qubits.size() == 2) {
        const bool is_turned = qubits[0] > qubits[1];
        const PauliMap turned = is_turned ? swapped(map) : PauliMap();
        const double* numbers = is_turned ? turned.data() : map.data();
        const Qubit low = std::min(qubits[0], qubits[1]), high = std::max(qubits[0], qubits[1]);
        std::visit([&](auto& r) { sweep_two(std::span(r), numbers, low, high); }, coefficients_);
    } else {
        throw Error(ErrorKind::invalid_input,
                    fmt::format("a map of {} numbers does not fit {} qubit(s)", map.size(), qubits.size()));
    }
}

template <typename Real>
void prepare_coefficients(std::span<Real> r, std::uint32_t num_qubits, std::span<const Qubit> qubits,
                          std::span<const double> amplitudes) {
    const std::vector<double> prepared = coefficients_of(circuit::normalised(amplitudes), qubits.size());
    std::vector<Qubit> others;
    for (Qubit q = 0; q < num_qubits; ++q)
        if (std::find(qubits.begin(), qubits.end(), q) == qubits.end()) others.push_back(q);
    const auto index_on = [](std::size_t letters, std::span<const Qubit> position) {
        std::size_t index = 0;
        for (std::size_t i = 0; i < position.size(); ++i) index |= (letters >> 2 * i & 3) << 2 * position[i];
        return index;
    };
    std::vector<std::size_t> offset(prepared.size());
    for (std::size_t letters = 0; letters < prepared.size(); ++letters)
        offset[letters] = index_on(letters, qubits);
    // The rest keeps its coefficients with the identity on the qubits; the product is the new state.
    for (std::size_t letters = 0; letters < std::size_t{1} << 2 * others.size(); ++letters) {
        Real* at = r.data() + index_on(letters, others);
        const double rest = *at;
        for (std::size_t k = 0; k < prepared.size(); ++k)
            at[offset[k]] = static_cast<Real>(rest * prepared[k]);
    }
}

template void prepare_coefficients(std::span<double>, std::uint32_t, std::span<const Qubit>,
                                   std::span<const double>);
template void prepare_coefficients(std::span<float>, std::uint32_t, std::span<const Qubit>,
                                   std::span<const double>);

void DensityMatrix::prepare(std::span<const Qubit> qubits, std::span<const double> amplitudes) {
    check_qubits(qubits, num_qubits_);
    if (amplitudes.size() != std::size_t{1} << qubits.size())
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{} amplitudes do not fit {} qubits", amplitudes.size(), qubits.size()));
    std::visit([&](auto& r) { prepare_coefficients(std::span(r), num_qubits_, qubits, amplitudes); },
               coefficients_);
}

DensityMatrix& DensityMatrix::operator+=(const DensityMatrix& other) {
    if (other.num_qubits_ != num_qubits_)
        throw Error(ErrorKind::invalid_input, "density matrices of different sizes cannot be added");
    if (other.precision() != precision())
        throw Error(ErrorKind::invalid_input, "density matrices of different precision cannot be added");
    std::visit(
        [&](auto& r) {
            const auto& more = std::get<std::decay_t<decltype(r)>>(other.coefficients_);
            for (std::size_t i = 0; i < r.size(); ++i) r[i] += more[i];
        },
        coefficients_);
    return *this;
}

double DensityMatrix::purity() const {
    double sum = 0;
    std::visit(
        [&](const auto& r) {
            for (const double value : r) sum += value * value;
        },
        coefficients_);
    return std::ldexp(sum, -static_cast<int>(num_qubits_));
}

double DensityMatrix::expectation(const circuit::PauliString& paulis) const {
    std::size_t index = 0;
    for (const auto& [qubit, pauli] : paulis) {
        check_qubits({&qubit, 1}, num_qubits_);
        index |= static_cast<std::size_t>(pauli) << 2 * qubit;
    }
    return coefficient(index);
}

Complex DensityMatrix::entry(std::uint64_t row, std::uint64_t column) const {
    const std::size_t dimension = std::size_t{1} << num_qubits_;
    if (row >= dimension || column >= dimension)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("entry ({}, {}) is outside a matrix of size {}", row, column, dimension));
    std::vector<Qubit> position(num_qubits_);
    for (Qubit q = 0; q < num_qubits_; ++q) position[q] = q;
    // <row| P |column> = i^|x & z| (-1)^(z . column) for the products with X or Y exactly where the bits
    // differ.
    const std::size_t x = row ^ column;
    constexpr Complex kPowers[] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    Complex sum = 0;
    for (std::size_t z = 0; z < dimension; ++z) {
        const double sign = std::popcount(z & column) % 2 ? -1.0 : 1.0;
        sum += kPowers[std::popcount(x & z) % 4] * (sign * coefficient(pauli_index(x, z, position)));
    }
    return sum / static_cast<double>(dimension);
}

std::vector<double> DensityMatrix::probabilities(std::span<const Qubit> qubits) const {
    check_qubits(qubits, num_qubits_);
    std::vector<double> values(std::size_t{1} << qubits.size());
    for (std::size_t z = 0; z < values.size(); ++z)
        values[z] = coefficient(3 * spread(z, qubits)) / static_cast<double>(values.size());
    walsh_hadamard(values);
    return values;
}

std::vector<double> DensityMatrix::probabilities() const {
    std::vector<Qubit> all(num_qubits_);
    for (Qubit q = 0; q < num_qubits_; ++q) all[q] = q;
    return probabilities(all);
}

}  // namespace qdcnn::sim
