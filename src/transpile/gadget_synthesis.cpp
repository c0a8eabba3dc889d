#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

#include "gadgets.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

constexpr double kPi = std::numbers::pi;
/// What a rotation counts less than one that a step earlier waits, and how many steps ahead are looked at.
constexpr double kDiscount = 0.7;
constexpr int kHorizon = 12;
/// What a row of the Clifford counts beside a waiting rotation.
constexpr double kRowWeight = 0.3;

/// The letter that two different letters make, up to a phase.
unsigned third(unsigned a, unsigned b) { return a ^ b; }

class Synthesis {
  public:
    Synthesis(GadgetForm form, std::size_t most)
        : form_(std::move(form)), turns_left_(most), qubits_(form_.x.size()) {
        find_order();
    }

    std::optional<std::vector<Operation>> run() {
        emit_ready();
        while (!front_.empty()) {
            if (turns_left_ == 0) return std::nullopt;
            turn_best(candidates_of_front());
            emit_ready();
        }
        finish_clifford();
        return std::move(out_);
    }

    std::vector<Qubit> places() const { return place_; }

  private:
    /// exp(-i pi/4 P_a Q_b), the letters P and Q.
    struct Turn {
        unsigned a, p, b, q;
    };

    /// Which rotations have to wait for which, and how many steps a rotation is behind the first.
    void find_order() {
        const std::size_t count = form_.gadgets.size();
        after_.resize(count);
        missing_.assign(count, 0);
        step_.assign(count, 0);
        for (std::size_t i = 0; i < count; ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                if (!anticommute(form_.gadgets[j].pauli, form_.gadgets[i].pauli)) continue;
                after_[j].push_back(i);
                ++missing_[i];
                step_[i] = std::max(step_[i], step_[j] + 1);
            }
            if (missing_[i] == 0) front_.push_back(i);
        }
        waiting_.resize(count);
        std::iota(waiting_.begin(), waiting_.end(), std::size_t{0});
        std::stable_sort(waiting_.begin(), waiting_.end(),
                         [&](std::size_t i, std::size_t j) { return step_[i] < step_[j]; });
    }

    Pauli& pauli(std::size_t i) { return form_.gadgets[i].pauli; }

    /// Rotations at the front about a single letter become gates.
    void emit_ready() {
        for (std::size_t k = 0; k < front_.size();) {
            const std::size_t i = front_[k];
            if (pauli(i).weight() > 1) {
                ++k;
                continue;
            }
            front_.erase(front_.begin() + static_cast<std::ptrdiff_t>(k));
            std::erase(waiting_, i);
            emit_rotation(form_.gadgets[i]);
            for (const std::size_t next : after_[i])
                if (--missing_[next] == 0) front_.push_back(next);
            k = 0;
        }
    }

    void emit_rotation(const Gadget& gadget) {
        const auto qubit = static_cast<Qubit>(std::countr_zero(gadget.pauli.support()));
        constexpr GateId kAbout[] = {GateId::id, GateId::rx, GateId::rz, GateId::ry};
        const Angle angle = gadget.pauli.is_negative() ? -gadget.angle : gadget.angle;
        out_.push_back(Gate{kAbout[gadget.pauli.letter(qubit)], {qubit}, {angle}});
    }

    /// Turns that take a letter off the shortest rotations at the front.
    std::vector<Turn> candidates_of_front() {
        int shortest = std::numeric_limits<int>::max();
        for (const std::size_t i : front_) shortest = std::min(shortest, pauli(i).weight());
        std::vector<Turn> turns;
        for (const std::size_t i : front_)
            if (pauli(i).weight() == shortest) add_shortening(pauli(i), turns);
        return turns;
    }

    /// exp(-i pi/4 P_a Q_b) takes the letter Q off qubit b when P differs from the letter on a.
    void add_shortening(const Pauli& product, std::vector<Turn>& turns) const {
        for (unsigned b = 0; b < qubits_; ++b) {
            const unsigned q = product.letter(b);
            if (q == 0) continue;
            for (unsigned a = 0; a < qubits_; ++a) {
                const unsigned own = product.letter(a);
                if (a == b || own == 0) continue;
                for (unsigned p = 1; p <= 3; ++p)
                    if (p != own) turns.push_back({a, p, b, q});
            }
        }
    }

    static Pauli product_of(const Turn& turn) {
        return Pauli::of_letter(turn.a, turn.p) * Pauli::of_letter(turn.b, turn.q);
    }

    /// What counts in the choice of a turn, 64 products a word, bit by bit: words[qubit * weights.size() +
    /// w]. All products of a word have one weight.
    struct Counted {
        std::vector<double> weights;
        std::vector<std::uint64_t> x, z;
    };

    /// The rotations up to the horizon and the rows of F.
    void count() {
        counted_products_.clear();
        if (!front_.empty()) {
            int step = std::numeric_limits<int>::max();
            for (const std::size_t i : front_) step = std::min(step, step_[i]);
            const int last = step + kHorizon;
            double discount = 1;
            for (const std::size_t i : waiting_) {
                if (step_[i] > last) break;
                for (; step < step_[i]; ++step) discount *= kDiscount;
                counted_products_.emplace_back(&pauli(i), discount);
            }
        }
        for (const auto* rows : {&form_.x, &form_.z})
            for (const Pauli& row : *rows) counted_products_.emplace_back(&row, kRowWeight);
        slice();
    }

    /// Writes the counted products bit by bit.
    void slice() {
        counted_.weights.clear();
        bits_.clear();
        unsigned bit = 0;
        for (const auto& [product, weight] : counted_products_) {
            if (counted_.weights.empty() || bit == 64 || weight != counted_.weights.back()) {
                counted_.weights.push_back(weight);
                bit = 0;
            }
            bits_.push_back(bit++);
        }
        const std::size_t words = counted_.weights.size();
        counted_.x.assign(words * qubits_, 0);
        counted_.z.assign(words * qubits_, 0);
        std::size_t word = 0;
        for (std::size_t i = 0; i < bits_.size(); ++i) {
            if (i > 0 && bits_[i] == 0) ++word;
            const Pauli& product = *counted_products_[i].first;
            for (std::uint64_t rest = product.support(); rest != 0; rest &= rest - 1) {
                const auto qubit = static_cast<unsigned>(std::countr_zero(rest));
                const unsigned letter = product.letter(qubit);
                counted_.x[qubit * words + word] |= std::uint64_t{letter & 1u} << bits_[i];
                counted_.z[qubit * words + word] |= std::uint64_t{letter >> 1} << bits_[i];
            }
        }
    }

    /// How many letters the turn adds to what is counted.
    double growth(const Turn& turn) const {
        struct Letters {
            /// Products that have no letter there, the turn's, and another.
            std::uint64_t none, same, differ;
        };
        const std::size_t words = counted_.weights.size();
        const auto letters = [&](unsigned qubit, unsigned letter, std::size_t word) {
            const std::uint64_t x = counted_.x[qubit * words + word], z = counted_.z[qubit * words + word];
            const std::uint64_t same = ((letter & 1u) != 0 ? x : ~x) & ((letter & 2u) != 0 ? z : ~z);
            return Letters{~(x | z), same, (x | z) & ~same};
        };
        double sum = 0;
        for (std::size_t word = 0; word < words; ++word) {
            const Letters a = letters(turn.a, turn.p, word), b = letters(turn.b, turn.q, word);
            // Only what anticommutes with P_a Q_b changes: what differs from it on one of both.
            sum += counted_.weights[word] *
                   (std::popcount(a.none & b.differ) - std::popcount(a.same & b.differ) +
                    std::popcount(b.none & a.differ) - std::popcount(b.same & a.differ));
        }
        return sum;
    }

    void turn_best(const std::vector<Turn>& turns) {
        count();
        const Turn* best = nullptr;
        double least = std::numeric_limits<double>::infinity();
        for (const Turn& turn : turns)
            if (const double cost = growth(turn); cost < least - 1e-9) {
                least = cost;
                best = &turn;
            }
        if (turns_left_ > 0) --turns_left_;
        emit_turn(*best);
        conjugate(product_of(*best));
    }

    /// S becomes G S G^-1 with G = exp(-i pi/4 about).
    void conjugate(const Pauli& about) {
        auto turn = [&](Pauli& product) {
            if (anticommute(product, about)) product = (about * product).turned(3);
        };
        for (const std::size_t i : waiting_) turn(pauli(i));
        for (auto* rows : {&form_.x, &form_.z})
            for (Pauli& row : *rows) turn(row);
    }

    void emit_turn(const Turn& turn) {
        for (const auto& [qubit, letter] : {std::pair(turn.a, turn.p), std::pair(turn.b, turn.q)})
            to_z(qubit, letter, 1);
        out_.push_back(Gate{GateId::rzz, {turn.a, turn.b}, {Angle(kPi / 2)}});
        for (const auto& [qubit, letter] : {std::pair(turn.a, turn.p), std::pair(turn.b, turn.q)})
            to_z(qubit, letter, -1);
    }
    /// Before a gate about Z that stands for one about the letter: H, or Rx(pi/2), which takes Y to Z.
    void to_z(unsigned qubit, unsigned letter, double sign) {
        if (letter == 1) out_.push_back(Gate{GateId::h, {qubit}, {}});
        if (letter == 3) out_.push_back(Gate{GateId::rx, {qubit}, {Angle(sign * kPi / 2)}});
    }

    /// What is left is F: its rows are brought to single letters, qubit after qubit, the nearest first.
    void finish_clifford() {
        place_.assign(qubits_, 0);
        std::vector<bool> done(qubits_, false);
        for (std::size_t count = 0; count < qubits_; ++count) {
            std::size_t nearest = qubits_;
            for (std::size_t q = 0; q < qubits_; ++q)
                if (!done[q] && (nearest == qubits_ || spread(q) < spread(nearest))) nearest = q;
            bring_together(nearest);
            done[nearest] = true;
            const auto place = static_cast<unsigned>(std::countr_zero(form_.z[nearest].support()));
            place_[nearest] = place;
            straighten(nearest, place);
        }
    }

    int spread(std::size_t q) const {
        return form_.x[q].weight() + form_.z[q].weight() +
               std::popcount(form_.x[q].support() & ~form_.z[q].support());
    }

    void bring_together(std::size_t q) {
        while (form_.z[q].weight() > 1 || form_.x[q].weight() > 1) {
            // The shorter one first; the other is then shortened by turns that leave it alone.
            Pauli &z = form_.z[q], &x = form_.x[q];
            const bool z_is_single = z.weight() == 1, x_is_single = x.weight() == 1;
            std::vector<Turn> turns;
            if (z_is_single || x_is_single) {
                const Pauli& single = z_is_single ? z : x;
                const Pauli& other = z_is_single ? x : z;
                const auto a = static_cast<unsigned>(std::countr_zero(single.support()));
                for (unsigned b = 0; b < qubits_; ++b)
                    if (b != a && other.letter(b) != 0)
                        turns.push_back({a, single.letter(a), b, other.letter(b)});
            } else {
                add_shortening(z.weight() <= x.weight() ? z : x, turns);
            }
            turn_best(turns);
        }
    }

    /// One-qubit gates that take the rows of q, single letters on `place`, to X and Z.
    void straighten(std::size_t q, unsigned place) {
        if (const unsigned letter = form_.z[q].letter(place); letter != 2)
            turn_one(place, third(letter, 2), 1);
        if (form_.x[q].letter(place) != 1) turn_one(place, 2, 1);
        if (form_.z[q].is_negative()) turn_one(place, 1, 2);
        if (form_.x[q].is_negative()) turn_one(place, 2, 2);
    }
    void turn_one(unsigned qubit, unsigned letter, int turns) {
        const Gadget turn{Pauli::of_letter(qubit, letter), Angle(turns * kPi / 2)};
        emit_rotation(turn);
        for (; turns > 0; --turns) conjugate(turn.pauli);
    }

    GadgetForm form_;
    std::size_t turns_left_;
    std::size_t qubits_;
    std::vector<std::vector<std::size_t>> after_;
    std::vector<int> missing_;
    std::vector<int> step_;
    /// Rotations that wait for none, and all that are left, by step.
    std::vector<std::size_t> front_, waiting_;
    std::vector<std::pair<const Pauli*, double>> counted_products_;
    std::vector<unsigned> bits_;
    Counted counted_;
    std::vector<Qubit> place_;
    std::vector<Operation> out_;
};

}  // namespace

std::optional<std::vector<Operation>> synthesise_gadgets(GadgetForm form, std::size_t most,
                                                         std::vector<Qubit>& place) {
    Synthesis synthesis(std::move(form), most);
    auto gates = synthesis.run();
    place = synthesis.places();
    return gates;
}

}  // namespace qdcnn::transpile
