#include "report/scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace qdcnn::report {

double nice_step(double low, double high, int count) {
    const double rough = (high - low) / count;
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (factor * power >= rough * 0.999) return factor * power;
    return 10 * power;
}

std::vector<double> Scale::ticks() const {
    // Counted in whole steps: adding the step up would drift and give 0.30000000000000004.
    const auto first = static_cast<long long>(std::ceil(low / step - 1e-9));
    const auto last = static_cast<long long>(std::floor(high / step + 1e-9));
    std::vector<double> values;
    for (long long k = first; k <= last; ++k) values.push_back(static_cast<double>(k) * step);
    return values;
}

std::string Scale::label(double tick, bool is_percent) const {
    const double factor = is_percent ? 100 : 1;
    const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step * factor) - 1e-9)), 0, 12);
    if (std::abs(tick) < step * 1e-6) tick = 0;
    if (!is_percent && (std::abs(tick) >= 1e6 || decimals > 6)) return fmt::format("{:.3g}", tick);
    return fmt::format("{:.{}f}{}", tick * factor, decimals, is_percent ? " %" : "");
}

}  // namespace qdcnn::report
