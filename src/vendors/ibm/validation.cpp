#include "vendors/ibm/validation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "qdcnn/base/error.h"

// What the service takes: IBM's own client (validations of qiskit-ibm-runtime 0.51) and, for control flow and
// features that exclude each other, quantum.cloud.ibm.com/docs/guides/execute-dynamic-circuits and
// /docs/guides/runtime-options-overview.

namespace qdcnn::vendors::ibm {
namespace {

using namespace circuit;

/// IBM's client allows for this much of rounding at the end of an angle's range.
constexpr double kAngleSlack = 1e-10;
/// Bits that one condition may compare.
constexpr std::size_t kMostConditionBits = 32;
/// Conditions on one bit each that a job may have.
constexpr std::size_t kMostConditions = 2400;

/// Field names of a result in IBM's Python client, which none of these can be.
const std::set<std::string_view> kPythonKeywords{
    "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
    "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
    "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
    "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};

[[noreturn]] void refuse(const std::string& place, const std::string& message, const std::string& hint = {},
                         ErrorKind kind = ErrorKind::invalid_input) {
    throw Error(kind, place + ": " + message, hint);
}

bool has_branch(const Circuit& circuit) {
    bool found = false;
    for_each_operation(circuit.operations(), [&](const Operation& operation) {
        found = found || std::holds_alternative<IfElse>(operation);
    });
    return found;
}

/// One circuit's operations against the device.
class CircuitCheck {
  public:
    CircuitCheck(const Circuit& circuit, const backend::ParameterMatrix& parameters,
                 const target::Target& target, std::string pub)
        : circuit_(circuit), parameters_(parameters), target_(target), pub_(std::move(pub)) {}

    void run() {
        std::size_t index = 0;
        for (const Operation& operation : circuit_.operations()) {
            place_ = fmt::format("{}, operation {}", pub_, index++);
            check(operation, false);
        }
    }

    bool has_fractional_gates() const { return has_fractional_gates_; }
    std::size_t conditions() const { return conditions_; }

  private:
    void check(const Operation& operation, bool is_inside) {
        for (const Qubit qubit : qubits_of(operation)) check_qubit(qubit);
        std::visit(overloaded{[&](const Gate& gate) { check_gate(gate); },
                              [&](const Measure&) {
                                  if (is_inside)
                                      refuse(place_, "the service takes no measurement inside a branch", {},
                                             ErrorKind::unsupported);
                              },
                              [&](const Reset&) {
                                  if (is_inside)
                                      refuse(place_, "the service takes no reset inside a branch", {},
                                             ErrorKind::unsupported);
                                  if (!target_.has_reset)
                                      refuse(place_, target_.name + " has no reset", {},
                                             ErrorKind::unsupported);
                              },
                              [](const Barrier&) {},
                              [&](const Delay& delay) {
                                  if (!(std::isfinite(delay.duration) && delay.duration >= 0))
                                      refuse(place_, fmt::format("a delay of {}", delay.duration));
                              },
                              [&](const Prepare&) {
                                  refuse(place_, "a state preparation is no gate of the device",
                                         "Transpile the circuit first.");
                              },
                              [&](const IfElse& branch) { check_branch(branch, is_inside); },
                              [&](const While&) {
                                  refuse(place_, "the service takes no loop on measured bits",
                                         "Unroll it to branches.", ErrorKind::unsupported);
                              },
                              [&](const Store&) {
                                  refuse(place_, "the service takes no assignment to classical bits",
                                         "Put the expression into the condition.", ErrorKind::unsupported);
                              }},
                   operation.kind());
    }

    void check_qubit(Qubit qubit) const {
        if (qubit >= target_.num_qubits)
            refuse(place_, fmt::format("qubit {} is outside {}, which has {}", qubit, target_.name,
                                       target_.num_qubits));
        if (qubit < target_.qubits.size() && !target_.qubits[qubit].is_operational)
            refuse(place_, fmt::format("qubit {} of {} is out of order", qubit, target_.name),
                   "Transpile the circuit with the calibration of now.");
    }

    void check_gate(const Gate& gate) {
        const GateRow& row = gate_row(gate.id);
        const target::NativeGate* native = target_.find_native(gate.id);
        if (!native) {
            std::vector<std::string> names;
            for (const auto& one : target_.native_gates) names.push_back(one.name);
            refuse(place_,
                   fmt::format("{} is no native gate of {}, which has {}", row.name, target_.name,
                               fmt::join(names, ", ")),
                   "Transpile the circuit for the device first.");
        }
        if (row.qubits == 2 && !target_.is_available(*native, gate.qubits[0], gate.qubits[1]))
            refuse(place_,
                   fmt::format("{} of {} does not act on qubits {}, {}", row.name, target_.name,
                               gate.qubits[0], gate.qubits[1]),
                   "Transpile the circuit with the calibration of now.");
        if (row.qubits == 1 && target_.properties_of(native->name, {gate.qubits[0]}).error >= 1.0)
            refuse(
                place_,
                fmt::format("{} of {} is out of order on qubit {}", row.name, target_.name, gate.qubits[0]),
                "Transpile the circuit with the calibration of now.");
        if (row.parameters > 0 && !native->is_virtual) has_fractional_gates_ = true;
        for (std::size_t k = 0; k < gate.angles.size() && k < native->ranges.size(); ++k)
            check_angle(row, gate.angles[k], native->ranges[k]);
    }

    void check_angle(const GateRow& row, const Angle& angle, const target::AngleRange& range) const {
        const bool is_free = std::isinf(range.low) && std::isinf(range.high) && range.allowed.empty();
        const auto check_value = [&](double value, const std::string& where) {
            if (!std::isfinite(value))
                refuse(place_, fmt::format("{} with the angle {}{}", row.name, value, where));
            if (is_free) return;
            const bool is_allowed = range.allowed.empty() ||
                                    std::any_of(range.allowed.begin(), range.allowed.end(), [&](double one) {
                                        return std::abs(value - one) <= kAngleSlack;
                                    });
            if (!is_allowed || value < range.low - kAngleSlack || value > range.high + kAngleSlack)
                refuse(place_, fmt::format("{} with the angle {}{}, outside {} to {}", row.name, value, where,
                                           range.low, range.high));
        };
        if (angle.is_bound()) return check_value(angle.constant(), "");
        if (is_free) return;  // Values are finite, as every PUB's are.
        for (std::size_t r = 0; r < parameters_.rows(); ++r)
            check_value(angle.evaluate(parameters_.row(r)), fmt::format(" in row {}", r));
    }

    void check_branch(const IfElse& branch, bool is_inside) {
        if (!target_.has_feed_forward)
            refuse(place_, target_.name + " does not branch on measured bits", {}, ErrorKind::unsupported);
        if (is_inside)
            refuse(place_, "the service takes no branch inside a branch",
                   "Join the conditions into one on several bits.", ErrorKind::unsupported);
        if (branch.condition.bits.size() > kMostConditionBits)
            refuse(place_,
                   fmt::format("a condition on {} bits; the service compares {} at most",
                               branch.condition.bits.size(), kMostConditionBits),
                   {}, ErrorKind::unsupported);
        ++conditions_;
        for (const auto* body : {&branch.then_body, &branch.else_body})
            for (const Operation& operation : *body) check(operation, true);
    }

    const Circuit& circuit_;
    const backend::ParameterMatrix& parameters_;
    const target::Target& target_;
    const std::string pub_;
    std::string place_;
    bool has_fractional_gates_ = false;
    std::size_t conditions_ = 0;
};

void check_values(const backend::ParameterMatrix& parameters, const std::string& pub) {
    if (parameters.rows() == 0) refuse(pub, "its parameters have no row");
    for (std::size_t r = 0; r < parameters.rows(); ++r)
        for (const double value : parameters.row(r))
            if (!std::isfinite(value)) refuse(pub, fmt::format("the value {} in row {}", value, r));
}

void check_registers(const Circuit& circuit, const std::string& pub) {
    for (const Register& own : circuit.clbit_registers()) {
        if (own.size == 0) refuse(pub, fmt::format("the register \"{}\" has no bits", own.name));
        if (kPythonKeywords.contains(own.name))
            refuse(pub, fmt::format("a register cannot be called \"{}\", a word of Python", own.name),
                   "Give it another name.");
    }
}

void check_observables(const backend::EstimatorPub& pub, const std::string& place) {
    if (pub.observables.empty()) refuse(place, "it has no observables");
    for (std::size_t k = 0; k < pub.observables.size(); ++k) {
        if (pub.observables[k].terms.empty())
            refuse(place, fmt::format("observable {} has no terms", k),
                   "Write 0 times the identity for an observable that is zero.");
        for (const auto& term : pub.observables[k].terms)
            if (!std::isfinite(term.coefficient))
                refuse(place, fmt::format("observable {} has the coefficient {}", k, term.coefficient));
    }
}

/// What an estimator does not run.
void check_static(const Circuit& circuit, const std::string& pub) {
    if (has_branch(circuit) || circuit.is_dynamic())
        refuse(pub, "IBM's estimator takes no dynamic circuits",
               "Use a sampler that measures the observables itself.", ErrorKind::unsupported);
}

/// Features that the service does not run together.
void check_together(const CheckedOptions& options, bool is_dynamic, bool has_fractional_gates,
                    std::vector<std::string>& warnings) {
    const auto exclude = [](const char* one, const char* other) {
        refuse("options", fmt::format("{} and {} exclude each other", one, other),
               "Switch one of them off, or send the circuits in different jobs.", ErrorKind::unsupported);
    };
    if (is_dynamic && options.has_dynamical_decoupling()) exclude("dynamical decoupling", "dynamic circuits");
    if (is_dynamic && options.has_gate_twirling())
        warnings.emplace_back("gates inside branches are not twirled");
    if (!has_fractional_gates) return;
    if (options.has_gate_twirling()) exclude("gate twirling", "fractional gates");
    if (options.has_pec()) exclude("probabilistic error cancellation", "fractional gates");
    if (options.has_pea()) exclude("probabilistic error amplification", "fractional gates");
}

void check_rep_delay(const CheckedOptions& options, const DeviceFacts& facts) {
    const nlohmann::json& delay = options.at("execution.rep_delay");
    if (delay.is_null() || !facts.rep_delay_range) return;
    const auto [low, high] = *facts.rep_delay_range;
    const double seconds = delay.get<double>();
    // The range is given in microseconds: a nanosecond is its rounding.
    if (seconds < low - 1e-9 || seconds > high + 1e-9)
        refuse("options.execution.rep_delay",
               fmt::format("{} s is outside the device's {} to {} s", seconds, low, high));
}

/// Adds up what a job may not have too much of.
struct Sums {
    std::size_t pubs = 0, conditions = 0;
    std::uint64_t executions = 0;
    bool is_dynamic = false, has_fractional_gates = false;

    void add(std::size_t rows, std::uint64_t shots, const JobLimits& limits, const std::string& pub) {
        ++pubs;
        if (shots == 0) refuse(pub, "0 shots");
        if (shots > limits.max_shots)
            refuse(pub, fmt::format("{} shots, the device takes {}", shots, limits.max_shots));
        // Rows and shots are far below 2^32 where their product is in question.
        executions += shots * std::min<std::uint64_t>(rows, limits.max_executions + 1);
        if (executions > limits.max_executions)
            refuse(pub,
                   fmt::format("with it the job executes {} circuits, a job may {}", executions,
                               limits.max_executions),
                   "Split the work over several jobs.");
    }
};

}  // namespace

bool has_default_shots(const CheckedOptions& options) {
    return !options.at("default_shots").is_null() || !options.at("default_precision").is_null();
}

std::uint64_t shots_of(std::optional<std::uint64_t> own, const JobRequest& request,
                       const CheckedOptions& options) {
    if (own) return *own;
    if (const auto& shots = options.at("default_shots"); !shots.is_null()) return shots.get<std::uint64_t>();
    if (const auto& precision = options.at("default_precision"); !precision.is_null()) {
        const double shots = std::ceil(1.0 / (precision.get<double>() * precision.get<double>()));
        return shots < 1e18 ? static_cast<std::uint64_t>(shots) : std::uint64_t{1'000'000'000'000'000'000};
    }
    return request.shots;
}

std::vector<std::string> validate(const JobRequest& request, const DeviceFacts& facts,
                                  const CheckedOptions& options) {
    std::vector<std::string> warnings;
    Sums sums;
    check_rep_delay(options, facts);
    const auto check_pub = [&](const auto& pub, std::size_t index) {
        const std::string place = fmt::format("PUB {}", index);
        backend::check(pub);
        const Circuit& circuit = *pub.circuit;
        if (circuit.num_qubits() > facts.target.num_qubits)
            refuse(place, fmt::format("its circuit has {} qubits, {} has {}", circuit.num_qubits(),
                                      facts.target.name, facts.target.num_qubits));
        check_values(pub.parameters, place);
        check_registers(circuit, place);
        sums.add(pub.parameters.rows(), shots_of(pub.shots, request, options), facts.limits, place);
        sums.is_dynamic = sums.is_dynamic || has_branch(circuit);
        if (facts.is_simulator) return;
        CircuitCheck check(circuit, pub.parameters, facts.target, place);
        check.run();
        sums.conditions += check.conditions();
        sums.has_fractional_gates = sums.has_fractional_gates || check.has_fractional_gates();
    };
    std::visit(
        [&](const auto& pubs) {
            if (pubs.empty()) refuse("the job", "it has no PUBs");
            if (pubs.size() > facts.limits.max_pubs)
                refuse("the job", fmt::format("{} PUBs, the device takes {} in one job", pubs.size(),
                                              facts.limits.max_pubs));
            for (std::size_t k = 0; k < pubs.size(); ++k) {
                try {
                    check_pub(pubs[k], k);
                } catch (const Error& error) {
                    const bool names_pub = std::string_view(error.what()).starts_with("PUB ");
                    throw names_pub ? error : error.with_context(fmt::format("PUB {}", k));
                }
            }
        },
        request.pubs);
    if (const auto* pubs = std::get_if<std::vector<backend::EstimatorPub>>(&request.pubs))
        for (std::size_t k = 0; k < pubs->size(); ++k) {
            const std::string place = fmt::format("PUB {}", k);
            check_static(*(*pubs)[k].circuit, place);
            check_observables((*pubs)[k], place);
        }
    if (sums.conditions > kMostConditions)
        warnings.push_back(
            fmt::format("{} branches in one job; the service's hardware holds about {} of one bit",
                        sums.conditions, kMostConditions));
    check_together(options, sums.is_dynamic, sums.has_fractional_gates, warnings);
    return warnings;
}

}  // namespace qdcnn::vendors::ibm
