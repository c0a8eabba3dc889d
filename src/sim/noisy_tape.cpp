#include "qdcnn/sim/noisy_tape.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "density_memory.h"
#include "density_prepare.h"
#include "light_cone.h"
#include "pauli_kernels.h"
#include "pauli_map.h"
#include "places.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/circuit/state_preparation.h"
#include "qdcnn/sim/density_matrix.h"
#include "tape.h"

namespace qdcnn::sim {
namespace {

using namespace circuit;

/// States on the way that take no more are all kept.
constexpr double kKeepAll = 0x1p26;

/// A gate or a channel on one or both qubits of a block.
struct Piece {
    /// Nothing: `map` is all.
    const GateRow* gate = nullptr;
    std::vector<Angle> angles;
    /// What follows the gate; or the channel itself.
    PauliMap map;
    /// The map's qubit 0 is the block's low one (0), its high one (1), or both in order (2) or exchanged (3).
    int on = 0;
    /// gradient[column] += coefficient * derivative by angle `angle`.
    struct Wanted {
        std::size_t angle, column;
        double coefficient;
    };
    std::vector<Wanted> wanted;

    /// On the piece's own qubits.
    PauliMap map_of(std::span<const double> values) const {
        if (!gate) return map;
        PauliMap own = map_of_unitary(gate->matrix(values));
        return map.empty() ? own : product(map, own);
    }
};

/// Pieces that make one map; low == high on one qubit.
struct Block {
    Qubit low, high;
    std::vector<Piece> pieces;
    /// Instead of pieces: amplitudes put on these places.
    std::vector<Qubit> prepared;
    std::vector<Angle> amplitudes;

    bool is_pair() const { return low != high; }
};

PauliMap transposed(const PauliMap& map) {
    const std::size_t size = map.size() == 16 ? 4 : 16;
    PauliMap result(map.size());
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t j = 0; j < size; ++j) result[i * size + j] = map[j * size + i];
    return result;
}

/// A piece's map on the qubits of its block.
PauliMap widened(const PauliMap& map, int on, bool is_pair) {
    if (!is_pair || on == 2) return map;
    if (on == 3) return swapped(map);
    const PauliMap identity = identity_map(1);
    return on == 0 ? tensor_product(map, identity) : tensor_product(identity, map);
}

/// The derivative by one angle. Entries are trigonometric polynomials in half the angle of degree 4 at most.
PauliMap derivative(const Piece& piece, std::vector<double> values, std::size_t angle) {
    constexpr int kDegree = 4;
    PauliMap result;
    const double at = values[angle];
    for (int step = 1; step <= 2 * kDegree; ++step) {
        const double shift = (2 * step - 1) * std::numbers::pi / (2 * kDegree);
        values[angle] = at + 2 * shift;
        const PauliMap map = piece.map_of(values);
        const double weight = (step % 2 ? 1.0 : -1.0) / (4 * kDegree * std::pow(std::sin(shift / 2), 2)) / 2;
        result.resize(map.size());
        for (std::size_t i = 0; i < map.size(); ++i) result[i] += weight * map[i];
    }
    return result;
}

/// Folds operations into blocks, in the order in which they are to be applied.
class Folding {
  public:
    Folding(const Circuit& circuit, const NoiseModel& noise, const Places& places,
            std::span<const ParameterIndex> wrt)
        : noise_(noise), places_(places), wrt_(wrt), open_(places.count, kNone) {
        for (const Operation& operation : circuit.operations())
            std::visit([&](const auto& kind) { step(kind); }, operation.kind());
    }
    std::vector<Block> take() { return std::move(blocks_); }

  private:
    static constexpr std::size_t kNone = ~std::size_t{0};

    void step(const Gate& gate) {
        add_pieces(gate);
        add_error(noise_.error_of(gate.id, gate.qubits), gate.qubits);
    }
    void add_pieces(const Gate& gate) {
        const GateRow& row = gate_row(gate.id);
        if (row.qubits > 2) {
            for (const DefinitionStep& definition : row.definition)
                add_pieces(instantiate(definition, gate.qubits, gate.angles));
            return;
        }
        Piece piece;
        piece.gate = &row;
        piece.angles.assign(gate.angles.begin(), gate.angles.end());
        for (std::size_t a = 0; a < piece.angles.size(); ++a)
            for (const auto& term : piece.angles[a].terms())
                for (std::size_t column = 0; column < wrt_.size(); ++column)
                    if (wrt_[column] == term.parameter) piece.wanted.push_back({a, column, term.coefficient});
        has_wanted_ = has_wanted_ || !piece.wanted.empty();
        add(std::move(piece), gate.qubits);
    }
    void add_error(const GateError* error, std::span<const Qubit> qubits) {
        if (!error) return;
        for (const GateError::Step& one : error->steps()) {
            std::vector<Qubit> on;
            for (const auto position : one.on) on.push_back(qubits[position]);
            add_map(one.channel.map(), on);
        }
    }
    void add_map(std::span<const double> map, std::span<const Qubit> qubits) {
        Piece piece;
        piece.map.assign(map.begin(), map.end());
        add(std::move(piece), qubits);
    }
    void step(const Measure& measure) {
        if (places_.of_qubit[measure.qubit] == kIdle) return;
        add_error(noise_.error_of("measure", {&measure.qubit, 1}), {&measure.qubit, 1});
        add_map(measurement_map(1, 1), {&measure.qubit, 1});
    }
    void step(const Reset& reset) {
        add_map(reset_map(), {&reset.qubit, 1});
        add_error(noise_.error_of("reset", {&reset.qubit, 1}), {&reset.qubit, 1});
    }
    void step(const Barrier&) {}
    void step(const Delay& delay) {
        if (const Relaxation* relaxation = noise_.relaxation(delay.qubit)) {
            if (delay.unit == TimeUnit::dt && std::isnan(noise_.dt()))
                throw Error(ErrorKind::unsupported,
                            "a delay is counted in dt, and the noise model does not say how long that is",
                            "Write the delay in seconds.");
            const double seconds = delay.duration * (delay.unit == TimeUnit::dt ? noise_.dt() : 1.0);
            add_map(thermal_relaxation(relaxation->t1, relaxation->t2, seconds, relaxation->excited).map(),
                    {&delay.qubit, 1});
        }
        add_error(noise_.error_of("delay", {&delay.qubit, 1}), {&delay.qubit, 1});
    }
    void step(const Prepare& prepare) {
        if (has_wanted_)
            throw Error(ErrorKind::unsupported, "a Prepare after a gate that is differentiated",
                        "Prepare at the beginning.");
        Block block{0, 0, {}, {}, {prepare.amplitudes.begin(), prepare.amplitudes.end()}};
        for (const Qubit qubit : prepare.qubits) {
            block.prepared.push_back(places_.of_qubit[qubit]);
            open_[places_.of_qubit[qubit]] = kNone;
        }
        blocks_.push_back(std::move(block));
    }
    template <typename Other>
    void step(const Other&) {
        static_assert(std::is_same_v<Other, IfElse> || std::is_same_v<Other, While> ||
                      std::is_same_v<Other, Store>);
        throw Error(ErrorKind::unsupported,
                    "gradients under noise take no branches, loops and assignments on measured bits");
    }

    /// A block is open while nothing later has touched its qubits through another one. Blocks are applied in
    /// the order in which they were opened as a pair, which keeps that of every qubit.
    void add(Piece piece, std::span<const Qubit> qubits) {
        const Qubit first = places_.of_qubit[qubits[0]];
        if (qubits.size() == 1) {
            if (open_[first] == kNone) open_block(first, first);
            Block& block = blocks_[open_[first]];
            piece.on = block.low == first ? 0 : 1;
            block.pieces.push_back(std::move(piece));
            return;
        }
        const Qubit second = places_.of_qubit[qubits[1]];
        const Qubit low = std::min(first, second), high = std::max(first, second);
        if (open_[low] == kNone || open_[low] != open_[high] || !blocks_[open_[low]].is_pair()) {
            // What waits on one qubit alone goes into the pair.
            std::vector<Piece> before;
            for (const Qubit qubit : {low, high}) {
                if (open_[qubit] == kNone || blocks_[open_[qubit]].is_pair()) continue;
                for (Piece& one : blocks_[open_[qubit]].pieces) {
                    one.on = qubit == low ? 0 : 1;
                    before.push_back(std::move(one));
                }
                blocks_[open_[qubit]].pieces.clear();
            }
            open_block(low, high);
            blocks_.back().pieces = std::move(before);
        }
        piece.on = first == low ? 2 : 3;
        blocks_[open_[low]].pieces.push_back(std::move(piece));
    }
    void open_block(Qubit low, Qubit high) {
        open_[low] = open_[high] = blocks_.size();
        blocks_.push_back({low, high, {}, {}, {}});
    }

    const NoiseModel& noise_;
    const Places& places_;
    std::span<const ParameterIndex> wrt_;
    std::vector<Block> blocks_;
    /// By place, the block that still takes pieces.
    std::vector<std::size_t> open_;
    bool has_wanted_ = false;
};

class NoisyTape final : public backend::Differentiable {
  public:
    NoisyTape(const Circuit& circuit, std::span<const Observable> observables, std::size_t columns,
              std::vector<ParameterIndex> wrt, const NoiseModel& noise)
        : columns_(columns), wanted_(wrt.size()) {
        const Circuit seen = light_cone(circuit, observables);
        const std::vector<bool> is_final(seen.operations().size(), false);
        const Places places = Places::compact(seen, noise, is_final);
        qubits_ = places.count;
        blocks_ = Folding(seen, noise, places, wrt).take();
        std::erase_if(blocks_, [](const Block& b) { return b.pieces.empty() && b.prepared.empty(); });
        const auto count = static_cast<double>(blocks_.size());
        stretch_ = std::max<std::size_t>(1, blocks_.size());
        // As many states in each stretch as there are stretches.
        if (density_bytes(qubits_, Precision::f64) * count > kKeepAll)
            stretch_ = static_cast<std::size_t>(std::ceil(std::sqrt(count)));
        const auto stretch = static_cast<double>(stretch_);
        require_density_matrices(qubits_, Precision::f64, 3 + stretch + count / stretch);
        for (const Observable& observable : observables) terms_.push_back(on_places(observable, places));
    }

    void forward(const backend::ParameterMatrix& parameters, std::span<double> values) override {
        check_parameters(parameters, columns_);
        parameters_ = parameters;
        for (std::size_t row = 0; row < parameters.rows(); ++row) {
            interrupt().throw_if_interrupted();
            set_start();
            for (const Block& block : blocks_) apply(block, row, state_);
            for (std::size_t o = 0; o < terms_.size(); ++o) {
                double value = 0;
                for (const auto& [coefficient, index] : terms_[o]) value += coefficient * state_[index];
                values[row * terms_.size() + o] = value;
            }
        }
    }

    void backward(std::span<const double> cotangent, std::span<double> gradient) override {
        std::fill(gradient.begin(), gradient.end(), 0.0);
        for (std::size_t row = 0; row < parameters_.rows(); ++row) {
            interrupt().throw_if_interrupted();
            backward(row, cotangent.subspan(row * terms_.size(), terms_.size()),
                     gradient.subspan(row * wanted_, wanted_));
        }
    }

  private:
    using Terms = std::vector<std::pair<double, std::size_t>>;

    static Terms on_places(const Observable& observable, const Places& places) {
        Terms terms;
        for (const auto& term : observable.terms) {
            std::size_t index = 0;
            bool vanishes = false;
            for (const auto& [qubit, pauli] : term.paulis) {
                if (qubit >= places.of_qubit.size())
                    throw Error(ErrorKind::invalid_input,
                                fmt::format("an observable acts on qubit {}: the circuit has {}", qubit,
                                            places.of_qubit.size()));
                const Qubit place = places.of_qubit[qubit];
                if (place != kIdle)
                    index |= static_cast<std::size_t>(pauli) << 2 * place;
                else if (pauli != Pauli::z)
                    vanishes = true;
            }
            if (!vanishes) terms.emplace_back(term.coefficient, index);
        }
        return terms;
    }

    /// |0..0>: 1 for all products of I and Z.
    void set_start() {
        state_.assign(std::size_t{1} << 2 * qubits_, 0.0);
        for (std::size_t z = 0; z < std::size_t{1} << qubits_; ++z) {
            std::size_t index = 0;
            for (Qubit q = 0; q < qubits_; ++q) index |= (z >> q & 1) * 3 << 2 * q;
            state_[index] = 1;
        }
    }

    std::vector<double> values_of(const Piece& piece, std::size_t row) const {
        std::vector<double> values;
        for (const Angle& angle : piece.angles)
            values.push_back(
                angle.evaluate(static_cast<const backend::ParameterMatrix&>(parameters_).row(row)));
        return values;
    }
    PauliMap map_of(const Block& block, std::size_t row) const {
        PauliMap map = identity_map(block.is_pair() ? 2 : 1);
        for (const Piece& piece : block.pieces)
            map = product(widened(piece.map_of(values_of(piece, row)), piece.on, block.is_pair()), map);
        return map;
    }
    static void sweep(const PauliMap& map, const Block& block, std::vector<double>& r) {
        if (block.is_pair())
            sweep_two(std::span(r), map.data(), block.low, block.high);
        else
            sweep_one(std::span(r), map.data(), block.low);
    }
    void apply(const Block& block, std::size_t row, std::vector<double>& r) const {
        if (block.prepared.empty()) return sweep(map_of(block, row), block, r);
        std::vector<double> amplitudes;
        for (const Angle& amplitude : block.amplitudes)
            amplitudes.push_back(
                amplitude.evaluate(static_cast<const backend::ParameterMatrix&>(parameters_).row(row)));
        prepare_coefficients(std::span(r), qubits_, block.prepared, amplitudes);
    }

    void backward(std::size_t row, std::span<const double> weights, std::span<double> into) {
        set_start();
        lambda_.assign(state_.size(), 0.0);
        for (std::size_t o = 0; o < terms_.size(); ++o)
            for (const auto& [coefficient, index] : terms_[o]) lambda_[index] += weights[o] * coefficient;
        const std::size_t stretches = (blocks_.size() + stretch_ - 1) / stretch_;
        begins_.resize(stretches);
        before_.resize(stretch_);
        for (std::size_t s = 0; s < stretches; ++s) {
            begins_[s] = state_;
            for (std::size_t k = s * stretch_; s + 1 < stretches && k < (s + 1) * stretch_; ++k)
                apply(blocks_[k], row, state_);
        }
        for (std::size_t s = stretches; s-- > 0;) {
            const std::size_t begin = s * stretch_, end = std::min(blocks_.size(), begin + stretch_);
            state_ = begins_[s];
            for (std::size_t k = begin; k < end; ++k) {
                before_[k - begin] = state_;
                // The state after the last block is of no use.
                if (k + 1 < end) apply(blocks_[k], row, state_);
            }
            for (std::size_t k = end; k-- > begin;) {
                // Nothing before a Prepare is differentiated.
                if (!blocks_[k].prepared.empty()) return;
                add_gradient(blocks_[k], row, lambda_, before_[k - begin], into);
                sweep(transposed(map_of(blocks_[k], row)), blocks_[k], lambda_);
            }
        }
    }

    void add_gradient(const Block& block, std::size_t row, std::span<const double> lambda,
                      std::span<const double> before, std::span<double> into) const {
        if (std::all_of(block.pieces.begin(), block.pieces.end(),
                        [](const Piece& piece) { return piece.wanted.empty(); }))
            return;
        // d/dt lambda^T B r = sum_ij (dB/dt)_ij C_ij, and dB = after * d(piece) * earlier.
        const std::size_t size = block.is_pair() ? 16 : 4;
        PauliMap correlation(size * size, 0.0);
        add_correlation(lambda, before, block.low, block.high, correlation.data());
        std::vector<PauliMap> earlier{identity_map(block.is_pair() ? 2 : 1)};
        for (const Piece& piece : block.pieces)
            earlier.push_back(product(widened(piece.map_of(values_of(piece, row)), piece.on, block.is_pair()),
                                      earlier.back()));
        PauliMap after = earlier.front();
        for (std::size_t k = block.pieces.size(); k-- > 0;) {
            const Piece& piece = block.pieces[k];
            const std::vector<double> values = values_of(piece, row);
            for (std::size_t angle = 0; angle < values.size(); ++angle) {
                const auto wants = [&](const Piece::Wanted& w) { return w.angle == angle; };
                if (std::none_of(piece.wanted.begin(), piece.wanted.end(), wants)) continue;
                const PauliMap change = product(
                    after, product(widened(derivative(piece, values, angle), piece.on, block.is_pair()),
                                   earlier[k]));
                double sum = 0;
                for (std::size_t i = 0; i < change.size(); ++i) sum += change[i] * correlation[i];
                for (const Piece::Wanted& wanted : piece.wanted)
                    if (wants(wanted)) into[wanted.column] += wanted.coefficient * sum;
            }
            after = product(after, widened(piece.map_of(values), piece.on, block.is_pair()));
        }
    }

    std::size_t columns_, wanted_;
    std::uint32_t qubits_ = 0;
    std::vector<Block> blocks_;
    /// Blocks between two states that are kept.
    std::size_t stretch_ = 1;
    std::vector<Terms> terms_;
    backend::ParameterMatrix parameters_;

    // Scratch, so that large states are allocated once: at the beginning of each stretch, and before each
    // block of one.
    std::vector<double> state_, lambda_;
    std::vector<std::vector<double>> begins_, before_;
};

}  // namespace

std::unique_ptr<backend::Differentiable> make_noisy_tape(const Circuit& circuit,
                                                         std::span<const Observable> observables,
                                                         std::vector<ParameterIndex> wrt,
                                                         const NoiseModel& noise) {
    check_wrt(circuit, wrt);
    return std::make_unique<NoisyTape>(circuit, observables, circuit.parameters().size(), std::move(wrt),
                                       noise);
}

}  // namespace qdcnn::sim
