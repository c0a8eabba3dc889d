#include "support/branching_simulator.h"

#include <stdexcept>

#include "qdcnn/circuit/unitary.h"

namespace qdcnn::test {

using namespace circuit;

namespace {

constexpr double kNothing = 1e-18;
constexpr int kMostTurns = 1000;

class Branches {
  public:
    explicit Branches(std::uint32_t qubits) {
        std::vector<Complex> state(std::size_t{1} << qubits);
        state[0] = 1;
        branches_.emplace_back(0, std::move(state));
    }

    void run(const std::vector<Operation>& operations) {
        for (const Operation& operation : operations)
            std::visit([&](const auto& kind) { step(kind); }, operation.kind());
    }

    Records records() const {
        Records result;
        for (const auto& [record, state] : branches_) result[record] += weight(state);
        return result;
    }

  private:
    using State = std::vector<Complex>;
    using Branch = std::pair<std::uint64_t, State>;

    static double weight(const State& state) {
        double sum = 0;
        for (const Complex& amplitude : state) sum += std::norm(amplitude);
        return sum;
    }

    /// visit(record, value, state) for the parts of every branch where the qubit is 0 and 1.
    template <class Visit>
    void split(Qubit qubit, Visit visit) {
        std::vector<Branch> after;
        for (const auto& [record, state] : branches_)
            for (std::uint64_t value = 0; value < 2; ++value) {
                Branch part{record, state};
                for (std::size_t i = 0; i < state.size(); ++i)
                    if ((i >> qubit & 1) != value) part.second[i] = 0;
                if (weight(part.second) < kNothing) continue;
                visit(part, value);
                after.push_back(std::move(part));
            }
        branches_ = std::move(after);
    }

    void step(const Gate& gate) {
        for (auto& [record, state] : branches_) apply_gate(gate, state);
    }
    void step(const Measure& measure) {
        const std::uint64_t bit = std::uint64_t{1} << measure.clbit;
        split(measure.qubit, [&](Branch& part, std::uint64_t value) {
            part.first = (part.first & ~bit) | (value != 0 ? bit : 0);
        });
    }
    void step(const Reset& reset) {
        split(reset.qubit, [&](Branch& part, std::uint64_t value) {
            if (value != 0) apply_gate({GateId::x, {reset.qubit}, {}}, part.second);
        });
    }
    void step(const Barrier&) {}
    void step(const Delay&) {}
    void step(const Prepare&) { throw std::runtime_error("a preparation is not simulated here"); }
    void step(const Store&) { throw std::runtime_error("an assignment is not simulated here"); }

    /// Takes those where the condition holds out of `branches_`.
    std::vector<Branch> take_where(const Condition& condition) {
        std::vector<Branch> taken, rest;
        for (Branch& branch : branches_) {
            const std::uint64_t word =
                word_of(condition.bits, [&](Clbit bit) { return (branch.first >> bit & 1) != 0; });
            (holds(condition, word) ? taken : rest).push_back(std::move(branch));
        }
        branches_ = std::move(rest);
        return taken;
    }

    void run_on(std::vector<Branch>& branches, const std::vector<Operation>& body) {
        branches_.swap(branches);
        run(body);
        branches_.swap(branches);
    }

    void step(const IfElse& branch) {
        std::vector<Branch> taken = take_where(branch.condition);
        run_on(taken, branch.then_body);
        run(branch.else_body);
        for (Branch& one : taken) branches_.push_back(std::move(one));
    }
    void step(const While& loop) {
        std::vector<Branch> done;
        for (int turn = 0; turn < kMostTurns; ++turn) {
            std::vector<Branch> inside = take_where(loop.condition);
            for (Branch& one : branches_) done.push_back(std::move(one));
            branches_ = std::move(inside);
            if (branches_.empty()) {
                branches_ = std::move(done);
                return;
            }
            run(loop.body);
        }
        throw std::runtime_error("a loop does not end");
    }

    std::vector<Branch> branches_;
};

}  // namespace

Records records_of(const Circuit& bound) {
    Branches branches(bound.num_qubits());
    branches.run(bound.operations());
    return branches.records();
}

}  // namespace qdcnn::test
