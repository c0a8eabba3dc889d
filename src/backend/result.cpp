#include "qdcnn/backend/result.h"

#include "qdcnn/base/error.h"
#include "qdcnn/base/suggest.h"

namespace qdcnn::backend {

BitArray::BitArray(std::size_t rows, std::uint64_t shots, std::uint32_t bits)
    : rows_(rows), shots_(shots), bits_(bits), stride_((bits + 7) / 8), bytes_(rows * shots * stride_) {}

bool BitArray::get(std::size_t row, std::uint64_t shot, std::uint32_t bit) const {
    return bytes_[(row * shots_ + shot) * stride_ + bit / 8] >> (bit % 8) & 1;
}

void BitArray::set(std::size_t row, std::uint64_t shot, std::uint32_t bit, bool value) {
    std::uint8_t& byte = bytes_[(row * shots_ + shot) * stride_ + bit / 8];
    const auto mask = static_cast<std::uint8_t>(1u << (bit % 8));
    byte = static_cast<std::uint8_t>(value ? byte | mask : byte & ~mask);
}

std::string BitArray::bitstring(std::size_t row, std::uint64_t shot) const {
    std::string text(bits_, '0');
    for (std::uint32_t bit = 0; bit < bits_; ++bit)
        if (get(row, shot, bit)) text[bits_ - 1 - bit] = '1';
    return text;
}

Counts BitArray::counts(std::size_t row) const {
    Counts counts;
    for (std::uint64_t shot = 0; shot < shots_; ++shot) ++counts[bitstring(row, shot)];
    return counts;
}

const BitArray& SamplerPubResult::operator[](const std::string& register_name) const {
    std::vector<std::string> names;
    for (const auto& one : data) {
        if (one.name == register_name) return one.shots;
        names.push_back(one.name);
    }
    throw Error(ErrorKind::not_found, "the result has no classical register \"" + register_name + "\"",
                suggestion(register_name, names));
}

Counts SamplerPubResult::joint_counts(std::size_t row) const {
    Counts counts;
    if (data.empty()) return counts;
    for (std::uint64_t shot = 0; shot < data.front().shots.shots(); ++shot) {
        std::string key;
        for (std::size_t i = data.size(); i-- > 0;) {
            if (!key.empty()) key += ' ';
            key += data[i].shots.bitstring(row, shot);
        }
        ++counts[key];
    }
    return counts;
}

}  // namespace qdcnn::backend
