#include "qdcnn/sim/channels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace qdcnn::sim {
namespace {

using Parameters = std::span<const double>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// Times that divide: anything above zero.
constexpr double kLeastTime = std::numeric_limits<double>::min();
constexpr double kPi = std::numbers::pi;

ChannelParameter probability(std::string_view name, double high = 1.0, double strongest = 1.0) {
    return {name, 0.0, high, Scaling::multiplied, strongest};
}
ChannelParameter kept(std::string_view name, double low, double high) {
    return {name, low, high, Scaling::kept, high};
}

Matrix weighted(double probability, Matrix matrix) {
    for (Complex& value : matrix.values) value *= std::sqrt(std::max(0.0, probability));
    return matrix;
}

/// I, X, Y or Z.
Matrix pauli_matrix(std::size_t letter) {
    using circuit::GateId;
    constexpr GateId kLetters[] = {GateId::id, GateId::x, GateId::y, GateId::z};
    return circuit::gate_row(kLetters[letter]).matrix({});
}

/// `low` on qubit 0.
Matrix side_by_side(const Matrix& low, const Matrix& high) {
    Matrix result = Matrix::zero(4);
    for (std::size_t row = 0; row < 4; ++row)
        for (std::size_t column = 0; column < 4; ++column)
            result(row, column) = low(row & 1, column & 1) * high(row >> 1, column >> 1);
    return result;
}

/// Pauli errors with the given probabilities of all products but the identity, in the order X, Y, Z (one
/// qubit) or IX, IY, .., ZZ with qubit 0 on the right.
std::vector<Matrix> pauli_kraus(Parameters errors, int qubits) {
    std::vector<Matrix> operators;
    const double none = 1.0 - std::accumulate(errors.begin(), errors.end(), 0.0);
    for (std::size_t index = 0; index <= errors.size(); ++index) {
        const double p = index == 0 ? none : errors[index - 1];
        if (p <= 0) continue;
        operators.push_back(
            weighted(p, qubits == 1 ? pauli_matrix(index)
                                    : side_by_side(pauli_matrix(index & 3), pauli_matrix(index >> 2))));
    }
    return operators;
}

std::vector<Matrix> depolarizing_kraus(double lambda, int qubits) {
    const std::size_t errors = (std::size_t{1} << (2 * qubits)) - 1;
    return pauli_kraus(std::vector<double>(errors, lambda / static_cast<double>(errors + 1)), qubits);
}

std::vector<Matrix> one_pauli_kraus(double p, std::size_t letter) {
    std::vector<double> errors(3, 0.0);
    errors[letter - 1] = p;
    return pauli_kraus(errors, 1);
}

/// Relaxation towards a population `excited` of |1>: a share `decay` of the difference goes, coherences
/// shrink to `coherence` of what they were.
std::vector<Matrix> relaxation_kraus(double decay, double coherence, double excited) {
    // In each of the two halves 1 - decay >= coherence^2; what is missing dephases.
    const double dephasing = std::max(0.0, 1.0 - decay - coherence * coherence);
    std::vector<Matrix> operators;
    for (const double up : {0.0, 1.0}) {
        const double share = up > 0 ? excited : 1.0 - excited;
        if (share <= 0) continue;
        Matrix stay = Matrix::zero(2), jump = Matrix::zero(2), dephase = Matrix::zero(2);
        const std::size_t stable = up > 0 ? 1 : 0, decaying = 1 - stable;
        stay(stable, stable) = 1;
        stay(decaying, decaying) = coherence;
        jump(stable, decaying) = std::sqrt(decay);
        dephase(decaying, decaying) = std::sqrt(dephasing);
        for (const Matrix& k : {stay, jump, dephase}) operators.push_back(weighted(share, k));
    }
    return operators;
}

/// Replaces the state by |0> or |1> with these probabilities.
std::vector<Matrix> reset_kraus(double p0, double p1) {
    std::vector<Matrix> operators{weighted(1.0 - p0 - p1, Matrix::identity(2))};
    for (const std::size_t to : {0, 1})
        for (const std::size_t from : {0, 1}) {
            Matrix jump = Matrix::zero(2);
            jump(to, from) = 1;
            operators.push_back(weighted(to == 0 ? p0 : p1, jump));
        }
    return operators;
}

/// A sum of decimal probabilities may miss 1 by a rounding.
bool sum_at_most_one(Parameters v) { return std::accumulate(v.begin(), v.end(), 0.0) <= 1.0 + 1e-12; }
bool t2_fits_t1(Parameters v) { return v[1] <= 2 * v[0] * (1.0 + 1e-12); }

constexpr std::string_view kNielsenChuang = "Nielsen and Chuang, section 8.3";
constexpr std::string_view kAer = "Qiskit Aer, noise.errors.standard_errors";
constexpr std::string_view kSumCondition = "their sum is at most 1";

std::vector<ChannelParameter> pauli2_parameters() {
    static constexpr std::string_view kNames[] = {"ix", "iy", "iz", "xi", "xx", "xy", "xz", "yi",
                                                  "yx", "yy", "yz", "zi", "zx", "zy", "zz"};
    std::vector<ChannelParameter> parameters;
    for (const auto name : kNames) parameters.push_back(probability(name));
    return parameters;
}

std::vector<ChannelRow> make_table() {
    using Id = ChannelId;
    return {
        {Id::depolarizing,
         "depolarizing",
         1,
         {probability("lambda", 4.0 / 3, 1.0)},
         {},
         nullptr,
         [](Parameters v) { return depolarizing_kraus(v[0], 1); },
         "rho -> (1 - lambda) rho + lambda I/2",
         kAer},
        {Id::depolarizing2,
         "depolarizing2",
         2,
         {probability("lambda", 16.0 / 15, 1.0)},
         {},
         nullptr,
         [](Parameters v) { return depolarizing_kraus(v[0], 2); },
         "rho -> (1 - lambda) rho + lambda I/4",
         kAer},
        {Id::bit_flip,
         "bit_flip",
         1,
         {probability("p", 1.0, 0.5)},
         {},
         nullptr,
         [](Parameters v) { return one_pauli_kraus(v[0], 1); },
         "rho -> (1 - p) rho + p X rho X",
         kNielsenChuang},
        {Id::phase_flip,
         "phase_flip",
         1,
         {probability("p", 1.0, 0.5)},
         {},
         nullptr,
         [](Parameters v) { return one_pauli_kraus(v[0], 3); },
         "rho -> (1 - p) rho + p Z rho Z",
         kNielsenChuang},
        {Id::bit_phase_flip,
         "bit_phase_flip",
         1,
         {probability("p", 1.0, 0.5)},
         {},
         nullptr,
         [](Parameters v) { return one_pauli_kraus(v[0], 2); },
         "rho -> (1 - p) rho + p Y rho Y",
         kNielsenChuang},
        {Id::pauli,
         "pauli",
         1,
         {probability("x"), probability("y"), probability("z")},
         kSumCondition,
         sum_at_most_one,
         [](Parameters v) { return pauli_kraus(v, 1); },
         "rho -> (1 - x - y - z) rho + x X rho X + y Y rho Y + z Z rho Z",
         kNielsenChuang},
        {Id::pauli2, "pauli2", 2, pauli2_parameters(), kSumCondition, sum_at_most_one,
         [](Parameters v) { return pauli_kraus(v, 2); },
         "rho -> (1 - sum p_P) rho + sum p_P P rho P, the letter of qubit 0 on the right", kAer},
        {Id::amplitude_damping,
         "amplitude_damping",
         1,
         {probability("gamma")},
         {},
         nullptr,
         [](Parameters v) { return relaxation_kraus(v[0], std::sqrt(1 - v[0]), 0.0); },
         "K0 = diag(1, sqrt(1 - gamma)), K1 = sqrt(gamma) |0><1|",
         kNielsenChuang},
        {Id::generalized_amplitude_damping,
         "generalized_amplitude_damping",
         1,
         {probability("gamma"), kept("excited", 0.0, 1.0)},
         {},
         nullptr,
         [](Parameters v) { return relaxation_kraus(v[0], std::sqrt(1 - v[0]), v[1]); },
         "amplitude damping towards the population `excited` of |1>",
         kNielsenChuang},
        {Id::phase_damping,
         "phase_damping",
         1,
         {probability("lambda")},
         {},
         nullptr,
         [](Parameters v) { return relaxation_kraus(0.0, std::sqrt(1 - v[0]), 0.0); },
         "K0 = diag(1, sqrt(1 - lambda)), K1 = sqrt(lambda) |1><1|",
         kNielsenChuang},
        {Id::thermal_relaxation,
         "thermal_relaxation",
         1,
         {kept("t1", kLeastTime, kInfinity),
          kept("t2", kLeastTime, kInfinity),
          {"time", 0.0, std::numeric_limits<double>::max(), Scaling::multiplied, kInfinity},
          kept("excited", 0.0, 1.0)},
         "t2 is at most 2 t1",
         t2_fits_t1,
         [](Parameters v) {
             return relaxation_kraus(-std::expm1(-v[2] / v[0]), std::exp(-v[2] / v[1]), v[3]);
         },
         "populations approach `excited` by exp(-time/t1), coherences shrink by exp(-time/t2)",
         kAer},
        {Id::reset,
         "reset",
         1,
         {probability("p0"), probability("p1")},
         kSumCondition,
         sum_at_most_one,
         [](Parameters v) { return reset_kraus(v[0], v[1]); },
         "rho -> (1 - p0 - p1) rho + p0 |0><0| + p1 |1><1|",
         kAer},
        {Id::coherent,
         "coherent",
         1,
         {{"angle", -kInfinity, kInfinity, Scaling::multiplied, kInfinity},
          kept("theta", 0.0, kPi),
          kept("phi", -2 * kPi, 2 * kPi)},
         {},
         nullptr,
         [](Parameters v) {
             const double x = std::sin(v[1]) * std::cos(v[2]), y = std::sin(v[1]) * std::sin(v[2]),
                          z = std::cos(v[1]);
             const double c = std::cos(v[0] / 2), s = std::sin(v[0] / 2);
             return std::vector<Matrix>{{2, {{c, -s * z}, {-s * y, -s * x}, {s * y, -s * x}, {c, s * z}}}};
         },
         "rho -> U rho U^dagger, U = exp(-i angle/2 n.sigma), n in the direction (theta, phi)",
         kNielsenChuang},
    };
}

}  // namespace

std::span<const ChannelRow> channel_table() {
    static const std::vector<ChannelRow> rows = make_table();
    return rows;
}

const ChannelRow& channel_row(ChannelId id) { return channel_table()[static_cast<std::size_t>(id)]; }

const ChannelRow* find_channel(std::string_view name) {
    const auto table = channel_table();
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const ChannelRow& row) { return row.name == name; });
    return found == table.end() ? nullptr : &*found;
}

Channel depolarizing(double lambda, int qubits) {
    return Channel::of(qubits == 1 ? ChannelId::depolarizing : ChannelId::depolarizing2, {lambda});
}

Channel thermal_relaxation(double t1, double t2, double time, double excited) {
    return Channel::of(ChannelId::thermal_relaxation, {t1, t2, time, excited});
}

}  // namespace qdcnn::sim
