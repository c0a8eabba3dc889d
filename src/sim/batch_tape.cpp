#include <omp.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "qdcnn/base/memory.h"
#include "qdcnn/circuit/state_preparation.h"
#include "sim/kernels.h"
#include "sim/tape.h"
#include "sim/wide_state.h"

namespace qdcnn::sim {

using namespace circuit;

namespace {

/// Amplitudes times steps from which threads pay.
constexpr std::size_t kWorthThreads = std::size_t{1} << 21;

double parity_sign(std::uint64_t bits) { return std::popcount(bits) & 1 ? -1.0 : 1.0; }

/// Amplitude i of eight rows is one Lanes. Permutations (X, CX, swaps and their like) cost nothing: `place`
/// says where each amplitude lies, and every later step is a table of the places it acts on.
class BatchTape final : public backend::Differentiable {
  public:
    BatchTape(Program program, std::size_t num_parameters, const std::vector<ParameterIndex>& wrt)
        : size_(std::size_t{1} << program.num_qubits),
          num_parameters_(num_parameters),
          columns_(wrt.size()),
          parts_(program.is_real ? 1 : 2),
          preparations_(std::move(program.preparations)) {
        const auto terms = gradient_terms(program, wrt);
        std::vector<std::uint32_t> place(size_);
        for (std::size_t x = 0; x < size_; ++x) place[x] = static_cast<std::uint32_t>(x);
        for (std::size_t i = 0; i < program.primitives.size(); ++i)
            add_step(program.primitives[i], terms[i], place);
        while (first_wanted_ < steps_.size() && steps_[first_wanted_].gradient.empty()) ++first_wanted_;
        add_observables(program.observables, place);
        scratch_.resize(static_cast<std::size_t>(omp_get_max_threads()));
    }

    void forward(const backend::ParameterMatrix& parameters, std::span<double> values) override {
        check_parameters(parameters, num_parameters_);
        rows_ = parameters.rows();
        const std::size_t groups = (rows_ + kLanes - 1) / kLanes;
        if (const std::size_t needed = groups * parts_ * size_; needed > states_.size()) {
            if (needed > 1 << 16) require_memory(needed * sizeof(Lanes), "the states of a batch");
            states_.resize(needed);
        }
        set_matrices(parameters, groups);
        set_initial_states(parameters, groups);
        // Here, because an allocation that fails inside a parallel region ends the process.
        grow_scratch(num_observables_);
        for_groups(groups, [&](std::size_t group, LaneVector& scratch) {
            Lanes* state = state_of(group);
            for (std::size_t i = first_step_; i < steps_.size(); ++i)
                apply(steps_[i], state, matrix(steps_[i], group));
            read_values(group, scratch, values);
        });
    }

    void backward(std::span<const double> cotangent, std::span<double> gradient) override {
        std::fill(gradient.begin(), gradient.end(), 0.0);
        const std::size_t groups = (rows_ + kLanes - 1) / kLanes;
        if (first_wanted_ == steps_.size() || groups == 0) return;
        grow_scratch(2 * parts_ * size_ + num_observables_);
        for_groups(groups, [&](std::size_t group, LaneVector& scratch) {
            differentiate(group, scratch, cotangent, gradient);
        });
    }

  private:
    struct Step {
        PrimitiveKind kind;
        bool reflects;
        /// Into pairs_ for rotations, else into indices_.
        std::size_t first, count;
        std::size_t angle;
        std::vector<GradientTerm> gradient;
    };
    struct AngleSlot {
        Angle angle;
        PrimitiveKind kind;
        bool reflects;
        /// Since the last forward: differs between rows.
        bool varies = false;
        /// Into shared_ or, within a group's part, into varying_.
        std::size_t place = 0;
    };
    /// A Pauli string with an X or a Y: state[to] gets sign * i^y_count * state[from].
    struct Move {
        std::uint32_t from, to;
        double sign;
    };
    struct PauliTerm {
        std::size_t observable;
        double coefficient;
        int y_count;
        std::vector<Move> moves;
    };

    void add_step(const Primitive& primitive, const std::vector<GradientTerm>& gradient,
                  std::vector<std::uint32_t>& place) {
        const std::uint64_t target = primitive.target_mask(), controls = primitive.controls;
        Step step{primitive.kind, primitive.reflects, 0, 0, 0, gradient};
        if (primitive.kind == PrimitiveKind::flip) {
            for (std::size_t x = 0; x < size_; ++x)
                if ((x & (controls | target)) == controls) std::swap(place[x], place[x | target]);
            leading_open_ = false;
            return;
        }
        if (primitive.kind == PrimitiveKind::rotation) {
            step.first = pairs_.size();
            for (std::size_t x = 0; x < size_; ++x)
                if ((x & (controls | target)) == controls) pairs_.push_back({place[x], place[x | target]});
            // In the order of memory, which the processor's prefetcher follows.
            std::sort(pairs_.begin() + static_cast<std::ptrdiff_t>(step.first), pairs_.end(),
                      [](Pair a, Pair b) { return std::min(a.zero, a.one) < std::min(b.zero, b.one); });
            step.count = pairs_.size() - step.first;
        } else {
            step.first = indices_.size();
            for (std::size_t x = 0; x < size_; ++x)
                if ((x & controls) == controls) indices_.push_back(place[x]);
            step.count = indices_.size() - step.first;
        }
        if (primitive.kind != PrimitiveKind::sign) {
            step.angle = angles_.size();
            angles_.push_back({primitive.angle, primitive.kind, primitive.reflects});
        }
        if (is_leading(primitive)) {
            leading_qubits_ |= target;
            first_step_ = steps_.size() + 1;
            leading_.push_back({primitive.target, step.angle});
        } else {
            leading_open_ = false;
        }
        steps_.push_back(std::move(step));
    }

    /// Rotations of qubits still in |0>, before anything else: their product state is written down at once.
    bool is_leading(const Primitive& primitive) const {
        return leading_open_ && preparations_.empty() && primitive.kind == PrimitiveKind::rotation &&
               primitive.controls == 0 && !(leading_qubits_ & primitive.target_mask());
    }

    void add_observables(const std::vector<Observable>& observables,
                         const std::vector<std::uint32_t>& place) {
        num_observables_ = observables.size();
        diagonals_.assign(num_observables_ * size_, 0);
        for (std::size_t o = 0; o < num_observables_; ++o)
            for (const auto& term : observables[o].terms) {
                const PauliMasks masks(term.paulis);
                if (masks.x_mask == 0) {
                    for (std::size_t x = 0; x < size_; ++x)
                        diagonals_[o * size_ + place[x]] += term.coefficient * parity_sign(x & masks.z_mask);
                } else if (parts_ == 2 || masks.y_count % 2 == 0) {  // an odd number of Y is 0 in real states
                    PauliTerm pauli{o, term.coefficient, masks.y_count % 4, {}};
                    for (std::size_t x = 0; x < size_; ++x)
                        pauli.moves.push_back(
                            {place[x], place[x ^ masks.x_mask], parity_sign(x & masks.z_mask)});
                    pauli_terms_.push_back(std::move(pauli));
                }
            }
    }

    Lanes* state_of(std::size_t group) { return states_.data() + group * parts_ * size_; }
    std::span<const Pair> pairs(const Step& step) const {
        return std::span(pairs_).subspan(step.first, step.count);
    }
    std::span<const std::uint32_t> indices(const Step& step) const {
        return std::span(indices_).subspan(step.first, step.count);
    }
    const LaneMatrix& matrix(const Step& step, std::size_t group) const { return matrix(step.angle, group); }
    const LaneMatrix& matrix(std::size_t angle, std::size_t group) const {
        static const LaneMatrix kUnused{};
        if (angles_.empty()) return kUnused;
        const AngleSlot& slot = angles_[angle];
        return slot.varies ? varying_[group * num_varying_ + slot.place] : shared_[slot.place];
    }

    void grow_scratch(std::size_t size) {
        for (LaneVector& scratch : scratch_)
            if (scratch.size() < size) scratch.resize(size);
    }

    template <typename Function>
    void for_groups(std::size_t groups, const Function& function) {
        if (groups > 1 && groups * size_ * steps_.size() > kWorthThreads && scratch_.size() > 1) {
#pragma omp parallel for schedule(static) num_threads(static_cast <int>(scratch_.size()))
            for (std::size_t group = 0; group < groups; ++group)
                function(group, scratch_[static_cast<std::size_t>(omp_get_thread_num())]);
        } else {
            for (std::size_t group = 0; group < groups; ++group) function(group, scratch_[0]);
        }
    }

    static void set_lane(LaneMatrix& matrix, const AngleSlot& slot, std::size_t lane, double angle) {
        const double half = slot.kind == PrimitiveKind::phase ? angle : angle / 2;
        const double c = std::cos(half), s = std::sin(half);
        matrix.a00.lane[lane] = c;
        matrix.a10.lane[lane] = s;
        matrix.a01.lane[lane] = slot.reflects ? s : -s;
        matrix.a11.lane[lane] = slot.reflects ? -c : c;
    }

    /// One sine and cosine for an angle that is the same in all rows, one a row for others.
    void set_matrices(const backend::ParameterMatrix& parameters, std::size_t groups) {
        column_varies_.assign(num_parameters_, 0);
        for (std::size_t row = 1; row < rows_; ++row) {
            const auto first = parameters.row(0), values = parameters.row(row);
            for (std::size_t k = 0; k < num_parameters_; ++k) column_varies_[k] |= first[k] != values[k];
        }
        num_varying_ = 0;
        std::size_t num_shared = 0;
        for (AngleSlot& slot : angles_) {
            slot.varies = false;
            for (const auto& term : slot.angle.terms())
                slot.varies = slot.varies || column_varies_[term.parameter];
            slot.place = slot.varies ? num_varying_++ : num_shared++;
        }
        if (num_shared > shared_.size()) shared_.resize(num_shared);
        if (groups * num_varying_ > varying_.size()) varying_.resize(groups * num_varying_);
        if (rows_ == 0) return;
        for (const AngleSlot& slot : angles_) {
            if (!slot.varies) {
                LaneMatrix& to = shared_[slot.place];
                set_lane(to, slot, 0, slot.angle.evaluate(parameters.row(0)));
                for (Lanes* entry : {&to.a00, &to.a01, &to.a10, &to.a11}) *entry = Lanes::all(entry->lane[0]);
                continue;
            }
            for (std::size_t group = 0; group < groups; ++group)
                for (std::size_t lane = 0; lane < kLanes; ++lane)
                    set_lane(varying_[group * num_varying_ + slot.place], slot, lane,
                             slot.angle.evaluate(parameters.row(row_of(group, lane))));
        }
    }

    /// Lanes past the last row repeat it.
    std::size_t row_of(std::size_t group, std::size_t lane) const {
        return std::min(group * kLanes + lane, rows_ - 1);
    }

    void set_initial_states(const backend::ParameterMatrix& parameters, std::size_t groups) {
        for (std::size_t group = 0; group < groups; ++group) {
            Lanes* state = state_of(group);
            if (preparations_.empty())
                set_product_state(state, group);
            else
                set_prepared_state(state, parameters, group);
            if (parts_ == 2) std::fill(state + size_, state + 2 * size_, Lanes{});
        }
    }

    void set_product_state(Lanes* state, std::size_t group) {
        if (std::popcount(leading_qubits_) != std::countr_zero(size_))
            std::fill(state, state + size_, Lanes{});
        state[0] = Lanes::all(1);
        std::uint64_t done = 0;
        for (const auto& [qubit, angle] : leading_) {
            // The places filled so far are the subsets of `done`.
            const LaneMatrix& by = matrix(angle, group);
            std::uint64_t x = 0;
            do {
                Lanes &zero = state[x], &one = state[x | std::uint64_t{1} << qubit];
                for (std::size_t lane = 0; lane < kLanes; ++lane) {
                    one.lane[lane] = zero.lane[lane] * by.a10.lane[lane];
                    zero.lane[lane] *= by.a00.lane[lane];
                }
                x = (x - done) & done;
            } while (x != 0);
            done |= std::uint64_t{1} << qubit;
        }
    }

    void set_prepared_state(Lanes* state, const backend::ParameterMatrix& parameters, std::size_t group) {
        std::fill(state, state + size_, Lanes{});
        state[0] = Lanes::all(1);
        std::uint64_t done = 0;
        for (const Preparation& preparation : preparations_) {
            amplitudes_.resize(preparation.amplitudes.size());
            row_amplitudes_.resize(amplitudes_.size());
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                const auto row = parameters.row(row_of(group, lane));
                for (std::size_t k = 0; k < amplitudes_.size(); ++k)
                    row_amplitudes_[k] = preparation.amplitudes[k].evaluate(row);
                normalise(row_amplitudes_);
                for (std::size_t k = 0; k < amplitudes_.size(); ++k)
                    amplitudes_[k].lane[lane] = row_amplitudes_[k];
            }
            spread(state, preparation.qubits, done);
        }
    }

    /// Multiplies amplitudes_ onto qubits that are still |0>; `done` has the qubits already filled.
    void spread(Lanes* state, const std::vector<Qubit>& qubits, std::uint64_t& done) {
        std::uint64_t x = 0;
        do {
            const Lanes before = state[x];
            for (std::size_t k = 0; k < amplitudes_.size(); ++k) {
                std::uint64_t to = x;
                for (std::size_t i = 0; i < qubits.size(); ++i) to |= (k >> i & 1) << qubits[i];
                for (std::size_t lane = 0; lane < kLanes; ++lane)
                    state[to].lane[lane] = before.lane[lane] * amplitudes_[k].lane[lane];
            }
            x = (x - done) & done;
        } while (x != 0);
        for (const Qubit qubit : qubits) done |= std::uint64_t{1} << qubit;
    }

    void apply(const Step& step, Lanes* state, const LaneMatrix& by) const {
        if (step.kind == PrimitiveKind::phase)
            return apply_phase(state, state + size_, indices(step), by.a00, by.a10);
        for (std::size_t part = 0; part < parts_; ++part) {
            if (step.kind == PrimitiveKind::rotation)
                apply_pairs(state + part * size_, pairs(step), by);
            else
                apply_sign(state + part * size_, indices(step));
        }
    }

    void read_values(std::size_t group, LaneVector& scratch, std::span<double> values) {
        const std::span<Lanes> sums(scratch.data(), num_observables_);
        std::fill(sums.begin(), sums.end(), Lanes{});
        const Lanes* state = state_of(group);
        for (std::size_t part = 0; part < parts_; ++part)
            diagonal_values(state + part * size_, size_, diagonals_, sums);
        for (const PauliTerm& term : pauli_terms_) {
            const double factor = term.y_count >= 2 ? -term.coefficient : term.coefficient;
            for (const Move& move : term.moves)
                for (std::size_t lane = 0; lane < kLanes; ++lane) {
                    const double *re = &state->lane[lane], *im = re + (parts_ - 1) * size_ * kLanes;
                    const std::size_t from = move.from * kLanes, to = move.to * kLanes;
                    const double product = term.y_count % 2 == 1 ? im[to] * re[from] - re[to] * im[from]
                                           : parts_ == 2         ? re[to] * re[from] + im[to] * im[from]
                                                                 : re[to] * re[from];
                    sums[term.observable].lane[lane] += factor * move.sign * product;
                }
        }
        for (std::size_t lane = 0; lane < kLanes && group * kLanes + lane < rows_; ++lane)
            for (std::size_t o = 0; o < num_observables_; ++o)
                values[(group * kLanes + lane) * num_observables_ + o] = sums[o].lane[lane];
    }

    /// lambda = sum of weights[o] O psi.
    void set_lambda(const Lanes* psi, Lanes* lambda, std::span<const Lanes> weights) const {
        for (std::size_t part = 0; part < parts_; ++part)
            weighted_diagonals(psi + part * size_, lambda + part * size_, size_, diagonals_, weights);
        for (const PauliTerm& term : pauli_terms_) {
            const double factor = term.y_count >= 2 ? -term.coefficient : term.coefficient;
            for (const Move& move : term.moves)
                for (std::size_t lane = 0; lane < kLanes; ++lane) {
                    const double weight = factor * move.sign * weights[term.observable].lane[lane];
                    const double re = psi[move.from].lane[lane];
                    const double im = parts_ == 2 ? psi[size_ + move.from].lane[lane] : 0;
                    lambda[move.to].lane[lane] += weight * (term.y_count % 2 == 1 ? -im : re);
                    if (parts_ == 2)
                        lambda[size_ + move.to].lane[lane] += weight * (term.y_count % 2 == 1 ? re : im);
                }
        }
    }

    void differentiate(std::size_t group, LaneVector& scratch, std::span<const double> cotangent,
                       std::span<double> gradient) {
        Lanes *psi = scratch.data(), *lambda = psi + parts_ * size_;
        const std::span<Lanes> weights(lambda + parts_ * size_, num_observables_);
        const std::size_t rows = std::min(kLanes, rows_ - group * kLanes);
        std::copy_n(state_of(group), parts_ * size_, psi);
        for (std::size_t o = 0; o < num_observables_; ++o)
            for (std::size_t lane = 0; lane < kLanes; ++lane)
                weights[o].lane[lane] =
                    lane < rows ? cotangent[(group * kLanes + lane) * num_observables_ + o] : 0;
        set_lambda(psi, lambda, weights);

        for (std::size_t i = steps_.size(); i-- > first_wanted_;) {
            const Step& step = steps_[i];
            const LaneMatrix& by = matrix(step, group);
            Lanes derivative;
            switch (step.kind) {
                case PrimitiveKind::rotation:
                    for (std::size_t part = 0; part < parts_; ++part)
                        undo_pairs(psi + part * size_, lambda + part * size_, pairs(step), by, derivative);
                    break;
                case PrimitiveKind::phase:
                    undo_phase(step, psi, lambda, by, derivative);
                    break;
                case PrimitiveKind::sign:
                    apply(step, psi, by);
                    apply(step, lambda, by);
                    break;
                case PrimitiveKind::flip:
                    break;
            }
            for (const GradientTerm& term : step.gradient)
                for (std::size_t lane = 0; lane < rows; ++lane)
                    gradient[(group * kLanes + lane) * columns_ + term.column] +=
                        term.coefficient * derivative.lane[lane];
        }
    }

    void undo_phase(const Step& step, Lanes* psi, Lanes* lambda, const LaneMatrix& by,
                    Lanes& derivative) const {
        if (!step.gradient.empty())
            phase_gradient(psi, psi + size_, lambda, lambda + size_, indices(step), derivative);
        Lanes back = by.a10;
        for (double& sine : back.lane) sine = -sine;
        apply_phase(psi, psi + size_, indices(step), by.a00, back);
        apply_phase(lambda, lambda + size_, indices(step), by.a00, back);
    }

    // The compiled program.
    std::size_t size_;
    std::size_t num_parameters_;
    std::size_t columns_;
    /// Real, or real and imaginary.
    std::size_t parts_;
    std::size_t num_observables_ = 0;
    std::vector<Preparation> preparations_;
    std::vector<Step> steps_;
    std::vector<Pair> pairs_;
    std::vector<std::uint32_t> indices_;
    std::vector<AngleSlot> angles_;
    struct LeadingRotation {
        Qubit qubit;
        std::size_t angle;
    };
    std::vector<LeadingRotation> leading_;
    std::uint64_t leading_qubits_ = 0;
    bool leading_open_ = true;
    /// Steps before this are in the initial product state.
    std::size_t first_step_ = 0;
    std::size_t first_wanted_ = 0;
    /// Observable by place; the part of each observable that is diagonal.
    std::vector<double> diagonals_;
    std::vector<PauliTerm> pauli_terms_;

    // The last forward.
    std::size_t rows_ = 0;
    std::size_t num_varying_ = 0;
    std::vector<char> column_varies_;
    std::vector<LaneMatrix> shared_, varying_;
    LaneVector states_;
    /// Of one preparation: in all lanes of a group, and in one row.
    LaneVector amplitudes_;
    std::vector<double> row_amplitudes_;
    /// For each thread: psi, lambda and the weights in backward, the values in forward.
    std::vector<LaneVector> scratch_;
};

}  // namespace

std::unique_ptr<backend::Differentiable> make_batch_tape(Program program, std::size_t num_parameters,
                                                         std::vector<ParameterIndex> wrt) {
    return std::make_unique<BatchTape>(std::move(program), num_parameters, wrt);
}

}  // namespace qdcnn::sim
