#include "pair_blocks.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "qdcnn/circuit/rewrite.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

bool is_bound(const Gate& gate) {
    for (const Angle& angle : gate.angles)
        if (!angle.is_bound()) return false;
    return true;
}

class Collector {
  public:
    Collector(std::uint32_t num_qubits, const WriteBlock& write, bool may_exchange)
        : write_(write),
          may_exchange_(may_exchange),
          place_(num_qubits),
          open_(num_qubits, kNone),
          waiting_(num_qubits) {
        std::iota(place_.begin(), place_.end(), Qubit{0});
        to_place_.qubit = [this](Qubit qubit) { return place_[qubit]; };
    }

    /// Where each qubit of the operations ends.
    const std::vector<Qubit>& places() const { return place_; }

    std::vector<Operation> collect(std::vector<Operation>& operations) {
        out_.reserve(operations.size());
        for (Operation& operation : operations) {
            auto* gate = std::get_if<Gate>(&operation.kind());
            if (gate && gate->qubits.size() <= 2 && is_bound(*gate)) {
                if (gate->qubits.size() == 1)
                    add_one(std::move(*gate));
                else
                    add_pair(std::move(*gate));
                continue;
            }
            for (const Qubit qubit : qubits_of(operation)) close(place_[qubit]);
            for (auto* body : bodies_of(operation))
                *body =
                    with_blocks_rewritten(std::move(*body), static_cast<std::uint32_t>(open_.size()), write_);
            out_.push_back(may_exchange_ ? rewritten(operation, to_place_) : std::move(operation));
        }
        for (Qubit qubit = 0; qubit < open_.size(); ++qubit) close(qubit);
        return std::move(out_);
    }

  private:
    PairBlock& block_of(Qubit qubit) { return blocks_[open_[qubit]]; }

    void add_one(Gate gate) {
        const Qubit qubit = gate.qubits[0] = place_[gate.qubits[0]];
        if (open_[qubit] == kNone)
            waiting_[qubit].push_back(std::move(gate));
        else
            add_local(block_of(qubit), std::move(gate));
    }

    void add_pair(Gate gate) {
        const auto own_places = [&] { return std::pair(place_[gate.qubits[0]], place_[gate.qubits[1]]); };
        auto [a, b] = own_places();
        if (open_[a] == kNone || open_[a] != open_[b]) {
            close_block(a);
            close_block(b);
            std::tie(a, b) = own_places();
            open(a, b);
        }
        gate.qubits = {a, b};
        PairBlock& block = block_of(a);
        const Matrix4 own = pair_matrix(gate);
        block.unitary = product(a == block.a ? own : with_qubits_swapped(own), block.unitary);
        ++block.two_qubit_gates;
        block.gates.push_back(std::move(gate));
    }

    void open(Qubit a, Qubit b) {
        std::size_t at = blocks_.size();
        if (free_.empty()) {
            blocks_.emplace_back();
        } else {
            at = free_.back();
            free_.pop_back();
        }
        open_[a] = open_[b] = at;
        PairBlock& block = blocks_[at];
        block.a = a;
        block.b = b;
        block.gates.clear();
        block.two_qubit_gates = 0;
        block.unitary = kron(kIdentity2, kIdentity2);
        for (const Qubit qubit : {a, b}) {
            for (Gate& gate : waiting_[qubit]) add_local(block, std::move(gate));
            waiting_[qubit].clear();
        }
    }

    static void add_local(PairBlock& block, Gate gate) {
        multiply_local(block.unitary, gate.qubits[0] == block.a ? 0 : 1, *bound_matrix(gate));
        block.gates.push_back(std::move(gate));
    }

    void close_block(Qubit qubit) {
        const std::size_t at = open_[qubit];
        if (at == kNone) return;
        PairBlock& block = blocks_[at];
        open_[block.a] = open_[block.b] = kNone;
        if (write_(block, may_exchange_, out_))
            for (Qubit& place : place_)
                place = place == block.a ? block.b : place == block.b ? block.a : place;
        free_.push_back(at);
    }
    void close(Qubit qubit) {
        close_block(qubit);
        for (Gate& gate : waiting_[qubit]) out_.push_back(std::move(gate));
        waiting_[qubit].clear();
    }

    const WriteBlock& write_;
    bool may_exchange_;
    std::vector<Qubit> place_;
    Rewriting to_place_;
    std::vector<PairBlock> blocks_;
    std::vector<std::size_t> free_;
    /// The open block of each qubit.
    std::vector<std::size_t> open_;
    /// Gates on a qubit without an open block.
    std::vector<std::vector<Gate>> waiting_;
    std::vector<Operation> out_;
};

}  // namespace

Matrix4 pair_matrix(const Gate& gate) {
    switch (gate.id) {
        case GateId::rzz: {
            const Complex same = std::polar(1.0, -gate.angles[0].constant() / 2);
            const Complex other = std::conj(same);
            return {same, 0, 0, 0, 0, other, 0, 0, 0, 0, other, 0, 0, 0, 0, same};
        }
        case GateId::swap:
            return {1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1};
        default:
            break;
    }
    std::vector<double> values;
    for (const Angle& angle : gate.angles) values.push_back(angle.constant());
    const Matrix m = gate_row(gate.id).matrix(values);
    Matrix4 result;
    std::copy(m.values.begin(), m.values.end(), result.begin());
    return result;
}

void multiply_local(Matrix4& m, std::size_t side, const Matrix2& local) {
    const std::size_t bit = std::size_t{1} << side;
    for (std::size_t row = 0; row < 4; ++row) {
        if (row & bit) continue;
        for (std::size_t column = 0; column < 4; ++column) {
            Complex &upper = m[4 * row + column], &lower = m[4 * (row | bit) + column];
            const Complex first = times(local[0], upper) + times(local[1], lower);
            lower = times(local[2], upper) + times(local[3], lower);
            upper = first;
        }
    }
}

std::vector<Operation> with_blocks_rewritten(std::vector<Operation> operations, std::uint32_t num_qubits,
                                             const WriteBlock& write, std::vector<Qubit>* place) {
    Collector collector(num_qubits, write, place != nullptr);
    operations = collector.collect(operations);
    if (place) *place = collector.places();
    return operations;
}

}  // namespace qdcnn::transpile
