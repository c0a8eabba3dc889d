#include "reading.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "qdcnn/base/error.h"
#include "qdcnn/base/suggest.h"

namespace qdcnn::target {
namespace {

/// Whether both directions of every pair say the same, so that one of them can go.
bool directions_agree(const Target& target) {
    for (const NativeGate& native : target.native_gates) {
        const auto& row = circuit::gate_row(native.gate);
        if (row.qubits != 2) continue;
        if (!row.is_symmetric) return false;
        for (const auto& [key, own] : target.gates) {
            if (key.first != native.name || key.second.size() != 2) continue;
            const auto other = target.gates.find({native.name, {key.second[1], key.second[0]}});
            if (other == target.gates.end()) continue;
            auto same = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
            if (!same(own.error, other->second.error) || !same(own.duration, other->second.duration))
                return false;
        }
    }
    return true;
}

void keep_one_direction(Target& target) {
    for (auto& [a, b] : target.edges)
        if (a > b) std::swap(a, b);
    std::map<std::pair<std::string, std::vector<Qubit>>, GateProperties> gates;
    for (const auto& [key, properties] : target.gates) {
        auto sorted = key;
        std::sort(sorted.second.begin(), sorted.second.end());
        gates.emplace(std::move(sorted), properties);
    }
    target.gates = std::move(gates);
}

class RangeCheck {
  public:
    void probability(double value, const std::string& what) const {
        if (!std::isnan(value) && !(value >= 0 && value <= 1)) fail(what, value, "a probability from 0 to 1");
    }
    void time(double value, const std::string& what, bool may_be_zero = true) const {
        if (!std::isnan(value) && !(std::isfinite(value) && (value > 0 || (may_be_zero && value == 0))))
            fail(what, value, "a time in seconds");
    }

  private:
    [[noreturn]] static void fail(const std::string& what, double value, const char* expected) {
        throw Error(ErrorKind::invalid_input, fmt::format("{} is {}, expected {}", what, value, expected));
    }
};

void check_figures(const Target& target) {
    const RangeCheck check;
    check.time(target.dt, "dt", false);
    for (std::size_t q = 0; q < target.qubits.size(); ++q) {
        const QubitProperties& own = target.qubits[q];
        auto name = [&](const char* figure) { return fmt::format("{} of qubit {}", figure, q); };
        check.time(own.t1, name("t1"), false);
        check.time(own.t2, name("t2"), false);
        check.probability(own.readout_error, name("readout_error"));
        check.probability(own.prob_meas1_prep0, name("prob_meas1_prep0"));
        check.probability(own.prob_meas0_prep1, name("prob_meas0_prep1"));
        check.time(own.readout_duration, name("readout_duration"));
    }
    for (const auto& [key, properties] : target.gates) {
        const std::string name = fmt::format("{} on {}", key.first, fmt::join(key.second, ", "));
        check.probability(properties.error, "the error of " + name);
        check.time(properties.duration, "the duration of " + name);
    }
    for (const auto& [name, properties] : target.defaults) {
        check.probability(properties.error, "the default error of " + name);
        check.time(properties.duration, "the default duration of " + name);
    }
}

}  // namespace

const circuit::GateRow& gate_row_of(const JsonView& name) {
    if (const auto* row = circuit::find_gate(name.text())) return *row;
    std::vector<std::string> known;
    for (const auto& row : circuit::gate_table()) known.emplace_back(row.name);
    throw Error(ErrorKind::unsupported, fmt::format("{}: there is no gate \"{}\"", name.path(), name.text()),
                suggestion(name.text(), known));
}

double number_or_unknown(const JsonView& value) {
    return value.value().is_null() ? std::numeric_limits<double>::quiet_NaN() : value.number();
}

std::pair<Qubit, Qubit> read_edge(const JsonView& pair, std::uint32_t num_qubits) {
    if (pair.size() != 2) pair.fail(fmt::format("expected two qubits, found {}", pair.size()));
    const std::int64_t a = pair.at(0).integer(), b = pair.at(1).integer();
    for (const std::int64_t qubit : {a, b})
        if (qubit < 0 || qubit >= num_qubits)
            pair.fail(fmt::format("qubit {} is outside the device of {}", qubit, num_qubits));
    if (a == b) pair.fail(fmt::format("qubit {} is coupled with itself", a));
    return {static_cast<Qubit>(a), static_cast<Qubit>(b)};
}

std::vector<Qubit> read_qubits_key(const JsonView& object, const std::string& key, std::uint32_t num_qubits) {
    std::vector<Qubit> qubits;
    const char* at = key.data();
    const char* end = key.data() + key.size();
    while (true) {
        Qubit qubit = 0;
        const auto [stop, error] = std::from_chars(at, end, qubit);
        if (error != std::errc{} || (stop != end && *stop != ','))
            object.fail(fmt::format("the key \"{}\" is no list of qubits such as \"3,4\"", key));
        if (qubit >= num_qubits)
            object.fail(
                fmt::format("the key \"{}\" names a qubit outside the device of {}", key, num_qubits));
        qubits.push_back(qubit);
        if (stop == end) return qubits;
        at = stop + 1;
    }
}

void require_known_keys(const JsonView& object, const std::vector<std::string>& known) {
    for (const std::string& key : object.keys())
        if (std::find(known.begin(), known.end(), key) == known.end())
            throw Error(ErrorKind::invalid_input,
                        fmt::format("{}: no such key is known", object.at(key).path()),
                        suggestion(key, known));
}

std::size_t width_of(const std::string& name, const JsonView& figures, const Target& target) {
    std::vector<std::string> known{"measure", "reset"};
    for (const NativeGate& native : target.native_gates) {
        if (native.name == name) return static_cast<std::size_t>(circuit::gate_row(native.gate).qubits);
        known.push_back(native.name);
    }
    if (name == "measure" || name == "reset") return 1;
    throw Error(ErrorKind::invalid_input,
                fmt::format("{}: the device has no native gate \"{}\"", figures.path(), name),
                suggestion(name, known));
}

void check_place(const std::vector<Qubit>& qubits, std::size_t width, const std::string& gate,
                 const JsonView& place) {
    if (qubits.size() != width)
        place.fail(fmt::format("{} acts on {} qubit(s), found {}", gate, width, qubits.size()));
    for (std::size_t i = 1; i < qubits.size(); ++i)
        if (std::find(qubits.begin() + static_cast<std::ptrdiff_t>(i), qubits.end(), qubits[i - 1]) !=
            qubits.end())
            place.fail(fmt::format("qubit {} is named twice", qubits[i - 1]));
}

void finish_target(Target& target) {
    if (target.num_qubits == 0) throw Error(ErrorKind::invalid_input, "a device has at least one qubit");
    if (target.native_gates.empty()) throw Error(ErrorKind::invalid_input, "the device has no native gates");
    check_figures(target);
    for (QubitProperties& qubit : target.qubits)
        if (qubit.t2 > 2 * qubit.t1) qubit.t2 = 2 * qubit.t1;
    if (directions_agree(target)) keep_one_direction(target);
    std::sort(target.edges.begin(), target.edges.end());
    target.edges.erase(std::unique(target.edges.begin(), target.edges.end()), target.edges.end());
}

}  // namespace qdcnn::target
