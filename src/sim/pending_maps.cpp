#include "pending_maps.h"

#include <algorithm>

namespace qdcnn::sim {
namespace {

using circuit::Qubit;
using Pair = std::array<double, 256>;

/// pair = (one on the qubit whose letter has this stride in the index) * pair
void multiply_left(std::span<const double> one, std::size_t stride, Pair& pair) {
    for (std::size_t group = 0; group < 4; ++group) {
        const std::size_t base = stride == 1 ? 4 * group : group;
        for (std::size_t column = 0; column < 16; ++column) {
            double in[4];
            for (std::size_t k = 0; k < 4; ++k) in[k] = pair[(base + k * stride) * 16 + column];
            for (std::size_t row = 0; row < 4; ++row)
                pair[(base + row * stride) * 16 + column] = one[row * 4] * in[0] + one[row * 4 + 1] * in[1] +
                                                            one[row * 4 + 2] * in[2] +
                                                            one[row * 4 + 3] * in[3];
        }
    }
}

/// pair = pair * (one on the qubit of that stride)
void multiply_right(std::span<const double> one, std::size_t stride, Pair& pair) {
    for (std::size_t row = 0; row < 16; ++row)
        for (std::size_t group = 0; group < 4; ++group) {
            double* at = pair.data() + row * 16 + (stride == 1 ? 4 * group : group);
            const double in[4] = {at[0], at[stride], at[2 * stride], at[3 * stride]};
            for (std::size_t column = 0; column < 4; ++column)
                at[column * stride] = in[0] * one[column] + in[1] * one[4 + column] +
                                      in[2] * one[8 + column] + in[3] * one[12 + column];
        }
}

/// result = left * right, size x size, row by row.
template <std::size_t size>
void multiply(std::span<const double> left, std::span<const double> right, double* result) {
    for (std::size_t row = 0; row < size; ++row) {
        double sum[size] = {};
        for (std::size_t k = 0; k < size; ++k) {
            const double factor = left[row * size + k];
            for (std::size_t column = 0; column < size; ++column)
                sum[column] += factor * right[k * size + column];
        }
        std::copy(sum, sum + size, result + row * size);
    }
}

/// The map with the lower qubit's letter in the low bits.
void oriented(std::span<const double> map, bool is_swapped, Pair& result) {
    if (!is_swapped) {
        std::copy(map.begin(), map.end(), result.begin());
        return;
    }
    const auto exchange = [](std::size_t index) { return (index & 3) << 2 | index >> 2; };
    for (std::size_t row = 0; row < 16; ++row)
        for (std::size_t column = 0; column < 16; ++column)
            result[row * 16 + column] = map[exchange(row) * 16 + exchange(column)];
}

}  // namespace

void PendingMaps::add_one(std::span<const double> map, Qubit qubit, bool keeps_trace) {
    if (block_of_[qubit] == kNone) {
        Block& block = blocks_[qubit];
        block.low = block.high = qubit;
        block.keeps_trace = keeps_trace;
        std::copy(map.begin(), map.end(), block.map.begin());
        block_of_[qubit] = qubit;
        return;
    }
    Block& block = blocks_[block_of_[qubit]];
    block.keeps_trace = block.keeps_trace && keeps_trace;
    if (block.is_pair()) {
        multiply_left(map, qubit == block.low ? 1 : 4, block.map);
    } else {
        double result[16];
        multiply<4>(map, block.map, result);
        std::copy(result, result + 16, block.map.begin());
    }
}

void PendingMaps::add_two(std::span<const double> map, Qubit first, Qubit second, DensityMatrix& state) {
    const Qubit low = std::min(first, second), high = std::max(first, second);
    Pair pair;
    oriented(map, first > second, pair);
    if (block_of_[low] != kNone && block_of_[low] == block_of_[high]) {
        Pair result;
        multiply<16>(pair, blocks_[low].map, result.data());
        blocks_[low].map = result;
        return;
    }
    bool keeps_trace = true;
    for (const Qubit qubit : {low, high}) {
        if (block_of_[qubit] == kNone) continue;
        Block& block = blocks_[block_of_[qubit]];
        if (block.is_pair()) {
            apply(block, state);
        } else {
            multiply_right(block.map, qubit == low ? 1 : 4, pair);
            keeps_trace = keeps_trace && block.keeps_trace;
        }
    }
    Block& block = blocks_[low];
    block.low = low;
    block.high = high;
    block.keeps_trace = keeps_trace;
    block.map = pair;
    block_of_[low] = block_of_[high] = low;
}

void PendingMaps::apply(Block& block, DensityMatrix& state) {
    const Qubit qubits[] = {block.low, block.high};
    if (block.is_pair())
        state.apply_map(block.map, qubits);
    else
        state.apply_map(std::span(block.map).first(16), std::span(qubits).first(1));
    block_of_[block.low] = block_of_[block.high] = kNone;
}

void PendingMaps::flush(Qubit qubit, DensityMatrix& state) {
    if (block_of_[qubit] != kNone) apply(blocks_[block_of_[qubit]], state);
}

void PendingMaps::flush_for_measurement(Qubit qubit, DensityMatrix& state) {
    for (Qubit other = 0; other < block_of_.size(); ++other)
        if (block_of_[other] == other && !blocks_[other].keeps_trace) apply(blocks_[other], state);
    flush(qubit, state);
}

void PendingMaps::flush_all(DensityMatrix& state) {
    for (Qubit qubit = 0; qubit < block_of_.size(); ++qubit) flush(qubit, state);
}

}  // namespace qdcnn::sim
