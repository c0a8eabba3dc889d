#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "pauli_map.h"
#include "qdcnn/base/error.h"
#include "qdcnn/sim/channels.h"

namespace qdcnn::sim {
namespace {

[[noreturn]] void invalid(const std::string& message, const std::string& hint) {
    throw Error(ErrorKind::invalid_input, message, hint);
}

int qubits_of_dimension(std::size_t dimension, const char* what, std::size_t one_qubit) {
    if (dimension == one_qubit) return 1;
    if (dimension == one_qubit * one_qubit) return 2;
    invalid(fmt::format("{} of size {} is no channel on one or two qubits: expected {} or {}", what,
                        dimension, one_qubit, one_qubit * one_qubit),
            "Write larger errors as products of channels on one and two qubits.");
}

/// How far row 0 is from (1, 0, ..): what is missing to preserve the trace.
double trace_deviation(std::span<const double> map, std::size_t size) {
    double deviation = std::abs(map[0] - 1.0);
    for (std::size_t j = 1; j < size; ++j) deviation = std::max(deviation, std::abs(map[j]));
    return deviation;
}

double least_choi_eigenvalue(std::span<const double> map) { return spectrum_of(choi_of(map)).values.front(); }

/// 1 + factor (E - 1)
PauliMap stretched(const PauliMap& map, std::size_t size, double factor) {
    PauliMap result = map;
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t j = 0; j < size; ++j) {
            const double unit = i == j ? 1.0 : 0.0;
            result[i * size + j] = unit + factor * (map[i * size + j] - unit);
        }
    return result;
}

/// The largest factor in [good, bad] that `is_allowed`, which holds at `good` and up to some place only.
template <typename Condition>
double largest_allowed(double good, double bad, const Condition& is_allowed) {
    for (int step = 0; step < 60 && bad - good > 1e-12 * bad; ++step) {
        const double middle = (good + bad) / 2;
        (is_allowed(middle) ? good : bad) = middle;
    }
    return good;
}

void check_parameters(const ChannelRow& row, std::span<const double> parameters) {
    if (parameters.size() != row.parameters.size())
        invalid(fmt::format("channel {} takes {} parameter(s), not {}", row.name, row.parameters.size(),
                            parameters.size()),
                {});
    for (std::size_t k = 0; k < parameters.size(); ++k) {
        const ChannelParameter& parameter = row.parameters[k];
        // Written so that NaN fails.
        if (!(parameters[k] >= parameter.low && parameters[k] <= parameter.high))
            invalid(fmt::format("channel {}: {} = {} is outside [{}, {}]", row.name, parameter.name,
                                parameters[k], parameter.low, parameter.high),
                    fmt::format("The channel is {}.", row.formula));
    }
    if (row.holds && !row.holds(parameters))
        invalid(fmt::format("channel {}: ({}) is no channel: {}", row.name, fmt::join(parameters, ", "),
                            row.condition),
                fmt::format("The channel is {}.", row.formula));
}

}  // namespace

Channel Channel::identity(int qubits) { return Channel(qubits, identity_map(qubits)); }

Channel Channel::of(ChannelId id, std::vector<double> parameters) {
    const ChannelRow& row = channel_row(id);
    check_parameters(row, parameters);
    Channel channel(row.qubits, map_of_kraus(row.kraus(parameters)));
    channel.row_ = &row;
    channel.parameters_ = std::move(parameters);
    return channel;
}

Channel Channel::from_kraus(std::span<const Matrix> operators) {
    if (operators.empty()) invalid("a channel needs at least one Kraus operator", {});
    const int qubits = qubits_of_dimension(operators.front().size, "a Kraus operator", 2);
    for (const Matrix& k : operators) {
        if (k.size != operators.front().size || k.values.size() != k.size * k.size)
            invalid("the Kraus operators of a channel have different sizes", {});
        for (const Complex& value : k.values)
            if (!std::isfinite(value.real()) || !std::isfinite(value.imag()))
                invalid("a Kraus operator has an entry that is not a finite number", {});
    }
    Channel channel(qubits, map_of_kraus(operators));
    const double deviation = trace_deviation(channel.map_, map_size(qubits));
    if (deviation > kChannelTolerance)
        invalid(fmt::format(
                    "the Kraus operators do not preserve the trace: the sum of K^dagger K differs from the "
                    "identity by {:.3g}, at most {:.0e} is allowed",
                    deviation, kChannelTolerance),
                "Check the factors of the operators: probabilities enter as square roots.");
    return channel;
}

Channel Channel::from_unitary(const Matrix& unitary) {
    try {
        return from_kraus({&unitary, 1});
    } catch (const Error& error) {
        throw error.with_context("a unitary error");
    }
}

Channel Channel::from_superoperator(const Matrix& superoperator) {
    const int qubits = qubits_of_dimension(superoperator.size, "a superoperator", 4);
    double hermiticity = 0;
    Channel channel(qubits, map_of_superoperator(superoperator, hermiticity));
    const double trace = trace_deviation(channel.map_, map_size(qubits));
    // Written so that NaN fails.
    if (!(trace <= kChannelTolerance) || !(hermiticity <= kChannelTolerance))
        invalid(
            fmt::format(
                "the superoperator is no channel: it changes the trace by {:.3g} and Hermiticity by {:.3g}, "
                "at most {:.0e} is allowed",
                trace, hermiticity, kChannelTolerance),
            "It acts on the columns of the density matrix, stacked (Qiskit's SuperOp).");
    const double least = least_choi_eigenvalue(channel.map_);
    if (least < -kChannelTolerance)
        invalid(
            fmt::format(
                "the superoperator is not completely positive: its Choi matrix has the eigenvalue {:.3g}, "
                "at least {:.0e} is allowed",
                least, -kChannelTolerance),
            "It acts on the columns of the density matrix, stacked (Qiskit's SuperOp).");
    return channel;
}

Channel Channel::mixture(std::span<const double> probabilities, std::span<const Channel> channels) {
    if (channels.empty() || probabilities.size() != channels.size())
        invalid(fmt::format("a mixture of {} channels has {} probabilities", channels.size(),
                            probabilities.size()),
                {});
    double sum = 0;
    PauliMap map(channels.front().map_.size(), 0.0);
    for (std::size_t k = 0; k < channels.size(); ++k) {
        const double p = probabilities[k];
        if (!(p >= 0 && p <= 1 + kChannelTolerance))
            invalid(fmt::format("the probability {} of a mixture is outside [0, 1]", p), {});
        if (channels[k].qubits_ != channels.front().qubits_)
            invalid("the channels of a mixture act on different numbers of qubits", {});
        sum += p;
        for (std::size_t i = 0; i < map.size(); ++i) map[i] += p * channels[k].map_[i];
    }
    if (std::abs(sum - 1) > kChannelTolerance)
        invalid(fmt::format("the probabilities of a mixture sum to {}, not to 1", sum),
                "The term without an error has a probability too.");
    return Channel(channels.front().qubits_, std::move(map));
}

Channel Channel::tensor(const Channel& first, const Channel& second) {
    if (first.qubits_ != 1 || second.qubits_ != 1)
        invalid("only one-qubit channels can be put side by side", {});
    return Channel(2, tensor_product(first.map_, second.map_));
}

Channel Channel::compose(const Channel& next) const {
    if (next.qubits_ != qubits_)
        invalid(fmt::format("a channel on {} qubit(s) cannot follow one on {}", next.qubits_, qubits_),
                "Widen it with Channel::tensor.");
    return Channel(qubits_, product(next.map_, map_));
}

Channel Channel::swapped() const {
    if (qubits_ != 2) invalid("only a two-qubit channel has qubits to exchange", {});
    return Channel(2, sim::swapped(map_));
}

Matrix Channel::superoperator() const { return superoperator_of(map_); }

std::vector<Matrix> Channel::kraus() const {
    const Spectrum spectrum = spectrum_of(choi_of(map_));
    const std::size_t d = std::size_t{1} << qubits_;
    std::vector<Matrix> operators;
    for (std::size_t k = spectrum.values.size(); k-- > 0;) {
        // Rounding leaves 1e-16 where there is nothing.
        if (spectrum.values[k] < 1e-14) continue;
        Matrix k_matrix = Matrix::zero(d);
        for (std::size_t input = 0; input < d; ++input)
            for (std::size_t output = 0; output < d; ++output)
                k_matrix(output, input) =
                    std::sqrt(spectrum.values[k]) * spectrum.vectors(input * d + output, k);
        operators.push_back(std::move(k_matrix));
    }
    return operators;
}

double Channel::average_infidelity() const {
    const std::size_t size = map_size(qubits_);
    double trace = 0;
    for (std::size_t i = 0; i < size; ++i) trace += map_[i * size + i];
    const double d = std::ldexp(1.0, qubits_);
    return (d * d - trace) / (d * (d + 1));
}

bool Channel::is_identity() const { return map_ == identity_map(qubits_); }

Channel Channel::scaled(double factor) const {
    if (!(factor >= 0) || !std::isfinite(factor))
        invalid(fmt::format("a noise scale of {} makes no sense", factor),
                "0 is noiseless, 1 the noise as it is.");
    if (factor == 0) return identity(qubits_);
    if (factor == 1) return *this;
    return row_ ? scaled_row(factor) : scaled_map(factor);
}

Channel Channel::scaled_row(double factor) const {
    const auto at = [&](double scale) {
        std::vector<double> parameters = parameters_;
        for (std::size_t k = 0; k < parameters.size(); ++k) {
            const ChannelParameter& parameter = row_->parameters[k];
            if (parameter.scaling == Scaling::kept) continue;
            parameters[k] *= scale;
            // What is beyond the strongest already stays where it is.
            if (scale > 1 && parameters[k] > parameter.strongest)
                parameters[k] = std::max(parameters_[k], parameter.strongest);
        }
        return parameters;
    };
    if (row_->holds && !row_->holds(at(factor)))
        factor = largest_allowed(1.0, factor, [&](double scale) { return row_->holds(at(scale)); });
    return of(row_->id, at(factor));
}

Channel Channel::scaled_map(double factor) const {
    const std::size_t size = map_size(qubits_);
    const auto is_channel = [&](double scale) {
        return least_choi_eigenvalue(stretched(map_, size, scale)) >= -kChannelTolerance / 100;
    };
    if (factor > 1 && !is_channel(factor)) factor = largest_allowed(1.0, factor, is_channel);
    return Channel(qubits_, stretched(map_, size, factor));
}

}  // namespace qdcnn::sim
