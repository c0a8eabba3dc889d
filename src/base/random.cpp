#include "qdcnn/base/random.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <numbers>

#include "qdcnn/base/error.h"

namespace qdcnn {
namespace {

std::uint64_t splitmix64(std::uint64_t& state) {
    state += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed) : seed_(seed) {
    std::uint64_t mixer = seed;
    for (auto& word : state_) word = splitmix64(mixer);
}

Random Random::stream(std::uint64_t stream) const {
    // Mixed twice, so that (seed, stream) and (seed + 1, stream - 1) share nothing.
    std::uint64_t mixer = seed_;
    const std::uint64_t mixed_seed = splitmix64(mixer);
    mixer = mixed_seed ^ (stream * 0xda942042e4dd58b5u + 1);
    return Random(splitmix64(mixer));
}

std::uint64_t Random::next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

std::uint64_t Random::below(std::uint64_t bound) {
    // Numbers under 2^64 mod bound are drawn again: what is left is a whole multiple of bound.
    const std::uint64_t reject_under = (0 - bound) % bound;
    std::uint64_t number = next();
    while (number < reject_under) number = next();
    return number % bound;
}

double Random::normal(double mean, double deviation) {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return mean + deviation * radius * std::cos(2.0 * std::numbers::pi * uniform());
}

std::string Random::save() const {
    return fmt::format("{:x} {:x} {:x} {:x} {:x}", seed_, state_[0], state_[1], state_[2], state_[3]);
}

void Random::restore(const std::string& state) {
    const char *place = state.data(), *end = place + state.size();
    std::uint64_t words[5];
    bool is_good = true;
    for (int i = 0; i < 5 && is_good; ++i) {
        if (i > 0) is_good = place != end && *place++ == ' ';
        if (!is_good) break;
        const auto [after, code] = std::from_chars(place, end, words[i], 16);
        is_good = code == std::errc();
        place = after;
    }
    if (!is_good || place != end)
        throw Error(ErrorKind::invalid_input,
                    "random state is not five hexadecimal numbers: \"" + state + "\"");
    // From four zeros the generator draws nothing but zeros.
    if ((words[1] | words[2] | words[3] | words[4]) == 0)
        throw Error(ErrorKind::invalid_input, "random state is all zero: \"" + state + "\"");
    seed_ = words[0];
    std::copy(words + 1, words + 5, state_);
}

}  // namespace qdcnn
