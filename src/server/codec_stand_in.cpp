// Stands in for vendors/ibm/typed_json.cpp and results.cpp until they are there: every symbol is weak, so
// that theirs count as soon as they are linked. TODO(remove with the codec of the vendor ibm).
#include <fmt/format.h>
#include <openssl/evp.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "qdcnn/base/error.h"
#include "qdcnn/vendors/ibm/results.h"
#include "qdcnn/vendors/ibm/typed_json.h"

#define WEAK __attribute__((weak))

namespace qdcnn::vendors::ibm {

using nlohmann::json;

WEAK std::string to_base64(const std::vector<std::uint8_t>& bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3), '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                    static_cast<int>(bytes.size()));
    return text;
}
WEAK std::vector<std::uint8_t> from_base64(const std::string& text) {
    if (text.size() % 4 != 0) throw Error(ErrorKind::invalid_input, "no base64");
    std::vector<std::uint8_t> bytes(text.size() / 4 * 3);
    if (EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                        static_cast<int>(text.size())) < 0)
        throw Error(ErrorKind::invalid_input, "no base64");
    for (std::size_t k = text.size(); k > 0 && text[k - 1] == '=' && !bytes.empty(); --k) bytes.pop_back();
    return bytes;
}
WEAK std::string type_of(const JsonView& view) {
    return view.value().is_object() && view.has("__type__") ? view.at("__type__").text() : "";
}
WEAK JsonView typed_value(const JsonView& view, const std::string&) { return view.at("__value__"); }
WEAK json parse_python_json(const std::string& text, const std::string& name) {
    return parse_json(text, name);
}
WEAK std::size_t NdArray::size() const {
    std::size_t size = 1;
    for (const std::size_t axis : shape) size *= axis;
    return size;
}
WEAK double NdArray::number(std::size_t k) const {
    double value = 0;
    std::memcpy(&value, bytes.data() + 8 * k, 8);
    return value;
}

namespace {
void nested(const JsonView& value, std::size_t depth, NdArray& array) {
    if (!value.value().is_array()) {
        const double number = value.number();
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(&number);
        array.bytes.insert(array.bytes.end(), bytes, bytes + 8);
        return;
    }
    if (depth == array.shape.size()) array.shape.push_back(value.size());
    if (array.shape[depth] != value.size()) value.fail("lists of unequal length");
    for (const JsonView& element : value.elements()) nested(element, depth + 1, array);
}

std::string npy(const std::string& descr, const std::vector<std::size_t>& shape, const std::string& data) {
    std::string axes;
    for (const std::size_t axis : shape) axes += fmt::format("{}, ", axis);
    std::string head = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descr, axes);
    while ((10 + head.size() + 1) % 64 != 0) head += ' ';
    head += '\n';
    std::string text = std::string("\x93NUMPY\x01\x00", 8);
    text += static_cast<char>(head.size() % 256);
    text += static_cast<char>(head.size() / 256);
    return text + head + data;
}

json packed(const std::string& bytes) {
    uLongf size = compressBound(bytes.size());
    std::vector<std::uint8_t> out(size);
    compress(out.data(), &size, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
    out.resize(size);
    return {{"__type__", "ndarray"}, {"__value__", to_base64(out)}};
}

json doubles(const std::vector<std::size_t>& shape, const std::vector<double>& values) {
    return packed(npy("<f8", shape, {reinterpret_cast<const char*>(values.data()), 8 * values.size()}));
}

/// Values in C order as nested lists; a number without axes.
json nested_lists(const std::vector<double>& values, const std::vector<std::size_t>& axes, std::size_t depth,
                  std::size_t& next) {
    if (depth == axes.size()) return values[next++];
    json list = json::array();
    for (std::size_t k = 0; k < axes[depth]; ++k) list.push_back(nested_lists(values, axes, depth + 1, next));
    return list;
}

json plain(const std::vector<double>& values, const std::vector<std::size_t>& axes) {
    std::size_t next = 0;
    return nested_lists(values, axes, 0, next);
}

json typed_(const char* type, json value) { return {{"__type__", type}, {"__value__", std::move(value)}}; }

std::string joined(json pubs) {
    return to_text(
        typed_("PrimitiveResult", {{"pub_results", std::move(pubs)}, {"metadata", {{"version", 2}}}}));
}
}  // namespace

WEAK NdArray ndarray_from_json(const JsonView& value, std::size_t max_bytes) {
    NdArray array;
    if (type_of(value).empty()) {
        nested(value, 0, array);
        return array;
    }
    if (type_of(value) != "ndarray") value.fail("expected an ndarray");
    const auto packed_bytes = from_base64(value.at("__value__").text());
    std::vector<std::uint8_t> out(
        std::min(max_bytes, 1032 * packed_bytes.size() + 64));  // zlib's best ratio.
    uLongf size = out.size();
    if (uncompress(out.data(), &size, packed_bytes.data(), packed_bytes.size()) != Z_OK)
        value.fail("no zlib");
    out.resize(size);
    const std::string magic("\x93NUMPY\x01\x00", 8);
    if (size < 10 || !std::equal(magic.begin(), magic.end(), out.begin(),
                                 [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; }))
        value.fail("no npy of version 1");
    const std::size_t head = 10 + out[8] + 256U * out[9];
    if (head > size) value.fail("the npy header is cut off");
    const std::string text(out.begin() + 10, out.begin() + static_cast<std::ptrdiff_t>(head));
    const std::size_t from = text.find("'shape': ("), to = text.find(')', from);
    if (from == std::string::npos || to == std::string::npos || text.find("'<f8'") == std::string::npos ||
        text.find("'fortran_order': False") == std::string::npos)
        value.fail("expected an array of doubles in C order");
    const std::string axes = text.substr(from + 10, to - from - 10);
    std::size_t elements = 1;
    for (const char* at = axes.c_str(); *at != '\0';) {
        char* end = nullptr;
        const std::size_t axis = std::strtoul(at, &end, 10);
        if (end != at) {
            if (axis != 0 && elements > size / axis) value.fail("the array is shorter than its shape");
            elements *= axis;
            array.shape.push_back(axis);
        }
        at = end == at ? at + 1 : end;
    }
    if (size - head != 8 * elements) value.fail("the array is not as long as its shape");
    array.bytes.assign(out.begin() + static_cast<std::ptrdiff_t>(head), out.end());
    return array;
}

WEAK std::string encode_results(const backend::SamplerResult& result, const std::vector<PubAxes>& axes,
                                bool is_typed) {
    json pubs = json::array();
    for (std::size_t p = 0; p < result.size(); ++p) {
        json names = json::array(), fields = json::object();
        for (const auto& [name, shots] : result[p].data) {
            const std::size_t width = (shots.bits() + 7) / 8;
            std::string bytes;
            json samples = json::array();
            for (std::size_t row = 0; row < shots.rows(); ++row)
                for (std::uint64_t shot = 0; shot < shots.shots(); ++shot) {
                    std::string one(width, '\0');
                    std::uint64_t number = 0;
                    for (std::uint32_t bit = 0; bit < shots.bits(); ++bit)
                        if (shots.get(row, shot, bit)) {
                            one[width - 1 - bit / 8] |= static_cast<char>(1 << (bit % 8));
                            number |= std::uint64_t{1} << bit;
                        }
                    bytes += one;
                    samples.push_back(fmt::format("0x{:x}", number));
                }
            PubAxes shape = axes[p];
            shape.push_back(shots.shots());
            shape.push_back(width);
            names.push_back(name);
            fields[name] = is_typed ? typed_("BitArray", {{"array", packed(npy("|u1", shape, bytes))},
                                                          {"num_bits", shots.bits()}})
                                    : json{{"samples", samples}, {"num_bits", shots.bits()}};
        }
        if (is_typed)
            pubs.push_back(
                typed_("SamplerPubResult",
                       {{"data",
                         typed_("DataBin", {{"field_names", names}, {"shape", axes[p]}, {"fields", fields}})},
                        {"metadata", {{"circuit_metadata", json::object()}}}}));
        else
            pubs.push_back({{"data", fields}, {"metadata", json::object()}});
    }
    return is_typed ? joined(pubs) : to_text(json{{"results", pubs}, {"metadata", json::object()}});
}

WEAK std::string encode_results(const backend::EstimatorResult& result, const std::vector<PubAxes>& axes,
                                bool is_typed) {
    json pubs = json::array();
    for (std::size_t p = 0; p < result.size(); ++p) {
        const auto& pub = result[p];
        if (is_typed)
            pubs.push_back(typed_(
                "PubResult", {{"data", typed_("DataBin", {{"field_names", {"evs", "stds"}},
                                                          {"shape", axes[p]},
                                                          {"fields",
                                                           {{"evs", doubles(axes[p], pub.values)},
                                                            {"stds", doubles(axes[p], pub.deviations)}}}})},
                              {"metadata", json::object()}}));
        else
            pubs.push_back(
                {{"data", {{"evs", plain(pub.values, axes[p])}, {"stds", plain(pub.deviations, axes[p])}}},
                 {"metadata", json::object()}});
    }
    return is_typed ? joined(pubs) : to_text(json{{"results", pubs}, {"metadata", json::object()}});
}

}  // namespace qdcnn::vendors::ibm
