#include <fmt/format.h>

#include <functional>

#include "qdcnn/vendors/ibm/results.h"
#include "qdcnn/vendors/ibm/typed_json.h"

namespace qdcnn::vendors::ibm {

using backend::BitArray;
/// Fields stand in the order of declaration: it is the order in which Qiskit joins registers.
using json = nlohmann::ordered_json;

namespace {

json typed(const char* type, json value) { return {{"__type__", type}, {"__value__", std::move(value)}}; }

/// Of all rows and shots, the first byte most significant.
NdArray bytes_of(const BitArray& shots, const PubAxes& axes) {
    const std::size_t width = (shots.bits() + std::size_t{7}) / 8;
    NdArray array{.type = ElementType::u8, .shape = axes, .bytes = {}};
    array.shape.push_back(shots.shots());
    array.shape.push_back(width);
    array.bytes.assign(shots.rows() * shots.shots() * width, 0);
    std::uint8_t* bytes = array.bytes.data();
    for (std::size_t row = 0; row < shots.rows(); ++row)
        for (std::uint64_t shot = 0; shot < shots.shots(); ++shot, bytes += width)
            for (std::uint32_t bit = 0; bit < shots.bits(); ++bit)
                if (shots.get(row, shot, bit))
                    bytes[width - 1 - bit / 8] |= static_cast<std::uint8_t>(1U << (bit % 8));
    return array;
}

std::string to_hex(const std::uint8_t* bytes, std::size_t width) {
    std::string digits;
    for (std::size_t k = 0; k < width; ++k) digits += fmt::format("{:02x}", bytes[k]);
    const std::size_t first = digits.find_first_not_of('0');
    return "0x" + (first == std::string::npos ? "0" : digits.substr(first));
}

/// Lists in lists by the axes, leaves from leaf(k).
json nested(const PubAxes& axes, const std::function<json(std::size_t)>& leaf) {
    std::size_t next = 0;
    const std::function<json(std::size_t)> list = [&](std::size_t axis) -> json {
        if (axis == axes.size()) return leaf(next++);
        json elements = json::array();
        for (std::size_t k = 0; k < axes[axis]; ++k) elements.push_back(list(axis + 1));
        return elements;
    };
    return list(0);
}

json typed_pub(const char* type, json names, const PubAxes& axes, json fields) {
    return typed(
        type,
        {{"data", typed("DataBin",
                        {{"field_names", std::move(names)}, {"shape", axes}, {"fields", std::move(fields)}})},
         {"metadata", {{"circuit_metadata", json::object()}}}});
}

json sampler_pub(const backend::SamplerPubResult& pub, const PubAxes& axes, bool is_typed) {
    json names = json::array(), fields = json::object();
    for (const auto& [name, shots] : pub.data) {
        NdArray array = bytes_of(shots, axes);
        names.push_back(name);
        if (is_typed) {
            fields[name] =
                typed("BitArray", {{"array", json(ndarray_to_json(array))}, {"num_bits", shots.bits()}});
            continue;
        }
        const std::size_t width = array.shape.back();
        array.shape.pop_back();
        fields[name] = {
            {"samples", nested(array.shape,
                               [&](std::size_t k) { return to_hex(array.bytes.data() + k * width, width); })},
            {"num_bits", shots.bits()}};
    }
    if (is_typed) return typed_pub("SamplerPubResult", std::move(names), axes, std::move(fields));
    return {{"data", std::move(fields)}, {"metadata", json::object()}};
}

json estimator_pub(const backend::EstimatorPubResult& pub, const PubAxes& axes, bool is_typed) {
    json fields = json::object();
    const auto add = [&](const char* name, const std::vector<double>& values) {
        // One number stands by itself, as the service's Python writes it.
        fields[name] = is_typed && !axes.empty()
                           ? json(ndarray_to_json(NdArray::of_doubles(axes, values)))
                           : nested(axes, [&](std::size_t k) { return json(values[k]); });
    };
    add("evs", pub.values);
    add("stds", pub.deviations);
    add("ensemble_standard_error", pub.deviations);
    if (is_typed)
        return typed_pub("PubResult", {"evs", "stds", "ensemble_standard_error"}, axes, std::move(fields));
    return {{"data", std::move(fields)}, {"metadata", json::object()}};
}

template <typename Result, typename Write>
std::string encode(const Result& result, const std::vector<PubAxes>& axes, bool is_typed, Write write) {
    json pubs = json::array();
    for (std::size_t k = 0; k < result.size(); ++k) pubs.push_back(write(result[k], axes.at(k), is_typed));
    const json metadata{{"version", 2}};
    return to_python_text(
        is_typed ? typed("PrimitiveResult", {{"pub_results", std::move(pubs)}, {"metadata", metadata}})
                 : json{{"results", std::move(pubs)}, {"metadata", metadata}});
}

}  // namespace

std::string encode_results(const backend::SamplerResult& result, const std::vector<PubAxes>& axes,
                           bool is_typed) {
    return encode(result, axes, is_typed, sampler_pub);
}

std::string encode_results(const backend::EstimatorResult& result, const std::vector<PubAxes>& axes,
                           bool is_typed) {
    return encode(result, axes, is_typed, estimator_pub);
}

}  // namespace qdcnn::vendors::ibm
