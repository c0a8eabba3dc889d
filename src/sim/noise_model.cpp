#include "qdcnn/sim/noise_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "pauli_map.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/suggest.h"

namespace qdcnn::sim {
namespace {

using circuit::Qubit;

[[noreturn]] void invalid(const std::string& message, const std::string& hint = {}) {
    throw Error(ErrorKind::invalid_input, message, hint);
}

void check_probability(double p, const char* what) {
    if (!(p >= 0 && p <= 1)) invalid(fmt::format("read-out: {} = {} is outside [0, 1]", what, p));
}

/// A step as a map on all qubits of its operation.
PauliMap widened(const GateError::Step& step, int qubits) {
    if (qubits == 1) return step.channel.map();
    if (step.channel.qubits() == 1)
        return step.on[0] == 0 ? tensor_product(step.channel.map(), identity_map(1))
                               : tensor_product(identity_map(1), step.channel.map());
    return step.on[0] == 0 ? step.channel.map() : swapped(step.channel.map());
}

/// A flip probability at `factor` times the noise.
double scaled_flip(double flip, double factor) {
    const double scaled = flip * factor;
    return factor > 1 && scaled > 0.5 ? std::max(flip, 0.5) : scaled;
}

ReadoutError scaled(const ReadoutError& error, double factor) {
    return {scaled_flip(error.p1_given_0, factor), scaled_flip(error.p0_given_1, factor)};
}

/// Number of qubits of an operation. An error of one that no circuit has would never act.
int qubits_of_operation(const std::string& operation) {
    if (operation == "measure" || operation == "reset" || operation == "delay") return 1;
    if (const auto* row = circuit::find_gate(operation)) return row->qubits;
    std::vector<std::string> known{"measure", "reset", "delay"};
    for (const circuit::GateRow& row : circuit::gate_table()) {
        known.emplace_back(row.name);
        known.insert(known.end(), row.aliases.begin(), row.aliases.end());
    }
    throw Error(ErrorKind::unsupported,
                fmt::format("an error of \"{}\": no such operation is known", operation),
                suggestion(operation, known));
}

}  // namespace

GateError::GateError(int qubits) : qubits_(qubits) {
    if (qubits < 1) invalid(fmt::format("an operation on {} qubits has no error", qubits));
    if (qubits <= 2) map_ = identity_map(qubits);
}

GateError::GateError(const Channel& channel) : GateError(channel.qubits()) {
    add(channel, channel.qubits() == 1 ? std::vector<std::uint8_t>{0} : std::vector<std::uint8_t>{0, 1});
}

GateError& GateError::add(const Channel& channel, std::vector<std::uint8_t> on) {
    if (on.size() != static_cast<std::size_t>(channel.qubits()))
        invalid(fmt::format("a channel on {} qubit(s) was given {} positions", channel.qubits(), on.size()));
    for (const auto position : on)
        if (position >= qubits_)
            invalid(fmt::format("an operation on {} qubit(s) has no position {}", qubits_, position));
    if (on.size() == 2 && on[0] == on[1])
        invalid(fmt::format("a two-qubit channel was given position {} twice", on[0]));
    if (channel.is_identity()) return *this;
    steps_.push_back({channel, std::move(on)});
    if (qubits_ <= 2) map_ = product(widened(steps_.back(), qubits_), map_);
    return *this;
}

GateError& GateError::append(const GateError& later) {
    if (later.qubits_ != qubits_)
        invalid(fmt::format("an error on {} qubit(s) cannot follow one on {}", later.qubits_, qubits_));
    for (const Step& step : later.steps_) add(step.channel, step.on);
    return *this;
}

GateError GateError::swapped() const {
    if (qubits_ != 2) invalid("only the error of a two-qubit operation has qubits to exchange");
    GateError result(2);
    for (Step step : steps_) {
        for (auto& position : step.on) position = static_cast<std::uint8_t>(1 - position);
        result.add(step.channel, step.on);
    }
    return result;
}

GateError GateError::scaled(double factor) const {
    GateError result(qubits_);
    for (const Step& step : steps_) result.add(step.channel.scaled(factor), step.on);
    return result;
}

NoiseModel& NoiseModel::add_error(const std::string& operation, const GateError& error) {
    const int expected = qubits_of_operation(operation);
    if (expected != error.qubits())
        invalid(fmt::format("the error of {} acts on {} qubit(s), the operation on {}", operation,
                            error.qubits(), expected));
    auto& everywhere = entries_[operation].everywhere;
    if (everywhere)
        everywhere->append(error);
    else
        everywhere = error;
    return *this;
}

NoiseModel& NoiseModel::add_error(const std::string& operation, const std::vector<Qubit>& qubits,
                                  const GateError& error) {
    const int expected = qubits_of_operation(operation);
    if (qubits.size() != static_cast<std::size_t>(error.qubits()) || expected != error.qubits())
        invalid(fmt::format("the error of {} on qubits [{}] acts on {} qubit(s)", operation,
                            fmt::join(qubits, ", "), error.qubits()));
    for (std::size_t i = 0; i < qubits.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (qubits[i] == qubits[j])
                invalid(fmt::format("the error of {} names qubit {} twice", operation, qubits[i]));
    auto& local = entries_[operation].local;
    const auto [place, is_first] = local.emplace(qubits, error);
    if (!is_first) place->second.append(error);
    return *this;
}

NoiseModel& NoiseModel::set_readout(Qubit qubit, ReadoutError error) {
    check_probability(error.p1_given_0, "P(1|0)");
    check_probability(error.p0_given_1, "P(0|1)");
    readout_[qubit] = error;
    return *this;
}

NoiseModel& NoiseModel::set_readout(ReadoutError error) {
    check_probability(error.p1_given_0, "P(1|0)");
    check_probability(error.p0_given_1, "P(0|1)");
    default_readout_ = error;
    return *this;
}

NoiseModel& NoiseModel::set_relaxation(Qubit qubit, Relaxation relaxation) {
    thermal_relaxation(relaxation.t1, relaxation.t2, 0.0, relaxation.excited);
    relaxation_.insert_or_assign(qubit, relaxation);
    return *this;
}

NoiseModel& NoiseModel::set_dt(double dt) {
    if (!(dt > 0) || !std::isfinite(dt)) invalid(fmt::format("dt = {} is no time", dt));
    dt_ = dt;
    return *this;
}

const GateError* NoiseModel::error_of(std::string_view operation, std::span<const Qubit> qubits) const {
    const auto entry = entries_.find(operation);
    if (entry == entries_.end()) return nullptr;
    if (!entry->second.local.empty()) {
        const auto found = entry->second.local.find(std::vector<Qubit>(qubits.begin(), qubits.end()));
        if (found != entry->second.local.end()) return &found->second;
    }
    return entry->second.everywhere ? &*entry->second.everywhere : nullptr;
}

const GateError* NoiseModel::error_of(circuit::GateId gate, std::span<const Qubit> qubits) const {
    const auto& row = circuit::gate_row(gate);
    if (const GateError* error = error_of(row.name, qubits)) return error;
    for (const auto alias : row.aliases)
        if (const GateError* error = error_of(alias, qubits)) return error;
    return nullptr;
}

ReadoutError NoiseModel::readout(Qubit qubit) const {
    const auto own = readout_.find(qubit);
    return own == readout_.end() ? default_readout_ : own->second;
}

bool NoiseModel::acts_on_delay(Qubit qubit) const {
    return relaxation(qubit) || error_of("delay", {&qubit, 1});
}

const Relaxation* NoiseModel::relaxation(Qubit qubit) const {
    const auto found = relaxation_.find(qubit);
    return found == relaxation_.end() ? nullptr : &found->second;
}

bool NoiseModel::is_ideal() const {
    for (const auto& [name, entry] : entries_) {
        if (entry.everywhere && !entry.everywhere->is_ideal()) return false;
        for (const auto& [qubits, error] : entry.local)
            if (!error.is_ideal()) return false;
    }
    for (const auto& [qubit, error] : readout_)
        if (!error.is_ideal()) return false;
    return default_readout_.is_ideal() && relaxation_.empty();
}

NoiseModel NoiseModel::scaled(double factor) const {
    if (!(factor >= 0) || !std::isfinite(factor))
        invalid(fmt::format("a noise scale of {} makes no sense", factor),
                "0 is noiseless, 1 the noise as it is.");
    NoiseModel result = *this;
    for (auto& [name, entry] : result.entries_) {
        if (entry.everywhere) entry.everywhere = entry.everywhere->scaled(factor);
        for (auto& [qubits, error] : entry.local) error = error.scaled(factor);
    }
    for (auto& [qubit, error] : result.readout_) error = sim::scaled(error, factor);
    result.default_readout_ = sim::scaled(default_readout_, factor);
    if (factor == 0) result.relaxation_.clear();
    for (auto& [qubit, relaxation] : result.relaxation_) {
        relaxation.t1 /= factor;
        relaxation.t2 /= factor;
    }
    return result;
}

NoiseModel NoiseModel::without_measurement_errors() const {
    NoiseModel result = *this;
    result.entries_.erase("measure");
    result.readout_.clear();
    result.default_readout_ = {};
    return result;
}

}  // namespace qdcnn::sim
