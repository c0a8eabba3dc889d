#include "cli/scales.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "qdcnn/base/error.h"

namespace qdcnn::cli {
namespace {

constexpr std::size_t kMostPoints = 1000;

}  // namespace

std::vector<double> read_scales(const std::string& text) {
    const auto fail = [&] {
        throw Error(ErrorKind::usage, fmt::format("--scale takes FROM:TO:POINTS, not \"{}\"", text),
                    "For example --scale 0:4:9 for nine points from 0 to 4.");
    };
    double numbers[3];
    const char* place = text.data();
    const char* const end = text.data() + text.size();
    for (int i = 0; i < 3; ++i) {
        const auto [after, code] = std::from_chars(place, end, numbers[i]);
        if (code != std::errc() || !std::isfinite(numbers[i])) fail();
        if (i < 2 ? after == end || *after != ':' : after != end) fail();
        place = after + 1;
    }
    const auto [low, high, count] = numbers;
    if (low < 0 || high < low || count < 1 || count > static_cast<double>(kMostPoints) ||
        count != std::floor(count))
        fail();
    std::vector<double> scales;
    for (int i = 0; i < static_cast<int>(count); ++i)
        scales.push_back(count == 1 ? low : low + (high - low) * i / (count - 1));
    return scales;
}

}  // namespace qdcnn::cli
