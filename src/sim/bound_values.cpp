#include "bound_values.h"

#include <fmt/format.h>

#include "qdcnn/base/error.h"

namespace qdcnn::sim {

std::vector<double> bound_values(std::span<const circuit::Angle> angles, std::string_view what) {
    std::vector<double> values;
    values.reserve(angles.size());
    for (const circuit::Angle& angle : angles) {
        if (!angle.is_bound())
            throw Error(ErrorKind::invalid_input, fmt::format("{} has an unbound parameter", what),
                        "Give every parameter a value first.");
        values.push_back(angle.constant());
    }
    return values;
}

}  // namespace qdcnn::sim
