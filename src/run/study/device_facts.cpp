#include "run/study/device_facts.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "qdcnn/target/devices.h"
#include "qdcnn/transpile/pass_manager.h"

namespace qdcnn::run {
namespace {

using circuit::Clbit;
using circuit::Operation;

/// When each qubit and bit is free.
class Schedule {
  public:
    Schedule(const circuit::Circuit& circuit, const target::Target& target, std::vector<std::string>& missing)
        : target_(target),
          missing_(missing),
          qubits_(circuit.num_qubits(), 0.0),
          bits_(circuit.num_clbits(), 0.0) {}

    void run(const std::vector<Operation>& operations) {
        for (const Operation& operation : operations) {
            const auto bodies = circuit::bodies_of(operation);
            if (bodies.empty())
                place(operation);
            else
                branch(operation, bodies);
        }
    }

    double end() const { return qubits_.empty() ? 0.0 : *std::max_element(qubits_.begin(), qubits_.end()); }

  private:
    double ready(const Operation& operation) const {
        double start = 0.0;
        for (const circuit::Qubit qubit : circuit::qubits_of(operation))
            start = std::max(start, qubits_[qubit]);
        for (const Clbit bit : circuit::bits_read(operation)) start = std::max(start, bits_[bit]);
        return start;
    }

    void place(const Operation& operation) {
        const double end = ready(operation) + duration(operation);
        for (const circuit::Qubit qubit : circuit::qubits_of(operation)) qubits_[qubit] = end;
        for (const Clbit bit : circuit::bits_written(operation)) bits_[bit] = end;
    }

    /// Both arms begin when all that either touches is free.
    void branch(const Operation& operation, const std::vector<const std::vector<Operation>*>& bodies) {
        const double start = ready(operation);
        for (const circuit::Qubit qubit : circuit::qubits_of(operation)) qubits_[qubit] = start;
        const auto qubits = qubits_, bits = bits_;
        auto last_qubits = qubits_, last_bits = bits_;
        for (const auto* body : bodies) {
            qubits_ = qubits;
            bits_ = bits;
            run(*body);
            for (std::size_t q = 0; q < qubits_.size(); ++q)
                last_qubits[q] = std::max(last_qubits[q], qubits_[q]);
            for (std::size_t b = 0; b < bits_.size(); ++b) last_bits[b] = std::max(last_bits[b], bits_[b]);
        }
        qubits_ = std::move(last_qubits);
        bits_ = std::move(last_bits);
    }

    double duration(const Operation& operation) {
        return std::visit(
            circuit::overloaded{
                [&](const circuit::Gate& gate) { return of_gate(gate); },
                [&](const circuit::Measure& measure) { return of_readout(measure.qubit); },
                [&](const circuit::Reset& reset) {
                    const double own = target_.properties_of("reset", {reset.qubit}).duration;
                    return std::isfinite(own) ? own : of_readout(reset.qubit);
                },
                [&](const circuit::Delay& delay) {
                    return delay.unit == circuit::TimeUnit::dt ? delay.duration * target_.dt : delay.duration;
                },
                [](const circuit::Barrier&) { return 0.0; }, [](const circuit::Prepare&) { return 0.0; },
                [](const circuit::Store&) { return 0.0; }, [](const circuit::IfElse&) { return 0.0; },
                [](const circuit::While&) { return 0.0; }},
            operation.kind());
    }

    double of_gate(const circuit::Gate& gate) {
        const target::NativeGate* native = target_.find_native(gate.id);
        if (native && native->is_virtual) return 0.0;
        const std::string name = native ? native->name : std::string(circuit::gate_row(gate.id).name);
        return known(target_.properties_of(name, {gate.qubits.begin(), gate.qubits.end()}).duration, name);
    }

    double of_readout(circuit::Qubit qubit) {
        const double general = target_.properties_of("measure", {qubit}).duration;
        const double own = qubit < target_.qubits.size() ? target_.qubits[qubit].readout_duration
                                                         : std::numeric_limits<double>::quiet_NaN();
        return known(std::isfinite(own) ? own : general, "measure");
    }

    double known(double seconds, const std::string& name) {
        if (std::isfinite(seconds)) return seconds;
        if (std::find(missing_.begin(), missing_.end(), name) == missing_.end()) missing_.push_back(name);
        return 0.0;
    }

    const target::Target& target_;
    std::vector<std::string>& missing_;
    std::vector<double> qubits_, bits_;
};

bool is_two_qubit(const std::string& name) {
    const circuit::GateRow* row = circuit::find_gate(name);
    return row && row->qubits == 2;
}

}  // namespace

double seconds_of(const circuit::Circuit& circuit, const target::Target& target,
                  std::vector<std::string>& missing) {
    Schedule schedule(circuit, target, missing);
    schedule.run(circuit.operations());
    return schedule.end();
}

DeviceCounter::DeviceCounter(const std::string& device) : target_(target::load_target(device)) {
    facts_.device = device;
}

void DeviceCounter::add(const circuit::Circuit& circuit, std::size_t times) {
    circuit::Circuit measured = circuit;
    measured.measure_all();
    const transpile::Result result = transpile::transpile(measured, target_);
    const circuit::CircuitMetrics figures = circuit::metrics(result.circuit);
    facts_.two_qubit_gates += times * figures.two_qubit_gates;
    deepest_ = std::max(deepest_, figures.two_qubit_depth);
    facts_.seconds_per_shot +=
        static_cast<double>(times) * seconds_of(result.circuit, target_, facts_.missing);
}

void DeviceCounter::end_round() {
    facts_.two_qubit_depth += deepest_;
    deepest_ = 0;
}

StudyDeviceFacts DeviceCounter::facts() const {
    StudyDeviceFacts facts = facts_;
    if (std::any_of(facts.missing.begin(), facts.missing.end(), is_two_qubit))
        facts.seconds_per_shot = std::numeric_limits<double>::quiet_NaN();
    return facts;
}

}  // namespace qdcnn::run
