#include "sim/records.h"

#include <fmt/format.h>

#include <algorithm>

#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/memory.h"

namespace qdcnn::sim {

using namespace circuit;

backend::Probabilities probabilities(const Circuit& circuit, const Outcome& outcome) {
    const std::vector<Register> registers = circuit.result_registers();
    // Where each classical bit stands in the key.
    std::string blank;
    constexpr std::size_t kNowhere = ~std::size_t{0};
    std::vector<std::size_t> place(circuit.num_clbits(), kNowhere);
    for (auto one = registers.rbegin(); one != registers.rend(); ++one) {
        if (!blank.empty()) blank += ' ';
        for (std::uint32_t i = 0; i < one->size; ++i)
            place[one->offset + one->size - 1 - i] = blank.size() + i;
        blank.append(one->size, '0');
    }
    backend::Probabilities result;
    for (const auto& [record, probability] : outcome.records) {
        std::string key = blank;
        for (std::size_t i = 0; i < outcome.clbits.size(); ++i)
            if (record >> i & 1 && place[outcome.clbits[i]] != kNowhere) key[place[outcome.clbits[i]]] = '1';
        result[key] += probability;
    }
    return result;
}

RecordSampler::RecordSampler(const Outcome& outcome) {
    double sum = 0;
    for (const auto& [record, probability] : outcome.records) cumulative_.push_back(sum += probability);
}

std::size_t RecordSampler::draw(Random& random) const {
    const double point = random.uniform() * cumulative_.back();
    const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end() - 1, point);
    return static_cast<std::size_t>(found - cumulative_.begin());
}

std::vector<backend::RegisterShots> empty_shots(const Circuit& circuit, std::size_t rows,
                                                std::uint64_t shots) {
    std::uint64_t bytes = 0;
    const std::vector<Register> registers = circuit.result_registers();
    for (const Register& one : registers) bytes += (one.size + 7) / 8 * rows * shots;
    if (bytes >> 20 != 0) require_memory(bytes, fmt::format("{} shots of {} row(s)", shots, rows));
    std::vector<backend::RegisterShots> data;
    for (const Register& one : registers)
        data.push_back({one.name, backend::BitArray(rows, shots, one.size)});
    return data;
}

void sample_row(const Circuit& circuit, const Outcome& outcome, Random random, std::size_t row,
                std::vector<backend::RegisterShots>& data) {
    struct Place {
        std::size_t data;
        std::uint32_t bit;
        std::uint64_t held;
    };
    std::vector<Place> places;
    const std::vector<Register> registers = circuit.result_registers();
    for (std::size_t i = 0; i < outcome.clbits.size(); ++i) {
        const Clbit clbit = outcome.clbits[i];
        for (std::size_t r = 0; r < registers.size(); ++r)
            if (clbit >= registers[r].offset && clbit - registers[r].offset < registers[r].size)
                places.push_back({r, clbit - registers[r].offset, std::uint64_t{1} << i});
    }
    const RecordSampler sampler(outcome);
    const std::uint64_t shots = data.empty() ? 0 : data.front().shots.shots();
    for (std::uint64_t shot = 0; shot < shots; ++shot) {
        if (shot % kShotsAtOnce == 0) interrupt().throw_if_interrupted();
        const std::uint64_t record = outcome.records[sampler.draw(random)].first;
        for (const Place& place : places)
            if (record & place.held) data[place.data].shots.set(row, shot, place.bit, true);
    }
}

}  // namespace qdcnn::sim
