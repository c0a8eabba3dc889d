#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>

#include "qdcnn/base/error.h"
#include "qdcnn/vendors/ibm/typed_json.h"

// numpy's file format, versions 1 to 3: a magic word, the length of a header, the header (a Python dictionary
// of descr, fortran_order and shape), the elements. Source: numpy.lib.format.

namespace qdcnn::vendors::ibm {
namespace {

struct TypeRow {
    ElementType type;
    std::size_t size;
    /// As numpy names it behind the byte order.
    std::string_view name;
};

constexpr std::array<TypeRow, 14> kTypes{{{ElementType::boolean, 1, "b1"},
                                          {ElementType::i8, 1, "i1"},
                                          {ElementType::i16, 2, "i2"},
                                          {ElementType::i32, 4, "i4"},
                                          {ElementType::i64, 8, "i8"},
                                          {ElementType::u8, 1, "u1"},
                                          {ElementType::u16, 2, "u2"},
                                          {ElementType::u32, 4, "u4"},
                                          {ElementType::u64, 8, "u8"},
                                          {ElementType::f16, 2, "f2"},
                                          {ElementType::f32, 4, "f4"},
                                          {ElementType::f64, 8, "f8"},
                                          {ElementType::c64, 8, "c8"},
                                          {ElementType::c128, 16, "c16"}}};

const TypeRow& row_of(ElementType type) { return kTypes[static_cast<std::size_t>(type)]; }

bool is_complex(ElementType type) { return type == ElementType::c64 || type == ElementType::c128; }

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorKind::invalid_input, "this is no numpy array: " + why);
}

template <typename T>
T element(const std::vector<std::uint8_t>& bytes, std::size_t offset) {
    T value{};
    std::memcpy(&value, bytes.data() + offset, sizeof(T));
    return value;
}

/// IEEE 754 binary16.
double half(std::uint16_t bits) {
    const int exponent = bits >> 10 & 0x1f;
    const int fraction = bits & 0x3ff;
    double size = 0;
    if (exponent == 0x1f)
        size = fraction == 0 ? std::numeric_limits<double>::infinity()
                             : std::numeric_limits<double>::quiet_NaN();
    else
        size = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(fraction + 0x400, exponent - 25);
    return (bits & 0x8000) != 0 ? -size : size;
}

/// The product, or nothing where it does not fit.
std::optional<std::size_t> product(const std::vector<std::size_t>& factors, std::size_t first) {
    std::size_t result = first;
    for (const std::size_t factor : factors)
        if (__builtin_mul_overflow(result, factor, &result)) return std::nullopt;
    return result;
}

/// What stands behind 'key': in the header.
std::string_view value_behind(std::string_view header, std::string_view key) {
    const std::size_t found = header.find(fmt::format("'{}'", key));
    if (found == std::string_view::npos) refuse(fmt::format("its header has no {}", key));
    std::string_view rest = header.substr(found + key.size() + 2);
    const std::size_t start = rest.find_first_not_of(" :");
    return start == std::string_view::npos ? std::string_view{} : rest.substr(start);
}

std::vector<std::size_t> parse_shape(std::string_view text) {
    const std::size_t end = text.find(')');
    if (!text.starts_with('(') || end == std::string_view::npos) refuse("its header has no readable shape");
    text = text.substr(1, end - 1);
    std::vector<std::size_t> shape;
    while (true) {
        const std::size_t start = text.find_first_not_of(", ");
        if (start == std::string_view::npos) return shape;
        text.remove_prefix(start);
        std::size_t axis = 0;
        const auto [after, error] = std::from_chars(text.data(), text.data() + text.size(), axis);
        if (error != std::errc() || shape.size() == 32) refuse("its header has no readable shape");
        shape.push_back(axis);
        text.remove_prefix(static_cast<std::size_t>(after - text.data()));
    }
}

struct Header {
    ElementType type;
    bool is_big_endian;
    bool is_fortran_order;
    std::vector<std::size_t> shape;
};

Header parse_header(std::string_view text) {
    const std::string_view description = value_behind(text, "descr");
    const std::size_t end = description.empty() ? 0 : description.find('\'', 1);
    if (!description.starts_with('\'') || end == std::string_view::npos || end < 4)
        throw Error(ErrorKind::unsupported, "an array of records or of an unknown type");
    const char order = description[1];
    const std::string_view name = description.substr(2, end - 2);
    const auto* row =
        std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeRow& other) { return other.name == name; });
    if (row == kTypes.end() || (order != '<' && order != '>' && order != '|'))
        throw Error(ErrorKind::unsupported, "an array of elements other than numbers",
                    "Numbers of 8 to 64 bits, complex ones and booleans are read.");
    return {row->type, order == '>', value_behind(text, "fortran_order").starts_with("True"),
            parse_shape(value_behind(text, "shape"))};
}

/// Each number of an element stands the other way round.
void reverse_bytes(std::vector<std::uint8_t>& bytes, ElementType type) {
    const std::size_t width = is_complex(type) ? size_of(type) / 2 : size_of(type);
    for (std::size_t at = 0; at + width <= bytes.size(); at += width)
        std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                     bytes.begin() + static_cast<std::ptrdiff_t>(at + width));
}

/// From first axis fastest to last axis fastest.
std::vector<std::uint8_t> in_c_order(const std::vector<std::uint8_t>& bytes,
                                     const std::vector<std::size_t>& shape, std::size_t width) {
    std::vector<std::uint8_t> ordered(bytes.size());
    std::vector<std::size_t> index(shape.size(), 0);
    for (std::size_t to = 0; to + width <= bytes.size(); to += width) {
        std::size_t from = 0;
        for (std::size_t axis = shape.size(); axis-- > 0;) from = from * shape[axis] + index[axis];
        std::memcpy(ordered.data() + to, bytes.data() + from * width, width);
        for (std::size_t axis = shape.size(); axis-- > 0;) {
            if (++index[axis] < shape[axis]) break;
            index[axis] = 0;
        }
    }
    return ordered;
}

}  // namespace

std::size_t size_of(ElementType type) { return row_of(type).size; }

NdArray NdArray::of_doubles(std::vector<std::size_t> shape, const std::vector<double>& values) {
    NdArray array{.type = ElementType::f64, .shape = std::move(shape), .bytes = {}};
    if (array.size() != values.size())
        throw Error(ErrorKind::internal, "an array's shape and its number of values differ");
    array.bytes.resize(8 * values.size());
    if (!values.empty()) std::memcpy(array.bytes.data(), values.data(), array.bytes.size());
    return array;
}

std::size_t NdArray::size() const { return product(shape, 1).value_or(0); }

double NdArray::number(std::size_t k) const {
    const std::size_t at = k * size_of(type);
    switch (type) {
        case ElementType::boolean:
            return bytes.at(at) != 0 ? 1.0 : 0.0;
        case ElementType::i8:
            return element<std::int8_t>(bytes, at);
        case ElementType::i16:
            return element<std::int16_t>(bytes, at);
        case ElementType::i32:
            return element<std::int32_t>(bytes, at);
        case ElementType::i64:
            return static_cast<double>(element<std::int64_t>(bytes, at));
        case ElementType::u8:
            return bytes.at(at);
        case ElementType::u16:
            return element<std::uint16_t>(bytes, at);
        case ElementType::u32:
            return element<std::uint32_t>(bytes, at);
        case ElementType::u64:
            return static_cast<double>(element<std::uint64_t>(bytes, at));
        case ElementType::f16:
            return half(element<std::uint16_t>(bytes, at));
        case ElementType::f32:
            return static_cast<double>(element<float>(bytes, at));
        case ElementType::f64:
            return element<double>(bytes, at);
        case ElementType::c64:
        case ElementType::c128:
            break;
    }
    throw Error(ErrorKind::invalid_input, "an array of complex numbers where real ones were expected");
}

std::complex<double> NdArray::complex_number(std::size_t k) const {
    const std::size_t at = k * size_of(type);
    if (type == ElementType::c64)
        return {static_cast<double>(element<float>(bytes, at)),
                static_cast<double>(element<float>(bytes, at + 4))};
    if (type == ElementType::c128) return {element<double>(bytes, at), element<double>(bytes, at + 8)};
    return number(k);
}

std::vector<double> NdArray::numbers() const {
    std::vector<double> values(size());
    for (std::size_t k = 0; k < values.size(); ++k) values[k] = number(k);
    return values;
}

std::vector<std::uint8_t> to_npy(const NdArray& array) {
    std::string axes;
    for (const std::size_t axis : array.shape) axes += fmt::format("{}, ", axis);
    // As numpy writes it: one axis keeps its comma, several have none at the end.
    if (array.shape.size() == 1)
        axes.pop_back();
    else if (!axes.empty())
        axes.resize(axes.size() - 2);
    const TypeRow& row = row_of(array.type);
    std::string header = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}), }}",
                                     row.size == 1 ? '|' : '<', row.name, axes);
    // Ten bytes stand before it; the elements begin at a multiple of 64.
    header.append(63 - (10 + header.size()) % 64, ' ');
    header += '\n';
    std::vector<std::uint8_t> bytes{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    bytes.push_back(static_cast<std::uint8_t>(header.size() & 0xff));
    bytes.push_back(static_cast<std::uint8_t>(header.size() >> 8));
    bytes.insert(bytes.end(), header.begin(), header.end());
    bytes.insert(bytes.end(), array.bytes.begin(), array.bytes.end());
    return bytes;
}

NdArray from_npy(const std::vector<std::uint8_t>& bytes) {
    constexpr std::array<std::uint8_t, 6> kMagic{0x93, 'N', 'U', 'M', 'P', 'Y'};
    if (bytes.size() < 12 || !std::equal(kMagic.begin(), kMagic.end(), bytes.begin()))
        refuse("it does not begin as one");
    const bool is_version_1 = bytes[6] == 1;
    if (bytes[6] < 1 || bytes[6] > 3) refuse(fmt::format("version {} is not known", bytes[6]));
    std::size_t length = bytes[8] | static_cast<std::size_t>(bytes[9]) << 8;
    if (!is_version_1)
        length |= static_cast<std::size_t>(bytes[10]) << 16 | static_cast<std::size_t>(bytes[11]) << 24;
    const std::size_t start = is_version_1 ? 10 : 12;
    if (length > bytes.size() - start) refuse("its header is cut off");
    const Header header =
        parse_header(std::string_view(reinterpret_cast<const char*>(bytes.data()) + start, length));
    NdArray array{.type = header.type, .shape = header.shape, .bytes = {}};
    array.bytes.assign(bytes.begin() + static_cast<std::ptrdiff_t>(start + length), bytes.end());
    const auto expected = product(array.shape, size_of(array.type));
    if (!expected || *expected != array.bytes.size())
        refuse(fmt::format("its header does not fit its {} bytes of elements", array.bytes.size()));
    if (header.is_big_endian) reverse_bytes(array.bytes, array.type);
    if (header.is_fortran_order) array.bytes = in_c_order(array.bytes, array.shape, size_of(array.type));
    return array;
}

}  // namespace qdcnn::vendors::ibm
