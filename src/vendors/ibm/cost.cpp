#include "vendors/ibm/cost.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "qdcnn/backend/pauli_groups.h"
#include "qdcnn/base/error.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/vendors/ibm/results.h"
#include "vendors/ibm/options.h"

namespace qdcnn::vendors::ibm {
namespace {

using namespace circuit;
using nlohmann::json;

/// IBM's own rule of thumb for what a job takes beyond its shots
/// (quantum.cloud.ibm.com/docs/guides/estimate-job-run-time).
constexpr double kOverhead = 2.0;
/// Where the device does not say.
constexpr double kRepDelay = 250e-6;
/// Shots of PUBs that name none, in a job that names none.
constexpr double kSamplerShots = 4096, kPrecision = 0.015625;

double known(double seconds) { return std::isnan(seconds) ? 0.0 : seconds; }

class Schedule {
  public:
    Schedule(const Circuit& circuit, const target::Target& target)
        : target_(target), qubits_(circuit.num_qubits()), clbits_(circuit.num_clbits()) {}

    void add(std::span<const Operation> operations) {
        for (const Operation& operation : operations)
            std::visit(
                overloaded{[&](const Gate& gate) { add_gate(gate); },
                           [&](const Measure& measure) {
                               const double end = qubits_[measure.qubit] + readout(measure.qubit);
                               qubits_[measure.qubit] = clbits_[measure.clbit] = end;
                           },
                           [&](const Reset& reset) { qubits_[reset.qubit] += reset_time(reset.qubit); },
                           [&](const Barrier& barrier) { meet(barrier.qubits); },
                           [&](const Delay& delay) {
                               const double unit = delay.unit == TimeUnit::dt ? known(target_.dt) : 1.0;
                               qubits_[delay.qubit] += delay.duration * unit;
                           },
                           [&](const Prepare& prepare) { meet(prepare.qubits); },
                           [&](const IfElse& branch) { add_branch(branch, operation); },
                           // How often it turns nobody knows before.
                           [&](const While& loop) { add(loop.body); }, [&](const Store&) {}},
                operation.kind());
    }

    double end() const { return qubits_.empty() ? 0.0 : *std::max_element(qubits_.begin(), qubits_.end()); }

  private:
    double meet(std::span<const Qubit> qubits) {
        double start = 0;
        for (const Qubit qubit : qubits) start = std::max(start, qubits_[qubit]);
        for (const Qubit qubit : qubits) qubits_[qubit] = start;
        return start;
    }

    void add_gate(const Gate& gate) {
        const double start = meet(gate.qubits);
        const target::NativeGate* native = target_.find_native(gate.id);
        if (!native || native->is_virtual) return;
        const std::vector<Qubit> on(gate.qubits.begin(), gate.qubits.end());
        const double end = start + known(target_.properties_of(native->name, on).duration);
        for (const Qubit qubit : on) qubits_[qubit] = end;
    }

    double readout(Qubit qubit) const {
        if (qubit < target_.qubits.size() && !std::isnan(target_.qubits[qubit].readout_duration))
            return target_.qubits[qubit].readout_duration;
        return known(target_.properties_of("measure", {qubit}).duration);
    }

    double reset_time(Qubit qubit) const {
        const double own = target_.properties_of("reset", {qubit}).duration;
        return std::isnan(own) ? readout(qubit) : own;
    }

    /// Waits for the bits, then takes the longer arm on every qubit.
    void add_branch(const IfElse& branch, const Operation& operation) {
        const std::vector<Qubit> touched = qubits_of(operation);
        double start = meet(touched);
        for (const Clbit bit : branch.condition.bits) start = std::max(start, clbits_[bit]);
        for (const Qubit qubit : touched) qubits_[qubit] = start;
        const std::vector<double> before = qubits_;
        add(branch.then_body);
        std::vector<double> after_then = before;
        after_then.swap(qubits_);
        add(branch.else_body);
        for (std::size_t q = 0; q < qubits_.size(); ++q) qubits_[q] = std::max(qubits_[q], after_then[q]);
    }

    const target::Target& target_;
    std::vector<double> qubits_;
    std::vector<double> clbits_;
};

/// The sets of measurements that a PUB's observables need.
std::size_t measured_groups(const JsonView& observables) {
    std::vector<Observable> read;
    for (const JsonView& one : observables.elements()) {
        Observable observable;
        for (const std::string& paulis : one.keys()) {
            Observable::Term term{one.at(paulis).number(), {}};
            for (std::size_t k = 0; k < paulis.size(); ++k) {
                const char letter = paulis[paulis.size() - 1 - k];
                if (letter != 'I')
                    term.paulis.emplace_back(static_cast<Qubit>(k), static_cast<Pauli>(letter - 'X' + 1));
            }
            observable.terms.push_back(std::move(term));
        }
        read.push_back(std::move(observable));
    }
    return std::max<std::size_t>(1, backend::group_paulis(read).size());
}

double estimator_shots(const JsonView& pub, const CheckedOptions& options) {
    double precision = kPrecision;
    if (const json& own = options.at("default_precision"); !own.is_null()) precision = own.get<double>();
    if (pub.size() > 3 && !pub.at(3).value().is_null())
        return std::ceil(1.0 / std::pow(pub.at(3).number(), 2));
    if (const json& shots = options.at("default_shots"); !shots.is_null()) return shots.get<double>();
    return std::ceil(1.0 / (precision * precision));
}

double sampler_shots(const JsonView& pub, const CheckedOptions& options) {
    if (pub.size() > 2 && !pub.at(2).value().is_null()) return pub.at(2).number();
    const json& shots = options.at("default_shots");
    return shots.is_null() ? kSamplerShots : shots.get<double>();
}

}  // namespace

double scheduled_seconds(const Circuit& circuit, const target::Target& target) {
    Schedule schedule(circuit, target);
    schedule.add(circuit.operations());
    return schedule.end();
}

void put_price(Cost& cost, const Price& price) {
    if (!price.per_second || !cost.qpu_seconds) return;
    cost.amount = *price.per_second * *cost.qpu_seconds;
    cost.currency = price.currency;
}

Cost quote_request(const std::string& content, const DeviceFacts& facts, const Price& price) {
    const json document = parse_json(content, "the request");
    const JsonView params = JsonView(document, "request").at("params");
    const JobShape shape = job_shape(content);
    CheckedOptions options{.is_estimator = shape.is_estimator, .inside = params.at("options").value()};
    if (params.has("resilience_level")) options.resilience_level = params.at("resilience_level").integer();
    const double factors = options.has_zne() ? static_cast<double>(options.noise_factors()) : 1.0;

    double delay = std::isnan(facts.default_rep_delay) ? kRepDelay : facts.default_rep_delay;
    if (const json& own = options.at("execution.rep_delay"); !own.is_null()) delay = own.get<double>();
    double seconds = kOverhead;
    for (std::size_t k = 0; k < shape.pubs.size(); ++k) {
        const JsonView pub = params.at("pubs").at(k);
        const Circuit circuit = qasm::read_qasm(pub.at(0).text(), pub.at(0).path());
        double shots = shape.is_estimator ? estimator_shots(pub, options) : sampler_shots(pub, options);
        if (shape.is_estimator) shots *= static_cast<double>(measured_groups(pub.at(1))) * factors;
        seconds += static_cast<double>(shape.pubs[k].rows) * shots *
                   (scheduled_seconds(circuit, facts.target) + delay);
    }
    Cost cost{.qpu_seconds = seconds};
    cost.basis = fmt::format(
        "estimate: shots x (schedule by the calibration of {} + {:.0f} us between shots) + {:.0f} s of "
        "overhead",
        facts.target.date.empty() ? "an unknown date" : facts.target.date, delay * 1e6, kOverhead);
    if (shape.is_estimator && options.level() > 0) cost.basis += ", without the learning of noise";
    put_price(cost, price);
    if (cost.amount) cost.basis += fmt::format(", at {} {} a second", *price.per_second, price.currency);
    return cost;
}

}  // namespace qdcnn::vendors::ibm
