#include "qdcnn/transpile/schedule.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace qdcnn::transpile {
namespace {

using namespace circuit;

class AsSoonAsPossible {
  public:
    AsSoonAsPossible(const Circuit& circuit, const target::Target& target)
        : target_(target), qubits_(circuit.num_qubits()), bits_(circuit.num_clbits(), 0.0) {}

    std::optional<Timing> run(const std::vector<Operation>& operations) {
        place(operations);
        if (!is_known_) return std::nullopt;
        return timing_;
    }

  private:
    struct Wire {
        double free_at = 0;
        bool is_touched = false;
    };

    void place(const std::vector<Operation>& operations) {
        for (const Operation& operation : operations) {
            if (std::holds_alternative<Barrier>(operation.kind())) {
                wait_together(std::get<Barrier>(operation.kind()).qubits);
            } else if (const auto bodies = bodies_of(operation); !bodies.empty()) {
                branch(operation, bodies);
            } else {
                put(operation);
            }
        }
    }

    void put(const Operation& operation) {
        const std::vector<Qubit> on = qubits_of(operation);
        double start = known_at(operation);
        for (const Qubit qubit : on) start = std::max(start, qubits_[qubit].free_at);
        const double end = start + duration_of(operation);
        for (const Qubit qubit : on) {
            Wire& wire = qubits_[qubit];
            if (wire.is_touched) wait(qubit, start - wire.free_at);
            wire = {end, true};
        }
        for (const Clbit bit : bits_written(operation)) bits_[bit] = end;
        timing_.duration = std::max(timing_.duration, end);
    }

    void branch(const Operation& operation, const std::vector<const std::vector<Operation>*>& bodies) {
        const double start = known_at(operation);
        for (const Qubit qubit : qubits_of(operation)) {
            Wire& wire = qubits_[qubit];
            if (wire.free_at >= start) continue;
            if (wire.is_touched) wait(qubit, start - wire.free_at);
            wire.free_at = start;
        }
        // Every arm from the same point; each qubit is free when its last arm is.
        const std::vector<Wire> before = qubits_;
        std::vector<Wire> after = qubits_;
        for (const auto* body : bodies) {
            qubits_ = before;
            place(*body);
            for (std::size_t q = 0; q < after.size(); ++q) {
                after[q].free_at = std::max(after[q].free_at, qubits_[q].free_at);
                after[q].is_touched = after[q].is_touched || qubits_[q].is_touched;
            }
        }
        qubits_ = std::move(after);
    }

    void wait_together(const std::vector<Qubit>& on) {
        double start = 0;
        for (const Qubit qubit : on) start = std::max(start, qubits_[qubit].free_at);
        for (const Qubit qubit : on) {
            Wire& wire = qubits_[qubit];
            if (wire.is_touched) wait(qubit, start - wire.free_at);
            wire.free_at = start;
        }
    }

    double known_at(const Operation& operation) const {
        double time = 0;
        for (const Clbit bit : bits_read(operation)) time = std::max(time, bits_[bit]);
        return time;
    }

    void wait(Qubit qubit, double seconds) {
        if (qubit >= target_.qubits.size()) return;
        for (const double decay : {target_.qubits[qubit].t1, target_.qubits[qubit].t2})
            if (decay > 0) timing_.idle_cost += seconds / decay / 2;
    }

    double known(double seconds) {
        if (std::isnan(seconds)) return 0;
        is_known_ = true;
        return seconds;
    }

    double duration_of(const Operation& operation) {
        if (const auto* gate = std::get_if<Gate>(&operation.kind())) {
            const auto* native = target_.find_native(gate->id);
            if (!native || native->is_virtual) return 0;
            return known(
                target_.properties_of(native->name, {gate->qubits.begin(), gate->qubits.end()}).duration);
        }
        if (const auto* measure = std::get_if<Measure>(&operation.kind())) {
            const Qubit qubit = measure->qubit;
            if (qubit < target_.qubits.size() && !std::isnan(target_.qubits[qubit].readout_duration))
                return known(target_.qubits[qubit].readout_duration);
            return known(target_.properties_of("measure", {qubit}).duration);
        }
        if (const auto* reset = std::get_if<Reset>(&operation.kind()))
            return known(target_.properties_of("reset", {reset->qubit}).duration);
        if (const auto* delay = std::get_if<Delay>(&operation.kind()))
            return delay->unit == TimeUnit::seconds ? delay->duration : known(delay->duration * target_.dt);
        return 0;
    }

    const target::Target& target_;
    std::vector<Wire> qubits_;
    std::vector<double> bits_;
    Timing timing_;
    bool is_known_ = false;
};

}  // namespace

std::optional<Timing> timing_of(const Circuit& circuit, const target::Target& target) {
    return AsSoonAsPossible(circuit, target).run(circuit.operations());
}

}  // namespace qdcnn::transpile
